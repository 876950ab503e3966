import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../../keeper/src/base/clock.js'
import { KeeperError } from '../../../keeper/src/base/errors.js'
import { limits } from '../../../keeper/src/base/limits.js'
import { silentLogger } from '../../../keeper/src/base/logger.js'
import { seededRandom } from '../../../keeper/src/base/random.js'
import { openLastingDisk } from '../../../keeper/src/storage/lasting-disk.js'
import { openMemberDisk } from '../../../keeper/src/storage/member-disk.js'
import type { MemberDisk } from '../../../keeper/src/storage/types.js'
import { describeWorld, emptyWorld, Workload, worldOf } from './disk-model.js'
import { DoubleDisk } from './double-disk.js'

const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1' }

/** Timers fire in the next turn of the event loop. */
const hastyClock: Clock = {
  ...systemClock,
  setTimer: (_delayMs, fire) => {
    const timer = setImmediate(fire)
    return () => clearImmediate(timer)
  },
}

const open = (raw: DoubleDisk) =>
  openLastingDisk(raw.attach(), { identity }, { clock: hastyClock, logger: silentLogger })

/** As a member with peers: a snapshot that found no room comes again. */
const resending = (disk: MemberDisk): MemberDisk =>
  new Proxy(disk, {
    get: (target, name) => {
      if (name !== 'stageSnapshot') return Reflect.get(target, name, target)?.bind?.(target)
      return async (records: Parameters<MemberDisk['stageSnapshot']>[0]) => {
        const all: { key: Uint8Array; value: Uint8Array }[] = []
        for await (const record of records) all.push(record)
        async function* again() {
          yield* all
        }
        for (;;) {
          try {
            return await disk.stageSnapshot(again())
          } catch (thrown) {
            if (!(thrown instanceof KeeperError) || thrown.code !== 'E_NO_SPACE') throw thrown
          }
        }
      }
    },
  })

const entry = (index: number) => ({ index, term: 1, type: 'normal' as const, data: new Uint8Array(100) })

test('a disk that is full now and then loses nothing and fails nobody', async () => {
  let struck = 0
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed)
    const raw = new DoubleDisk({ random, walBytesMax: 3_000, segmentBytes: { min: 600, max: 1_500 } })
    const disk = await open(raw)
    for (let at = 0; at < 8; at++) raw.inject({ kind: 'no-space', after: 3 + random.below(60) })
    const workload = new Workload(seededRandom(seed), emptyWorld)
    await workload.run(resending(disk), 80)
    struck += raw.struck.length
    expect(workload.failures, `seed ${seed}`).toEqual([])
    raw.crash()
    const again = await openMemberDisk(raw.attach(), { identity })
    expect(again.recovered, `seed ${seed}`).toMatchObject({ condition: 'clean', notes: [] })
    expect(describeWorld(await worldOf(again)), `seed ${seed}`).toBe(describeWorld(workload.acknowledged))
  }
  expect(struck).toBeGreaterThan(300)
}, 60_000)

test('a crash while the folder is opened again because the disk was full loses nothing', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed)
    const raw = new DoubleDisk({ random, walBytesMax: 3_000, segmentBytes: { min: 600, max: 1_500 } })
    const disk = await open(raw)
    raw.inject({ kind: 'no-space', after: 10 + random.below(30) })
    raw.inject({ kind: 'crash', after: 30 + random.below(60) })
    const workload = new Workload(seededRandom(seed), emptyWorld)
    await Promise.race([workload.run(resending(disk), 300), raw.whenCrashed()])
    const again = await open(raw)
    expect(again.recovered, `seed ${seed}`).toMatchObject({ condition: 'clean', notes: [] })
    const possible = workload.possible().map(describeWorld)
    expect(possible, `seed ${seed}`).toContain(describeWorld(await worldOf(again)))
  }
}, 60_000)

