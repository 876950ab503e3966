/**
 * Reads of the past: the newest versions in memory, undone by the history behind the wanted revision. What memory
 * and overlay hold is taken in one synchronous step together with the disk's view, so no flush can come between.
 */

import { KeeperError } from '../base/errors.js'
import type { History } from './history.js'
import { historyKey, historyRevision, pointerBound, readChunk, readHistory, readPointer } from './history-codec.js'
import { compareBytes, contains, finishRange, type KeyRange, keyRange, readLimit } from './key-range.js'
import type { KeyspaceState } from './keyspace.js'
import { decodeKv, modRevisionOf } from './kv-codec.js'
import { keyView } from './page.js'
import type { Event, Keyspace, KeyValue, RangeRequest, RangeResult, StateReader } from './types.js'

/** Records looked at between two pauses. */
const STEP_RECORDS = 512
const STEP_BYTES = 4 * 1024 * 1024
const STEP_CHUNKS = 16

export interface Past {
  readonly keyspace: KeyspaceState
  readonly history: History
}

interface Step {
  /** Newest versions that are not newer than the revision. */
  readonly kvs: KeyValue[]
  /** Where the next step begins; undefined at the end. */
  readonly next: Uint8Array | undefined
  /** Key → revision of its first change behind the revision, in the overlay. */
  readonly changed: Map<string, { key: Uint8Array; before: KeyValue | undefined }>
  readonly disk: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>
}

/** `range` at any revision not compacted. `past` is asked again at each step: a snapshot may replace the state. */
export async function rangeAt(past: () => Past, reader: StateReader, request: RangeRequest): Promise<RangeResult> {
  past().keyspace.expectReadable(request.revision)
  const now = past().keyspace.revision
  if (request.revision === 0 || request.revision === now) return past().keyspace.range(request, now)
  const kvs: KeyValue[] = []
  let count = 0
  const limit = readLimit(request)
  let { low, high }: { low: Uint8Array | undefined; high: Uint8Array | undefined } = keyRange(request)
  while (low && (high === undefined || compareBytes(low, high) < 0)) {
    const step = takeStep(past(), reader, { low, high }, request.revision)
    const found = await finishStep(past, reader, step, request.revision)
    past().keyspace.expectReadable(request.revision)
    count += found.length
    for (const kv of found) if (kvs.length < limit) kvs.push(kv)
    low = step.next
  }
  return finishRange(kvs, request, request.revision, count)
}

/** The synchronous part: memory, overlay, and the disk as of now. */
function takeStep({ keyspace, history }: Past, reader: StateReader, range: KeyRange, revision: number): Step {
  const { kvs, next } = readNewest(keyspace, range, revision)
  const low = pointerBound(keyspace.keyspace, range.low)
  const high = pointerBound(keyspace.keyspace, next ?? range.high)
  const changed = new Map<string, { key: Uint8Array; before: KeyValue | undefined }>()
  for (const pointer of history.pointers(low, high).map(readPointer)) {
    const name = pointer.key.toString('latin1')
    if (pointer.revision <= revision || changed.has(name)) continue
    const before = firstBefore(history.events(pointer.revision) ?? [], pointer.key)
    changed.set(name, { key: pointer.key, before })
  }
  return { kvs, next, changed, disk: reader.iterate({ low, high }) }
}

function readNewest(keyspace: KeyspaceState, range: KeyRange, revision: number): Pick<Step, 'kvs' | 'next'> {
  const kvs: KeyValue[] = []
  let seen = 0
  let bytes = 0
  let next: Uint8Array | undefined
  const { kv } = keyspace.tables
  kv.scan(range.low, range.high, (page, slot) => {
    if (seen++ === STEP_RECORDS || bytes > STEP_BYTES) {
      next = Buffer.from(keyView(page, slot))
      return false
    }
    if (modRevisionOf(kv.peek(page, slot)) > revision) return true
    const payload = kv.valueAt(page, slot)
    bytes += payload.length
    kvs.push(decodeKv(Buffer.from(keyView(page, slot)), payload))
    return true
  })
  return { kvs, next }
}

/** What stood at `key` before its first event here. */
const firstBefore = (events: readonly Event[], key: Uint8Array): KeyValue | undefined =>
  events.find((event) => compareBytes(event.kv.key, key) === 0)?.prevKv

