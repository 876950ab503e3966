import { closeSync, fstatSync, openSync, read } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { KeeperError } from '../base/errors.js'
import { guarded } from './disk-errors.js'
import { liveTables, tableDamage } from './level-format.js'

/**
 * Looks through a database's tables before LevelDB does: it takes what it reads for granted, and where that makes no
 * sense to it it ends the whole process ("Assertion failed"), be it at the start or in a compaction behind our back.
 */
export class SoundTables {
  /** By path. Tables are written once, as long as the database is the same. */
  readonly #known = new Set<string>()

  /** The database was begun anew: the names of its tables begin again. */
  forget(): void {
    this.#known.clear()
  }

  /** What is wrong with the first table that is not as it was written; undefined when all are, or there is no database. */
  async damage(folder: string): Promise<string | undefined> {
    const paths = (await tablesOf(folder)).map((name) => join(folder, name)).filter((path) => !this.#known.has(path))
    const rooms = [new Room(), new Room()]
    // one is looked through while the next is read
    let next = rooms[0]?.read(paths[0])
    for (const [at, path] of paths.entries()) {
      const table = await next
      next = rooms[(at + 1) % 2]?.read(paths[at + 1])
      const damage = table && tableDamage(table)
      if (damage !== undefined) {
        await next
        return `table ${path} is damaged: ${damage}`
      }
      this.#known.add(path)
    }
    return undefined
  }
}

/** Memory for one table after the other: hundreds of megabytes may pass through it. */
class Room {
  #bytes = Buffer.alloc(0)

  /** Valid until the next call. Undefined where there is no such file: LevelDB says so itself. */
  read(path: string | undefined): Promise<Buffer | undefined> {
    const reading = path === undefined ? Promise.resolve(undefined) : guarded(`read ${path}`, () => this.#read(path))
    // whoever waits for it is told; it may fail before anybody does
    reading.catch(() => {})
    return reading
  }

  /** In one step that is not this thread's: it has sums to make meanwhile. */
  async #read(path: string): Promise<Buffer | undefined> {
    const file = openedSync(path)
    if (file === undefined) return undefined
    try {
      const { size } = fstatSync(file)
      if (this.#bytes.length < size) this.#bytes = Buffer.allocUnsafeSlow(size)
      let end = 0
      for (let count = 1; count > 0 && end < size; end += count)
        count = (await readInto(file, this.#bytes, end, size - end, end)).bytesRead
      return this.#bytes.subarray(0, end)
    } finally {
      closeSync(file)
    }
  }
}

const readInto = promisify(read)

function openedSync(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/**
 * Those that the manifest names: a crash leaves others, half written, which LevelDB removes unread. What is missing, or
 * makes no sense here, is for LevelDB to say: it does so in words.
 */
async function tablesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  const current = await readFile(join(folder, 'CURRENT'), 'utf8').catch(() => '')
  const manifest = names.find((name) => name.startsWith('MANIFEST-') && name === current.trim())
  if (manifest === undefined) return []
  try {
    const live = liveTables(await readFile(join(folder, manifest)))
    return names.filter((name) => /^\d+\.(?:ldb|sst)$/.test(name) && live.has(Number.parseInt(name, 10)))
  } catch (thrown) {
    if (thrown instanceof KeeperError && thrown.code === 'E_CORRUPT') return []
    throw thrown
  }
}
