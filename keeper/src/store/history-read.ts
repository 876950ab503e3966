/**
 * Reads of the past: the newest versions in memory, undone by the history behind the wanted revision. What memory
 * and overlay hold is taken in one synchronous step together with the disk's view, so no flush can come between.
 */

import { KeeperError } from '../base/errors.js'
import type { History } from './history.js'
import { historyKey, historyRevision, pointerBound, readChunk, readHistory, readPointer } from './history-codec.js'
import { compareBytes, contains, finishRange, type KeyRange, keyRange, readLimit } from './key-range.js'
import type { KeyspaceState } from './keyspace.js'
import { decodeKv, revisionsOf } from './kv-codec.js'
import { keyText, keyView } from './page.js'
import type { Event, Keyspace, KeyValue, RangeRequest, RangeResult, StateReader } from './types.js'

/** Records looked at between two pauses. */
const STEP_RECORDS = 512
const STEP_BYTES = 4 * 1024 * 1024
const STEP_CHUNKS = 16

export interface Past {
  readonly keyspace: KeyspaceState
  readonly history: History
}

/** A change of a key. */
interface Change {
  readonly key: Uint8Array
  readonly revision: number
}

interface Step {
  /** Newest versions that are not newer than the revision. */
  readonly kvs: KeyValue[]
  /** Where the next step begins; undefined at the end. */
  readonly next: Uint8Array | undefined
  /** Key → the first of its changes behind the revision that memory tells of. */
  readonly changed: Map<string, Change>
  readonly disk: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>
}

/** `range` at any earlier revision not compacted. `past` is asked again at each step: a snapshot may replace the state. */
export async function rangeAt(past: () => Past, reader: StateReader, request: RangeRequest): Promise<RangeResult> {
  past().keyspace.expectReadable(request.revision)
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
  const changed = new Map<string, Change>()
  const { kvs, next } = readNewest(keyspace, range, revision, changed)
  const low = pointerBound(keyspace.keyspace, range.low)
  const high = pointerBound(keyspace.keyspace, next ?? range.high)
  for (const pointer of history.pointers(low, high)) note(changed, readPointer(pointer), revision)
  return { kvs, next, changed, disk: reader.iterate({ low, high }) }
}

/** Remembers the first change of each key behind `revision`. */
function note(changed: Map<string, Change>, change: Change, revision: number): void {
  if (change.revision <= revision) return
  const name = keyText(change.key)
  const known = changed.get(name)
  if (!known || change.revision < known.revision) changed.set(name, change)
}

function readNewest(
  keyspace: KeyspaceState,
  range: KeyRange,
  revision: number,
  changed: Map<string, Change>,
): Pick<Step, 'kvs' | 'next'> {
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
    const { createRevision, modRevision } = revisionsOf(kv.peek(page, slot))
    if (createRevision > revision) return true
    const key = Buffer.from(keyView(page, slot))
    if (modRevision > revision) {
      note(changed, { key, revision: modRevision }, revision)
      return true
    }
    const payload = kv.valueAt(page, slot)
    bytes += payload.length
    kvs.push(decodeKv(key, payload))
    return true
  })
  return { kvs, next }
}

/** What stood at `key` before its first event here. */
const firstBefore = (events: readonly Event[], key: Uint8Array): KeyValue | undefined =>
  events.find((event) => compareBytes(event.kv.key, key) === 0)?.prevKv

async function finishStep(
  past: () => Past,
  reader: StateReader,
  { changed, kvs, disk }: Step,
  revision: number,
): Promise<readonly KeyValue[]> {
  for await (const record of disk) note(changed, readPointer(record.key), revision)
  const older = await undone(past, reader, [...changed.values()], revision)
  return older.length === 0 ? kvs : [...kvs, ...older].sort((left, right) => compareBytes(left.key, right.key))
}

/**
 * The versions that stood at `revision`, each found by going back from a later change of its key. Where pointers were
 * left out that takes more than one step.
 */
async function undone(
  past: () => Past,
  reader: StateReader,
  changes: readonly Change[],
  revision: number,
): Promise<KeyValue[]> {
  const found: KeyValue[] = []
  const eventsOf = eventReader(past, reader)
  for (let left = changes; left.length > 0; ) {
    const further: Change[] = []
    // in the order of revisions: those of one chunk come together
    for (const change of left.toSorted((one, other) => one.revision - other.revision)) {
      const before = firstBefore(await eventsOf(change.revision), change.key)
      // whoever deletes a key leaves a pointer, so it was not there before it was created
      if (!before || before.createRevision > revision) continue
      if (before.modRevision <= revision) found.push(before)
      else further.push({ key: change.key, revision: before.modRevision })
    }
    left = further
  }
  return found
}

/** Reads events of single revisions, from memory or disk; the chunk that was read last is at hand. */
function eventReader(past: () => Past, reader: StateReader): (revision: number) => Promise<readonly Event[]> {
  let chunk: Chunk | undefined
  return async (revision) => {
    if (chunk && revision >= chunk.first && revision < chunk.first + chunk.records.length)
      return eventsIn(chunk, revision)
    const here = past().history.events(revision)
    if (here) return here
    chunk = await readChunkOf(past, reader, revision)
    return eventsIn(chunk, revision)
  }
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
