import { chmod, mkdir, open, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { asDiskError, guarded } from './disk-errors.js'
import { LevelDb, type LevelDbOptions, writeAheadBytes } from './level-db.js'
import { SegmentFiles } from './segment-files.js'
import { SoundTables } from './sound-tables.js'
import { SpareFile } from './spare-file.js'
import { InPlaceFile, syncFolder } from './synced-files.js'
import { MARK_SLOT_BYTES, type RawDb, type RawDisk, type RawLog } from './types.js'

const KILOBYTE = 1024
const MEGABYTE = 1024 * KILOBYTE

/** Few tables are open: what was read once, at the start or by a compaction, need not stay mapped into memory. */
const stateOptions: LevelDbOptions = {
  ...{ writeBufferSize: 2 * MEGABYTE, blockSize: 16 * KILOBYTE, compression: true, maxOpenFiles: 64 },
}
/** Of a folder of format 1, which is read once. */
const oldLogOptions: LevelDbOptions = {
  ...{ writeBufferSize: 16 * MEGABYTE, blockSize: 64 * KILOBYTE, compression: false, maxOpenFiles: 64 },
}

/**
 * A data folder on a real disk:
 *
 *     segments/      the log; see segment-files.ts
 *     state/         a LevelDB database
 *     log/           another: the log of folders of format 1, until it has been written as segments
 *     member.json    the side file: whose folder this is and its condition
 *     marks          two fixed slots, overwritten in place
 *     ballast        bytes that mean nothing, given up when the disk is full; see lasting-disk.ts
 *     reserve        others, given up when there is no room otherwise for LevelDB to open `state/`; see `open`
 *     holder         process id of the last who opened it; for people, the lock is LevelDB's own
 */
export class LevelDisk implements RawDisk {
  readonly folder: string
  readonly #ballast: SpareFile
  readonly #reserve: SpareFile
  readonly #tables = new SoundTables()
  #state: LevelDb | undefined
  #oldLog: LevelDb | undefined
  #log: SegmentFiles | undefined
  #marks: InPlaceFile | undefined

  constructor(folder: string) {
    this.folder = folder
    this.#ballast = new SpareFile(this.#path('ballast'))
    this.#reserve = new SpareFile(this.#path('reserve'))
  }

  /**
   * LevelDB writes what its write-ahead log holds into tables before it is open, and lets go of the log only then. On a
   * full disk the reserve is what it does that in; the log's own room, free afterwards, makes the next reserve.
   */
  async open(): Promise<void> {
    if (await this.#opens()) return
    await this.#ballast.giveUp()
    if (await this.#opens()) return
    await this.#reserve.giveUp()
    try {
      await this.#openAll()
    } finally {
      await this.reserve({ next: 0, leave: 0 }).catch(() => {})
    }
  }

  /** False: there is no room for it. */
  async #opens(): Promise<boolean> {
    try {
      await this.#openAll()
      return true
    } catch (thrown) {
      if (!(thrown instanceof KeeperError) || thrown.code !== 'E_NO_SPACE') throw thrown
      return false
    }
  }

  async #openAll(): Promise<void> {
    await guarded(`make ${this.folder}`, async () => {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      await chmod(this.folder, 0o700)
    })
    this.#state = await this.#openDb('state', stateOptions)
    try {
      await guarded(`open ${this.folder}`, () => this.#openFiles())
      this.#log = await SegmentFiles.open(this.#path('segments'), (await this.space()).totalBytes)
    } catch (thrown) {
      await this.close()
      throw thrown
    }
  }

  async state(): Promise<RawDb> {
    return this.#opened(this.#state)
  }

  async log(): Promise<RawLog> {
    return this.#opened(this.#log)
  }

  async oldLog(): Promise<RawDb | undefined> {
    const names = await guarded(`read ${this.folder}`, () => readdir(this.folder))
    if (!names.includes('log')) return undefined
    this.#oldLog ??= await this.#openDb('log', oldLogOptions)
    return this.#oldLog
  }

  async dropOldLog(): Promise<void> {
    await this.#oldLog?.close()
    this.#oldLog = undefined
    await guarded(`remove ${this.#path('log')}`, () => rm(this.#path('log'), { recursive: true, force: true }))
  }

  readSide(): Promise<Uint8Array | undefined> {
    return guarded(`read ${this.#path('member.json')}`, () => readIfThere(this.#path('member.json')))
  }

  writeSide(bytes: Uint8Array): Promise<void> {
    return guarded(`write ${this.#path('member.json')}`, async () => {
      await writeSynced(this.#path('member.json.tmp'), bytes)
      await rename(this.#path('member.json.tmp'), this.#path('member.json'))
      await syncFolder(this.folder)
    })
  }

  async readMarks(): Promise<readonly [Uint8Array | undefined, Uint8Array | undefined]> {
    return await guarded(`read ${this.#path('marks')}`, async () => {
      const file = (await readIfThere(this.#path('marks'))) ?? new Uint8Array(0)
      return [slotOf(file, 0), slotOf(file, 1)]
    })
  }

  writeMark(slot: 0 | 1, bytes: Uint8Array): Promise<void> {
    return guarded(`write ${this.#path('marks')}`, async () => {
      const marks = this.#marks
      if (!marks || bytes.length > MARK_SLOT_BYTES)
        throw new KeeperError('E_INTERNAL', 'mark file not open, or mark too long')
      await marks.write(slot * MARK_SLOT_BYTES, bytes)
    })
  }

  async space(): Promise<{ freeBytes: number; totalBytes: number }> {
    return await guarded(`stat ${this.folder}`, async () => {
      const { bavail, blocks, bsize } = await statfs(this.folder)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    })
  }

  setBallast(bytes: number): Promise<void> {
    return bytes === 0 ? this.#ballast.giveUp() : this.#ballast.keep(bytes)
  }

  async reserve({ next, leave }: { next: number; leave: number }): Promise<boolean> {
    const { reserveStepBytes: step, reserveOverhead } = limits
    const needed = (await writeAheadBytes(this.#path('state'))) + next
    const wanted = step + Math.ceil((needed * reserveOverhead) / step) * step
    const growth = wanted - (await this.#reserve.size())
    if (growth <= 0) return true
    if ((await this.space()).freeBytes < growth + leave) return false
    await this.#reserve.keep(wanted)
    return true
  }

  async close(): Promise<void> {
    const parts = [this.#marks, this.#log, this.#oldLog, this.#state]
    this.#marks = undefined
    this.#log = undefined
    this.#oldLog = undefined
    this.#state = undefined
    // each of them, whatever becomes of the others: a lock that stays would keep out the next who opens
    const closed = await Promise.allSettled(parts.map((part) => part?.close()))
    const failed = closed.find((one) => one.status === 'rejected')
    if (failed) throw asDiskError(failed.reason, `close ${this.folder}`)
  }

  #opened<T>(part: T | undefined): T {
    if (!part) throw new KeeperError('E_INTERNAL', `data folder ${this.folder} is not open`)
    return part
  }

  async #openDb(name: string, options: LevelDbOptions): Promise<LevelDb> {
    try {
      return await LevelDb.open(this.#path(name), options, this.#tables)
    } catch (thrown) {
      if (!(thrown instanceof KeeperError)) throw thrown
      throw new KeeperError(thrown.code, await this.#explain(thrown), { folder: this.folder }, { cause: thrown })
    }
  }

  async #explain(error: KeeperError): Promise<string> {
    if (error.code !== 'E_DATA_LOCKED') return `data folder ${this.folder}: ${error.message}`
    const holder = await readIfThere(this.#path('holder'))
    return `data folder ${this.folder} is in use${holder ? ` by process ${Buffer.from(holder).toString().trim()}` : ''}`
  }

  async #openFiles(): Promise<void> {
    await writeFile(this.#path('holder'), `${process.pid}\n`)
    const path = this.#path('marks')
    const there = await readIfThere(path)
    // full length from the start: overwriting in place then changes no metadata, so a sync writes data alone
    if (there?.length !== 2 * MARK_SLOT_BYTES) {
      const whole = new Uint8Array(2 * MARK_SLOT_BYTES)
      whole.set(there?.subarray(0, whole.length) ?? [])
      await writeSynced(path, whole)
      await syncFolder(this.folder)
    }
    this.#marks = await InPlaceFile.open(path)
  }

  #path(name: string): string {
    return join(this.folder, name)
  }
}

const readIfThere = async (path: string): Promise<Uint8Array | undefined> =>
  await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** A slot's bytes; undefined when it holds nothing but zeros. */
function slotOf(file: Uint8Array, slot: 0 | 1): Uint8Array | undefined {
  const bytes = file.subarray(slot * MARK_SLOT_BYTES, (slot + 1) * MARK_SLOT_BYTES)
  return bytes.some((byte) => byte !== 0) ? bytes : undefined
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
