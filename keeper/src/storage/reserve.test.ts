import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mayMount, SmallDisk } from '../../../test/harness/small-disk.js'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/logger.js'
import { openLastingDisk } from './lasting-disk.js'
import { LevelDisk } from './level-disk.js'
import type { MemberDisk } from './types.js'

const MEGABYTE = 1024 * 1024
const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1', storeEpoch: 1 }
const voters = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }

let folder: string
let disk: SmallDisk
let after: SmallDisk
const open = new Set<MemberDisk>()

const inUse = () => join(disk.path, 'data')
const killed = () => join(after.path, 'data')
const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size ?? 0

async function opened(data: string): Promise<MemberDisk> {
  const member = await openLastingDisk(new LevelDisk(data), { identity }, { clock: systemClock, logger: silentLogger })
  open.add(member)
  return member
}

/** So many megabytes that nothing makes smaller. */
async function flush(member: MemberDisk, index: number, megabytes: number): Promise<void> {
  await member.append({ entries: [{ index, term: 1, type: 'normal', data: new Uint8Array(100) }] })
  const puts = Array.from({ length: megabytes }, (_, at) => ({
    ...{ key: Buffer.from(`${index}/${at}`), value: randomBytes(MEGABYTE) },
  }))
  const bytes = megabytes * MEGABYTE
  await member.flush({ appliedIndex: index, appliedTerm: 1, puts, deletes: [], bytes }, voters)
}

async function keys(member: MemberDisk): Promise<number> {
  let count = 0
  for await (const _ of member.stateRecords()) count++
  return count
}

/** What a process that is killed now leaves behind, on a disk where others have taken the rest. */
async function leftBehind(): Promise<void> {
  await cp(inUse(), killed(), { recursive: true })
  await after.fill()
}

beforeEach(async () => {
  if (!mayMount) return
  folder = await mkdtemp(join(tmpdir(), 'keeper-reserve-'))
  disk = await SmallDisk.mount(join(folder, 'disk'), 128)
  after = await SmallDisk.mount(join(folder, 'after'), 128)
})
afterEach(async () => {
  if (!mayMount) return
  for (const member of open) await member.close()
  open.clear()
  for (const each of [disk, after]) each.unmount()
  await rm(folder, { recursive: true })
})

describe.skipIf(!mayMount)(
  'a member that is killed while its disk is full (needs root, for small file systems)',
  () => {
    test('opens its state again, again and again, in room that it kept for that', async () => {
      const member = await opened(inUse())
      await flush(member, 1, 6)
      await flush(member, 2, 12)
      await leftBehind()
      expect(await sizeOf(join(killed(), 'reserve'))).toBeGreaterThan(18 * MEGABYTE)
      const again = await opened(killed())
      expect([again.recovered.condition, again.recovered.flush.index, await keys(again)]).toEqual(['clean', 2, 18])
      expect(await sizeOf(join(killed(), 'reserve'))).toBeGreaterThan(0)
      await again.close()
      await after.fill()
      expect(await keys(await opened(killed()))).toBe(18)
    }, 30_000)

    test('is told so when it has none, and opens when there is space', async () => {
      const member = await opened(inUse())
      await flush(member, 1, 12)
      await rm(join(inUse(), 'reserve'))
      await leftBehind()
      await expect(opened(killed())).rejects.toMatchObject({ code: 'E_NO_SPACE' })
      expect(await readdir(killed())).toContain('marks')
      await after.free()
      expect(await keys(await opened(killed()))).toBe(12)
    }, 30_000)

    test('flushes what has room, although a reserve beside it has none', async () => {
      const member = await opened(inUse())
      await flush(member, 1, 1)
      await after.fill()
      const before = await sizeOf(join(inUse(), 'reserve'))
      await flush(member, 2, 60)
      expect([await keys(member), await sizeOf(join(inUse(), 'reserve'))]).toEqual([61, before])
    }, 30_000)
  },
)