/** The disk's changes come before the overlay's: the first of each key counts. */
async function finishStep(
  past: () => Past,
  reader: StateReader,
  step: Step,
  revision: number,
): Promise<readonly KeyValue[]> {
  const { changed } = step
  const ended = new Map<string, { key: Uint8Array; revision: number }>()
  for await (const record of step.disk) {
    const pointer = readPointer(record.key)
    const name = pointer.key.toString('latin1')
    if (pointer.revision > revision && !ended.has(name)) ended.set(name, pointer)
  }
  // in the order of revisions: those of one chunk come together
  const inOrder = [...ended].sort(([, left], [, right]) => left.revision - right.revision)
  let chunk: Chunk | undefined
  for (const [name, pointer] of inOrder) {
    if (!chunk || pointer.revision >= chunk.first + chunk.records.length)
      chunk = await readChunkOf(past, reader, pointer.revision)
    changed.set(name, { key: pointer.key, before: firstBefore(eventsIn(chunk, pointer.revision), pointer.key) })
  }
  const older = [...changed.values()].flatMap(({ before }) => (before && before.modRevision <= revision ? before : []))
  return older.length === 0
    ? step.kvs
    : [...step.kvs, ...older].sort((left, right) => compareBytes(left.key, right.key))
}

interface Chunk {
  readonly keyspace: Keyspace
  readonly first: number
  /** Of the revisions from `first` on. */
  readonly records: readonly Uint8Array[]
}

const eventsIn = ({ keyspace, first, records }: Chunk, revision: number): Event[] =>
  readHistory(keyspace, revision, records[revision - first] as Uint8Array)

/** The chunk on disk that holds `revision`. Throws E_COMPACTED, E_CORRUPT. */
async function readChunkOf(past: () => Past, reader: StateReader, revision: number): Promise<Chunk> {
  const { keyspace } = past().keyspace
  const [low, high] = [historyKey(keyspace, 0), historyKey(keyspace, revision + 1)]
  for await (const { key, value } of reader.iterate({ low, high, reverse: true, limit: 1 })) {
    const chunk = { keyspace, first: historyRevision(key), records: readChunk(value) }
    if (revision < chunk.first + chunk.records.length) return chunk
  }
  throw missing(past().keyspace, revision)
}

function missing(keyspace: KeyspaceState, revision: number): KeeperError {
  return revision <= keyspace.compacted
    ? new KeeperError('E_COMPACTED', `revision ${revision} is compacted up to ${keyspace.compacted}`)
    : new KeeperError('E_CORRUPT', `history of revision ${revision} is missing`)
}

/** Events from revision `from` to the newest one at the call, for keys in the range, whole revisions in order. */
export async function* eventsSince(
  past: () => Past,
  reader: StateReader,
  from: number,
  range: KeyRange,
): AsyncGenerator<readonly Event[]> {
  const to = past().keyspace.revision
  for (let next = Math.max(from, 2); next <= to; ) {
    if (next < past().keyspace.compacted) throw missing(past().keyspace, next)
    const here = past().history.events(next)
    const batches = here ? [here] : await readBatches(past, reader, next, to)
    for (const events of batches) {
      const wanted = events.filter((event) => contains(range, event.kv.key))
      if (wanted.length > 0) yield wanted
    }
    next += batches.length
  }
}

/** Some revisions from disk, beginning with `first`; the iterator is closed before anybody waits for a consumer. */
async function readBatches(past: () => Past, reader: StateReader, first: number, to: number): Promise<Event[][]> {
  const begin = await readChunkOf(past, reader, first)
  const { keyspace } = begin
  const batches: Event[][] = []
  let bytes = 0
  const add = (chunk: Chunk) => {
    const end = Math.min(to + 1, chunk.first + chunk.records.length)
    for (let revision = first + batches.length; revision < end; revision++) {
      batches.push(eventsIn(chunk, revision))
      bytes += chunk.records[revision - chunk.first]?.length ?? 0
    }
  }
  add(begin)
  const [low, high] = [historyKey(keyspace, first + batches.length), historyKey(keyspace, to + 1)]
  for await (const { key, value } of reader.iterate({ low, high, limit: STEP_CHUNKS })) {
    if (historyRevision(key) !== first + batches.length || bytes > STEP_BYTES) break
    add({ keyspace, first: historyRevision(key), records: readChunk(value) })
  }
  return batches
}
