import { type Clock, delay } from '../../../keeper/src/base/clock.js'
import { KeeperError } from '../../../keeper/src/base/errors.js'
import type { Random } from '../../../keeper/src/base/random.js'
import { MARK_SLOT_BYTES, type RawBatchOperation, type RawDb, type RawDisk } from '../../../keeper/src/storage/types.js'
import { DoubleDb, flipped } from './double-db.js'
import { type Fault, isWriteFault, type Place, type RestFault, type WriteFault } from './faults.js'

export interface DoubleDiskOptions {
  /** Everything that chance decides: what a crash loses, where a fault strikes. */
  readonly random: Random
  /** For latencies; without it a write takes a turn of the microtasks. */
  readonly clock?: Clock
  /** How long a write takes, milliseconds; 0 by default. */
  readonly latencyMs?: () => number
  readonly faults?: readonly Fault[]
  /** Bytes after which a database begins a new write-ahead log; small, so that it happens. */
  readonly walBytesMax?: number
  /** What is free besides the ballast. Default: more than anybody needs. */
  readonly freeBytes?: () => number
  /** A fault really struck something. */
  readonly onStruck?: (fault: Fault) => void
}

type Slot = Uint8Array | undefined

/**
 * A disk in memory that fails as LevelDB on a real disk fails. It outlives the processes that use it, each through a
 * RawDisk of its own from `attach`: `crash` (power) or `kill` (process) ends the use, so that whatever that process
 * waits for never comes and whatever its remains still try does nothing; the next process attaches anew. Without a fault,
 * what was synced survives any crash.
 */
export class DoubleDisk {
  readonly #random: Random
  readonly #options: DoubleDiskOptions
  readonly #dbs: Record<'log' | 'state', DoubleDb>
  #side: Uint8Array | undefined
  #ballastBytes = 0
  #marks: [Slot, Slot] = [undefined, undefined]
  #writeFaults: WriteFault[] = []
  #restFaults: RestFault[] = []
  #struck: Fault[] = []
  /** Counts uses; what belongs to an earlier one is over. */
  #incarnation = 0
  #open = false
  /** Uses that ended in order: whoever goes on with one is told, as by LevelDB. */
  readonly #closed = new Set<number>()
  /** After a failed sync LevelDB takes no more writes until it is opened again; after half a record it had better not. */
  #broken = new Set<Place>()
  #queues: Record<Place, Promise<void>> = newQueues()
  #inFlight = new Map<'side' | 0 | 1, Uint8Array>()
  #writes = 0
  #syncs = 0
  #crashed = signal()
  #left = 2 ** 40

  constructor(options: DoubleDiskOptions) {
    const walBytesMax = options.walBytesMax ?? 16 * 1024
    this.#random = options.random
    this.#options = options
    this.#dbs = { log: new DoubleDb(this.#random, walBytesMax), state: new DoubleDb(this.#random, walBytesMax) }
    for (const fault of options.faults ?? []) this.inject(fault)
  }

  /** Writes begun so far, of all kinds. */
  get writes(): number {
    return this.#writes
  }

  /** Syncs that went well so far. */
  get syncs(): number {
    return this.#syncs
  }

  /** Bytes of the file that is given up when the disk is full. */
  get ballastBytes(): number {
    return this.#ballastBytes
  }

  /** The faults that really struck something, in order. */
  get struck(): readonly Fault[] {
    return this.#struck
  }

  /** Resolves at the next crash or kill. */
  whenCrashed(): Promise<void> {
    return this.#crashed.promise
  }

  /** So much space is left from now on, the ballast's included; where there is none, every write fails. */
  leave(freeBytes: number): void {
    this.#left = freeBytes
  }

  inject(fault: Fault): void {
    if (isWriteFault(fault)) this.#writeFaults.push(fault)
    else this.#restFaults.push(fault)
  }

