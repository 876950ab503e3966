import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
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

/** Writes nonsense over the middle of the greatest table: keys and their lengths, not only values. */
async function damageTable(): Promise<void> {
  const names = (await readdir(join(folder, 'log'))).filter((name) => name.endsWith('.ldb'))
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, 'log', name))).size))
  const size = Math.max(...sizes)
  const file = await open(join(folder, 'log', names[sizes.indexOf(size)] as string), 'r+')
  await file.write(Buffer.alloc(8_192, 0x5a), 0, 8_192, Math.floor(size / 2))
  await file.close()
}

test('a log whose tables cannot be read through is begun anew with what of it is sound, and goes on', async () => {
  const disk = await openIt()
  const [groups, each] = [24, 250]
  for (let group = 0; group < groups; group++)
    await disk.append({ entries: Array.from({ length: each }, (_, at) => entry(group * each + at + 1)) })
  await disk.close()
  await damageTable()

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

test('a damaged table that holds only entries which a flush has made superfluous keeps nobody from starting', async () => {
  const disk = await openIt()
  for (let group = 0; group < 24; group++)
    await disk.append({ entries: Array.from({ length: 250 }, (_, at) => entry(group * 250 + at + 1)) })
  const staged = await disk.stageSnapshot(none())
  const confState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  await disk.installSnapshot({ index: 6_000, term: 1, confState, staged })
  await disk.close()
  await damageTable()
  const again = await openIt()
  await again.append({ entries: [entry(6_001)] })
  expect(again.recovered.flush.index).toBe(6_000)
  await again.close()
}, 30_000)

async function* none(): AsyncGenerator<{ key: Uint8Array; value: Uint8Array }> {}
