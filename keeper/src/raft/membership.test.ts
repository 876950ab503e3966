import { describe, expect, test } from 'vitest'
import { decodeConfChange, encodeConfChange } from './conf-change-codec.js'
import { Cluster, confState, message, normalEntry, TestMember } from './testing/cluster.js'
import type { ConfChange, ConfChangeSingle, ConfChangeType, Entry } from './types.js'

const single = (type: ConfChangeType, id: number): ConfChange => ({ transition: 'auto', changes: [{ type, id }] })
const joint = (transition: ConfChange['transition'], ...changes: ConfChangeSingle[]): ConfChange => ({
  transition,
  changes,
})
const leave: ConfChange = { transition: 'auto', changes: [] }
const configs = (cluster: Cluster) => [...cluster.members.values()].map(({ raw }) => raw.status().config)

describe('one change at a time (Raft thesis §4.1)', () => {
  test('a member is added, caught up, and counts', () => {
    const cluster = new Cluster(2)
    const leader = cluster.elect(1)
    cluster.add(3)
    leader.raw.proposeConfChange(single('addNode', 3))
    cluster.settle()
    cluster.isolate(2)
    leader.propose('x')
    cluster.settle()
    expect(configs(cluster)[2]).toEqual(confState([1, 2, 3]))
    expect(cluster.member(3).appliedTexts).toContain('x')
  })

  test('a second change before the first is applied becomes an empty entry', () => {
    const leader = new Cluster(1).elect(1)
    leader.raw.proposeConfChange(single('addLearnerNode', 2))
    leader.raw.proposeConfChange(single('addLearnerNode', 3))
    leader.settle()
    expect(leader.raw.status().config).toEqual(confState([1], [2]))
    expect(leader.log.at(-1)).toMatchObject({ type: 'normal', data: new Uint8Array() })
  })

  test('a change that the limit on uncommitted bytes drops does not block the next', () => {
    const leader = new Cluster(1, { uncommittedBytesMax: 10 }).elect(1)
    leader.propose('x'.repeat(20))
    expect(leader.raw.proposeConfChange(single('addLearnerNode', 2))).toBe('dropped')
    leader.settle()
    expect(leader.raw.proposeConfChange(single('addLearnerNode', 2))).toBe('ok')
    leader.settle()
    expect(leader.raw.status().config.learners).toEqual([2])
  })

  test('the last voter cannot be removed, and the refusal changes nothing', () => {
    const member = new TestMember(1, confState([1]))
    const refused = () => member.raw.applyConfChange(single('removeNode', 1))
    expect(refused).toThrowError(expect.objectContaining({ code: 'E_INVALID_ARGUMENT' }))
    expect(member.raw.status().config).toEqual(confState([1]))
  })

  test('a member with a committed change still to apply does not stand for election: it may not know the voters', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    leader.raw.proposeConfChange(single('removeNode', 2))
    cluster.settle()
    const follower = new TestMember(3, confState([1, 2, 3]), {}, leader.log, 1)
    follower.raw.step(message({ type: 'MsgHeartbeat', from: 1, to: 3, term: 1, commit: 2 }))
    follower.raw.campaign()
    expect(follower.raw.status()).toMatchObject({ role: 'follower', term: 1, commit: 2 })
    follower.settle()
    follower.raw.campaign()
    expect(follower.raw.status().role).toBe('candidate')
  })

  test('a member with a snapshot under way does not stand for election: what it holds is not durable', () => {
    const member = new TestMember(3, confState([1, 2]))
    const snapshot = { index: 9, term: 1, confState: confState([1, 2, 3]), data: new Uint8Array() }
    member.raw.step(message({ type: 'MsgSnap', from: 1, to: 3, term: 1, snapshot }))
    member.raw.campaign()
    expect(member.raw.status().role).toBe('follower')
    member.settle()
    member.raw.campaign()
    expect(member.raw.status().role).toBe('candidate')
  })

  test('a removed leader steps down when asked to, and cannot be elected again', () => {
    const cluster = new Cluster(3, { stepDownOnRemoval: true })
    const leader = cluster.elect(1)
    leader.raw.proposeConfChange(single('removeNode', 1))
    cluster.settle()
    expect(leader.raw.status().role).toBe('follower')
    expect(cluster.elect(1).raw.status()).toMatchObject({ role: 'follower', term: 1 })
    expect(cluster.elect(2).raw.status().role).toBe('leader')
  })

  test('without that it commits the change of which it is no part (§4.2.2), and takes no proposals', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    leader.raw.proposeConfChange(single('removeNode', 1))
    cluster.settle()
    expect(leader.raw.status().role).toBe('leader')
    expect(configs(cluster)[1]).toEqual(confState([2, 3]))
    expect(leader.propose('x')).toBe('dropped')
  })

  test('a smaller quorum commits what waited for a larger', () => {
    const cluster = new Cluster(2)
    const leader = cluster.elect(1)
    leader.raw.proposeConfChange(single('removeNode', 2))
    leader.propose('x')
    leader.settle()
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 2 }))
    leader.settle()
    expect(leader.appliedTexts.at(-1)).toBe('x')
  })
})

