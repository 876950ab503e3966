/**
 * How many bytes of history a keyspace holds, the same on every member: counted as it is written, and remembered at a
 * few revisions, so that a compaction knows about how much it frees without reading any.
 */

import { numberBytes, readNumber } from './kv-codec.js'
import { keyView } from './page.js'
import type { PagedMap } from './paged-map.js'
import type { Keyspace } from './types.js'

/** Bytes since the beginning; at the last compaction; at the last mark. marked ≤ total, base ≤ total. */
export interface Metered {
  readonly total: number
  readonly base: number
  readonly marked: number
}

const MARK_BYTES = 1024 * 1024

export class HistoryMeter {
  readonly #prefix: Buffer
  readonly #marks: PagedMap
  #total: number
  #base: number
  #marked: number

  constructor(keyspace: Keyspace, marks: PagedMap, { total, base, marked }: Metered) {
    this.#prefix = Buffer.of(keyspace === 'user' ? 0 : 1)
    this.#marks = marks
    this.#total = total
    this.#base = base
    this.#marked = marked
  }

  get metered(): Metered {
    return { total: this.#total, base: this.#base, marked: this.#marked }
  }

  /** Not compacted, to about a megabyte. */
  get bytes(): number {
    return this.#total - this.#base
  }

  add(revision: number, bytes: number): void {
    this.#total += bytes
    if (this.#total - this.#marked < MARK_BYTES) return
    this.#marks.put(this.#key(revision), numberBytes(this.#total))
    this.#marked = this.#total
  }

  compact(revision: number): void {
    const gone: Buffer[] = []
    this.#marks.scan(this.#key(0), this.#key(revision + 1), (page, slot) => {
      this.#base = readNumber(this.#marks.valueAt(page, slot))
      gone.push(Buffer.from(keyView(page, slot)))
      return true
    })
    for (const key of gone) this.#marks.delete(key)
  }

  #key(revision: number): Buffer {
    return Buffer.concat([this.#prefix, numberBytes(revision)])
  }
}
