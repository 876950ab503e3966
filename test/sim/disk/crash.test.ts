import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../keeper/src/base/random.js'
import { openMemberDisk } from '../../../keeper/src/storage/member-disk.js'
import type { MemberDisk } from '../../../keeper/src/storage/types.js'
import { describeWorld, emptyWorld, Workload, type World, worldOf } from './disk-model.js'
import { DoubleDb } from './double-db.js'
import { DoubleDisk } from './double-disk.js'
import type { Fault, RestFault } from './faults.js'

/** Room for a few appends. */
const segmentBytes = { min: 600, max: 1_500 }
const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1' }
const open = (raw: DoubleDisk) => openMemberDisk(raw.attach(), { identity })

/** Runs the workload of `seed` until it ends, or the disk crashes or refuses. */
async function runUntilOver(raw: DoubleDisk, disk: MemberDisk, from: World, seed: number, calls: number) {
  const workload = new Workload(seededRandom(seed), from)
  const crashed = raw.whenCrashed()
  await Promise.race([workload.run(disk, calls), crashed])
  return workload
}

/** Checks that what was recovered is one of the worlds that may be, and says which. */
async function matching(disk: MemberDisk, possible: readonly World[], story: string): Promise<World> {
  const found = await worldOf(disk)
  const described = describeWorld(found)
  const world = possible.find((candidate) => describeWorld(candidate) === described)
  if (!world) expect(described, story).toBe(describeWorld(possible[0] ?? emptyWorld))
  return { ...(world ?? found), hardState: found.hardState }
}

describe('a crash at any write', () => {
  test.each([1, 2, 3])('loses nothing that was acknowledged, and needs nobody’s help (seed %i)', async (seed) => {
    let crashes = 0
    for (let crashAt = 0; ; crashAt++) {
      const raw = new DoubleDisk({ random: seededRandom(seed * 1_000 + crashAt), walBytesMax: 2_000, segmentBytes })
      const disk = await open(raw)
      raw.inject({ kind: 'crash', after: crashAt })
      const workload = await runUntilOver(raw, disk, emptyWorld, seed, 45)
      if (raw.struck.length === 0) break
      crashes++
      const again = await open(raw)
      const story = `seed ${seed}, crash at write ${crashAt}`
      expect(again.recovered, story).toMatchObject({ condition: 'clean', notes: [] })
      await matching(again, workload.possible(), story)
    }
    expect(crashes).toBeGreaterThan(40)
  })

  test.each([11, 12, 13, 14, 15, 16])('is survived again and again on one folder (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const raw = new DoubleDisk({ random, walBytesMax: 3_000, segmentBytes })
    let world = emptyWorld
    for (let life = 0; life < 40; life++) {
      const disk = await open(raw)
      const story = `seed ${seed}, life ${life}`
      expect(disk.recovered.condition, story).toBe('clean')
      world = await matching(disk, [world], story)
      raw.inject({ kind: 'crash', after: random.below(40) })
      const workload = await runUntilOver(raw, disk, world, seed * 100 + life, 200)
      const again = await open(raw)
      expect(again.recovered, story).toMatchObject({ condition: 'clean', notes: [] })
      world = await matching(again, workload.possible(), story)
      await again.close()
    }
  })

  test('of the first start leaves a folder that the next start completes', async () => {
    for (let crashAt = 0; crashAt < 2; crashAt++) {
      for (let seed = 1; seed <= 10; seed++) {
        const raw = new DoubleDisk({ random: seededRandom(seed), faults: [{ kind: 'crash', after: crashAt }] })
        await Promise.race([open(raw), raw.whenCrashed()])
        expect((await open(raw)).recovered).toMatchObject({ condition: 'clean', identity })
      }
    }
  })
})

