import { readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Level } from 'level'
import { KeeperError } from '../base/errors.js'
import { BatchMemory } from './batch-memory.js'
import { asDiskError, guarded } from './disk-errors.js'
import { SoundTables } from './sound-tables.js'
import { syncFolder } from './synced-files.js'
import type { RawBatchOperation, RawDb } from './types.js'

type Database = Level<Uint8Array, Uint8Array>
type Range = Parameters<RawDb['iterate']>[0]

/** How many bytes an iterator fetches ahead in one go. */
const FETCH_BYTES = 256 * 1024
const FETCH_RECORDS = 1_000
/** For so long a large batch is gathered before other work gets its turn, and for how long. */
const TURN_MS = 1
const REST_MS = 4

export interface LevelDbOptions {
  readonly writeBufferSize: number
  /** LevelDB writes a table block by block, with a system call for each. */
  readonly blockSize: number
  readonly compression: boolean
  /** Tables of 2 MiB, each mapped into memory while it is open. */
  readonly maxOpenFiles: number
}

/**
 * One LevelDB database as a RawDb. Checksums of records are ours: LevelDB here neither verifies blocks nor reports dropped
 * records. One whose tables are damaged is not opened at all: it rejects E_CORRUPT, whatever is asked of it, until it is
 * begun anew.
 */
export class LevelDb implements RawDb {
  readonly #folder: string
  readonly #options: LevelDbOptions
  readonly #tables: SoundTables
  readonly #batches = new BatchMemory()
  #opened: Database | KeeperError

  private constructor(folder: string, options: LevelDbOptions, tables: SoundTables, found: Database | KeeperError) {
    this.#folder = folder
    this.#options = options
    this.#tables = tables
    this.#opened = found
  }

  /**
   * Opens (and creates) the database in `folder`; takes LevelDB's own lock. `tables` knows which ones need no second
   * look. Rejects E_DATA_LOCKED, E_CORRUPT, E_DISK.
   */
  static async open(folder: string, options: LevelDbOptions, tables = new SoundTables()): Promise<LevelDb> {
    await guarded(`clear ${asideOf(folder)}`, () => rm(asideOf(folder), { recursive: true, force: true }))
    const damage = await tables.damage(folder)
    // somebody else's database looks like anything while he writes to it
    if (damage !== undefined) await refuseLocked(folder)
    const found = damage === undefined ? await opened(folder, options) : new KeeperError('E_CORRUPT', damage)
    return new LevelDb(folder, options, tables, found)
  }

