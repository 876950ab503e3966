import { afterEach, describe, expect, test } from 'vitest'
import type { RawNode } from '../raft/raw-node.js'
import type { ConfChangeType } from '../raft/types.js'
import { encodeRecord, type MemberRecord, recordKey } from '../store/records.js'
import type { Command } from '../store/types.js'
import { Standing } from './standing.js'
import { idOf, LocalCluster, put, soon, valueAt } from './testing/local-cluster.js'

let cluster: LocalCluster | undefined
afterEach(async () => {
  await cluster?.end()
  cluster = undefined
})

const change = (type: ConfChangeType, id: number) => ({ transition: 'auto' as const, changes: [{ type, id }] })
const flushOften = { flush: { entries: 5, tailEntries: 2, intervalMs: 100_000 } }

function recordOf(id: number, wanted: MemberRecord['wanted']): Command {
  const record: MemberRecord = {
    ...{ v: 1, id, name: `n${id}`, folder: '', peer: '', clients: [], version: '', format: 0, features: 0 },
    ...(wanted && { wanted }),
  }
  const key = recordKey('default', 'member', String(id))
  const operation = { ...put('', '').body, keyspace: 'system' as const }
  if (operation.kind !== 'txn') throw new Error('put is a transaction')
  const success = operation.txn.success.map((one) => ({ ...one, key, value: encodeRecord('member', record) }))
  return { principal: 'system', body: { ...operation, txn: { ...operation.txn, success } } as Command['body'] }
}

