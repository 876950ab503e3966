import { describe, expect, test } from 'vitest'
import { Cluster, message, type TestMember } from './testing/cluster.js'
import type { Message } from './types.js'

const typesOf = (messages: readonly Message[]): string[] => messages.map(({ type }) => type)
const transfereeOf = ({ raw }: TestMember): number => raw.status().leadTransferee

/** Member 3 misses an entry, and comes back. */
function withLaggard(options = {}): Cluster {
  const cluster = new Cluster(3, options)
  cluster.elect(1)
  cluster.isolate(3)
  cluster.member(1).propose('missed')
  cluster.settle()
  return cluster
}

describe('handing leadership over (thesis §3.10)', () => {
  test('to a member that has everything takes one message, and the lease does not stand in the way', () => {
    const cluster = new Cluster(3, { checkQuorum: true, preVote: true })
    cluster.elect(1).raw.transferLeader(2)
    expect(typesOf(cluster.settle()).filter((type) => type === 'MsgTimeoutNow')).toHaveLength(1)
    expect(cluster.roles()).toEqual(['follower', 'leader', 'follower'])
  })

  test('to the leader itself, to a stranger and to a learner is no transfer', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    leader.raw.proposeConfChange({ transition: 'auto', changes: [{ type: 'addLearnerNode', id: 3 }] })
    cluster.settle()
    for (const to of [1, 3, 9]) leader.raw.transferLeader(to)
    expect([cluster.settle(), transfereeOf(leader), leader.propose('goes on')]).toEqual([[], 0, 'ok'])
  })

  test('takes the member with it that is asked for last', () => {
    const cluster = withLaggard()
    const leader = cluster.member(1)
    leader.raw.transferLeader(3)
    cluster.settle()
    expect(transfereeOf(leader)).toBe(3)
    leader.raw.transferLeader(2)
    cluster.settle()
    expect(cluster.member(2).raw.role).toBe('leader')
  })

  test('back to the leader itself calls it off', () => {
    const cluster = withLaggard()
    const leader = cluster.member(1)
    leader.raw.transferLeader(3)
    leader.raw.transferLeader(1)
    expect([transfereeOf(leader), leader.propose('x')]).toEqual([0, 'ok'])
  })

  test('asked for again gets no more time', () => {
    const cluster = withLaggard()
    const leader = cluster.member(1)
    leader.raw.transferLeader(3)
    leader.tick(9)
    leader.raw.transferLeader(3)
    leader.tick()
    expect(transfereeOf(leader)).toBe(0)
  })

  test('ends with the leadership', () => {
    const cluster = withLaggard()
    const leader = cluster.member(1)
    leader.raw.transferLeader(3)
    leader.raw.step(message({ type: 'MsgVoteResp', from: 2, to: 1, term: 2, reject: true }))
    expect(leader.raw.status()).toMatchObject({ role: 'follower', term: 2, leadTransferee: 0 })
  })

  test('is called off when the member becomes learner', () => {
    const cluster = withLaggard()
    const leader = cluster.member(1)
    leader.raw.proposeConfChange({ transition: 'auto', changes: [{ type: 'addLearnerNode', id: 3 }] })
    leader.raw.transferLeader(3)
    cluster.settle()
    expect([transfereeOf(leader), leader.propose('x')]).toEqual([0, 'ok'])
  })

  test('puts the leaving of a joint configuration off until it is done', () => {
    const cluster = withLaggard()
    const leader = cluster.member(1)
    leader.raw.proposeConfChange({ transition: 'jointImplicit', changes: [{ type: 'updateNode', id: 2 }] })
    leader.raw.transferLeader(3)
    cluster.settle()
    expect(leader.raw.status().config.votersOutgoing).toEqual([1, 2, 3])
    leader.tick(10)
    leader.propose('the next entry that is applied')
    cluster.settle()
    expect(leader.raw.status().config.votersOutgoing).toEqual([])
  })
})

describe('a member told to stand for election at once', () => {
  const timeoutNow = (to: number, term: number): Message => message({ type: 'MsgTimeoutNow', from: 1, to, term })

  test('does not if it was removed, is a learner or stands already', () => {
    const cluster = new Cluster(4)
    const leader = cluster.elect(1)
    for (const type of ['removeNode', 'addLearnerNode'] as const) {
      leader.raw.proposeConfChange({ transition: 'auto', changes: [{ type, id: type === 'removeNode' ? 4 : 3 }] })
      cluster.settle()
    }
    // it has the change from the leader, but was not told that it is committed: applied here for the sake of the test
    cluster.member(4).raw.applyConfChange({ transition: 'auto', changes: [{ type: 'removeNode', id: 4 }] })
    cluster.member(2).raw.campaign()
    for (const id of [3, 4]) cluster.member(id).raw.step(timeoutNow(id, 1))
    cluster.member(2).raw.step(timeoutNow(2, 2))
    expect([2, 3, 4].map((id) => [cluster.member(id).raw.role, cluster.member(id).raw.term])).toEqual([
      ['candidate', 2],
      ['follower', 1],
      ['follower', 1],
    ])
  })

  test('by a leader of an earlier term does not', () => {
    const cluster = new Cluster(3)
    cluster.elect(1)
    cluster.elect(2)
    cluster.member(3).raw.step(timeoutNow(3, 1))
    expect(cluster.member(3).raw.role).toBe('follower')
  })
})
