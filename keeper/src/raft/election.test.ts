import { describe, expect, test } from 'vitest'
import { Cluster, confState, logOfTerms, message, TestMember } from './testing/cluster.js'
import type { Message } from './types.js'

const voteRequest = (term: number, logTerm: number, index: number, from = 2): Message =>
  message({ type: 'MsgVote', from, to: 1, term, logTerm, index })

/** What a member with this log answers to a vote request. */
function answerTo(request: Message, log = logOfTerms(1, 1, 2)): Message | undefined {
  const member = new TestMember(1, confState([1, 2, 3]), {}, log)
  member.raw.step(request)
  return member.settle().find(({ type }) => type === 'MsgVoteResp')
}

describe('leader election (Raft §5.2)', () => {
  test('a follower stands for election when it hears nothing for its timeout', () => {
    const member = new TestMember(1, confState([1, 2, 3]), { random: () => 4 })
    member.tick(13)
    expect(member.raw.status().role).toBe('follower')
    member.tick()
    expect(member.raw.status()).toMatchObject({ role: 'candidate', term: 1, vote: 1 })
    expect(member.settle().map(({ type, to }) => [type, to])).toEqual([
      ['MsgVote', 2],
      ['MsgVote', 3],
    ])
  })

  test('a heartbeat starts the timeout anew', () => {
    const member = new TestMember(1, confState([1, 2, 3]))
    member.tick(9)
    member.raw.step(message({ type: 'MsgHeartbeat', from: 2, to: 1, term: 1 }))
    member.tick(9)
    expect(member.raw.status()).toMatchObject({ role: 'follower', leader: 2 })
  })

  test('a majority elects, a minority does not', () => {
    const cluster = new Cluster(5)
    cluster.isolate(3, 4, 5)
    expect(cluster.elect(1).raw.status().role).toBe('candidate')
    cluster.heal()
    cluster.isolate(4, 5)
    expect(cluster.elect(1).raw.status().role).toBe('leader')
  })

  test('one vote per term, also after a crash', () => {
    const member = new TestMember(1, confState([1, 2, 3]))
    member.raw.step(voteRequest(1, 0, 0, 2))
    expect(member.settle()).toMatchObject([{ type: 'MsgVoteResp', to: 2, reject: false }])
    member.restart()
    member.raw.step(voteRequest(1, 0, 0, 3))
    member.raw.step(voteRequest(1, 0, 0, 2))
    expect(member.settle()).toMatchObject([
      { to: 3, reject: true },
      { to: 2, reject: false },
    ])
  })

  test('the vote leaves only with the Ready that makes it durable (thesis §3.8)', () => {
    const member = new TestMember(1, confState([1, 2, 3]))
    member.raw.step(voteRequest(1, 0, 0))
    const ready = member.raw.ready()
    expect(ready).toMatchObject({
      hardState: { term: 1, vote: 2 },
      mustSync: true,
      messages: [{ type: 'MsgVoteResp' }],
    })
  })

  test('a candidate yields to a leader of its term and ignores one of an earlier', () => {
    const member = new TestMember(1, confState([1, 2, 3]), {}, logOfTerms(3))
    member.raw.campaign()
    member.raw.step(message({ type: 'MsgHeartbeat', from: 2, to: 1, term: 3 }))
    expect(member.raw.status()).toMatchObject({ role: 'candidate', term: 4 })
    member.raw.step(message({ type: 'MsgHeartbeat', from: 2, to: 1, term: 4 }))
    expect(member.raw.status()).toMatchObject({ role: 'follower', leader: 2, term: 4 })
  })

  test('a candidate that a majority refuses becomes follower', () => {
    const cluster = new Cluster(3, {}, [logOfTerms(1), logOfTerms(1, 1), logOfTerms(1, 1)])
    expect(cluster.elect(1).raw.status()).toMatchObject({ role: 'follower', term: 2 })
  })

  test('a vote that arrives twice counts once', () => {
    const member = new TestMember(1, confState([1, 2, 3, 4, 5]))
    member.raw.campaign()
    member.settle()
    const refusal = message({ type: 'MsgVoteResp', from: 2, to: 1, term: 1, reject: true })
    member.raw.step(refusal)
    member.raw.step({ ...refusal, reject: false })
    member.raw.step(message({ type: 'MsgVoteResp', from: 3, to: 1, term: 1 }))
    expect(member.raw.status().role).toBe('candidate')
    member.raw.step(message({ type: 'MsgVoteResp', from: 4, to: 1, term: 1 }))
    expect(member.raw.status().role).toBe('leader')
  })

  test('a single voter leads only after its own vote is durable', () => {
    const member = new TestMember(1, confState([1]))
    member.raw.campaign()
    expect(member.raw.ready().hardState).toMatchObject({ term: 1, vote: 1 })
    expect(member.raw.status().role).toBe('candidate')
    member.raw.advance()
    expect(member.raw.status().role).toBe('leader')
  })
})