  /** The power fails: what was not synced is lost from some point on, and a write under way is done, torn or never begun. */
  crash(): void {
    for (const db of Object.values(this.#dbs)) db.losePower()
    for (const [where, bytes] of this.#inFlight) this.#tear(where, bytes)
    this.#end()
  }

  /** The process dies, the machine goes on: what was written stays. */
  kill(): void {
    for (const [where, bytes] of this.#inFlight) this.#place(where, bytes)
    this.#end()
  }

  /** A process' own access to the disk. */
  attach(): RawDisk {
    let use: number | undefined
    const mine = () => {
      if (use === undefined) throw new KeeperError('E_INTERNAL', 'data folder of the double is not open')
      return use
    }
    return {
      open: async () => {
        use = await this.#openNow()
      },
      db: async (name) => this.#db(name, mine()),
      readSide: () => this.#reading(mine(), () => this.#side?.slice()),
      writeSide: (bytes) => this.#file('side', 'side', bytes.slice(), mine()),
      readMarks: () => this.#reading(mine(), () => [this.#marks[0]?.slice(), this.#marks[1]?.slice()]),
      writeMark: (slot, bytes) => this.#file('mark', slot, overlaid(this.#marks[slot], bytes), mine()),
      space: async () => {
        const totalBytes = 2 ** 40
        return { totalBytes, freeBytes: this.#freeBytes() }
      },
      setBallast: async (bytes) => {
        this.#ballastBytes = bytes
      },
      close: () => this.#close(use),
    }
  }

  async #openNow(): Promise<number> {
    const use = this.#incarnation
    await this.#pause(use)
    if (this.#open) throw new KeeperError('E_DATA_LOCKED', 'data folder of the double is in use')
    for (const fault of this.#restFaults.splice(0)) if (this.#strike(fault)) this.#noteStruck(fault)
    for (const [name, db] of Object.entries(this.#dbs)) {
      if (db.missing) throw new KeeperError('E_CORRUPT', `data folder of the double: ${name} has missing files`)
      db.replay()
    }
    this.#broken.clear()
    this.#open = true
    return use
  }

  #db(name: 'log' | 'state', use: number): RawDb {
    const db = this.#dbs[name]
    const read = <T>(what: () => T) => this.#reading(use, what, db)
    return {
      batch: async (operations, { sync }) => {
        const record: RawBatchOperation[] = []
        if (Symbol.asyncIterator in operations) for await (const slice of operations) record.push(...slice.map(copied))
        else record.push(...operations.map(copied))
        await this.#batch(name, () => record, sync, use)
      },
      get: (key) => read(() => db.live.get(key)?.slice()),
      getSync: (key) => db.live.get(key)?.slice(),
      getMany: (keys) => read(() => keys.map((key) => db.live.get(key)?.slice())),
      iterate: ({ low, high, reverse, limit }) => {
        const found = db.live.range(low, high)
        if (reverse) found.reverse()
        return records(limit === undefined ? found : found.slice(0, limit), () => read(() => {}))
      },
      clear: ({ low, high }) => {
        const operations = () => db.live.range(low, high).map(({ key }): RawBatchOperation => ({ type: 'del', key }))
        return this.#batch(name, operations, false, use)
      },
      close: async () => {},
    }
  }

  async #close(use: number | undefined): Promise<void> {
    if (use !== this.#incarnation || !this.#open) return
    await Promise.all(Object.values(this.#queues))
    await this.#pause(use)
    this.#closed.add(use)
    this.#end()
  }

  #batch(place: 'log' | 'state', operations: () => RawBatchOperation[], sync: boolean, use: number): Promise<void> {
    const db = this.#dbs[place]
    return this.#write(place, sync, use, () => {
      const record = operations()
      return { begin: () => db.log(record), synced: () => db.sync(), end: () => db.commit(record) }
    })
  }

  #file(place: 'side' | 'mark', where: 'side' | 0 | 1, bytes: Uint8Array, use: number): Promise<void> {
    if (place === 'mark' && bytes.length > MARK_SLOT_BYTES) throw new KeeperError('E_INTERNAL', 'mark too long')
    const end = () => {
      this.#inFlight.delete(where)
      this.#place(where, bytes)
    }
    return this.#write(place, true, use, () => ({
      begin: () => this.#inFlight.set(where, bytes),
      synced: () => {},
      end,
    }))
  }

  /** One write after another in each place, as LevelDB and the kernel do it. */
  #write(place: Place, sync: boolean, use: number, prepare: () => Write): Promise<void> {
    if (!this.#uses(use)) return this.#over(use)
    const done = this.#queues[place].then(() => this.#writeNow(place, sync, use, prepare))
    this.#queues[place] = done.catch(() => {})
    return done
  }

  async #writeNow(place: Place, sync: boolean, use: number, prepare: () => Write): Promise<void> {
    if (!this.#uses(use)) return await this.#over(use)
    if (this.#broken.has(place)) throw new KeeperError('E_DISK', `double: ${place} failed before`)
    this.#writes++
    const fault = this.#faultFor(place, sync)
    if (fault?.kind === 'write-error') throw new KeeperError('E_DISK', `double: write error in ${place}`)
    if (fault?.kind === 'no-space' || this.#left <= this.#ballastBytes) {
      this.#broken.add(place)
      throw new KeeperError('E_NO_SPACE', `double: no space left for ${place}`)
    }
    const write = prepare()
    write.begin()
    await this.#pause(use)
    if (fault?.kind === 'crash') {
      this.crash()
      return await never()
    }
    if (fault?.kind === 'sync-error') {
      this.#broken.add(place)
      throw new KeeperError('E_DISK', `double: sync error in ${place}`)
    }
    if (sync) {
      write.synced()
      this.#syncs++
    }
    write.end()
  }

  #faultFor(place: Place, sync: boolean): WriteFault | undefined {
    const concerns = (fault: WriteFault) => (fault.place ?? place) === place && (sync || fault.kind !== 'sync-error')
    const due = this.#writeFaults.find((fault) => concerns(fault) && !fault.after)
    this.#writeFaults = this.#writeFaults
      .filter((fault) => fault !== due)
      .map((fault) => (concerns(fault) && fault.after ? { ...fault, after: fault.after - 1 } : fault))
    if (due) this.#noteStruck(due)
    return due
  }

  #noteStruck(fault: Fault): void {
    this.#struck.push(fault)
    this.#options.onStruck?.(fault)
  }