describe('who takes part', () => {
  test('a newcomer catches up as a learner, is made a voter, and counts', async () => {
    cluster = await LocalCluster.begin(1)
    const first = await cluster.leader()
    await first.propose(put('k', 'v'))
    await first.changeMembership(change('addLearnerNode', 2))
    const second = await cluster.start(2)
    await soon(() => valueAt(second, 'k') === 'v')
    expect(second.memberList()).toMatchObject([
      { id: 1, voter: true, leads: true, active: true },
      { id: 2, voter: false, leads: false },
    ])
    await soon(() => first.memberList().find(({ id, lag }) => id === 2 && lag === 0))
    await first.changeMembership(change('addNode', 2))
    await soon(() => second.memberList().every(({ voter }) => voter))
    expect((await second.propose(put('k', 'w'))).ok).toBe(true)
    expect(valueAt(first, 'k')).toBe('w')
  })

  test('a newcomer gets a snapshot that knows of it, though the last flush did not', async () => {
    cluster = await LocalCluster.begin(1, flushOften)
    const first = await cluster.leader()
    for (let i = 0; i < 30; i++) await first.propose(put('k', `${i}`))
    const flushed = await soon(() => first.status().flushedIndex || undefined)
    await first.changeMembership(change('addLearnerNode', 2))
    const second = await cluster.start(2)
    await soon(() => valueAt(second, 'k') === '29')
    expect(first.status().flushedIndex).toBeGreaterThan(flushed)
    expect(second.store.hash()).toBe(first.store.hash())
  })

  test('changes asked for at once happen one after the other', async () => {
    cluster = await LocalCluster.begin(3)
    const leader = await cluster.leader()
    await Promise.all([4, 5, 6].map((id) => leader.changeMembership(change('addLearnerNode', id))))
    expect(leader.memberList().map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('only the leader changes it, and no change leaves the cluster without a voter', async () => {
    cluster = await LocalCluster.begin(3)
    const follower = await cluster.follower()
    await expect(follower.changeMembership(change('addLearnerNode', 4))).rejects.toMatchObject({ code: 'E_NOT_LEADER' })
    await cluster.end()
    cluster = await LocalCluster.begin(1)
    const alone = await cluster.leader()
    await expect(alone.changeMembership(change('removeNode', 1))).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
    expect((await alone.propose(put('k', 'v'))).ok).toBe(true)
  })

  test('a member that applies its own removal stops with that word', async () => {
    cluster = await LocalCluster.begin(3)
    const leader = await cluster.leader()
    const gone = await cluster.follower()
    await leader.changeMembership(change('removeNode', idOf(gone)))
    // the rest of the cluster owes it nothing: whether it hears of the commit is luck, which asking for votes forces
    await leader.propose(recordOf(idOf(gone), 'removed'))
    await gone.halted
    expect(gone.failure()).toMatchObject({ code: 'E_MEMBER_REMOVED' })
    expect(leader.memberList()).toHaveLength(2)
  })

  test('a removed voter stays, with its vote, until a quorum of the rest knows that it is gone', async () => {
    cluster = await LocalCluster.begin(3)
    const leader = await cluster.leader()
    const [gone, away] = [...cluster.members.values()].filter((one) => one !== leader)
    if (!gone || !away) throw new Error('three members')
    cluster.cut.add(idOf(away))
    const removed = leader.changeMembership(change('removeNode', idOf(gone)))
    await soon(() => gone.memberList().length === 2)
    expect(gone.failure()).toBeUndefined()
    cluster.cut.clear()
    await gone.halted
    expect(gone.failure()).toMatchObject({ code: 'E_MEMBER_REMOVED' })
    await soon(() => away.memberList().length === 2)
    // it may have led no more meanwhile
    await removed.catch((error) => expect(error).toMatchObject({ code: 'E_UNCERTAIN' }))
  })

  test('a member that was away when it was removed is told when it is back', async () => {
    cluster = await LocalCluster.begin(3)
    const leader = await cluster.leader()
    const away = await cluster.follower()
    cluster.cut.add(idOf(away))
    await leader.propose(recordOf(idOf(away), 'removed'))
    await leader.changeMembership(change('removeNode', idOf(away)))
    const { term } = leader.status()
    cluster.cut.clear()
    await away.halted
    expect(away.failure()).toMatchObject({ code: 'E_MEMBER_REMOVED' })
    await leader.linearizableRead()
    expect(leader.status()).toMatchObject({ role: 'leader', term })
  })
})

describe('leadership', () => {
  test('goes where it is sent, and back', async () => {
    cluster = await LocalCluster.begin(3)
    const [leader, follower] = [await cluster.leader(), await cluster.follower()]
    expect(await leader.transferLeadership(idOf(follower))).toBe(idOf(follower))
    // a new leader hands over only to one whose answer it has
    await soon(() => follower.memberList().some(({ state }) => state === 'replicate'))
    const next = await follower.transferLeadership()
    expect(next).not.toBe(idOf(follower))
  })

  test('does not go to a learner, to a stranger, nor to a member that is away', async () => {
    cluster = await LocalCluster.begin(3)
    const [leader, away] = [await cluster.leader(), await cluster.follower()]
    await leader.changeMembership(change('addLearnerNode', 4))
    await expect(leader.transferLeadership(4)).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
    await expect(leader.transferLeadership(5)).rejects.toMatchObject({ code: 'E_MEMBER_UNKNOWN' })
    cluster.cut.add(idOf(away))
    await soon(() => leader.memberList().find(({ id, active }) => id === idOf(away) && !active))
    await expect(leader.transferLeadership(idOf(away))).rejects.toMatchObject({ code: 'E_UNAVAILABLE' })
    await expect(away.transferLeadership()).rejects.toMatchObject({ code: 'E_NOT_LEADER' })
  })
})

test('an heir is there at every moment, though the core has just wiped whom it heard of', () => {
  const progress = (match: number) => ({ match, isLearner: false, recentActive: false })
  const status = {
    id: 1,
    role: 'leader',
    term: 1,
    leader: 1,
    progress: new Map([
      [1, progress(9)],
      [2, progress(8)],
      [3, progress(9)],
    ]),
  }
  const raw = { status: () => status } as unknown as RawNode
  const quiet = { changed: () => {}, confirm: async () => {}, halted: () => false }
  expect(new Standing({ raw, ...quiet, alive: () => true }).heir()).toBe(3)
  expect(new Standing({ raw, ...quiet, alive: (id) => id === 2 }).heir()).toBe(2)
  expect(new Standing({ raw, ...quiet, alive: () => false }).heir()).toBeUndefined()
})
