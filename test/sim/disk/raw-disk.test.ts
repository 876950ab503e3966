import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Clock } from '../../../keeper/src/base/clock.js'
import { seededRandom } from '../../../keeper/src/base/random.js'
import { LevelDisk } from '../../../keeper/src/storage/level-disk.js'
import type { RawBatchOperation, RawDisk } from '../../../keeper/src/storage/types.js'
import { DoubleDisk } from './double-disk.js'
import type { Fault } from './faults.js'
import { rawDiskConformance } from './raw-disk-conformance.js'

rawDiskConformance('LevelDisk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keeper-raw-'))
  return { disk: () => new LevelDisk(join(folder, 'data')), remove: () => rm(folder, { recursive: true }) }
})

rawDiskConformance('DoubleDisk', async () => {
  const disk = new DoubleDisk({ random: seededRandom(1) })
  return { disk: () => disk.attach(), remove: async () => {} }
})

const bytes = (text: string) => new TextEncoder().encode(text)
const put = (at: number, length = 10): RawBatchOperation => ({
  type: 'put',
  key: bytes(String(at).padStart(4, '0')),
  value: new Uint8Array(length).fill(at),
})
async function keys(disk: RawDisk): Promise<number[]> {
  const found: number[] = []
  for await (const { key } of (await disk.state()).iterate({})) found.push(Number(Buffer.from(key).toString()))
  return found
}
async function opened(double: DoubleDisk): Promise<RawDisk> {
  const disk = double.attach()
  await disk.open()
  return disk
}
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at)

test('a crash of the double keeps what was synced and loses the rest from some point on', async () => {
  const kept = new Set<number>()
  for (let seed = 1; seed <= 30; seed++) {
    const disk = new DoubleDisk({ random: seededRandom(seed) })
    const db = await (await opened(disk)).state()
    for (const at of upTo(10)) await db.batch([put(at)], { sync: at === 4 })
    disk.crash()
    const found = await keys(await opened(disk))
    expect(found).toEqual(upTo(found.length))
    expect(found.length).toBeGreaterThanOrEqual(5)
    kept.add(found.length)
  }
  expect([...kept].sort()).toEqual([10, 5, 6, 7, 8, 9])
})

test('a closed log of the double is lost though later synced writes survive, as LevelDB closes it without a sync', async () => {
  let holes = 0
  for (let seed = 1; seed <= 30; seed++) {
    const disk = new DoubleDisk({ random: seededRandom(seed), walBytesMax: 100 })
    const db = await (await opened(disk)).state()
    for (const at of upTo(12)) await db.batch([put(at)], { sync: false })
    await db.batch([put(99)], { sync: true })
    disk.crash()
    const found = await keys(await opened(disk))
    expect(found).toContain(99)
    if (found.length < 13) holes++
  }
  expect(holes).toBeGreaterThan(5)
})

test('a crash of the double leaves each sector of a write in place as it was or as it was to be', async () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 60; seed++) {
    const disk = new DoubleDisk({ random: seededRandom(seed) })
    const log = await (await opened(disk)).log()
    await log.make(1, 4_096)
    await log.write(1, 0, new Uint8Array(2_000).fill(1))
    disk.inject({ kind: 'crash', place: 'log' })
    void log.write(1, 100, new Uint8Array(1_500).fill(2))
    await disk.whenCrashed()
    const found = await (await (await opened(disk)).log()).read(1, 0, 2_000)
    expect([found.subarray(0, 100), found.subarray(1_600)].map((part) => part.every((byte) => byte === 1))).toEqual([
      true,
      true,
    ])
    const sectors = [100, 512, 1_024, 1_536].map((from, at, all) => found.subarray(from, all[at + 1] ?? 1_600))
    for (const sector of sectors) expect(new Set(sector).size).toBe(1)
    seen.add(sectors.map(([byte]) => byte).join(''))
  }
  expect([...seen]).toEqual(expect.arrayContaining(['1111', '2222', '1122', '2211', '1212', '2121']))
})

test('a double that is killed, not crashed, keeps everything', async () => {
  const disk = new DoubleDisk({ random: seededRandom(1) })
  await (await (await opened(disk)).state()).batch([put(1)], { sync: false })
  disk.kill()
  expect(await keys(await opened(disk))).toEqual([1])
})

test('what a crashed process still tries reaches nothing, even after the next one has attached', async () => {
  const double = new DoubleDisk({ random: seededRandom(1) })
  const before = await (await opened(double)).state()
  double.crash()
  const after = await opened(double)
  void before.batch([put(1)], { sync: true })
  await (await after.state()).batch([put(2)], { sync: true })
  expect(await keys(after)).toEqual([2])
})

test.each([
  ['write-error', 'E_DISK'],
  ['no-space', 'E_NO_SPACE'],
  ['sync-error', 'E_DISK'],
] as const)('%s strikes the write it is meant for', async (kind, code) => {
  const disk = new DoubleDisk({ random: seededRandom(1), faults: [{ kind, place: 'state', after: 1 }] })
  const attached = await opened(disk)
  const state = await attached.state()
  await attached.writeMark(0, bytes('mark'))
  await state.batch([put(1)], { sync: true })
  await expect(state.batch([put(2)], { sync: true })).rejects.toMatchObject({ code })
  expect(disk.struck).toHaveLength(1)
})

test('the double takes its time from the clock it is given, and from nowhere else', async () => {
  const due: { at: number; fire: () => void }[] = []
  let now = 0
  const clock = {
    monotonic: () => now,
    wall: () => now,
    setTimer: (delayMs: number, fire: () => void) => {
      due.push({ at: now + delayMs, fire })
      return () => {}
    },
  } as unknown as Clock
  const disk = new DoubleDisk({ random: seededRandom(1), clock, latencyMs: () => 7 })
  const work = (async () => {
    await (await (await opened(disk)).state()).batch([put(1)], { sync: true })
    return now
  })()
  let finished: number | undefined
  void work.then((at) => {
    finished = at
  })
  while (finished === undefined) {
    await Promise.resolve()
    const next = due.shift()
    if (next) now = next.at
    next?.fire()
  }
  expect(finished).toBe(14)
})

test('the same seed loses and damages the same bytes', async () => {
  const run = async (seed: number) => {
    const disk = new DoubleDisk({ random: seededRandom(seed), walBytesMax: 200 })
    const db = await (await opened(disk)).state()
    for (const at of upTo(40)) await db.batch([put(at)], { sync: at % 7 === 0 })
    disk.inject({ kind: 'dropped-records', place: 'state', count: 2 })
    disk.inject({ kind: 'bit-flip', place: 'state' } satisfies Fault)
    disk.crash()
    const found: string[] = []
    for await (const { key, value } of (await (await opened(disk)).state()).iterate({}))
      found.push(Buffer.concat([key, value]).toString('hex'))
    return found.join()
  }
  expect(await run(5)).toBe(await run(5))
  expect(await run(5)).not.toBe(await run(6))
})