  #freeBytes(): number {
    return Math.min(this.#left, this.#options.freeBytes?.() ?? this.#left) - this.#ballastBytes
  }

  #uses(use: number): boolean {
    return use === this.#incarnation && this.#open
  }

  /** Of a dead process nothing ever returns. */
  #over(use: number): Promise<never> {
    return this.#closed.has(use) ? Promise.reject(new KeeperError('E_DISK', 'double: the folder is closed')) : never()
  }

  async #pause(use: number): Promise<void> {
    const { clock, latencyMs } = this.#options
    const milliseconds = latencyMs?.() ?? 0
    if (clock && milliseconds > 0) await delay(clock, milliseconds)
    else await undefined
    if (use !== this.#incarnation) await this.#over(use)
  }

  /** Reads take a turn of the microtasks and no time: LevelDB's cache is warm. */
  async #reading<T>(use: number, read: () => T, db?: DoubleDb): Promise<T> {
    await undefined
    if (!this.#uses(use)) await this.#over(use)
    if (db?.unreadable) throw new KeeperError('E_CORRUPT', 'double: block of a table does not fit its sum')
    return read()
  }

  #strike(fault: RestFault): boolean {
    if (fault.kind === 'bit-flip') return this.#flip(fault.place)
    if (fault.kind === 'missing-file') return this.#lose(fault.place)
    const db = this.#dbs[fault.place]
    const strikes = {
      'lost-wal': () => db.loseWal(),
      'dropped-records': () => db.dropRecords('count' in fault ? (fault.count ?? 1) : 1),
      'torn-tail': () => db.tearTail('count' in fault ? (fault.count ?? 1) : 1),
      unreadable: () => {
        db.unreadable = true
        return true
      },
      'missing-table': () => {
        db.missing = true
        return true
      },
    }
    return strikes[fault.kind]()
  }

  #flip(place: Place): boolean {
    if (place === 'log' || place === 'state') return this.#dbs[place].flipBit()
    if (place === 'side') this.#side &&= flipped(this.#side, this.#random)
    else {
      const slot = this.#random.below(2) as 0 | 1
      const mark = this.#marks[slot]
      // the record's length stands in front of it; what lies behind it is never read
      this.#marks[slot] = mark && flipped(mark, this.#random, Buffer.from(mark).readUInt32LE(0) + 4)
      return mark !== undefined
    }
    return this.#side !== undefined
  }

  #lose(place: 'side' | 'mark'): boolean {
    const there = place === 'side' ? this.#side : (this.#marks[0] ?? this.#marks[1])
    if (place === 'side') this.#side = undefined
    else this.#marks = [undefined, undefined]
    return there !== undefined
  }

  /** A replaced file is the old or the new one; a slot in place may be anything in between. */
  #tear(where: 'side' | 0 | 1, bytes: Uint8Array): void {
    const fate = this.#random.below(3)
    if (fate === 0) return
    const torn = where !== 'side' && fate === 1
    const begun = torn ? bytes.subarray(0, this.#random.below(bytes.length)) : bytes
    this.#place(where, torn ? overlaid(this.#marks[where], begun) : bytes)
  }

  #place(where: 'side' | 0 | 1, bytes: Uint8Array): void {
    if (where === 'side') this.#side = bytes
    else this.#marks[where] = bytes
  }

  #end(): void {
    this.#incarnation++
    this.#open = false
    this.#inFlight.clear()
    this.#queues = newQueues()
    this.#crashed.resolve()
    this.#crashed = signal()
  }
}

interface Write {
  begin(): void
  synced(): void
  end(): void
}

/** A promise and the way to resolve it. */
function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

const newQueues = (): Record<Place, Promise<void>> => ({
  log: Promise.resolve(),
  state: Promise.resolve(),
  side: Promise.resolve(),
  mark: Promise.resolve(),
})

/** What a process waits for that is no more. */
const never = (): Promise<never> => new Promise<never>(() => {})

const copied = ({ type, key, value }: RawBatchOperation): RawBatchOperation => ({
  type,
  key: Uint8Array.from(key),
  ...(value && { value: Uint8Array.from(value) }),
})

/** `bytes` written over the beginning of what was there. */
function overlaid(old: Slot, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.max(old?.length ?? 0, bytes.length))
  whole.set(old ?? [])
  whole.set(bytes)
  return whole
}

async function* records(
  found: readonly { key: Uint8Array; value: Uint8Array }[],
  reading: () => Promise<void>,
): AsyncGenerator<{ key: Uint8Array; value: Uint8Array }> {
  await reading()
  for (const { key, value } of found) yield { key, value: value.slice() }
}
