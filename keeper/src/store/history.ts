/**
 * History that no flush holds for certain yet. Records stay here until the flush AFTER the one that took them, so that
 * a reader always finds a revision here or on disk. Below `compacted` nothing is kept, see `collector.ts`.
 */

import { ByteWriter } from '../base/codec.js'
import { historyKey, pointerKey, readHistory, writeHistory } from './history-codec.js'
import { PagedMap } from './paged-map.js'
import { StateHash } from './state-hash.js'
import type { Event, Keyspace } from './types.js'

export interface FlushPut {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

const EMPTY = Buffer.alloc(0)

export class History {
  readonly #keyspace: Keyspace
  /** Revision of the first record here; all before it are on disk. */
  #first: number
  #records: Buffer[] = []
  /** How many of them the last flush took. */
  #taken = 0
  /** Pointers of the records here, made when somebody first reads the past. */
  #pointers: PagedMap | undefined
  #indexed = 0

  constructor(keyspace: Keyspace, revision: number) {
    this.#keyspace = keyspace
    this.#first = revision + 1
  }

  /** Every revision up to this one is on disk. */
  get diskRevision(): number {
    return this.#first - 1
  }

  /** Gives the record's bytes. */
  append(events: readonly Event[]): number {
    const record = encodeHistory(events)
    this.#records.push(record)
    return record.length
  }

  /** Events of a revision that is still here. */
  events(revision: number): Event[] | undefined {
    const record = this.#records[revision - this.#first]
    return record && readHistory(this.#keyspace, revision, record)
  }

  /** Pointers with low ≤ pointer key < high, in order. */
  pointers(low: Uint8Array, high: Uint8Array): Buffer[] {
    return this.#index().keys(low, high)
  }

  /** What the next flush writes, made as it is asked for; what the flush before wrote is let go. */
  take(compacted: number): { readonly puts: Iterable<FlushPut>; readonly bytes: number } {
    this.#first += this.#taken
    this.#records = this.#records.slice(this.#taken)
    this.#taken = this.#records.length
    this.#pointers = undefined
    const [records, first, keyspace] = [this.#records.slice(), this.#first, this.#keyspace]
    const puts = {
      *[Symbol.iterator]() {
        for (const [at, record] of records.entries()) yield* flushPuts(keyspace, first + at, record, compacted)
      },
    }
    return { puts, bytes: records.reduce((sum, { length }) => sum + length, 0) }
  }

  #index(): PagedMap {
    if (!this.#pointers) {
      this.#pointers = new PagedMap(0, new StateHash(), [])
      this.#indexed = 0
    }
    for (; this.#indexed < this.#records.length; this.#indexed++) {
      const revision = this.#first + this.#indexed
      for (const key of endedKeys(this.events(revision) ?? []))
        this.#pointers.put(pointerKey(this.#keyspace, key, revision), EMPTY)
    }
    return this.#pointers
  }
}

/** Keys of which these events ended a version. */
export const endedKeys = (events: readonly Event[]): Uint8Array[] =>
  events.filter((event) => event.prevKv).map((event) => event.kv.key)

function encodeHistory(events: readonly Event[]): Buffer {
  const bytes = events.reduce(
    (sum, { kv, prevKv }) => sum + 64 + kv.key.length + kv.value.length + (prevKv?.value.length ?? 0),
    16,
  )
  const to = new ByteWriter(bytes)
  writeHistory(to, events)
  return to.finish()
}

/** What ended at or below `compacted` can be read no more, and its events only at `compacted` itself. */
function flushPuts(keyspace: Keyspace, revision: number, record: Buffer, compacted: number): FlushPut[] {
  if (revision < compacted) return []
  const puts: FlushPut[] = [{ key: historyKey(keyspace, revision), value: record }]
  if (revision === compacted) return puts
  for (const key of endedKeys(readHistory(keyspace, revision, record)))
    puts.push({ key: pointerKey(keyspace, key, revision), value: EMPTY })
  return puts
}
