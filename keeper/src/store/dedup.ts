/**
 * What each session's requests came to, so that a retry has no second effect. Bounded three ways: the session's
 * low-water mark, results per session, and sessions (and bytes) in all, of which the one longest unused goes first.
 */

import { ByteReader, ByteWriter } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { idBytes, numberBytes, prefixEnd, readId, readNumber, writeNumber } from './kv-codec.js'
import { keyView } from './page.js'
import type { PagedMap } from './paged-map.js'
import { decodeResult, encodeResult, encodeRun, isPlainPut, resultsIn } from './result-codec.js'
import type { CommandResult, RequestId } from './types.js'

export interface DedupTables {
  /** Session → its row. */
  readonly dedupSessions: PagedMap
  /** Entry index of the last use, then session → nothing. */
  readonly dedupOrder: PagedMap
  /** Session, then sequence → result, or a run of them of which this is the first; see result-codec.ts. */
  readonly dedupResults: PagedMap
}

interface SessionRow {
  /** Below it nothing is remembered; behind what the client said by less than `LOW_WATER_STEP`. */
  lowWater: number
  /** Rows in `dedupResults`. */
  results: number
  /** Entry index at about its last use. */
  touched: number
}

/** A session's last use is known to about so many entries: rewriting it each time would cost more than it tells. */
const TOUCH_ENTRIES = 1_024
/** A mark that moved by less is not taken over: dropping results one by one would cost more than to keep these few. */
const LOW_WATER_STEP = 64
/** Sessions whose rows are kept at hand. */
const KNOWN_MAX = 16_384
const EMPTY = Buffer.alloc(0)

const encodeRow = (row: SessionRow) =>
  new ByteWriter(24).uint(row.lowWater).uint(row.results).uint(row.touched).finish()

function decodeRow(bytes: Uint8Array): SessionRow {
  const from = new ByteReader(bytes)
  return { lowWater: from.uint(), results: from.uint(), touched: from.uint() }
}

function resultKey(session: Uint8Array, sequence: number): Buffer {
  const key = Buffer.allocUnsafe(16)
  key.set(session)
  writeNumber(key, 8, sequence)
  return key
}
const orderKey = (touched: number, session: Uint8Array) => Buffer.concat([numberBytes(touched), session])

/** Results of plain puts, one behind the other in sequence and revision, that are not in the table yet. */
interface Run {
  readonly known: Known
  readonly first: number
  readonly revision: number
  count: number
}

/** A session's row while it is in use. Derived from the tables, and written back at the end of each entry. */
interface Known {
  readonly session: Buffer
  readonly row: SessionRow
  /** No result of a greater sequence is remembered. */
  highest: number
  changed: boolean
}

export class Dedup {
  readonly #tables: DedupTables
  readonly #known = new Map<bigint, Known>()
  /** Of the entry that is being applied. */
  #run: Run | undefined

  constructor(tables: DedupTables) {
    this.#tables = tables
  }

  /** The recorded result, `forgotten` when it may have been executed and is no longer known, or undefined for a new request. */
  find(id: RequestId): CommandResult | 'forgotten' | undefined {
    const known = this.#knownOf(id.session)
    if (id.sequence < Math.max(id.lowWater, known?.row.lowWater ?? 0)) return 'forgotten'
    if (!known || id.sequence > known.highest) return undefined
    return this.#inRun(known, id.sequence) ?? this.#inTable(known, id.sequence)
  }