/** The fault, and what may come of it over many seeds; each of these must have come of it at least once. */
const restFaults: readonly (readonly [RestFault, readonly string[]])[] = [
  [{ kind: 'lost-segment', place: 'log' }, ['clean', 'recovering']],
  [{ kind: 'cut-segment', place: 'log' }, ['clean', 'recovering']],
  [{ kind: 'zeroed-page', place: 'log' }, ['clean', 'recovering']],
  [{ kind: 'stale-segment', place: 'log' }, ['clean', 'recovering']],
  [{ kind: 'lost-wal', place: 'state' }, ['clean', 'recovering']],
  [{ kind: 'dropped-records', place: 'log' }, ['clean', 'recovering']],
  [{ kind: 'dropped-records', place: 'log', count: 4 }, ['clean', 'recovering']],
  [{ kind: 'dropped-records', place: 'state' }, ['clean', 'recovering']],
  [{ kind: 'dropped-records', place: 'state', count: 2 }, ['clean', 'recovering']],
  [{ kind: 'torn-tail', place: 'log' }, ['clean', 'recovering']],
  [{ kind: 'torn-tail', place: 'log', count: 3 }, ['recovering']],
  [{ kind: 'torn-tail', place: 'state' }, ['clean', 'recovering']],
  [{ kind: 'torn-tail', place: 'state', count: 3 }, ['clean', 'recovering']],
  [{ kind: 'bit-flip', place: 'log' }, ['clean', 'recovering']],
  [{ kind: 'bit-flip', place: 'state' }, ['clean', 'recovering']],
  [{ kind: 'bit-flip', place: 'side' }, ['refused']],
  [{ kind: 'unreadable', place: 'state' }, ['recovering']],
  [{ kind: 'missing-table', place: 'state' }, ['refused']],
  [{ kind: 'missing-file', place: 'side' }, ['refused']],
  [{ kind: 'missing-file', place: 'mark' }, ['recovering']],
]

/** What came of a damaged folder: refused loudly, noticed, or whole. */
async function outcomeOf(raw: DoubleDisk, workload: Workload, story: string): Promise<string> {
  let disk: MemberDisk
  try {
    disk = await open(raw)
  } catch (thrown) {
    expect(thrown, story).toMatchObject({ code: 'E_CORRUPT' })
    return 'refused'
  }
  const { condition, notes } = disk.recovered
  const possible = notes.length > 0 ? workload.possibleAtEarlierFlush() : workload.possible()
  if (condition === 'clean') await matching(disk, possible, story)
  else await mustBeUsableAgain(raw, disk, story)
  return condition
}

/** A recovering member stays so over restarts, takes a snapshot, and is believed once it is told to be clean. */
async function mustBeUsableAgain(raw: DoubleDisk, disk: MemberDisk, story: string): Promise<void> {
  expect(disk.recovered.reason, story).toMatch(/^(?:lost-tail|hole|bad-sum)$/)
  raw.kill()
  const again = await open(raw)
  expect(again.recovered.condition, story).toBe('recovering')
  const { term } = again.recovered.hardState
  const index = again.recovered.flush.index + again.recovered.entries.length + 1
  await again.append({ entries: [{ index, term, type: 'normal', data: new Uint8Array(0) }] })
  raw.crash()
  const third = await open(raw)
  expect(third.recovered, story).toMatchObject({ condition: 'recovering', notes: [] })
  expect(third.recovered.entries.at(-1)?.index, story).toBe(index)
  await third.setCondition('clean')
  raw.crash()
  const healed = await open(raw)
  expect(healed.recovered.condition, story).toBe('clean')
  await new Workload(seededRandom(1), await worldOf(healed)).run(healed, 20)
  await healed.close()
}

