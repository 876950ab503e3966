import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KeeperError } from '../base/errors.js'
import { guarded } from './disk-errors.js'
import { liveTables, tableDamage } from './level-format.js'

/**
 * Looks through a database's tables before LevelDB does: it takes what it reads for granted, and where that makes no
 * sense to it it ends the whole process ("Assertion failed"), be it at the start or in a compaction behind our back.
 */
export class SoundTables {
  /** By path. Tables are written once. */
  readonly #known = new Set<string>()

  /** What is wrong with the first table that is not as it was written; undefined when all are, or there is no database. */
  async damage(folder: string): Promise<string | undefined> {
    for (const name of await tablesOf(folder)) {
      const path = join(folder, name)
      if (this.#known.has(path)) continue
      const damage = tableDamage(await guarded(`read ${path}`, () => readFile(path)))
      if (damage !== undefined) return `table ${path} is damaged: ${damage}`
      this.#known.add(path)
    }
    return undefined
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
