import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { asDiskError, guarded } from './disk-errors.js'
import type { RawBatchOperation, RawDb } from './types.js'

type Database = Level<Uint8Array, Uint8Array>
type Range = Parameters<RawDb['iterate']>[0]

/** How many bytes an iterator fetches ahead in one go. */
const FETCH_BYTES = 256 * 1024
const FETCH_RECORDS = 1_000
/** For so long a large batch is gathered before other work gets its turn. */
const TURN_MS = 1

export interface LevelDbOptions {
  readonly writeBufferSize: number
  /** LevelDB writes a table block by block, with a system call for each. */
  readonly blockSize: number
  readonly compression: boolean
  /** Tables of 2 MiB, each mapped into memory while it is open. */
  readonly maxOpenFiles: number
}

/** One LevelDB database as a RawDb. Checksums are ours: LevelDB here neither verifies blocks nor reports dropped records. */
export class LevelDb implements RawDb {
  readonly #options: LevelDbOptions
  #db: Database

  private constructor(db: Database, options: LevelDbOptions) {
    this.#db = db
    this.#options = options
  }

  /** Opens (and creates) the database in `folder`; takes LevelDB's own lock. Rejects E_DATA_LOCKED, E_CORRUPT, E_DISK. */
  static async open(folder: string, options: LevelDbOptions): Promise<LevelDb> {
    return new LevelDb(await opened(folder, options), options)
  }

  /** As a database whose tables are damaged has to: it can neither be read through nor compacted. */
  async renew(): Promise<void> {
    const folder = this.#db.location
    await this.close()
    await guarded(`renew ${folder}`, () => rm(folder, { recursive: true, force: true }))
    this.#db = await opened(folder, this.#options)
  }

  batch(operations: Parameters<RawDb['batch']>[0], options: { sync: boolean }): Promise<void> {
    return guarded(`write ${this.#db.location}`, () =>
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
    const batch = this.#db.batch()
    let since = performance.now()
    try {
      for await (const slice of slices) {
        for (const { type, key, value } of slice) {
          if (type === 'put') batch.put(key, value ?? nothing)
          else batch.del(key)
        }
        if (performance.now() - since < TURN_MS) continue
        await new Promise((resolve) => setImmediate(resolve))
        since = performance.now()
      }
    } catch (thrown) {
      await batch.close()
      throw thrown
    }
    await batch.write({ sync })
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return guarded(`read ${this.#db.location}`, async () => await this.#db.get(key))
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    try {
      return this.#db.getSync(key, uncached)
    } catch (thrown) {
      throw asDiskError(thrown, `read ${this.#db.location}`)
    }
  }

  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return guarded(`read ${this.#db.location}`, async () => await this.#db.getMany([...keys]))
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
    return records(iterator, this.#db.location)
  }

  clear(range: { low: Uint8Array; high: Uint8Array }): Promise<void> {
    return guarded(`clear ${this.#db.location}`, () => this.#db.clear({ gte: range.low, lt: range.high }))
  }

  close(): Promise<void> {
    return guarded(`close ${this.#db.location}`, () => this.#db.close())
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
