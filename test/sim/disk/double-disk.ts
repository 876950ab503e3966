import { type Clock, delay } from '../../../keeper/src/base/clock.js'
import { KeeperError } from '../../../keeper/src/base/errors.js'
import type { Random } from '../../../keeper/src/base/random.js'
import {
  MARK_SLOT_BYTES,
  type RawBatchOperation,
  type RawDb,
  type RawDisk,
  type RawLog,
} from '../../../keeper/src/storage/types.js'
import { DoubleDb } from './double-db.js'
import { DoubleFiles, type FilePlace } from './double-files.js'
import { DoubleLog } from './double-log.js'
import { DoubleRoom } from './double-room.js'
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
  /** Least and greatest size of a segment of the log; small, so that there are several. */
  readonly segmentBytes?: { readonly min: number; readonly max: number }
  /** There is a database for the log, as in a folder of format 1. */
  readonly oldLog?: true
  /** What is free besides the ballast. Default: more than anybody needs. */
  readonly freeBytes?: () => number
  /** A fault really struck something. */
  readonly onStruck?: (fault: Fault) => void
}

/**
 * A disk in memory that fails as files and LevelDB on a real disk fail. It outlives the processes that use it, each through a
 * RawDisk of its own from `attach`: `crash` (power) or `kill` (process) ends the use, so that whatever that process
 * waits for never comes and whatever its remains still try does nothing; the next process attaches anew. Without a fault,
 * what was synced survives any crash.
 */
export class DoubleDisk {
  readonly #random: Random
  readonly #options: DoubleDiskOptions
  readonly #state: DoubleDb
  readonly #log: DoubleLog
  #oldLog: DoubleDb | undefined
  readonly #files: DoubleFiles
  readonly #room: DoubleRoom
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
  #writes = 0
  #syncs = 0
  #crashed = signal()

  constructor(options: DoubleDiskOptions) {
    const walBytesMax = options.walBytesMax ?? 16 * 1024
    this.#random = options.random
    this.#options = options
    this.#room = new DoubleRoom(options.freeBytes)
    this.#state = new DoubleDb(this.#random, walBytesMax)
    this.#log = new DoubleLog(this.#random)
    this.#files = new DoubleFiles(this.#random)
    if (options.oldLog) this.#oldLog = new DoubleDb(this.#random, walBytesMax)
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
    return this.#room.ballastBytes
  }

  /** The faults that really struck something, in order. */
  get struck(): readonly Fault[] {
    return this.#struck
  }

  /** Resolves at the next crash or kill. */
  whenCrashed(): Promise<void> {
    return this.#crashed.promise
  }

  /** So much space is left from now on, the ballast's included, the reserve's not; where there is none, every write fails. */
  leave(freeBytes: number): void {
    this.#room.leave(freeBytes)
  }

  inject(fault: Fault): void {
    if (isWriteFault(fault)) this.#writeFaults.push(fault)
    else this.#restFaults.push(fault)
  }

