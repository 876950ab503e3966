import { describe, expect, test } from 'vitest'
import { type Clock, type MonotonicMs, systemClock } from '../base/clock.js'
import { encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import type { RawNode } from '../raft/raw-node.js'
import type { CommandBody, Operation, StoreReader } from '../store/types.js'
import { grows } from './grows.js'
import { Growth } from './growth.js'

/** Three members who hear each other at once; 1 leads until it gives way. */
class Trio {
  now = 0
  leader = 1
  bytesInUse = 0
  readonly low = new Set<number>()
  readonly members = new Map([1, 2, 3].map((id) => [id, this.#growth(id)]))

  tick(): void {
    this.now += limits.diskCheckIntervalMs
    for (const growth of this.members.values()) growth.tick()
  }

  /** Who refuses what would make the store larger. */
  async refusing(): Promise<number[]> {
    this.tick()
    this.tick()
    await new Promise((resolve) => setImmediate(resolve))
    return [...this.members].filter(([, growth]) => growth.refusal()).map(([id]) => id)
  }

  #growth(id: number): Growth {
    const clock: Clock = { ...systemClock, monotonic: () => this.now as MonotonicMs }
    const follower = { match: 5, recentActive: true, isLearner: false }
    const progress = new Map([1, 2, 3].map((member) => [member, { ...follower, match: 5 + member }]))
    const raw = {
      status: () => ({ id, config: { voters: [1, 2, 3], votersOutgoing: [] }, progress }),
      transferLeader: (to: number) => {
        this.leader = to
      },
    } as unknown as RawNode
    return new Growth({
      raw,
      clock,
      store: { bytesInUse: () => this.bytesInUse } as unknown as StoreReader,
      quotaBytes: 1_000,
      space: () => ({ freeBytes: 1, low: this.low.has(id) }),
      leader: () => (this.leader === id ? 'self' : this.leader),
      ask: async (to, _topic, body) => this.members.get(to)?.answer(body, id) ?? new Uint8Array(0),
      wake: () => {},
    })
  }
}

describe('the store grows', () => {
  test('on as long as a majority has space', async () => {
    const trio = new Trio()
    expect(await trio.refusing()).toEqual([])
    trio.low.add(3)
    expect(await trio.refusing()).toEqual([])
    expect(trio.members.get(3)?.alarms()).toEqual(['disk-low'])
    trio.low.add(2)
    expect(await trio.refusing()).toEqual([1, 2, 3])
    expect(trio.members.get(1)?.alarms()).toEqual(['cluster-disk-low'])
    expect(trio.members.get(1)?.refusal()).toMatchObject({ code: 'E_NO_SPACE' })
    trio.low.delete(3)
    expect(await trio.refusing()).toEqual([])
  })

  test('under another leader when the disk of the leader is low: one that has space', async () => {
    const trio = new Trio()
    trio.low.add(1)
    expect(await trio.refusing()).toEqual([])
    expect(trio.leader).toBe(3)
    trio.leader = 1
    trio.low.delete(1)
    await trio.refusing()
    trio.low.add(3)
    await trio.refusing()
    trio.low.add(1)
    expect([await trio.refusing(), trio.leader]).toEqual([[1, 2, 3], 1])
  })

  test('not over its quota, whoever leads', async () => {
    const trio = new Trio()
    trio.bytesInUse = 1_001
    expect(await trio.refusing()).toEqual([1, 2, 3])
    expect(trio.members.get(2)?.alarms()).toEqual(['quota'])
  })
})

const put = (key: string): Operation => ({
  kind: 'put',
  key: encodeText(key),
  value: new Uint8Array(1),
  lease: 0n,
  revisionSuffix: false,
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
})
const remove: Operation = { kind: 'delete', key: encodeText('k'), prevKv: false }
const txn = (keyspace: 'user' | 'system', ...success: Operation[]): CommandBody => ({
  kind: 'txn',
  keyspace,
  txn: { compares: [], success, failure: [] },
})
const nested = (...success: Operation[]): Operation => ({
  kind: 'txn',
  txn: { compares: [], success: [], failure: success },
})
const lease: Operation = { kind: 'leaseGrant', id: 1n, ttlSeconds: 1 }

test.each<[string, CommandBody, boolean]>([
  ['a put', txn('user', put('k')), true],
  ['a put in a branch of a branch', txn('user', nested(nested(put('k')))), true],
  ['a delete', txn('user', remove), false],
  ['a lease', { kind: 'leaseGrant', keyspace: 'user', id: 1n, ttlSeconds: 1 }, true],
  ['a compaction', { kind: 'compact', keyspace: 'user', revision: 1 }, false],
  ['the end of a lease', { kind: 'leaseRevoke', keyspace: 'user', id: 1n }, false],
  ['a session', txn('system', lease, put('/default/session/1'), put('/default/instance/a')), false],
  ['a session’s key of a user’s', txn('user', put('/default/session/1')), true],
  ['a config', txn('system', put('/default/config/a'), put('/default/session/1')), true],
])('%s may make the store larger, or may not', (_what, body, expected) => {
  expect(grows(body)).toBe(expected)
})
