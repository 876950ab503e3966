import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { silentLogger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import { LevelDisk } from '../storage/level-disk.js'
import { openMemberDisk } from '../storage/member-disk.js'
import type { AppliedEntry, Command, CommandBody, Operation } from '../store/types.js'
import { startMember } from './member.js'
import type { MemberOptions } from './options.js'
import type { Member, StartedMember } from './types.js'

let folder: string
let member: StartedMember | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-node-'))
})
afterEach(async () => {
  await member?.stop()
  member = undefined
  await rm(folder, { recursive: true })
})

async function start(options: Partial<MemberOptions> = {}): Promise<StartedMember> {
  const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1' }
  const disk = await openMemberDisk(new LevelDisk(folder), { identity })
  member = await startMember({ disk, clock: systemClock, random: systemRandom, logger: silentLogger, ...options })
  return member
}

async function restart(options: Partial<MemberOptions> = {}): Promise<StartedMember> {
  await member?.stop()
  return start(options)
}

const by = (body: CommandBody): Command => ({ principal: 'test', body })
const txn = (...success: Operation[]): Command =>
  by({ kind: 'txn', keyspace: 'user', txn: { compares: [], success, failure: [] } })
const putting = (key: string, value: Uint8Array): Operation => ({
  kind: 'put',
  key: encodeText(key),
  value,
  lease: 0n,
  revisionSuffix: false,
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
})
const put = (key: string, value: string): Command => txn(putting(key, encodeText(value)))
const remove = (key: string): Command => txn({ kind: 'delete', key: encodeText(key), prevKv: false })
const valueAt = (of: Member, key: string) => of.store.get('user', encodeText(key))?.value.toString()

function recordApplied(of: Member): AppliedEntry[] {
  const applied: AppliedEntry[] = []
  of.onApplied((entry) => applied.push(entry))
  return applied
}

