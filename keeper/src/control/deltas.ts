import { decodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { Rope } from '../base/rope.js'
import { diffValues } from '../compile/diff.js'
import { diffBytes } from '../compile/diff-bytes.js'
import type { CompiledBlobs } from '../compile/types.js'
import { inAudience, variantFor } from '../store/audience.js'
import type { ConfigRecord } from '../store/config-records.js'
import { type Blob, loadedPieces } from './pieces.js'
import type { ConfigDelta, PathDelta, PublishView, Stored } from './types.js'

type Json = Parameters<typeof diffValues>[0]
type Labels = Readonly<Record<string, string>>

/** Where the canonical JSON of values is found, by hash. */
export interface ValueSource {
  /** Those of the change set. */
  readonly fresh: CompiledBlobs
  /** Those that are there. */
  readonly stored: Pick<PublishView, 'blob' | 'blobPieces'>
}

/** What replacing `before` by `after` does. */
export function deltaOf(
  before: Stored<ConfigRecord> | undefined,
  after: ConfigRecord,
  processes: readonly Labels[],
  values: ValueSource,
): ConfigDelta {
  const live = before?.record.removed ? undefined : before?.record
  return {
    name: after.name,
    kind: after.removed ? 'removed' : live ? 'changed' : 'added',
    fromRevision: before?.modRevision ?? 0,
    paths: pathsBetween(live?.variants[0]?.hash, after.variants[0]?.hash, values),
    reaches: processes.filter((labels) => hashFor(live, labels) !== hashFor(after, labels)).length,
  }
}

const hashFor = (record: ConfigRecord | undefined, labels: Labels): string =>
  record && !record.removed && inAudience(record.audience, labels) ? (variantFor(record, labels)?.hash ?? '') : ''

/** As changedPaths, of canonical JSON: a value of megabytes would be tens of megabytes when it is parsed. */
function pathsBetween(before: string | undefined, after: string | undefined, values: ValueSource): PathDelta[] {
  if (before === undefined || after === undefined || before === after) return []
  const both = bothValues(before, after, values)
  return both ? [...pathsInBytes(...both).paths] : []
}

/** As changedPaths, of canonical JSON. */
export function pathsInBytes(before: Rope, after: Rope): { paths: readonly PathDelta[]; total: number } {
  const { changes, total } = diffBytes(before, after, limits.deltaPathsMax)
  const paths = changes.map((change) => ({
    pointer: change.pointer,
    ...(change.before && { before: shortBytes(change.before) }),
    ...(change.after && { after: shortBytes(change.after) }),
  }))
  return { paths, total }
}

/** Undefined when one is not there. */
export function bothValues(
  before: string,
  after: string,
  values: ValueSource,
): [before: Rope, after: Rope] | undefined {
  // what both have is the same bytes, and of what was there only the pieces that are gone are read
  const isInPieces = values.stored.blobPieces(before).length > 1
  const fresh = [freshOf(before, values), freshOf(after, values)].filter((bytes) => bytes !== undefined)
  const pieces = fresh.filter((bytes) => isInPieces || !(bytes instanceof Uint8Array)).map(loadedPieces)
  const own = new Map(pieces.flatMap((all) => Array.from(all, ({ hash, load }) => [hash, load] as const)))
  const stored = lately((hash) => values.stored.blob(hash) ?? gone(hash))
  const load: Load = (hash, memory) => own.get(hash)?.(memory) ?? stored(hash)
  const [old, next] = [ropeOf(before, values, load), ropeOf(after, values, load)]
  return old && next && [old, next]
}

const freshOf = (hash: string, { fresh }: ValueSource): Blob['bytes'] | undefined =>
  fresh.large?.(hash) ?? fresh.get(hash)

type Load = (hash: string, memory: () => Uint8Array) => Uint8Array

/** So many pieces are kept, for the other of two values that are gone through in step. */
const LATELY_MAX = 4

function lately(load: (hash: string) => Uint8Array): (hash: string) => Uint8Array {
  const known = new Map<string, Uint8Array>()
  return (hash) => {
    const bytes = known.get(hash) ?? load(hash)
    known.set(hash, bytes)
    for (const oldest of known.keys()) {
      if (known.size <= LATELY_MAX) break
      known.delete(oldest)
    }
    return bytes
  }
}

/** Of the change set, or piece by piece as it lies in the store. Undefined when it is not there. */
function ropeOf(hash: string, values: ValueSource, load: Load): Rope | undefined {
  const fresh = freshOf(hash, values)
  if (fresh instanceof Uint8Array) return Rope.of(fresh)
  const pieces = fresh?.pieces ?? values.stored.blobPieces(hash).map(({ hash, bytes: length }) => ({ hash, length }))
  if (pieces.length === 0) return undefined
  return new Rope(pieces.map(({ hash, length }) => ({ name: hash, length, load: (memory) => load(hash, memory) })))
}

function gone(hash: string): never {
  throw new KeeperError('E_CONFLICT', `a piece of a value that was there is gone: ${hash}`)
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
function shortBytes(bytes: Rope): string {
  const chars = bytes.length <= limits.deltaValueChars ? 0 : charsOf(bytes)
  if (chars > limits.deltaValueChars) return tooLong(chars)
  return shortJson(JSON.parse(decodeText(bytes.slice(0, bytes.length))) as Json)
}

/** UTF-16 code units of UTF-8. */
function charsOf(bytes: Rope): number {
  let chars = 0
  for (let at = 0; at < bytes.length; ) {
    const part = bytes.part(at)
    for (let next = 0; next < part.length; next++) {
      const byte = part[next] as number
      chars += byte >= 0xf0 ? 2 : byte < 0x80 || byte >= 0xc0 ? 1 : 0
    }
    at += part.length
  }
  return chars
}
