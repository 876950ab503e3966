import { mkdir, mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KeeperError } from '../../../keeper/src/base/errors.js'
import { seededRandom } from '../../../keeper/src/base/random.js'
import { LevelDisk } from '../../../keeper/src/storage/level-disk.js'
import { openMemberDisk } from '../../../keeper/src/storage/member-disk.js'
import type { RawBatchOperation, RawDisk } from '../../../keeper/src/storage/types.js'
import { describeWorld, emptyWorld, Workload, worldOf } from './disk-model.js'
import { DoubleDisk } from './double-disk.js'
import type { RestFault } from './faults.js'

/**
 * Real LevelDB folders, damaged by hand, beside the double with the fault that stands for it: both must look the same
 * from outside, or the simulator tests against a disk that does not exist.
 */

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-damage-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The largest file of a database with this ending: the log that holds the writes, or the table. */
async function largest(database: 'log' | 'state', ending: string): Promise<{ path: string; bytes: Buffer }> {
  const names = (await readdir(join(folder, database))).filter((name) => name.endsWith(ending))
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, database, name)
      return { path, bytes: await readFile(path) }
    }),
  )
  const found = files.sort((a, b) => b.bytes.length - a.bytes.length)[0]
  if (!found) throw new Error(`no ${ending} in ${database}`)
  return found
}

async function flip(database: 'log' | 'state', ending: string, where: number): Promise<void> {
  const { path, bytes } = await largest(database, ending)
  const at = Math.floor(bytes.length * where)
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  await writeFile(path, bytes)
}

async function zeroTail(database: 'log' | 'state', count: number): Promise<void> {
  const { path, bytes } = await largest(database, '.log')
  await writeFile(path, bytes.fill(0, bytes.length - count))
}

async function cutTail(database: 'log' | 'state', count: number): Promise<void> {
  const { path, bytes } = await largest(database, '.log')
  await truncate(path, bytes.length - count)
}

/** The segment that was written last, and where its records end. */
async function writtenOf(): Promise<{ path: string; bytes: Buffer; end: number }> {
  const names = (await readdir(join(folder, 'segments'))).sort().reverse()
  for (const name of names) {
    const path = join(folder, 'segments', name)
    const bytes = await readFile(path)
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1
    if (end > 0) return { path, bytes, end }
  }
  throw new Error('no segment was written')
}

async function spoilEnd(count: number): Promise<void> {
  const { path, bytes, end } = await writtenOf()
  await writeFile(path, bytes.fill(0, end - count, end))
}

async function flipSegment(where: number): Promise<void> {
  const { path, bytes, end } = await writtenOf()
  const at = 3 + Math.floor((end - 3) * where)
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  await writeFile(path, bytes)
}

const RECORDS = 200
const key = (at: number) => new TextEncoder().encode(String(at).padStart(4, '0'))
/** Random bytes, so that compression does not get in the way of flipping one. */
const values = seededRandom(7)
const value = Array.from({ length: RECORDS }, () => values.bytes(1_000))
const put = (at: number): RawBatchOperation => ({ type: 'put', key: key(at), value: value[at] ?? new Uint8Array(0) })

async function fill(disk: RawDisk): Promise<void> {
  await disk.open()
  const db = await disk.state()
  for (let at = 0; at < RECORDS; at++) await db.batch([put(at)], { sync: at % 50 === 49 })
}

/** What a reader sees of a damaged database. */
async function seen(disk: RawDisk): Promise<string> {
  const code = (thrown: unknown) => (thrown instanceof KeeperError ? thrown.code : String(thrown))
  try {
    await disk.open()
  } catch (thrown) {
    return `does not open: ${code(thrown)}`
  }
  try {
    return await missing(disk)
  } catch (thrown) {
    return `cannot be read: ${code(thrown)}`
  } finally {
    await disk.close()
  }
}

async function missing(disk: RawDisk): Promise<string> {
  const found = new Set<number>()
  let wrong = 0
  for await (const record of (await disk.state()).iterate({})) {
    const at = Number(Buffer.from(record.key).toString())
    found.add(at)
    if (!Buffer.from(record.value).equals(value[at] ?? Buffer.alloc(0))) wrong++
  }
  if (wrong > 0) return 'a wrong value, without a word'
  if (found.size === RECORDS) return 'everything'
  return found.has(RECORDS - 1) ? 'a hole, without a word' : 'a lost tail, without a word'
}

