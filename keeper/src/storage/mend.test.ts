import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Entry } from '../raft/types.js'
import { LevelDisk } from './level-disk.js'
import { openMemberDisk } from './member-disk.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-mend-'))
})
afterEach(() => rm(folder, { recursive: true }))

const openIt = () =>
  openMemberDisk(new LevelDisk(folder), { identity: { clusterId: 'c', memberId: 1, memberName: 'n1', storeEpoch: 1 } })

const entry = (index: number): Entry => ({ index, term: 1, type: 'normal', data: Buffer.alloc(4_000, index % 251) })

/** Writes nonsense over the middle of one of several segments, the oldest being 0. */
async function damageSegment(which: number): Promise<void> {
  const names = (await readdir(join(folder, 'segments'))).sort()
  expect(names.length).toBeGreaterThan(2)
  const file = await open(join(folder, 'segments', names[which] as string), 'r+')
  await file.write(Buffer.alloc(8_192, 0x5a), 0, 8_192, 600_000)
  await file.close()
}

test('a damaged log is begun anew with what of it is sound, and goes on', async () => {
  const disk = await openIt()
  const [groups, each] = [24, 250]
  for (let group = 0; group < groups; group++)
    await disk.append({ entries: Array.from({ length: each }, (_, at) => entry(group * each + at + 1)) })
  await disk.close()
  await damageSegment(2)

  const damaged = await openIt()
  const { condition, entries } = damaged.recovered
  expect(condition).toBe('recovering')
  expect(entries.length).toBeGreaterThan(0)
  expect(entries.length).toBeLessThan(groups * each)
  await damaged.append({ entries: [entry(entries.length + 1)] })
  await damaged.close()

  const mended = await openIt()
  expect(mended.recovered).toMatchObject({ condition: 'recovering', damaged: false })
  expect(mended.recovered.entries.map(({ index }) => index)).toEqual(
    [...entries, entry(entries.length + 1)].map(({ index }) => index),
  )
  await mended.close()
}, 30_000)

test('a damaged segment that holds only entries which a flush has made superfluous keeps nobody from starting', async () => {
  const disk = await openIt()
  for (let group = 0; group < 24; group++)
    await disk.append({ entries: Array.from({ length: 250 }, (_, at) => entry(group * 250 + at + 1)) })
  const confState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  await disk.flush({ appliedIndex: 5_999, appliedTerm: 1, puts: [], deletes: [] }, confState)
  await disk.close()
  await damageSegment(0)
  const again = await openIt()
  expect(again.recovered).toMatchObject({ condition: 'clean', flush: { index: 5_999 }, entries: [{ index: 6_000 }] })
  await again.append({ entries: [entry(6_001)] })
  await again.close()
}, 30_000)

test('a keeper that writes and flushes on and on uses few segments', async () => {
  const disk = await openIt()
  const confState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  const seen = new Set<string>()
  for (let group = 0; group < 60; group++) {
    await disk.append({ entries: Array.from({ length: 250 }, (_, at) => entry(group * 250 + at + 1)) })
    const appliedIndex = (group + 1) * 250
    await disk.flush({ appliedIndex, appliedTerm: 1, puts: [], deletes: [] }, confState)
    await disk.truncateLog(appliedIndex)
    const names = await readdir(join(folder, 'segments'))
    for (const name of names) seen.add(name)
    expect(names.length).toBeLessThanOrEqual(4)
  }
  expect(seen.size).toBeGreaterThan(4)
  await disk.close()
}, 30_000)
