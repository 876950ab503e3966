/**
 * History that no flush holds for certain yet. Records stay here until the flush AFTER the one that took them, so that
 * a reader always finds a revision here or on disk. Below `compacted` nothing is kept, see `collector.ts`.
 */

import { type HistoryChunk, newChunk } from './history-chunk.js'
import { endedKeys, pointerKey, readHistory } from './history-codec.js'
import { lazily } from './lazily.js'
import { PagedMap } from './paged-map.js'
import { StateHash } from './state-hash.js'
import type { Event, Keyspace, StatePut } from './types.js'

const EMPTY = Buffer.alloc(0)

export class History {
  readonly #keyspace: Keyspace
  /** Revision of the next record. */
  #next: number
  /** In order and without gaps; the last one may still grow. */
  #chunks: HistoryChunk[] = []
  /** How many of them the last flush took. */
  #taken = 0
  /** Pointers of the records here, made when somebody first reads the past. */
  #pointers: PagedMap | undefined
  #indexed = 0

  constructor(keyspace: Keyspace, revision: number) {
    this.#keyspace = keyspace
    this.#next = revision + 1
  }

  /** Every revision up to this one is on disk. */
  get diskRevision(): number {
    return (this.#chunks[0]?.first ?? this.#next) - 1
  }

  /** Gives the record's bytes. */
  append(events: readonly Event[]): number {
    let last = this.#chunks.length > this.#taken ? this.#chunks.at(-1) : undefined
    if (!last || last.full) {
      last = newChunk(this.#next)
      this.#chunks.push(last)
    }
    this.#next++
    return last.append(events)
  }

  /** Events of a revision that is still here. */
  events(revision: number): Event[] | undefined {
    const record = this.#chunkOf(revision)?.record(revision)
    return record && readHistory(this.#keyspace, revision, record)
  }

  /** Pointers with low ≤ pointer key < high, in order. */
  pointers(low: Uint8Array, high: Uint8Array): Buffer[] {
    return this.#index().keys(low, high)
  }

  /**
   * What the next flush writes, made as it is asked for; what the flush before wrote is let go. `sparse`: without
   * pointers that can be done without.
   */
  take(compacted: number, sparse: boolean): { readonly puts: Iterable<StatePut>; readonly bytes: number } {
    this.#chunks = this.#chunks.slice(this.#taken)
    this.#taken = this.#chunks.length
    this.#pointers = undefined
    const [chunks, keyspace] = [this.#chunks.slice(), this.#keyspace]
    const puts = lazily(() => chunkPuts(chunks, keyspace, compacted, sparse))
    return { puts, bytes: chunks.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  #chunkOf(revision: number): HistoryChunk | undefined {
    let [low, high] = [0, this.#chunks.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const chunk = this.#chunks[middle] as HistoryChunk
      if (revision < chunk.first) high = middle - 1
      else if (revision >= chunk.end) low = middle + 1
      else return chunk
    }
    return undefined
  }

  #index(): PagedMap {
    if (!this.#pointers) {
      this.#pointers = new PagedMap(0, new StateHash(), [])
      this.#indexed = this.diskRevision
    }
    for (; this.#indexed < this.#next - 1; this.#indexed++) {
      const revision = this.#indexed + 1
      const record = this.#chunkOf(revision)?.record(revision)
      for (const key of record ? endedKeys(record) : [])
        this.#pointers.put(pointerKey(this.#keyspace, key, revision), EMPTY)
    }
    return this.#pointers
  }
}

function* chunkPuts(
  chunks: readonly HistoryChunk[],
  keyspace: Keyspace,
  compacted: number,
  sparse: boolean,
): Generator<StatePut> {
  for (const chunk of chunks) yield* chunk.puts(keyspace, compacted, sparse)
}