const cases: readonly (readonly [string, 'log' | 'table', () => Promise<void>, RestFault, string])[] = [
  [
    'the log cut in its last record',
    'log',
    () => cutTail('state', 500),
    { kind: 'torn-tail', place: 'state' },
    'a lost tail, without a word',
  ],
  [
    'the end of the log zeroed',
    'log',
    () => zeroTail('state', 5_000),
    { kind: 'torn-tail', place: 'state', count: 5 },
    'a lost tail, without a word',
  ],
  [
    'a bit in the middle of the log',
    'log',
    () => flip('state', '.log', 0.5),
    { kind: 'dropped-records', place: 'state', count: 20 },
    'a hole, without a word',
  ],
  [
    'the log gone',
    'log',
    async () => unlink((await largest('state', '.log')).path),
    { kind: 'lost-wal', place: 'state' },
    'a lost tail, without a word',
  ],
  [
    'a bit in the middle of a table',
    'table',
    () => flip('state', '.ldb', 0.5),
    { kind: 'unreadable', place: 'state' },
    'cannot be read: E_CORRUPT',
  ],
  [
    'a table gone',
    'table',
    async () => unlink((await largest('state', '.ldb')).path),
    { kind: 'missing-table', place: 'state' },
    'does not open: E_CORRUPT',
  ],
]

describe('a damaged database', () => {
  test.each(cases)('%s: LevelDB and the double show the same', async (_, where, damage, fault, expected) => {
    const real = new LevelDisk(folder)
    await fill(real)
    await real.close()
    if (where === 'table') {
      // opening turns the log into a table
      await real.open()
      await real.close()
    }
    await damage()
    expect(await seen(new LevelDisk(folder))).toBe(expected)

    const double = new DoubleDisk({ random: seededRandom(1), walBytesMax: 1_000_000 })
    await fill(double.attach())
    double.inject(fault)
    double.kill()
    expect(await seen(double.attach())).toBe(expected)
  })
})

const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1' }

/** A folder with a log, flushes and a snapshot, and the world that was acknowledged. */
async function lived(seed: number, settle: boolean) {
  const disk = await openMemberDisk(new LevelDisk(folder), { identity })
  const workload = new Workload(seededRandom(seed), emptyWorld)
  await workload.run(disk, 40)
  await disk.close()
  if (settle) await (await openMemberDisk(new LevelDisk(folder), { identity })).close()
  return workload
}

const damages: readonly (readonly [string, boolean, () => Promise<void>])[] = [
  ['log: last record spoiled', false, () => spoilEnd(20)],
  ['log: some of the end spoiled', false, () => spoilEnd(300)],
  ['log: half of it spoiled', false, async () => spoilEnd(Math.floor((await writtenOf()).end / 2))],
  ['log: bit flipped at the front', false, () => flipSegment(0.1)],
  ['log: bit flipped in the middle', false, () => flipSegment(0.5)],
  ['log: bit flipped at the end', false, () => flipSegment(0.999)],
  ['log: header gone', false, () => flipSegment(0)],
  ['log: file cut', false, async () => truncate((await writtenOf()).path, Math.floor((await writtenOf()).end / 2))],
  ['log: file gone', false, async () => unlink((await writtenOf()).path)],
  ['log: all gone', true, () => rm(join(folder, 'segments'), { recursive: true })],
  ['state: last record cut', false, () => cutTail('state', 20)],
  ['state: tail zeroed', false, () => zeroTail('state', 300)],
  ['state: bit flipped at the front', false, () => flip('state', '.log', 0.1)],
  ['state: bit flipped in the middle', false, () => flip('state', '.log', 0.5)],
  ['state: file gone', false, async () => unlink((await largest('state', '.log')).path)],
  ['state: bit flipped in a table', true, () => flip('state', '.ldb', 0.3)],
  ['state: table gone', true, async () => unlink((await largest('state', '.ldb')).path)],
  ['side file: bit flipped', false, () => flipFile('member.json')],
  ['side file: gone', false, () => unlink(join(folder, 'member.json'))],
  ['marks: gone', false, () => unlink(join(folder, 'marks'))],
]

async function flipFile(name: string): Promise<void> {
  const bytes = await readFile(join(folder, name))
  bytes[20] = (bytes[20] ?? 0) ^ 1
  await writeFile(join(folder, name), bytes)
}

describe('a member whose folder was damaged', () => {
  test.each(damages)('%s: whole, or noticed', async (_, settle, damage) => {
    for (const seed of [1, 2]) {
      const workload = await lived(seed, settle)
      await damage()
      await expectWholeOrNoticed(workload)
      await rm(folder, { recursive: true })
      await mkdir(folder)
    }
  })
})

async function expectWholeOrNoticed(workload: Workload): Promise<void> {
  const opening = openMemberDisk(new LevelDisk(folder), { identity })
  const disk = await opening.catch((thrown: unknown) => thrown)
  if (disk instanceof KeeperError) return expect(disk.code).toBe('E_CORRUPT')
  const opened = await opening
  const { condition, notes } = opened.recovered
  const found = describeWorld(await worldOf(opened))
  await opened.close()
  if (condition === 'recovering') return
  const possible = notes.length > 0 ? workload.possibleAtEarlierFlush() : [workload.acknowledged]
  expect(possible.map(describeWorld)).toContain(found)
}