  /** Remembers the result of a new request, at entry `index`; with `runs` those of plain puts in a row share one. */
  record(id: RequestId, result: CommandResult, index: number, runs: boolean): void {
    const known = this.#knownOf(id.session) ?? this.#begin(id.session, index)
    const { session, row } = known
    if (!this.#continues(known, id.sequence, result)) this.#keep(known, id.sequence, result, runs)
    known.highest = Math.max(known.highest, id.sequence)
    known.changed = true
    if (index - row.touched >= TOUCH_ENTRIES) this.#touch(known, index)
    if (id.lowWater - row.lowWater >= LOW_WATER_STEP) this.#forgetBelow(id.lowWater, known)
    if (row.results > limits.dedupResultsPerSession) this.#forgetBelow(this.#endOfFirst(session), known)
    while (this.#full() && this.#evictOldest(session));
  }

  /** The entry is over: what its requests changed of their sessions' rows goes into the tables. */
  finishEntry(): void {
    this.#endRun()
    for (const known of this.#known.values()) {
      if (!known.changed) continue
      known.changed = false
      this.#tables.dedupSessions.put(known.session, encodeRow(known.row))
    }
    if (this.#known.size > KNOWN_MAX) this.#known.clear()
  }

  /** Is it the next of the run? Then it is in it. */
  #continues(known: Known, sequence: number, result: CommandResult): boolean {
    const run = this.#run
    if (run?.known !== known || sequence !== run.first + run.count) return false
    if (result.revision !== run.revision + run.count || !isPlainPut(result)) return false
    run.count++
    return true
  }

  #keep(known: Known, sequence: number, result: CommandResult, runs: boolean): void {
    this.#endRun()
    known.row.results++
    if (runs && isPlainPut(result)) this.#run = { known, first: sequence, revision: result.revision, count: 1 }
    else this.#tables.dedupResults.put(resultKey(known.session, sequence), encodeResult(result))
  }

  #endRun(): void {
    const run = this.#run
    if (!run) return
    this.#run = undefined
    this.#tables.dedupResults.put(resultKey(run.known.session, run.first), encodeRun(run))
  }

  #inRun(known: Known, sequence: number): CommandResult | undefined {
    const run = this.#run
    if (run?.known !== known || sequence < run.first || sequence >= run.first + run.count) return undefined
    return decodeResult(encodeRun(run), sequence - run.first)
  }

  #inTable(known: Known, sequence: number): CommandResult | undefined {
    const row = this.#rowAt(known.session, sequence)
    return row && sequence < row.end ? decodeResult(row.bytes, sequence - row.first) : undefined
  }

  /** The row that has the result of `sequence`, or the last one before. */
  #rowAt(session: Buffer, sequence: number): { first: number; end: number; bytes: Buffer } | undefined {
    const row = this.#tables.dedupResults.floor(resultKey(session, sequence))
    if (!row || session.compare(row.key, 0, 8) !== 0) return undefined
    const first = readNumber(row.key, 8)
    return { first, end: first + resultsIn(row.value), bytes: row.value }
  }

  #knownOf(id: bigint): Known | undefined {
    const known = this.#known.get(id)
    if (known) return known
    const session = idBytes(id)
    const bytes = this.#tables.dedupSessions.get(session)
    if (!bytes) return undefined
    const read = { session, row: decodeRow(bytes), highest: this.#highestSequence(session), changed: false }
    this.#known.set(id, read)
    return read
  }

  #begin(id: bigint, index: number): Known {
    const session = idBytes(id)
    const row: SessionRow = { lowWater: 0, results: 0, touched: index }
    this.#tables.dedupOrder.put(orderKey(index, session), EMPTY)
    this.#tables.dedupSessions.put(session, encodeRow(row))
    const known = { session, row, highest: 0, changed: true }
    this.#known.set(id, known)
    return known
  }

  /** Moves the mark up, and drops the rows below it: not the one that goes on at it. */
  #forgetBelow(lowWater: number, { session, row }: Known): void {
    row.lowWater = lowWater
    const last = this.#rowAt(session, lowWater - 1)
    const end = last && last.end > lowWater ? last.first : lowWater
    row.results -= this.#tables.dedupResults.drop(session, resultKey(session, end))
  }

  /** The sequence behind those of the session's first row. */
  #endOfFirst(session: Buffer): number {
    let end = 0
    this.#tables.dedupResults.scan(session, undefined, (page, slot) => {
      end = readNumber(keyView(page, slot), 8) + resultsIn(this.#tables.dedupResults.peek(page, slot))
      return false
    })
    return end
  }

  #highestSequence(session: Buffer): number {
    const last = this.#rowAt(session, Number.MAX_SAFE_INTEGER)
    return last ? last.end - 1 : 0
  }

  #touch({ session, row }: Known, index: number): void {
    this.#tables.dedupOrder.delete(orderKey(row.touched, session))
    this.#tables.dedupOrder.put(orderKey(index, session), EMPTY)
    row.touched = index
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
    this.#known.delete(readId(session))
    this.#tables.dedupOrder.delete(oldest)
    this.#tables.dedupSessions.delete(session)
    this.#tables.dedupResults.drop(session, prefixEnd(session))
    return true
  }
}