describe('damage to what lies on disk', () => {
  test.each(restFaults)('%j: never wrong or missing data without a word', async (fault, expected) => {
    const outcomes = new Set<string>()
    for (let seed = 1; seed <= 40; seed++) {
      const raw = new DoubleDisk({ random: seededRandom(seed), walBytesMax: 4_000, segmentBytes })
      const disk = await open(raw)
      const workload = await runUntilOver(raw, disk, emptyWorld, seed, 5 + seed)
      raw.inject(fault)
      if (seed % 2) raw.crash()
      else raw.kill()
      outcomes.add(await outcomeOf(raw, workload, `seed ${seed}`))
    }
    expect([...outcomes].sort()).toEqual(expected)
  })

  test('a bit in a mark: the other mark and the log still say everything', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const raw = new DoubleDisk({ random: seededRandom(seed) })
      const workload = await runUntilOver(raw, await open(raw), emptyWorld, seed, 5 + seed)
      raw.inject({ kind: 'bit-flip', place: 'mark' })
      raw.kill()
      expect(await outcomeOf(raw, workload, `seed ${seed}`)).toBe('clean')
    }
  })

  test('the last append of all, lost by the log, is made up from the mark; more than one is noticed', async () => {
    const lose = async (count: number) => {
      const raw = new DoubleDisk({ random: seededRandom(1) })
      const disk = await open(raw)
      for (let index = 1; index <= 5; index++)
        await disk.append({ entries: [{ index, term: 1, type: 'normal', data: new Uint8Array(10) }] })
      raw.inject({ kind: 'torn-tail', place: 'log', count })
      raw.kill()
      return (await open(raw)).recovered
    }
    expect(await lose(1)).toMatchObject({ condition: 'clean', entries: { length: 5 } })
    expect(await lose(2)).toMatchObject({ condition: 'recovering', reason: 'lost-tail', entries: { length: 3 } })
  })

  test('damage is still there to be examined as long as nothing is written', async () => {
    const raw = new DoubleDisk({ random: seededRandom(3) })
    const disk = await open(raw)
    await new Workload(seededRandom(3), emptyWorld).run(disk, 60)
    raw.inject({ kind: 'bit-flip', place: 'state' })
    raw.kill()
    const first = await open(raw)
    const { writes } = raw
    expect(first.recovered).toMatchObject({ condition: 'recovering', flush: { index: 0 } })
    raw.kill()
    const second = await open(raw)
    expect(raw.writes).toBe(writes)
    expect(second.recovered.notes).toEqual(first.recovered.notes)
  })
})

describe('a disk that fails while it is used', () => {
  test.each(['write-error', 'sync-error', 'no-space'] as const)(
    '%s: nothing more is acknowledged, and what was is kept',
    async (kind) => {
      let struck = 0
      for (let seed = 1; seed <= 40; seed++) {
        const fault: Fault = { kind, after: seededRandom(seed).below(40) }
        const raw = new DoubleDisk({ random: seededRandom(seed), walBytesMax: 3_000, segmentBytes })
        const disk = await open(raw)
        raw.inject(fault)
        const workload = await runUntilOver(raw, disk, emptyWorld, seed, 80)
        if (raw.struck.length === 0) continue
        struck++
        const story = `seed ${seed}`
        expect(workload.failures[0], story).toMatchObject({ code: kind === 'no-space' ? 'E_NO_SPACE' : 'E_DISK' })
        const next = disk.append({ entries: [], hardState: { term: 99, vote: 1, commit: 0 } })
        await expect(next, story).rejects.toMatchObject({ code: 'E_DISK' })
        raw.crash()
        const again = await open(raw)
        await matching(again, workload.possible(), story)
        expect(again.recovered.condition, story).toBe('clean')
      }
      expect(struck).toBeGreaterThan(35)
    },
  )
})

test('power that is lost after a fault at rest, with no opening between them, leaves whole records', () => {
  const db = new DoubleDb(seededRandom(1), 1_000)
  const record = (text: string) => [{ type: 'put' as const, key: Buffer.from(text), value: Buffer.from(text) }]
  for (const text of ['a', 'b', 'c']) db.log(record(text))
  db.sync()
  expect(db.strike({ kind: 'torn-tail', place: 'state', count: 2 })).toBe(true)
  db.losePower()
  db.replay()
  expect(db.live.range().map(({ key }) => Buffer.from(key).toString())).toEqual(['a'])
})
