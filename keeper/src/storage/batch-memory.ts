import type { Level } from 'level'
import { collectGarbage } from '../base/garbage.js'
import { limits } from '../base/limits.js'

type Database = Level<Uint8Array, Uint8Array>
type Batch = ReturnType<typeof newBatch>

const newBatch = (db: Database) => db.batch()

/** What `write` of a chained batch does in LevelDB; it then closes the batch, too. */
interface Reusable {
  _write?(options: { sync: boolean }): Promise<void>
}

/**
 * Batches to gather large writes in, one behind the other in the same memory. LevelDB gathers a batch in a string that
 * doubles: each time all of it is copied into memory that nobody has touched, and the kernel has to make every page of
 * that. For flushes of 20 MB that was a tenth of a keeper's CPU under load. One that is emptied keeps its room.
 */
export class BatchMemory {
  #spare: { readonly batch: Batch; readonly db: Database } | undefined
  #rest: NodeJS.Timeout | undefined

  /** An empty batch: to be written here, or closed. */
  take(db: Database): Batch {
    const spare = this.#spare
    this.#spare = undefined
    clearTimeout(this.#rest)
    if (spare?.db === db) return spare.batch
    void spare?.batch.close()
    return newBatch(db)
  }

  /** Writes what a batch of so many bytes holds; it is not to be used any more. */
  async write(db: Database, batch: Batch, bytes: number, options: { sync: boolean }): Promise<void> {
    const { _write } = batch as Reusable
    // it is `write` that refuses a database that is closed: LevelDB's own would end the process
    if (!_write || db.status !== 'open' || bytes < limits.batchKeptBytesMin || bytes > limits.batchKeptBytesMax)
      return await batch.write(options)
    try {
      await _write.call(batch, options)
    } catch (thrown) {
      await batch.close()
      throw thrown
    }
    // a database that is closed meanwhile lets the write end, and has closed the batch
    if (db.status !== 'open') return
    batch.clear()
    this.#keep(db, batch)
  }

  /** Lets go of what is kept; collected whenever V8 comes to it. */
  drop(): void {
    clearTimeout(this.#rest)
    void this.#spare?.batch.close()
    this.#spare = undefined
  }

  #keep(db: Database, batch: Batch): void {
    this.drop()
    this.#spare = { batch, db }
    this.#rest = setTimeout(() => {
      this.drop()
      // LevelDB gives the memory back when the batch is collected, which is old by now
      collectGarbage()
    }, limits.batchKeptMs).unref()
  }
}