describe('election restriction (Raft §5.4.1)', () => {
  test.each([
    ['a later last term wins over length', 3, 1, false],
    ['same last term, same length', 2, 3, false],
    ['same last term, longer', 2, 4, false],
    ['same last term, shorter', 2, 2, true],
    ['an earlier last term, however long', 1, 9, true],
  ])('%s', (_, logTerm, index, reject) => {
    expect(answerTo(voteRequest(5, logTerm, index))).toMatchObject({ reject, term: 5 })
  })
})

describe('pre-vote (Raft thesis §9.6)', () => {
  test('a member that was cut off does not raise the term, and does not depose the leader', () => {
    const cluster = new Cluster(3, { preVote: true, checkQuorum: true })
    const leader = cluster.elect(1)
    cluster.isolate(3)
    cluster.member(3).tick(100)
    cluster.settle()
    expect(cluster.member(3).raw.status()).toMatchObject({ role: 'preCandidate', term: 1 })
    cluster.heal()
    leader.tick()
    cluster.settle()
    expect(cluster.roles()).toEqual(['leader', 'follower', 'follower'])
    expect(leader.raw.status().term).toBe(1)
  })

  test('without it the same member deposes the leader', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    cluster.isolate(3)
    cluster.member(3).tick(30)
    cluster.settle()
    cluster.heal()
    cluster.member(3).tick(10)
    cluster.settle()
    expect(leader.raw.status().term).toBeGreaterThan(1)
  })

  test('a granted pre-vote binds nobody: neither term nor vote change', () => {
    const member = new TestMember(1, confState([1, 2, 3]), { preVote: true })
    for (const from of [2, 3]) member.raw.step(message({ type: 'MsgPreVote', from, to: 1, term: 1 }))
    expect(member.settle()).toMatchObject([
      { to: 2, reject: false },
      { to: 3, reject: false },
    ])
    expect(member.raw.status()).toMatchObject({ term: 0, vote: 0 })
  })
})

describe('a member that stands for election (to be told whether to ask again soon)', () => {
  const options = { preVote: true, checkQuorum: true }
  const answer = (type: 'MsgPreVoteResp' | 'MsgVoteResp', reject = false) =>
    message({ type, from: 2, to: 1, term: 1, reject })

  test('asks in vain for pre-votes that nobody answers, since the others heard of a leader just now', () => {
    // the lease ends after 10 ticks, the timeout after 15
    const cluster = new Cluster(3, { ...options, random: () => 5 })
    cluster.elect(1)
    cluster.isolate(1)
    const [, early, late] = [1, 2, 3].map((id) => cluster.member(id)) as [TestMember, TestMember, TestMember]
    expect(early.raw.asksInVain).toBe(false)
    late.tick(9)
    early.tick(15)
    cluster.settle()
    expect([early.raw.status().role, early.raw.asksInVain]).toEqual(['preCandidate', true])
    late.tick(1)
    early.raw.campaign()
    cluster.settle()
    expect([early.raw.status().role, early.raw.asksInVain]).toEqual(['leader', false])
  })

  test('waits for votes that have still to come, but not once it was refused one', () => {
    const member = new TestMember(1, confState([1, 2, 3]), options)
    member.raw.campaign()
    member.settle()
    member.raw.step(answer('MsgPreVoteResp'))
    member.settle()
    expect([member.raw.status().role, member.raw.asksInVain]).toEqual(['candidate', false])
    member.raw.step(answer('MsgVoteResp', true))
    expect([member.raw.status().role, member.raw.asksInVain]).toEqual(['candidate', true])
  })
})