describe('learners (Raft thesis §4.2.1)', () => {
  test('receive the log but count for nothing and do not stand for election', () => {
    const cluster = new Cluster(1)
    const leader = cluster.elect(1)
    const learner = cluster.add(2)
    leader.raw.proposeConfChange(single('addLearnerNode', 2))
    leader.propose('x')
    cluster.settle()
    expect(learner.appliedTexts).toContain('x')
    cluster.isolate(2)
    leader.propose('y')
    cluster.settle()
    expect(leader.appliedTexts).toContain('y')
    learner.tick(50)
    expect(learner.raw.status().role).toBe('follower')
  })

  test('vote when asked: one that was promoted may not know yet', () => {
    const learner = new TestMember(3, confState([1, 2], [3]))
    learner.raw.step(message({ type: 'MsgVote', from: 2, to: 3, term: 2, logTerm: 1, index: 4 }))
    expect(learner.settle()).toMatchObject([{ type: 'MsgVoteResp', to: 2, reject: false }])
  })

  test('that were voters tell a candidate which does not know it, so that it asks the right ones next', () => {
    const change = { ...normalEntry(1, 2), type: 'confChangeV2', data: encodeConfChange(single('addLearnerNode', 2)) }
    const log = [normalEntry(1, 1), change as Entry]
    const candidate = new TestMember(1, confState([1, 2]), {}, log)
    // of two voters one is none any more and has the longer log: it can neither lead nor vote for the other
    const learner = new TestMember(2, confState([1, 2]), {}, [...log, normalEntry(1, 3)])
    learner.raw.step(message({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 2 }))
    learner.settle()
    candidate.tick(10)
    for (const request of candidate.settle()) learner.raw.step(request)
    const answers = learner.settle()
    expect(answers).toMatchObject([{ type: 'MsgVoteResp', reject: true, commit: 2, logTerm: 1 }])
    for (const answer of answers) candidate.raw.step(answer)
    candidate.settle()
    expect(candidate.raw.status().config).toEqual(confState([1], [2]))
    candidate.tick(10)
    candidate.settle()
    expect(candidate.raw.status().role).toBe('leader')
  })

  test('cannot be handed leadership', () => {
    const cluster = new Cluster(1)
    const leader = cluster.elect(1)
    cluster.add(2)
    leader.raw.proposeConfChange(single('addLearnerNode', 2))
    cluster.settle()
    leader.raw.transferLeader(2)
    expect(leader.raw.status().leadTransferee).toBe(0)
  })
})

