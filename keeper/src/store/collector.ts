/**
 * Removes history below the compaction from the disk, a piece per flush: reads which records a stretch of revisions
 * left behind, and hands their keys to the next flush. Reads never depend on how far it is.
 */

import { endedKeys } from './history.js'
import { historyKey, historyRevision, pointerKey, readHistory } from './history-codec.js'
import type { Keyspace, StateReader } from './types.js'

/** At most so many keys and bytes read per flush. */
const PIECE_KEYS = 200_000
const PIECE_BYTES = 64 * 1024 * 1024

interface Piece {
  readonly upTo: number
  readonly deletes: readonly Uint8Array[]
}

export class Collector {
  readonly #keyspace: Keyspace
  readonly #reader: StateReader
  /** Events below it are gone from disk, and pointers up to it. */
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
    let last: number | undefined
    let bytes = 0
    const range = { low: historyKey(keyspace, from), high: historyKey(keyspace, upTo + 1) }
    for await (const { key, value } of this.#reader.iterate(range)) {
      // the events of the last revision can still be watched: a record goes when one comes after it
      if (last !== undefined) deletes.push(historyKey(keyspace, last))
      last = historyRevision(key)
      for (const ended of endedKeys(readHistory(keyspace, last, value))) deletes.push(pointerKey(keyspace, ended, last))
      bytes += value.length
      if (deletes.length > PIECE_KEYS || bytes > PIECE_BYTES) return { upTo: last, deletes }
    }
    if (last !== undefined && last !== upTo) deletes.push(historyKey(keyspace, last))
    return { upTo, deletes }
  }
}
