import { describe, expect, test } from 'vitest'
import { Cluster, confState, logOfTerms, message, TestMember } from './testing/cluster.js'

const context = (text: string): Uint8Array => Buffer.from(text)
const contexts = (member: TestMember): string[] => member.reads.map((read) => Buffer.from(read.context).toString())

describe('read index (Raft thesis §6.4)', () => {
  test('the leader answers with its commit index once a quorum confirms that it leads', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    leader.propose('x')
    cluster.settle()
    leader.raw.readIndex(context('r'))
    leader.settle()
    expect(leader.reads).toEqual([])
    leader.raw.step(message({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 1, context: context('r') }))
    leader.settle()
    expect(leader.reads).toEqual([{ index: 2, context: context('r') }])
  })

  test('a leader that was deposed without knowing answers nothing', () => {
    const cluster = new Cluster(3)
    const old = cluster.elect(1)
    cluster.isolate(1)
    cluster.elect(2)
    old.raw.readIndex(context('stale'))
    old.tick(5)
    cluster.settle()
    expect(old.raw.status().role).toBe('leader')
    expect(old.reads).toEqual([])
  })

  test('a follower asks the leader', () => {
    const cluster = new Cluster(3)
    cluster.elect(1)
    expect(cluster.member(2).raw.readIndex(context('f'))).toBe('ok')
    cluster.settle()
    expect(cluster.member(2).reads).toEqual([{ index: 1, context: context('f') }])
    expect(cluster.member(1).reads).toEqual([])
  })

  test('nobody to ask: dropped', () => {
    expect(new TestMember(1, confState([1, 2, 3])).raw.readIndex(context('x'))).toBe('dropped')
  })

  test('a new leader waits for the first commit of its term (Raft §8)', () => {
    const logs = [logOfTerms(1), logOfTerms(1), logOfTerms(1)]
    const cluster = new Cluster(3, {}, logs)
    const leader = cluster.member(1)
    leader.raw.campaign()
    leader.settle()
    leader.raw.step(message({ type: 'MsgVoteResp', from: 2, to: 1, term: 2 }))
    leader.settle()
    leader.raw.readIndex(context('early'))
    expect(leader.settle().filter(({ type }) => type === 'MsgHeartbeat')).toEqual([])
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 2, index: 2 }))
    expect(leader.settle().filter(({ type }) => type === 'MsgHeartbeat')).toHaveLength(2)
    leader.raw.step(message({ type: 'MsgHeartbeatResp', from: 3, to: 1, term: 2, context: context('early') }))
    leader.settle()
    expect(leader.reads).toEqual([{ index: 2, context: context('early') }])
  })

  test('confirming a later one confirms those before it', () => {
    const leader = new Cluster(3).elect(1)
    for (const name of ['a', 'b', 'c']) leader.raw.readIndex(context(name))
    leader.settle()
    leader.raw.step(message({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 1, context: context('b') }))
    leader.settle()
    expect(contexts(leader)).toEqual(['a', 'b'])
  })

  test('a lost confirmation is asked for again with the next heartbeat', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    cluster.isolate(2, 3)
    leader.raw.readIndex(context('again'))
    cluster.settle()
    cluster.heal()
    leader.tick()
    cluster.settle()
    expect(contexts(leader)).toEqual(['again'])
  })

  test('while joint both majorities must confirm', () => {
    const state = { ...confState([1, 4, 5]), votersOutgoing: [1, 2, 3] }
    const leader = new TestMember(1, state)
    leader.raw.campaign()
    leader.settle()
    for (const from of [2, 4]) leader.raw.step(message({ type: 'MsgVoteResp', from, to: 1, term: 1 }))
    leader.settle()
    for (const from of [2, 4]) leader.raw.step(message({ type: 'MsgAppResp', from, to: 1, term: 1, index: 1 }))
    leader.settle()
    leader.raw.readIndex(context('j'))
    leader.settle()
    for (const from of [4, 5])
      leader.raw.step(message({ type: 'MsgHeartbeatResp', from, to: 1, term: 1, context: context('j') }))
    leader.settle()
    expect(leader.reads).toEqual([])
    leader.raw.step(message({ type: 'MsgHeartbeatResp', from: 3, to: 1, term: 1, context: context('j') }))
    leader.settle()
    expect(contexts(leader)).toEqual(['j'])
  })

  test('a single voter answers at once', () => {
    const leader = new Cluster(1).elect(1)
    leader.raw.readIndex(context('s'))
    leader.settle()
    expect(leader.reads).toEqual([{ index: 1, context: context('s') }])
  })

  test('a leader that was removed does not take the one voter that is left for itself', () => {
    const cluster = new Cluster(2)
    const old = cluster.elect(1)
    old.raw.proposeConfChange({ transition: 'auto', changes: [{ type: 'removeNode', id: 1 }] })
    cluster.settle()
    cluster.isolate(1)
    old.raw.readIndex(context('r'))
    cluster.settle()
    expect([old.raw.role, old.reads]).toEqual(['leader', []])
  })

  test('a learner asks like a voter, but does not confirm', () => {
    const state = confState([1, 2], [3])
    const [leader, learner] = [new TestMember(1, state), new TestMember(3, state)]
    leader.raw.campaign()
    leader.settle()
    leader.raw.step(message({ type: 'MsgVoteResp', from: 2, to: 1, term: 1 }))
    leader.settle()
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 1 }))
    leader.settle()
    learner.raw.step(message({ type: 'MsgHeartbeat', from: 1, to: 3, term: 1 }))
    learner.raw.readIndex(context('l'))
    const asked = learner.settle().filter(({ type }) => type === 'MsgReadIndex')
    for (const request of asked) leader.raw.step(request)
    leader.settle()
    const confirm = (from: number) =>
      leader.raw.step(message({ type: 'MsgHeartbeatResp', from, to: 1, term: 1, context: context('l') }))
    confirm(3)
    expect(leader.settle().filter(({ type }) => type === 'MsgReadIndexResp')).toEqual([])
    confirm(2)
    const [answer] = leader.settle().filter(({ type }) => type === 'MsgReadIndexResp')
    expect(answer).toMatchObject({ to: 3, index: 1 })
    if (answer) learner.raw.step(answer)
    learner.settle()
    expect(learner.reads).toEqual([{ index: 1, context: context('l') }])
  })

  test('a request that waits is forgotten with the leadership', () => {
    const cluster = new Cluster(3)
    const old = cluster.elect(1)
    cluster.isolate(1)
    old.raw.readIndex(context('r'))
    cluster.elect(2)
    cluster.heal()
    cluster.member(2).tick()
    cluster.settle()
    cluster.elect(1)
    old.tick()
    cluster.settle()
    expect(old.reads).toEqual([])
  })

  test('an empty context is refused: answers could not be told apart', () => {
    expect(() => new Cluster(1).elect(1).raw.readIndex(new Uint8Array())).toThrowError(
      expect.objectContaining({ code: 'E_INVALID_ARGUMENT' }),
    )
  })
})