  /** The power fails: what was not synced is lost from some point on, and a write under way is done, torn or never begun. */
  crash(): void {
    for (const db of this.#dbs()) db.losePower()
    this.#log.losePower()
    this.#files.losePower()
    this.#end()
    this.#crashed.resolve()
    this.#crashed = signal()
  }

  /** The process dies, the machine goes on: what was written stays. */
  kill(): void {
    this.#files.endAll()
    this.#log.end()
    this.#end()
    this.#crashed.resolve()
    this.#crashed = signal()
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
      state: async () => this.#db(this.#state, mine()),
      log: async () => this.#segments(mine()),
      oldLog: async () => this.#oldLog && this.#db(this.#oldLog, mine()),
      dropOldLog: async () => {
        if (this.#oldLog) await this.#quick('side', mine(), () => this.#forgetOldLog())
      },
      readSide: () => this.#reading(mine(), () => this.#files.side),
      writeSide: (bytes) => this.#file('side', 'side', bytes.slice(), mine()),
      readMarks: () => this.#reading(mine(), () => this.#files.marks),
      writeMark: (slot, bytes) => this.#file('mark', slot, bytes.slice(), mine()),
      space: async () => {
        const totalBytes = 2 ** 40
        return { totalBytes, freeBytes: this.#room.freeBytes }
      },
      setBallast: async (bytes) => {
        this.#room.ballastBytes = bytes
      },
      reserve: async (wanted) => this.#room.reserve(this.#state.walBytes, wanted),
      close: () => this.#close(use),
    }
  }

  async #openNow(): Promise<number> {
    const use = this.#incarnation
    await this.#pause(use)
    if (this.#open) throw new KeeperError('E_DATA_LOCKED', 'data folder of the double is in use')
    for (const fault of this.#restFaults.splice(0)) if (this.#strike(fault)) this.#noteStruck(fault)
    this.#room.forTables(this.#state.walBytes)
    if (this.#state.missing) throw new KeeperError('E_CORRUPT', 'data folder of the double: state has missing files')
    for (const db of this.#dbs()) db.replay()
    this.#broken.clear()
    this.#open = true
    return use
  }

  #dbs(): DoubleDb[] {
    return this.#oldLog ? [this.#state, this.#oldLog] : [this.#state]
  }

  #segments(use: number): RawLog {
    const log = this.#log
    return {
      segmentBytes: this.#options.segmentBytes ?? { min: 16 * 1024, max: 64 * 1024 },
      segments: () => this.#reading(use, () => log.segments()),
      read: (number, at, count) => this.#reading(use, () => log.read(number, at, count)),
      write: (number, at, bytes) => {
        const write = { number, at, bytes: bytes.slice() }
        const end = () => log.end()
        return this.#write('log', true, use, () => ({ begin: () => log.begin(write), synced: () => {}, end }))
      },
      make: (number, bytes) => this.#quick('segment', use, () => log.make(number, bytes)),
      renumber: (from, to) => this.#quick('segment', use, () => log.renumber(from, to)),
      remove: (numbers) => this.#quick('segment', use, () => log.remove(numbers)),
    }
  }

  #forgetOldLog(): void {
    this.#oldLog = undefined
  }

  /** What is done at once when it is done, whenever that is. */
  #quick(place: Place, use: number, end: () => void): Promise<void> {
    return this.#write(place, true, use, () => ({ begin: () => {}, synced: () => {}, end }))
  }

  #db(db: DoubleDb, use: number): RawDb {
    const read = <T>(what: () => T) => this.#reading(use, what, db)
    return {
      batch: async (operations, { sync }) => {
        const record: RawBatchOperation[] = []
        if (Symbol.asyncIterator in operations) for await (const slice of operations) record.push(...slice.map(copied))
        else record.push(...operations.map(copied))
        await this.#batch(db, () => record, sync, use)
      },
      get: (key) => read(() => db.live.get(key)?.slice()),
      getSync: (key) => readable(db).live.get(key)?.slice(),
      getMany: (keys) => read(() => keys.map((key) => db.live.get(key)?.slice())),
      iterate: ({ low, high, reverse, limit }) => {
        const found = db.live.range(low, high)
        if (reverse) found.reverse()
        return records(limit === undefined ? found : found.slice(0, limit), () => read(() => {}))
      },
      clear: ({ low, high }) => {
        const operations = () => db.live.range(low, high).map(({ key }): RawBatchOperation => ({ type: 'del', key }))
        return this.#batch(db, operations, false, use)
      },
      renew: () => this.#quick('state', use, () => db.renew()),
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

  #batch(db: DoubleDb, operations: () => RawBatchOperation[], sync: boolean, use: number): Promise<void> {
    return this.#write('state', sync, use, () => {
      readable(db)
      const record = operations()
      return { begin: () => db.log(record), synced: () => db.sync(), end: () => db.commit(record) }
    })
  }

  #file(place: 'side' | 'mark', where: FilePlace, bytes: Uint8Array, use: number): Promise<void> {
    if (place === 'mark' && bytes.length > MARK_SLOT_BYTES) throw new KeeperError('E_INTERNAL', 'mark too long')
    const files = this.#files
    return this.#write(place, true, use, () => ({
      begin: () => files.begin(where, bytes),
      synced: () => {},
      end: () => files.end(where),
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
    // what is written in place has its room already
    const isFull = this.#room.isFull && place !== 'log' && place !== 'mark'
    if (fault?.kind === 'no-space' || isFull) {
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
    const passes = (fault: WriteFault) => place === 'segment' && fault.kind !== 'crash'
    const concerns = (fault: WriteFault) =>
      (fault.place ? fault.place === place : !passes(fault)) && (sync || fault.kind !== 'sync-error')
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
    if (db) readable(db)
    return read()
  }

  #strike(fault: RestFault): boolean {
    if (fault.kind === 'missing-file') return this.#files.lose(fault.place)
    if (fault.place === 'side' || fault.place === 'mark') return this.#files.flipBit(fault.place)
    return fault.place === 'log' ? this.#log.strike(fault) : this.#state.strike(fault)
  }

  #end(): void {
    this.#incarnation++
    this.#open = false
    this.#files.forget()
    this.#queues = newQueues()
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
  segment: Promise.resolve(),
  state: Promise.resolve(),
  side: Promise.resolve(),
  mark: Promise.resolve(),
})

/** What a process waits for that is no more. */
const never = (): Promise<never> => new Promise<never>(() => {})

function readable(db: DoubleDb): DoubleDb {
  if (db.unreadable) throw new KeeperError('E_CORRUPT', 'double: a table is damaged')
  return db
}

const copied = ({ type, key, value }: RawBatchOperation): RawBatchOperation => ({
  type,
  key: Uint8Array.from(key),
  ...(value && { value: Uint8Array.from(value) }),
})

async function* records(
  found: readonly { key: Uint8Array; value: Uint8Array }[],
  reading: () => Promise<void>,
): AsyncGenerator<{ key: Uint8Array; value: Uint8Array }> {
  await reading()
  for (const { key, value } of found) yield { key, value: value.slice() }
}