test('a write waits while there is no space at all, and is done when there is', async () => {
  let freeBytes = 2 ** 40
  const raw = new DoubleDisk({ random: seededRandom(1), freeBytes: () => freeBytes })
  const disk = await open(raw)
  await disk.append({ entries: [entry(1)] })
  freeBytes = 0
  for (let at = 0; at < 3; at++) raw.inject({ kind: 'no-space' })
  let done = false
  const append = disk.append({ entries: [entry(2)] }).then(() => {
    done = true
  })
  while (raw.struck.length < 2) await new Promise((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect([done, disk.space().low, raw.ballastBytes]).toEqual([false, true, 0])
  freeBytes = 2 ** 40
  await append
  await disk.append({ entries: [entry(3)] })
  while (disk.space().low || raw.ballastBytes === 0) await new Promise((resolve) => setImmediate(resolve))
  await disk.close()
  const again = await openMemberDisk(raw.attach(), { identity })
  expect(again.recovered.entries.map(({ index }) => index)).toEqual([1, 2, 3])
})

test('a single write without space is no full disk: nobody is refused while the ballast is given up', async () => {
  const raw = new DoubleDisk({ random: seededRandom(1), freeBytes: () => 2 ** 40 })
  const attached = raw.attach()
  const seen: boolean[] = []
  const watched: typeof attached = {
    ...attached,
    setBallast: async (bytes) => {
      if (bytes === 0) seen.push(disk.space().low)
      await attached.setBallast(bytes)
    },
  }
  const disk = await openLastingDisk(watched, { identity }, { clock: hastyClock, logger: silentLogger })
  while (raw.ballastBytes === 0) await new Promise((resolve) => setImmediate(resolve))
  raw.inject({ kind: 'no-space' })
  await disk.append({ entries: [entry(1)] })
  expect([raw.struck.length, seen]).toEqual([1, [false]])
  await disk.close()
})

test('a member that is closed leaves nothing behind that still writes into its folder', async () => {
  const raw = new DoubleDisk({ random: seededRandom(1), freeBytes: () => 2 ** 40 })
  const attached = raw.attach()
  let [begun, done] = [0, 0]
  const slow: typeof attached = {
    ...attached,
    setBallast: async (bytes) => {
      begun++
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
      await attached.setBallast(bytes)
      done++
    },
  }
  const disk = await openLastingDisk(slow, { identity }, { clock: hastyClock, logger: silentLogger })
  while (begun === 0) await new Promise((resolve) => setImmediate(resolve))
  await disk.close()
  expect([begun, done]).toEqual([1, 1])
})

test('a member that stops does not wait for space', async () => {
  const raw = new DoubleDisk({ random: seededRandom(1), freeBytes: () => 0 })
  const disk = await open(raw)
  for (let at = 0; at < 3; at++) raw.inject({ kind: 'no-space' })
  const append = disk.append({ entries: [entry(1)] })
  while (raw.struck.length < 2) await new Promise((resolve) => setImmediate(resolve))
  disk.waitNoMore()
  await expect(append).rejects.toMatchObject({ code: 'E_NO_SPACE' })
  await disk.close()
})

test('a disk that fails otherwise fails for good', async () => {
  const raw = new DoubleDisk({ random: seededRandom(1) })
  const disk = await open(raw)
  raw.inject({ kind: 'sync-error', place: 'log' })
  await expect(disk.append({ entries: [entry(1)] })).rejects.toMatchObject({ code: 'E_DISK' })
  await expect(disk.append({ entries: [entry(1)] })).rejects.toMatchObject({ code: 'E_DISK' })
  await disk.close()
})

test('a flush and a snapshot for which there is no room are refused, and may come again', async () => {
  let freeBytes = limits.diskLowBytes - 1
  const raw = new DoubleDisk({ random: seededRandom(1), freeBytes: () => freeBytes })
  const disk = await open(raw)
  await disk.append({ entries: [entry(1)] })
  const puts = [{ key: Uint8Array.of(1), value: new Uint8Array(limits.diskLowBytes) }]
  const confState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  const flush = () =>
    disk.flush({ appliedIndex: 1, appliedTerm: 1, puts, deletes: [], bytes: limits.diskLowBytes }, confState)
  async function* records() {
    yield { key: Uint8Array.of(1), value: new Uint8Array(100) }
  }
  await expect(flush()).rejects.toMatchObject({ code: 'E_NO_SPACE' })
  await expect(disk.stageSnapshot(records())).rejects.toMatchObject({ code: 'E_NO_SPACE' })
  await disk.append({ entries: [entry(2)] })
  freeBytes = 2 ** 40
  await flush()
  expect((await disk.stageSnapshot(records())).count).toBe(1)
  await disk.close()
})

test('a snapshot that ends below what the log held is nothing lost when the disk is full next', async () => {
  const raw = new DoubleDisk({ random: seededRandom(1) })
  const disk = await open(raw)
  const confState = { voters: [1, 2], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  async function* records() {
    yield { key: Uint8Array.of(1), value: new Uint8Array(100) }
  }
  // five of a leader that nobody heard; the others went on without them
  await disk.append({ entries: [1, 2, 3, 4, 5].map(entry) })
  await disk.installSnapshot({ index: 4, term: 1, confState, staged: await disk.stageSnapshot(records()) })
  raw.inject({ kind: 'no-space' })
  await disk.append({ entries: [], hardState: { term: 2, vote: 2, commit: 4 } })
  expect(raw.struck).toHaveLength(1)
  await disk.close()
  const again = await openMemberDisk(raw.attach(), { identity })
  expect(again.recovered).toMatchObject({ condition: 'clean', flush: { index: 4 }, hardState: { term: 2, vote: 2 } })
})

test('a member that is killed on a full disk opens in its reserve, as often as that happens', async () => {
  const raw = new DoubleDisk({ random: seededRandom(1), walBytesMax: 2 ** 20 })
  const confState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  for (let index = 1; index <= 5; index++) {
    const disk = await open(raw)
    expect(disk.recovered.flush.index).toBe(index - 1)
    await disk.append({ entries: [entry(index)] })
    const puts = [{ key: Uint8Array.of(index), value: new Uint8Array(100_000) }]
    await disk.flush({ appliedIndex: index, appliedTerm: 1, puts, deletes: [], bytes: 110_000 }, confState)
    raw.leave(0)
    raw.kill()
    await (await open(raw)).close()
    raw.leave(2 ** 40)
  }
})