describe('lease reads (Raft thesis §6.4.1)', () => {
  test('are answered without a round trip', () => {
    const leader = new Cluster(3, { checkQuorum: true, leaseReads: true }).elect(1)
    leader.raw.readIndex(context('l'))
    expect(leader.settle()).toEqual([])
    expect(contexts(leader)).toEqual(['l'])
  })

  test('wait for the first commit of the term, too', () => {
    const leader = new TestMember(1, confState([1, 2, 3]), { checkQuorum: true, leaseReads: true })
    leader.raw.campaign()
    leader.settle()
    leader.raw.step(message({ type: 'MsgVoteResp', from: 2, to: 1, term: 1 }))
    leader.settle()
    leader.raw.readIndex(context('early'))
    leader.settle()
    expect(leader.reads).toEqual([])
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 1 }))
    leader.settle()
    expect(leader.reads).toEqual([{ index: 1, context: context('early') }])
  })

  test('end with the leadership: a leader that hears of no quorum answers nothing more', () => {
    const leader = new Cluster(3, { checkQuorum: true, leaseReads: true }).elect(1)
    leader.tick(20)
    expect([leader.raw.role, leader.raw.readIndex(context('late'))]).toEqual(['follower', 'dropped'])
  })

  test('are asked for of a follower like any other', () => {
    const cluster = new Cluster(3, { checkQuorum: true, leaseReads: true })
    cluster.elect(1)
    cluster.member(2).raw.readIndex(context('f'))
    const types = cluster.settle().map(({ type }) => type)
    expect([types, contexts(cluster.member(2))]).toEqual([['MsgReadIndex', 'MsgReadIndexResp'], ['f']])
  })

  test('once another was told to stand for election, the lease says nothing: a quorum must confirm again', () => {
    const cluster = new Cluster(3, { checkQuorum: true, leaseReads: true })
    const old = cluster.elect(1)
    old.raw.transferLeader(2)
    const [handOver] = old.settle()
    cluster.isolate(1)
    if (handOver) cluster.member(2).raw.step(handOver)
    cluster.settle()
    cluster.member(2).propose('newer')
    cluster.settle()
    old.raw.readIndex(context('stale'))
    cluster.settle()
    expect([cluster.member(2).raw.role, old.raw.role, old.reads]).toEqual(['leader', 'leader', []])
  })

  test('and when it came to nothing, a quorum does confirm', () => {
    const cluster = new Cluster(3, { checkQuorum: true, leaseReads: true })
    const leader = cluster.elect(1)
    leader.raw.transferLeader(2)
    leader.settle()
    leader.raw.transferLeader(1)
    leader.raw.readIndex(context('r'))
    expect(leader.reads).toEqual([])
    cluster.settle()
    expect(contexts(leader)).toEqual(['r'])
  })

  test('need the check of the quorum', () => {
    expect(() => new TestMember(1, confState([1]), { leaseReads: true })).toThrow(/checkQuorum/)
  })
})
