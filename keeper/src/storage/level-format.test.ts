import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { LevelDb } from './level-db.js'
import { liveTables, tableDamage } from './level-format.js'
import { SoundTables } from './sound-tables.js'

const options = { writeBufferSize: 64 * 1024, blockSize: 1_024, compression: true, maxOpenFiles: 64 }
const bytes = (text: string) => new TextEncoder().encode(text)
const random = seededRandom(3)
const numberOf = (name: string) => Number.parseInt(name, 10)

/** Those that count: a compaction that was broken off as the database was closed leaves one that its manifest does not name. */
async function tables(folder: string): Promise<string[]> {
  const live = liveTables(await currentManifest(folder))
  return (await readdir(folder)).filter((name) => name.endsWith('.ldb') && live.has(numberOf(name)))
}

/** Some levels of tables: much that can be compressed, the index too, and much that cannot. */
async function fill(folder: string): Promise<void> {
  const db = await LevelDb.open(folder, options)
  for (let at = 0; at < 4_000; at++) {
    const key = bytes(`a-long-common-prefix-of-all-the-keys/${String((at * 7_919) % 3_000).padStart(6, '0')}`)
    const value = at % 2 === 0 ? bytes('again and again '.repeat(8)) : random.bytes(100)
    await db.batch([at % 17 === 16 ? { type: 'del', key } : { type: 'put', key, value }], { sync: false })
  }
  await db.close()
  // opening makes a table of what is left in the log
  await (await LevelDb.open(folder, options)).close()
}

async function currentManifest(folder: string): Promise<Buffer> {
  return await readFile(join(folder, (await readFile(join(folder, 'CURRENT'), 'utf8')).trim()))
}

describe('what LevelDB wrote', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keeper-tables-'))
    await fill(folder)
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('is whole, and each table that its manifest names is there', async () => {
    const names = await tables(folder)
    expect(names.length).toBeGreaterThan(1)
    expect(new Set(names.map(numberOf))).toEqual(liveTables(await currentManifest(folder)))
    expect(await new SoundTables().damage(folder)).toBeUndefined()
  })

  test('cannot lose a bit anywhere in a table without being noticed', async () => {
    const path = join(folder, (await tables(folder))[0] ?? '')
    const table = await readFile(path)
    // the handles at the front of the footer are padded to 40 bytes; nobody reads the padding
    const padding = { from: table.length - 40, to: table.length - 8 }
    for (let at = 0; at < table.length; at += at > table.length - 300 ? 1 : 97) {
      if (at >= padding.from && at < padding.to) continue
      const flipped = Buffer.from(table)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
      expect(tableDamage(flipped), `bit of byte ${at} of ${table.length}`).toBeDefined()
    }
  })

  test('cannot lose the end of a table, or a page of it, without being noticed', async () => {
    const table = await readFile(join(folder, (await tables(folder))[0] ?? ''))
    for (const length of [0, 1, 47, 48, 1_000, table.length - 1])
      expect(tableDamage(table.subarray(0, length)), `${length} bytes`).toBeDefined()
    expect(tableDamage(Buffer.from(table).fill(0, 4_096, 8_192))).toMatch('does not fit its checksum')
  })

  test('may be followed in the manifest by a record that a crash cut off', async () => {
    const manifest = await currentManifest(folder)
    const cut = Buffer.concat([manifest, Buffer.from([1, 2, 3, 4, 200, 0, 1, 5])])
    expect(liveTables(cut)).toEqual(liveTables(manifest))
  })
})

describe('a database', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keeper-tables-'))
    await fill(join(folder, 'state'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const state = () => join(folder, 'state')
  const spoil = async () => {
    // a compaction that closing cut off may leave others, which nobody reads
    const live = liveTables(await currentManifest(state()))
    const name = (await tables(state())).findLast((one) => live.has(Number.parseInt(one, 10)))
    const path = join(state(), name ?? '')
    const table = await readFile(path)
    await writeFile(path, table.fill(0x55, 100, 400))
  }

  test('is not called damaged for a table that a crash left half written', async () => {
    await writeFile(join(state(), '999999.ldb'), 'the beginning of a table')
    expect(await new SoundTables().damage(state())).toBeUndefined()
    await (await LevelDb.open(state(), options)).close()
  })

  test('with a damaged table is touched by nobody until it is begun anew', async () => {
    await spoil()
    const db = await LevelDb.open(state(), options)
    const corrupt = { code: 'E_CORRUPT', message: expect.stringContaining('does not fit its checksum') }
    await expect(db.get(bytes('a'))).rejects.toMatchObject(corrupt)
    await expect(db.batch([{ type: 'del', key: bytes('a') }], { sync: true })).rejects.toMatchObject(corrupt)
    await db.renew()
    await db.batch([{ type: 'put', key: bytes('a'), value: bytes('1') }], { sync: true })
    await db.close()
    const again = await LevelDb.open(state(), options)
    expect(await again.get(bytes('a'))).toEqual(Buffer.from('1'))
    await again.close()
    expect(await readdir(folder)).toEqual(['state'])
  })

  test('that was begun anew is looked through again, although its tables have the names of those before', async () => {
    const known = new SoundTables()
    const db = await LevelDb.open(state(), options, known)
    await db.renew()
    await db.close()
    await rm(state(), { recursive: true })
    await fill(state())
    await spoil()
    expect(await known.damage(state())).toMatch('does not fit its checksum')
  })

  test('that another process has is in use, whatever its tables look like', async () => {
    const other = new Level(state())
    await other.open()
    await spoil()
    await expect(LevelDb.open(state(), options)).rejects.toMatchObject({ code: 'E_DATA_LOCKED' })
    await other.close()
  })
})
