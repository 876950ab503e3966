import { decodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { diffValues } from '../compile/diff.js'
import { type ConfigRecord, inAudience, variantFor } from '../store/records.js'
import type { ConfigDelta, PathDelta, PublishView, Stored } from './types.js'

type Json = Parameters<typeof diffValues>[0]
type Labels = Readonly<Record<string, string>>

/** What replacing `before` by `after` does; `valueBytes` finds a value's canonical JSON by its hash. */
export function deltaOf(
  before: Stored<ConfigRecord> | undefined,
  after: ConfigRecord,
  processes: readonly Labels[],
  valueBytes: (hash: string) => Uint8Array | undefined,
): ConfigDelta {
  const live = before?.record.removed ? undefined : before?.record
  return {
    name: after.name,
    kind: after.removed ? 'removed' : live ? 'changed' : 'added',
    fromRevision: before?.modRevision ?? 0,
    paths: pathsOf(baseValue(live, valueBytes), baseValue(after, valueBytes)),
    reaches: processes.filter((labels) => hashFor(live, labels) !== hashFor(after, labels)).length,
  }
}

/** The value for everyone looks up in the blobs of the change set first, then in the store. */
export const valueFinder =
  (view: PublishView, blobs: ReadonlyMap<string, Uint8Array>) =>
  (hash: string): Uint8Array | undefined =>
    blobs.get(hash) ?? view.blob(hash)

const hashFor = (record: ConfigRecord | undefined, labels: Labels): string =>
  record && !record.removed && inAudience(record.audience, labels) ? (variantFor(record, labels)?.hash ?? '') : ''

function baseValue(record: ConfigRecord | undefined, valueBytes: (hash: string) => Uint8Array | undefined): Json {
  const bytes = record?.variants[0] && valueBytes(record.variants[0].hash)
  return bytes && (JSON.parse(decodeText(bytes)) as Json)
}

function pathsOf(before: Json, after: Json): PathDelta[] {
  if (before === undefined || after === undefined) return []
  return diffValues(before, after)
    .slice(0, limits.deltaPathsMax)
    .map((change) => ({
      pointer: change.pointer,
      ...(change.before !== undefined && { before: shortJson(change.before) }),
      ...(change.after !== undefined && { after: shortJson(change.after) }),
    }))
}

/** JSON of a value; of a large one, a JSON string that says so. */
function shortJson(value: Json): string {
  const text = JSON.stringify(value)
  return text.length <= limits.deltaValueChars ? text : JSON.stringify(`… ${text.length} characters`)
}
