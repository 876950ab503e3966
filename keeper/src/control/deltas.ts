import { decodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { diffValues } from '../compile/diff.js'
import { diffBytes } from '../compile/diff-bytes.js'
import { inAudience, variantFor } from '../store/audience.js'
import type { ConfigRecord } from '../store/config-records.js'
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
    paths: pathsBetween(baseBytes(live, valueBytes), baseBytes(after, valueBytes)),
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

const baseBytes = (record: ConfigRecord | undefined, valueBytes: (hash: string) => Uint8Array | undefined) =>
  record?.variants[0] && valueBytes(record.variants[0].hash)

/** As changedPaths, of canonical JSON: a value of megabytes would be tens of megabytes when it is parsed. */
function pathsBetween(before: Uint8Array | undefined, after: Uint8Array | undefined): PathDelta[] {
  if (!before || !after) return []
  return diffBytes(before, after, limits.deltaPathsMax).changes.map((change) => ({
    pointer: change.pointer,
    ...(change.before && { before: shortBytes(change.before) }),
    ...(change.after && { after: shortBytes(change.after) }),
  }))
}

/** What differs, path by path: the first `limits.deltaPathsMax`, and how many there are. Nothing where one side is missing. */
export function changedPaths(before: Json, after: Json): { paths: PathDelta[]; total: number } {
  if (before === undefined || after === undefined) return { paths: [], total: 0 }
  const changes = diffValues(before, after)
  const paths = changes.slice(0, limits.deltaPathsMax).map((change) => ({
    pointer: change.pointer,
    ...(change.before !== undefined && { before: shortJson(change.before) }),
    ...(change.after !== undefined && { after: shortJson(change.after) }),
  }))
  return { paths, total: changes.length }
}

/** JSON of a value; of a large one, a JSON string that says so. */
function shortJson(value: Json): string {
  const text = JSON.stringify(value)
  return text.length <= limits.deltaValueChars ? text : tooLong(text.length)
}

const tooLong = (chars: number): string => JSON.stringify(`… ${chars} characters`)

/** As shortJson of the value that these bytes are the JSON of. */
function shortBytes(bytes: Uint8Array): string {
  const chars = bytes.length <= limits.deltaValueChars ? 0 : charsOf(bytes)
  return chars <= limits.deltaValueChars ? shortJson(JSON.parse(decodeText(bytes)) as Json) : tooLong(chars)
}

/** UTF-16 code units of UTF-8. */
function charsOf(bytes: Uint8Array): number {
  let chars = 0
  for (const byte of bytes) chars += byte >= 0xf0 ? 2 : byte < 0x80 || byte >= 0xc0 ? 1 : 0
  return chars
}
