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
  #metered: Metered

  constructor(keyspace: Keyspace, marks: PagedMap, metered: Metered) {
    this.#prefix = Buffer.of(keyspace === 'user' ? 0 : 1)
    this.#marks = marks
    this.#metered = metered
  }

  get metered(): Metered {
    return this.#metered
  }

  /** Not compacted, to about a megabyte. */
  get bytes(): number {
    return this.#metered.total - this.#metered.base
  }

  add(revision: number, bytes: number): void {
    const total = this.#metered.total + bytes
    const marks = total - this.#metered.marked >= MARK_BYTES
    if (marks) this.#marks.put(this.#key(revision), numberBytes(total))
    this.#metered = { ...this.#metered, total, marked: marks ? total : this.#metered.marked }
  }

  compact(revision: number): void {
    let { base } = this.#metered
    const gone: Buffer[] = []
    this.#marks.scan(this.#key(0), this.#key(revision + 1), (page, slot) => {
      base = readNumber(this.#marks.valueAt(page, slot))
      gone.push(Buffer.from(keyView(page, slot)))
      return true
    })
    for (const key of gone) this.#marks.delete(key)
    this.#metered = { ...this.#metered, base }
  }

  #key(revision: number): Buffer {
    return Buffer.concat([this.#prefix, numberBytes(revision)])
  }
}
