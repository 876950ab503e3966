/**
 * Removes history below the compaction from the disk, a piece per flush: reads which records a stretch of revisions
 * left behind, and hands their keys to the next flush. Reads never depend on how far it is.
 */

import { endedKeys, historyKey, historyRevision, pointedKeys, pointerKey, readChunk } from './history-codec.js'
import { keyText } from './page.js'
import type { Keyspace, StateReader } from './types.js'

/** At most so many keys and bytes read per flush: it reads what it deletes once more, and takes longer for it. */
const PIECE_KEYS = 16_384
const PIECE_BYTES = 64 * 1024 * 1024

interface Piece {
  readonly upTo: number
  readonly deletes: readonly Uint8Array[]
}

export class Collector {
  readonly #keyspace: Keyspace
  readonly #reader: StateReader
  /** Chunks that end below it are gone from disk, and pointers up to it. */
  #collected: number
  #ready: Piece | undefined
  #running: Promise<void> | undefined

  constructor(keyspace: Keyspace, reader: StateReader, collected: number) {
    this.#keyspace = keyspace
    this.#reader = reader
    this.#collected = collected
  }

  get collected(): number {
    return this.#collected
  }

  /** Deletes for the flush that is being made. */
  take(): readonly Uint8Array[] {
    const piece = this.#ready
    this.#ready = undefined
    if (!piece) return []
    this.#collected = piece.upTo
    return piece.deletes
  }

  /** Begins to read the next piece, if there is one at or below `upTo` and none is under way. */
  start(upTo: number): void {
    if (this.#running || this.#ready || upTo <= this.#collected) return
    this.#running = this.#read(upTo)
      .then((piece) => {
        this.#ready = piece
      })
      // A disk that fails here fails for whoever needs the record, too; this piece is tried again.
      .catch(() => undefined)
      .finally(() => {
        this.#running = undefined
      })
  }

  /** Resolves when no read is under way. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #read(upTo: number): Promise<Piece> {
    const from = this.#collected
    const keyspace = this.#keyspace
    const deletes: Uint8Array[] = []
    let bytes = 0
    for await (const { key, value } of this.#reader.iterate({
      low: await this.#firstKey(from),
      high: historyKey(keyspace, upTo + 1),
    })) {
      const first = historyRevision(key)
      const records = readChunk(value)
      const last = Math.min(upTo, first + records.length - 1)
      const begin = Math.max(first, from + 1)
      const left = records
        .slice(begin - first, last + 1 - first)
        .map((record, at) => ({ record, revision: begin + at }))
      const keysOf = (await this.#isSparse(left)) ? pointedKeys : endedKeys
      for (const { record, revision } of left)
        for (const ended of keysOf(record)) deletes.push(pointerKey(keyspace, ended, revision))
      // the events of revision `upTo` can still be watched
      if (first + records.length <= upTo) deletes.push(Buffer.from(key))
      bytes += value.length
      if (deletes.length > PIECE_KEYS || bytes > PIECE_BYTES) return { upTo: last, deletes }
    }
    return { upTo, deletes }
  }

  /**
   * Were pointers that can be done without left out? It is not written down: chunks of before the cluster version that
   * leaves them out have all, as far as nothing was compacted yet when they were written. So the first and the last of
   * them are looked for.
   */
  async #isSparse(records: readonly { readonly record: Uint8Array; readonly revision: number }[]): Promise<boolean> {
    const spared = ({ record, revision }: (typeof records)[number]): Buffer | undefined => {
      const pointed = new Set(pointedKeys(record).map(keyText))
      const key = endedKeys(record).find((ended) => !pointed.has(keyText(ended)))
      return key && pointerKey(this.#keyspace, key, revision)
    }
    for (const some of [records, [...records].reverse()]) {
      for (const one of some) {
        const pointer = spared(one)
        if (!pointer) continue
        if (await this.#reader.get(pointer)) return false
        break
      }
    }
    return true
  }

  /** Key of the chunk that holds `revision`, or of the first one behind. */
  async #firstKey(revision: number): Promise<Uint8Array> {
    const range = { low: historyKey(this.#keyspace, 0), high: historyKey(this.#keyspace, revision + 1) }
    for await (const { key } of this.#reader.iterate({ ...range, reverse: true, limit: 1 })) return key
    return range.high
  }
}