describe('joint consensus (Raft thesis §4.3)', () => {
  const replaceTwo = (transition: ConfChange['transition']) =>
    joint(
      transition,
      { type: 'removeNode', id: 2 },
      { type: 'removeNode', id: 3 },
      { type: 'addNode', id: 4 },
      { type: 'addNode', id: 5 },
    )

  test('several changes go through a joint configuration, and leave it by themselves', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    for (const id of [4, 5]) cluster.add(id)
    leader.raw.proposeConfChange(replaceTwo('auto'))
    cluster.settle()
    expect(configs(cluster)[0]).toEqual(confState([1, 4, 5]))
    expect(configs(cluster)[4]).toEqual(confState([1, 4, 5]))
  })

  test('the leaving is proposed once, however many entries are applied until then', () => {
    const leader = new Cluster(1, { committedBytesPerReadyMax: 1 }).elect(1)
    const learners: ConfChangeSingle[] = [2, 3].map((id) => ({ type: 'addLearnerNode', id }))
    leader.raw.proposeConfChange(joint('auto', ...learners))
    for (const text of ['a', 'b', 'c']) leader.propose(text)
    leader.settle()
    expect(leader.raw.status().config).toEqual(confState([1], [2, 3]))
    expect(leader.log.map(({ type }) => type)).toEqual([
      'normal',
      'confChangeV2',
      'normal',
      'normal',
      'normal',
      'confChangeV2',
    ])
  })

  test('while joint both majorities must commit', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    for (const id of [4, 5]) cluster.add(id)
    leader.raw.proposeConfChange(replaceTwo('jointExplicit'))
    cluster.settle()
    expect(leader.raw.status().config).toMatchObject({ voters: [1, 4, 5], votersOutgoing: [1, 2, 3] })
    cluster.isolate(2, 3)
    leader.propose('old half missing')
    cluster.settle()
    expect(leader.appliedTexts).not.toContain('old half missing')
    cluster.heal()
    cluster.isolate(4, 5)
    leader.tick()
    leader.propose('new half missing')
    cluster.settle()
    expect(leader.appliedTexts).not.toContain('new half missing')
    cluster.heal()
    leader.tick()
    cluster.settle()
    expect(leader.appliedTexts).toEqual(expect.arrayContaining(['old half missing', 'new half missing']))
  })

  test('while joint both majorities must elect', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    for (const id of [4, 5]) cluster.add(id)
    leader.raw.proposeConfChange(replaceTwo('jointExplicit'))
    cluster.settle()
    cluster.isolate(4, 5)
    expect(cluster.elect(2).raw.status().role).toBe('candidate')
    cluster.heal()
    expect(cluster.elect(2).raw.status().role).toBe('leader')
  })

  test('an explicit one is left on request only, and no other change comes between', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    leader.raw.proposeConfChange(joint('jointExplicit', { type: 'addLearnerNode', id: 3 }))
    cluster.settle()
    expect(leader.raw.status().config).toMatchObject({ voters: [1, 2], votersOutgoing: [1, 2, 3], learnersNext: [3] })
    leader.raw.proposeConfChange(single('addNode', 4))
    cluster.settle()
    expect(leader.raw.status().config.votersOutgoing).toEqual([1, 2, 3])
    leader.raw.proposeConfChange(leave)
    cluster.settle()
    expect(leader.raw.status().config).toEqual(confState([1, 2], [3]))
  })

  test('a new leader leaves a joint configuration that the old one entered', () => {
    const cluster = new Cluster(5)
    const leader = cluster.elect(1)
    leader.raw.proposeConfChange(joint('jointImplicit', { type: 'addLearnerNode', id: 5 }))
    const sent = leader.settle()
    cluster.members.delete(1)
    for (const append of sent) cluster.member(append.to).raw.step(append)
    cluster.settle()
    expect(cluster.member(2).raw.status().config).toEqual(confState([1, 2, 3, 4, 5]))
    cluster.elect(2)
    expect(cluster.member(2).raw.status().config).toEqual(confState([1, 2, 3, 4], [5]))
  })
})

describe('a change as data', () => {
  test.each<[string, ConfChange]>([
    ['leaving', leave],
    ['one', single('addNode', 7)],
    ['several', joint('jointImplicit', { type: 'removeNode', id: 300 }, { type: 'updateNode', id: 2 ** 50 })],
    ['with context', { ...single('addLearnerNode', 1), context: Uint8Array.of(1, 2, 3) }],
  ])('%s comes back as it went', (_, change) => {
    expect(decodeConfChange(encodeConfChange(change))).toEqual(change)
  })

  test('garbage is refused', () => {
    for (const bytes of [[9], [1, 7, 0, 0], [1, 0, 1, 9, 1, 0], [1, 0, 3]])
      expect(() => decodeConfChange(Uint8Array.from(bytes))).toThrowError(
        expect.objectContaining({ code: 'E_CORRUPT' }),
      )
  })
})
