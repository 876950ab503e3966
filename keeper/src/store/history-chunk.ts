/** Records of consecutive revisions as one: far fewer for the disk to keep apart. */

import { ByteWriter } from '../base/codec.js'
import {
  anyPointed,
  CHUNK_FORMAT,
  endedKeys,
  historyKey,
  pointedKeys,
  pointerKey,
  writeHistory,
} from './history-codec.js'
import type { Event, Keyspace, StatePut } from './types.js'

/** From this size on a chunk takes no more. */
const CHUNK_BYTES = 32 * 1024
/** For one more record at the end: a buffer that grows is copied, and the smaller ones before it wait for a collection. */
const CAPACITY_BYTES = CHUNK_BYTES + 4 * 1024
const LENGTH_BYTES = 4
const EMPTY = Buffer.alloc(0)

export interface HistoryChunk {
  readonly first: number
  /** The revision behind its last one. */
  readonly end: number
  readonly bytes: number
  readonly full: boolean
  /** Puts the record of revision `end` behind the others; gives its bytes. */
  append(events: readonly Event[]): number
  /** A view; valid until the next append. */
  record(revision: number): Buffer
  /**
   * What a flush writes of it: itself, and pointers for the versions that ended behind `compacted`; `sparse`: see
   * `pointedKeys`.
   */
  puts(keyspace: Keyspace, compacted: number, sparse: boolean): Iterable<StatePut>
}

/** An empty chunk that begins with `first`. */
export const newChunk = (first: number): HistoryChunk => new GrowingChunk(first)

class GrowingChunk implements HistoryChunk {
  readonly first: number
  readonly #to = new ByteWriter(CAPACITY_BYTES).byte(CHUNK_FORMAT)
  /** Where each record begins, and where the last one ends. */
  readonly #ends: number[] = []
  /** Revisions with pointers, where most have none. */
  readonly #pointed: number[] = []

  constructor(first: number) {
    this.first = first
  }

  get end(): number {
    return this.first + this.#ends.length
  }

  get bytes(): number {
    return this.#to.length
  }

  get full(): boolean {
    return this.#to.length >= CHUNK_BYTES
  }

  append(events: readonly Event[]): number {
    if (anyPointed(events)) this.#pointed.push(this.end)
    const begin = this.#to.length
    writeHistory(this.#to.uint32(0), events)
    const length = this.#to.length - begin - LENGTH_BYTES
    this.#to.patchUint32(begin, length)
    this.#ends.push(this.#to.length)
    return length
  }

  record(revision: number): Buffer {
    const at = revision - this.first
    const begin = (at === 0 ? 1 : (this.#ends[at - 1] as number)) + LENGTH_BYTES
    return this.#to.finish().subarray(begin, this.#ends[at])
  }

  *puts(keyspace: Keyspace, compacted: number, sparse: boolean): Generator<StatePut> {
    // what ended at or below `compacted` can be read no more, and its events only at `compacted` itself
    if (this.end <= compacted) return
    yield { key: historyKey(keyspace, this.first), value: this.#to.finish(), fresh: true }
    const [revisions, keysOf] = sparse ? [this.#pointed, pointedKeys] : [this.#all(), endedKeys]
    for (const revision of revisions) {
      if (revision <= compacted) continue
      for (const key of keysOf(this.record(revision)))
        yield { key: pointerKey(keyspace, key, revision), value: EMPTY, fresh: true }
    }
  }

  #all(): number[] {
    return this.#ends.map((_, at) => this.first + at)
  }
}
