/**
 * What each session's requests came to, so that a retry has no second effect. Bounded three ways: the session's
 * low-water mark, results per session, and sessions (and bytes) in all, of which the one longest unused goes first.
 */

import { ByteReader, ByteWriter } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { idBytes, numberBytes, prefixEnd, readNumber } from './kv-codec.js'
import { keyView } from './page.js'
import type { PagedMap } from './paged-map.js'
import { decodeResult, encodeResult } from './result-codec.js'
import type { CommandResult, RequestId } from './types.js'

export interface DedupTables {
  /** Session → its row. */
  readonly dedupSessions: PagedMap
  /** Entry index of the last use, then session → nothing. */
  readonly dedupOrder: PagedMap
  /** Session, then sequence → result. */
  readonly dedupResults: PagedMap
}

interface SessionRow {
  /** Below it nothing is remembered. */
  readonly lowWater: number
  readonly results: number
  /** Entry index at about its last use. */
  readonly touched: number
}

/** A session's last use is known to about so many entries: rewriting it each time would cost more than it tells. */
const TOUCH_ENTRIES = 1_024
const EMPTY = Buffer.alloc(0)

const encodeRow = (row: SessionRow) =>
  new ByteWriter(24).uint(row.lowWater).uint(row.results).uint(row.touched).finish()

function decodeRow(bytes: Uint8Array): SessionRow {
  const from = new ByteReader(bytes)
  return { lowWater: from.uint(), results: from.uint(), touched: from.uint() }
}

const resultKey = (session: Uint8Array, sequence: number) => Buffer.concat([session, numberBytes(sequence)])
const orderKey = (touched: number, session: Uint8Array) => Buffer.concat([numberBytes(touched), session])

export class Dedup {
  readonly #tables: DedupTables

  constructor(tables: DedupTables) {
    this.#tables = tables
  }

  /** The recorded result, `forgotten` when it may have been executed and is no longer known, or undefined for a new request. */
  find(id: RequestId): CommandResult | 'forgotten' | undefined {
    const session = idBytes(id.session)
    const row = this.#row(session)
    if (id.sequence < Math.max(id.lowWater, row?.lowWater ?? 0)) return 'forgotten'
    const recorded = row && this.#tables.dedupResults.get(resultKey(session, id.sequence))
    return recorded && decodeResult(recorded)
  }

  /** Remembers the result of a new request, at entry `index`. */
  record(id: RequestId, result: CommandResult, index: number): void {
    const session = idBytes(id.session)
    const old = this.#row(session)
    this.#tables.dedupResults.put(resultKey(session, id.sequence), encodeResult(result))
    const row = this.#forget(
      session,
      {
        lowWater: Math.max(id.lowWater, old?.lowWater ?? 0),
        results: (old?.results ?? 0) + 1,
        touched: this.#touch(session, old, index),
      },
      old?.lowWater ?? 0,
    )
    this.#tables.dedupSessions.put(session, encodeRow(row))
    while (this.#full() && this.#evictOldest(session));
  }

  #row(session: Uint8Array): SessionRow | undefined {
    const bytes = this.#tables.dedupSessions.get(session)
    return bytes && decodeRow(bytes)
  }

  /** Drops results below the mark; too many of them push the mark up. */
  #forget(session: Uint8Array, row: SessionRow, before: number): SessionRow {
    let { lowWater, results } = row
    if (lowWater > before) results -= this.#dropResults(session, resultKey(session, lowWater))
    if (results > limits.dedupResultsPerSession) {
      lowWater = this.#firstSequence(session) + 1
      results -= this.#dropResults(session, resultKey(session, lowWater))
    }
    return { ...row, lowWater, results }
  }

  #dropResults(session: Uint8Array, high: Uint8Array | undefined): number {
    const keys = this.#tables.dedupResults.keys(session, high)
    for (const key of keys) this.#tables.dedupResults.delete(key)
    return keys.length
  }

  #firstSequence(session: Uint8Array): number {
    let first = 0
    this.#tables.dedupResults.scan(session, undefined, (page, slot) => {
      first = readNumber(keyView(page, slot), 8)
      return false
    })
    return first
  }

  #touch(session: Uint8Array, old: SessionRow | undefined, index: number): number {
    if (old && index - old.touched < TOUCH_ENTRIES) return old.touched
    if (old) this.#tables.dedupOrder.delete(orderKey(old.touched, session))
    this.#tables.dedupOrder.put(orderKey(index, session), EMPTY)
    return index
  }

  #full(): boolean {
    return (
      this.#tables.dedupSessions.size > limits.dedupSessionsMax ||
      this.#tables.dedupResults.bytes > limits.dedupBytesMax
    )
  }

  /** Forgets the session longest unused; false when only `current` is left. */
  #evictOldest(current: Uint8Array): boolean {
    let oldest: Buffer | undefined
    this.#tables.dedupOrder.scan(EMPTY, undefined, (page, slot) => {
      const key = Buffer.from(keyView(page, slot))
      if (current.every((byte, at) => byte === key[8 + at])) return true
      oldest = key
      return false
    })
    if (!oldest) return false
    const session = oldest.subarray(8)
    this.#tables.dedupOrder.delete(oldest)
    this.#tables.dedupSessions.delete(session)
    this.#dropResults(session, prefixEnd(session))
    return true
  }
}