  async renew(): Promise<void> {
    await this.close()
    this.#tables.forget()
    await guarded(`renew ${this.#folder}`, async () => {
      // in one step: of half a database nobody could tell what it was
      await rename(this.#folder, asideOf(this.#folder))
      this.#opened = await opened(this.#folder, this.#options)
      await syncFolder(dirname(this.#folder))
      await rm(asideOf(this.#folder), { recursive: true, force: true })
    })
  }

  get #db(): Database {
    if (this.#opened instanceof KeeperError) throw this.#opened
    return this.#opened
  }

  batch(operations: Parameters<RawDb['batch']>[0], options: { sync: boolean }): Promise<void> {
    return guarded(`write ${this.#folder}`, () =>
      Symbol.asyncIterator in operations
        ? this.#batchOfSlices(operations, options)
        : this.#db.batch(operations.map(operationOf), { sync: options.sync }),
    )
  }

  /** Gathered on LevelDB's side as the slices come. */
  async #batchOfSlices(
    slices: AsyncIterable<readonly RawBatchOperation[]>,
    { sync }: { sync: boolean },
  ): Promise<void> {
    const db = this.#db
    const batch = this.#batches.take(db)
    let bytes = 0
    let since = performance.now()
    try {
      for await (const slice of slices) {
        for (const { type, key, value } of slice) {
          bytes += key.length + (value?.length ?? 0)
          if (type === 'put') batch.put(key, value ?? nothing)
          else batch.del(key)
        }
        if (performance.now() - since < TURN_MS) continue
        await new Promise((resolve) => setTimeout(resolve, REST_MS))
        since = performance.now()
      }
    } catch (thrown) {
      await batch.close()
      throw thrown
    }
    await this.#batches.write(db, batch, bytes, { sync })
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return guarded(`read ${this.#folder}`, async () => await this.#db.get(key))
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    try {
      return this.#db.getSync(key, uncached)
    } catch (thrown) {
      throw asDiskError(thrown, `read ${this.#folder}`)
    }
  }

  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return guarded(`read ${this.#folder}`, async () => await this.#db.getMany([...keys]))
  }

  iterate(range: Range): AsyncIterable<{ key: Uint8Array; value: Uint8Array }> {
    // opened here, not at the first record: LevelDB's view is of the moment the iterator is made
    const iterator = this.#db.iterator({
      ...(range.low && { gte: range.low }),
      ...(range.high && { lt: range.high }),
      reverse: range.reverse ?? false,
      limit: range.limit ?? -1,
      highWaterMarkBytes: FETCH_BYTES,
      fillCache: false,
    })
    return records(iterator, this.#folder)
  }

  clear(range: { low: Uint8Array; high: Uint8Array }): Promise<void> {
    return guarded(`clear ${this.#folder}`, () => this.#db.clear({ gte: range.low, lt: range.high }))
  }

  async close(): Promise<void> {
    const database = this.#opened
    this.#batches.drop()
    if (!(database instanceof KeeperError)) await guarded(`close ${this.#folder}`, () => database.close())
  }
}

/** Where a database that is given up is on its way to being removed. */
const asideOf = (folder: string): string => `${folder}.damaged`

/** Rejects E_DATA_LOCKED when another process has the database, and does nothing to it. */
async function refuseLocked(folder: string): Promise<void> {
  const asked = new Level(folder, { errorIfExists: true })
  try {
    await asked.open()
    await asked.close()
  } catch (thrown) {
    const error = asDiskError(thrown, `open ${folder}`)
    if (error.code === 'E_DATA_LOCKED') throw error
  }
}

async function opened(folder: string, options: LevelDbOptions): Promise<Database> {
  const db: Database = new Level(folder, { keyEncoding: 'view', valueEncoding: 'view', ...options })
  await guarded(`open ${folder}`, () => db.open())
  return db
}

/** Bytes of the write-ahead logs in a database's folder: what opening it next makes tables of. 0 where there is none. */
export async function writeAheadBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const logs = names.filter((name) => name.endsWith('.log'))
  // one may go meanwhile: its table is there then
  const sizes = await Promise.all(
    logs.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size),
  )
  return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0)
}

/** What is read so is large, and kept by who reads it if at all. */
const uncached = { keyEncoding: 'view', valueEncoding: 'view', fillCache: false } as const

const nothing = new Uint8Array(0)

const operationOf = ({ type, key, value }: RawBatchOperation) =>
  type === 'put' ? { type: 'put' as const, key, value: value ?? nothing } : { type: 'del' as const, key }

interface Fetching {
  nextv(count: number): Promise<[Uint8Array, Uint8Array][]>
  close(): Promise<void>
}

async function* records(iterator: Fetching, folder: string): AsyncGenerator<{ key: Uint8Array; value: Uint8Array }> {
  // fetched ahead: LevelDB reads in a thread of its own while the records before are used
  const ahead = () => {
    const fetching = iterator.nextv(FETCH_RECORDS)
    fetching.catch(() => {})
    return fetching
  }
  try {
    for (let next = ahead(); ; ) {
      const fetched = await next
      if (fetched.length === 0) return
      next = ahead()
      for (const [key, value] of fetched) yield { key, value }
    }
  } catch (thrown) {
    throw asDiskError(thrown, `read ${folder}`)
  } finally {
    await iterator.close()
  }
}