describe('a single voter', () => {
  test('with a part of its folder missing refuses to start, and starts once it is put back', async () => {
    await (await start()).propose(put('k', 'v'))
    await member?.stop()
    member = undefined
    const [log, away] = [join(folder, 'segments'), join(folder, 'away')]
    await rename(log, away)
    await expect(start()).rejects.toMatchObject({ code: 'E_LOST_TAIL' })
    await expect(start()).rejects.toMatchObject({ code: 'E_LOST_TAIL' })
    await rm(log, { recursive: true })
    await rename(away, log)
    const back = await start()
    expect([back.status().condition, valueAt(back, 'k')]).toEqual(['clean', 'v'])
    expect((await restart()).status().condition).toBe('clean')
  })

  test('leads as soon as it started', async () => {
    const { role, leader, condition, identity } = (await start()).status()
    expect({ role, leader, condition, name: identity.memberName }).toEqual({
      role: 'leader',
      leader: 1,
      condition: 'clean',
      name: 'n1',
    })
  })

  test('has after a restart all that it acknowledged', async () => {
    const first = await start()
    const results = await Promise.all(Array.from({ length: 100 }, (_, i) => first.propose(put(`k${i}`, `v${i}`))))
    expect(results.every((result) => result.ok)).toBe(true)
    const hash = first.store.hash()
    const second = await restart()
    expect(valueAt(second, 'k99')).toBe('v99')
    expect(second.store.hash()).toBe(hash)
  })

  test('makes one entry of what comes in one turn, with a result for each command', async () => {
    const alone = await start()
    const applied = recordApplied(alone)
    const results = await Promise.all([put('a', '1'), put('b', '2'), remove('none')].map((one) => alone.propose(one)))
    expect(applied.map((entry) => entry.results.length)).toEqual([3])
    expect(results.map((result) => result.revision)).toEqual([2, 3, 3])
  })

  test('gathers what comes while a write is under way into the next entry', async () => {
    const alone = await start()
    const applied = recordApplied(alone)
    const first = alone.propose(put('a', '1'))
    await new Promise((resolve) => setImmediate(resolve))
    const rest = Array.from({ length: 10 }, (_, i) => alone.propose(put('a', `${i}`)))
    await Promise.all([first, ...rest])
    expect(applied.map((entry) => entry.results.length)).toEqual([1, 10])
  })

  test('never needs a tick to go on', async () => {
    const alone = await start({ tickMs: 3_600_000, flush: { entries: 10, tailEntries: 3 } })
    for (let i = 0; i < 60; i++) await alone.propose(put('a', `${i}`))
    await alone.linearizableRead()
    expect(valueAt(alone, 'a')).toBe('59')
  })

  test('cuts entries at their limit', async () => {
    const alone = await start()
    const applied = recordApplied(alone)
    const value = new Uint8Array(limits.entryBytesMax / 4)
    await Promise.all(Array.from({ length: 9 }, (_, i) => alone.propose(txn(putting(`k${i}`, value)))))
    expect(applied.map((entry) => entry.results.length)).toEqual([3, 3, 3])
  })

  test('takes a command larger than an entry, as one step', async () => {
    const alone = await start()
    const half = new Uint8Array(limits.entryBytesMax - 1_000).fill(7)
    const result = await alone.propose(txn(putting('a', half), putting('b', half)))
    expect(result).toMatchObject({ ok: true, revision: 2, succeeded: true })
    expect(alone.store.get('user', encodeText('b'))?.value).toHaveLength(half.length)
    expect([...alone.store.blobHashes()]).toEqual([])
  })

  test('takes the same large command twice at once', async () => {
    const alone = await start()
    const command = txn(putting('a', new Uint8Array(limits.entryBytesMax + 5_000)))
    const results = await Promise.all([alone.propose(command), alone.propose(command)])
    expect(results.map((result) => result.ok)).toEqual([true, true])
  })

  test('gives each command its own failure', async () => {
    const alone = await start()
    const lost = by({ kind: 'leaseRevoke', keyspace: 'user', id: 5n })
    const [bad, good] = await Promise.all([alone.propose(lost), alone.propose(put('a', '1'))])
    expect(bad).toMatchObject({ ok: false, code: 'E_LEASE_NOT_FOUND' })
    expect(good).toMatchObject({ ok: true })
  })

  test('refuses to grow above its quota, and to nothing else', async () => {
    const alone = await start({ quotaBytes: 5_000 })
    await alone.propose(txn(putting('big', new Uint8Array(6_000))))
    await expect(alone.propose(put('a', '1'))).rejects.toMatchObject({ code: 'E_NO_SPACE' })
    expect(await alone.propose(remove('big'))).toMatchObject({ ok: true })
  })

  test('lets go of one who gives up', async () => {
    const alone = await start()
    const proposal = alone.propose(put('a', '1'), { signal: AbortSignal.abort(new Error('no more')) })
    await expect(proposal).rejects.toThrow('no more')
  })

  test('flushes in the background, drops the log below, and replays the tail', async () => {
    const flush = { entries: 10, tailEntries: 3 }
    const first = await start({ flush })
    for (let i = 0; i < 45; i++) await first.propose(put(`k${i % 7}`, `v${i}`))
    const { flushedIndex, appliedIndex } = first.status()
    expect(appliedIndex - flushedIndex).toBeLessThan(25)
    expect(flushedIndex).toBeGreaterThan(20)
    const hash = first.store.hash()
    const second = await restart({ flush })
    expect(second.store.hash()).toBe(hash)
    expect(await second.propose(put('k0', 'again'))).toMatchObject({ ok: true, revision: 47 })
  })

  test('reads history back from the disk after a restart', async () => {
    const first = await start()
    for (const value of ['one', 'two', 'three']) await first.propose(put('a', value))
    const second = await restart()
    const range = { key: encodeText('a'), limit: 0, revision: 3, keysOnly: false, countOnly: false }
    const { kvs } = await second.store.rangeAt('user', range)
    expect(kvs[0]?.value.toString()).toBe('two')
  })

  test('tells who listens of leadership, and takes nothing more once it stops', async () => {
    const alone = await start()
    const told: boolean[] = []
    alone.onLeadership((leading) => told.push(leading))
    const pending = alone.propose(put('a', '1'))
    const stopping = alone.stop()
    await expect(alone.propose(put('b', '2'))).rejects.toMatchObject({ code: 'E_STOPPED' })
    expect(await pending).toMatchObject({ ok: true })
    await stopping
    expect(told).toEqual([false])
    expect(alone.status().condition).toBe('stopped')
    await expect(alone.linearizableRead()).rejects.toMatchObject({ code: 'E_STOPPED' })
  })

  test('renews leases it knows, and expires those that nobody renews', async () => {
    const alone = await start({ tickMs: 10 })
    await alone.propose(by({ kind: 'leaseGrant', keyspace: 'user', id: 5n, ttlSeconds: 1 }))
    await alone.propose(by({ kind: 'leaseGrant', keyspace: 'user', id: 6n, ttlSeconds: 600 }))
    expect(await alone.renewLeases('user', [5n, 6n, 7n])).toEqual([7n])
    expect(alone.leaseRemainingMs('user', 5n)).toBeGreaterThan(500)
    const expired = new Promise<void>((resolve) => {
      alone.onApplied(() => alone.store.lease('user', 5n) || resolve())
    })
    await expired
    expect(alone.leaseRemainingMs('user', 5n)).toBeUndefined()
    expect(alone.store.lease('user', 6n)).toBeDefined()
  })
})