describe('the leader’s lease (Raft thesis §4.2.3, §6.2)', () => {
  const leased = { preVote: true, checkQuorum: true }

  test('within it no vote is granted and the term stays', () => {
    const cluster = new Cluster(3, leased)
    cluster.elect(1)
    cluster.member(2).raw.step(message({ type: 'MsgVote', from: 3, to: 2, term: 9, logTerm: 9, index: 9 }))
    expect(cluster.member(2).settle()).toEqual([])
    expect(cluster.member(2).raw.status().term).toBe(1)
  })

  test('a leader that hears of no quorum for an election timeout steps down', () => {
    const cluster = new Cluster(3, leased)
    const leader = cluster.elect(1)
    cluster.isolate(1)
    leader.tick(20)
    expect(leader.raw.status()).toMatchObject({ role: 'follower', leader: 0 })
  })

  test('a leader that hears of a quorum stays', () => {
    const cluster = new Cluster(3, leased)
    const leader = cluster.elect(1)
    cluster.isolate(3)
    for (let rest = 40; rest > 0; rest--) {
      leader.tick()
      cluster.settle()
    }
    expect(leader.raw.status().role).toBe('leader')
  })

  test('a broken connection to the leader voids it at this voter alone', () => {
    const cluster = new Cluster(3, leased)
    cluster.elect(1)
    cluster.isolate(1)
    cluster.member(3).raw.transportLost(1)
    cluster.elect(3)
    expect(cluster.member(3).raw.status().role).toBe('preCandidate')
    cluster.member(2).raw.transportLost(1)
    expect(cluster.elect(3).raw.status()).toMatchObject({ role: 'leader', term: 2 })
  })

  test('a connection to another than the leader says nothing about the leader', () => {
    const cluster = new Cluster(3, leased)
    cluster.elect(1)
    cluster.isolate(1)
    cluster.member(2).raw.transportLost(3)
    expect(cluster.elect(3).raw.status().role).toBe('preCandidate')
  })

  test('a word from the leader restores it', () => {
    const cluster = new Cluster(3, leased)
    const leader = cluster.elect(1)
    cluster.member(2).raw.transportLost(1)
    leader.tick()
    cluster.settle()
    cluster.isolate(1)
    expect(cluster.elect(3).raw.status().role).toBe('preCandidate')
  })

  test('with lease reads neither a broken connection nor forgetting the leader voids it', () => {
    const cluster = new Cluster(3, { ...leased, leaseReads: true })
    cluster.elect(1)
    cluster.isolate(1)
    cluster.member(2).raw.transportLost(1)
    cluster.member(2).raw.forgetLeader()
    expect(cluster.elect(3).raw.status().role).toBe('preCandidate')
  })
})

describe('leadership transfer (Raft thesis §3.10)', () => {
  test('brings the member up to date first, lets no proposal in meanwhile, and passes the lease by', () => {
    const cluster = new Cluster(3, { preVote: true, checkQuorum: true })
    const leader = cluster.elect(1)
    cluster.isolate(3)
    leader.propose('x')
    cluster.settle()
    leader.raw.transferLeader(3)
    expect(leader.propose('y')).toBe('dropped')
    cluster.heal()
    leader.tick()
    cluster.settle()
    expect(cluster.member(3).raw.status()).toMatchObject({ role: 'leader', term: 2 })
    expect(cluster.member(3).appliedTexts).toEqual(['x'])
  })

  test('is given up after an election timeout', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    cluster.isolate(3)
    leader.propose('x')
    cluster.settle()
    leader.raw.transferLeader(3)
    leader.tick(10)
    expect(leader.raw.status()).toMatchObject({ role: 'leader', leadTransferee: 0 })
    expect(leader.propose('y')).toBe('ok')
  })

  test('is given up when the member is removed', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    leader.raw.proposeConfChange({ transition: 'auto', changes: [{ type: 'removeNode', id: 3 }] })
    cluster.isolate(3)
    leader.raw.transferLeader(3)
    cluster.settle()
    expect(leader.raw.status()).toMatchObject({ leadTransferee: 0, config: confState([1, 2]) })
    expect(leader.propose('x')).toBe('ok')
  })

  test('a follower passes the wish on', () => {
    const cluster = new Cluster(3)
    cluster.elect(1)
    cluster.member(2).raw.transferLeader(2)
    cluster.settle()
    expect(cluster.roles()).toEqual(['follower', 'leader', 'follower'])
  })
})

describe('a member that may have lost its vote', () => {
  const restarted = () => new TestMember(1, confState([1, 2, 3]), {}, logOfTerms(1, 1, 2))

  test('is pledged to the leader of the term, and votes for nobody else in it', () => {
    const member = restarted()
    member.raw.step(message({ type: 'MsgHeartbeat', from: 3, to: 1, term: 2 }))
    expect(member.raw.pledgeToLeader()).toBe(true)
    expect(member.raw.status()).toMatchObject({ vote: 3, term: 2 })
    member.raw.forgetLeader()
    member.raw.step(voteRequest(2, 2, 3))
    expect(member.settle().find(({ type }) => type === 'MsgVoteResp')).toMatchObject({ reject: true })
  })

  test('has to wait while no leader of the term is known', () => {
    const member = restarted()
    member.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 2 }))
    expect(member.raw.pledgeToLeader()).toBe(false)
    expect(member.raw.status()).toMatchObject({ vote: 0 })
  })
})
