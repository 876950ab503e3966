import type { Random } from '../../../keeper/src/base/random.js'
import type { RawBatchOperation } from '../../../keeper/src/storage/types.js'
import type { RestFault } from './faults.js'
import { SortedBytes } from './sorted-bytes.js'

type Record = readonly RawBatchOperation[]

/** One write-ahead log: the first `synced` records survive the power. */
interface Wal {
  readonly records: Record[]
  synced: number
  bytes: number
}

const emptyWal = (): Wal => ({ records: [], synced: 0, bytes: 0 })

/**
 * What LevelDB keeps of a database, as far as losing it goes (db_impl.cc, log_reader.cc of 1.20):
 *
 * - A batch is one record of the write-ahead log, whole or not there. A sync makes every record of the *newest* log
 *   durable.
 * - When the memtable is full, the log is closed without a sync and a new one begins. The closed one is turned into a
 *   table (durable) some time later, here at the switch after. Power lost before that: what was not synced in the closed
 *   log is gone, even though later synced writes survive.
 * - Opening replays the logs, in order, into tables. A record that does not fit its sum is skipped in silence.
 */
export class DoubleDb {
  readonly #random: Random
  readonly #walBytesMax: number
  #tables = new SortedBytes()
  #wals: Wal[] = [emptyWal()]
  #live = new SortedBytes()
  unreadable = false
  missing = false

  constructor(random: Random, walBytesMax: number) {
    this.#random = random
    this.#walBytesMax = walBytesMax
  }

  /** What a reader sees. */
  get live(): SortedBytes {
    return this.#live
  }

  /** Of its logs: opening makes tables of so much. */
  get walBytes(): number {
    return this.#wals.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Writes a record to the newest log; nobody sees it before `commit`. */
  log(record: Record): void {
    if (this.#newest.bytes > this.#walBytesMax) this.#switch()
    this.#newest.records.push(record)
    for (const { key, value } of record) this.#newest.bytes += key.length + (value?.length ?? 0)
  }

  sync(): void {
    this.#newest.synced = this.#newest.records.length
  }

  commit(record: Record): void {
    apply(this.#live, record)
  }

  /** The power fails: of each log a prefix stays, at least what was synced. */
  losePower(): void {
    for (const wal of this.#wals) {
      // a fault at rest may have taken what was synced
      const synced = Math.min(wal.synced, wal.records.length)
      wal.records.length = synced + this.#random.below(wal.records.length - synced + 1)
    }
  }

  /** Replays the logs into tables, as opening does. */
  replay(): void {
    for (const wal of this.#wals) this.#toTables(wal)
    this.#wals = [emptyWal()]
    this.#live = new SortedBytes()
    for (const { key, value } of this.#tables.range()) this.#live.set(key, value)
  }

  /** Another one in its place, empty. */
  renew(): void {
    this.#tables = new SortedBytes()
    this.#wals = [emptyWal()]
    this.#live = new SortedBytes()
    this.unreadable = false
  }

  /** Was there anything to strike? */
  strike(fault: RestFault): boolean {
    const count = 'count' in fault ? (fault.count ?? 1) : 1
    if (fault.kind === 'bit-flip') return this.#flipBit()
    if (fault.kind === 'lost-wal') return this.#loseWal()
    if (fault.kind === 'dropped-records') return this.#dropRecords(count)
    if (fault.kind === 'torn-tail') return this.#tearTail(count)
    if (fault.kind === 'unreadable') this.unreadable = true
    else this.missing = true
    return true
  }

  #loseWal(): boolean {
    const wal = this.#wals.find(({ records }) => records.length > 0)
    if (!wal) return false
    wal.records.length = 0
    return true
  }

  /** Never the last record: that is a torn tail. */
  #dropRecords(count: number): boolean {
    const wal = this.#wals.findLast(({ records }) => records.length > count)
    if (!wal) return false
    wal.records.splice(this.#random.below(wal.records.length - count), count)
    return true
  }

  #tearTail(count: number): boolean {
    const wal = this.#wals.findLast(({ records }) => records.length > 0)
    if (!wal) return false
    wal.records.length = Math.max(0, wal.records.length - count)
    return true
  }

  #flipBit(): boolean {
    this.replay()
    const records = this.#tables.range().filter(({ value }) => value.length > 0)
    const struck = records[this.#random.below(records.length)]
    if (!struck) return false
    this.#tables.set(struck.key, flipped(struck.value, this.#random))
    return true
  }

  get #newest(): Wal {
    const newest = this.#wals.at(-1)
    if (!newest) throw new Error('a database has a log')
    return newest
  }

  #switch(): void {
    if (this.#wals.length > 1) this.#toTables(this.#wals.shift() ?? emptyWal())
    this.#wals.push(emptyWal())
  }

  #toTables(wal: Wal): void {
    for (const record of wal.records) apply(this.#tables, record)
  }
}

function apply(to: SortedBytes, record: Record): void {
  for (const { type, key, value } of record) {
    if (type === 'put') to.set(key, value ?? new Uint8Array(0))
    else to.delete(key)
  }
}

/** A copy with one bit turned, within the first `below` bytes. */
export function flipped(bytes: Uint8Array, random: Random, below = bytes.length): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = random.below(below)
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  return copy
}
