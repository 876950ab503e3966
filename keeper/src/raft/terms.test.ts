import { describe, expect, test } from 'vitest'
import { Cluster, confState, logOfTerms, message, normalEntry, TestMember } from './testing/cluster.js'
import type { Entry, Message, MessageType } from './types.js'

/** The rules of the Raft paper, section by section, each on one member. */

const member = (log: readonly Entry[] = [], term?: number): TestMember =>
  new TestMember(1, confState([1, 2, 3]), {}, log, term)

const to1 = (type: MessageType, fields: Partial<Message> & { term: number }): Message =>
  message({ type, from: 2, to: 1, ...fields })

function candidate(log: readonly Entry[] = []): TestMember {
  const one = member(log)
  one.raw.campaign()
  one.settle()
  return one
}

function leader(log: readonly Entry[] = []): TestMember {
  const one = candidate(log)
  one.raw.step(to1('MsgVoteResp', { term: one.raw.term }))
  return one
}

describe('terms (§5.1)', () => {
  test.each([
    ['follower', () => member([], 1)],
    ['candidate', () => candidate()],
    ['leader', () => leader()],
  ] as const)('a %s follows into a later term and its leader', (_, make) => {
    const one = make()
    one.raw.step(to1('MsgApp', { term: 7 }))
    expect([one.raw.role, one.raw.term, one.raw.leader]).toEqual(['follower', 7, 2])
  })

  test('nothing that speaks of an earlier term changes anything or moves the election timeout', () => {
    const one = member([], 5)
    one.settle()
    one.tick(9)
    one.raw.step(to1('MsgApp', { term: 4, entries: [normalEntry(4, 1)], commit: 1 }))
    one.raw.step(to1('MsgHeartbeat', { term: 4 }))
    expect([one.settle(), one.log, one.raw.leader]).toEqual([[], [], 0])
    one.tick()
    expect(one.raw.role).toBe('candidate')
  })

  test('with pre-votes an outdated leader is told of the later term', () => {
    const one = new TestMember(1, confState([1, 2, 3]), { preVote: true }, [], 5)
    one.raw.step(to1('MsgHeartbeat', { term: 4 }))
    expect(one.settle()).toMatchObject([{ type: 'MsgAppResp', to: 2, term: 5, index: 0, reject: false }])
  })
})

describe('elections (§5.2)', () => {
  test('a member starts as follower', () => {
    expect(member([], 3).raw.role).toBe('follower')
  })

  test('the leader says that it leads at every interval, to everyone, without entries', () => {
    const one = leader()
    one.settle()
    one.tick()
    const beats = one.settle()
    expect(beats.map(({ type, to, entries }) => [type, to, entries.length])).toEqual([
      ['MsgHeartbeat', 2, 0],
      ['MsgHeartbeat', 3, 0],
    ])
  })

  test('it tells nobody of a commit beyond what that member is known to have', () => {
    const one = leader()
    one.settle()
    one.raw.step(to1('MsgAppResp', { term: 1, index: 1 }))
    one.settle()
    one.tick()
    expect(one.settle().map(({ to, commit }) => [to, commit])).toEqual([
      [2, 1],
      [3, 0],
    ])
  })

  test('the timeout is drawn anew from [timeout, 2 × timeout) for every election', () => {
    const drawn: number[] = []
    const one = new TestMember(1, confState([1, 2, 3]), { random: (below) => drawn.push(below) - 1 })
    const waited = (): number => {
      const { term } = one.raw
      for (let ticks = 1; ; ticks++) {
        one.tick()
        if (one.raw.term > term) return ticks
      }
    }
    expect([waited(), waited(), waited()]).toEqual([10, 11, 12])
    expect(new Set(drawn)).toEqual(new Set([10]))
  })

  test('a leader that is asked to stand goes on leading', () => {
    const one = leader()
    one.raw.campaign()
    expect([one.raw.role, one.raw.term]).toEqual(['leader', 1])
  })

  test('a candidate counts no answers to its pre-vote of before', () => {
    const one = new TestMember(1, confState([1, 2, 3, 4, 5]), { preVote: true })
    one.raw.campaign()
    one.settle()
    for (const from of [2, 3]) one.raw.step(message({ type: 'MsgPreVoteResp', from, to: 1, term: 1 }))
    one.settle()
    for (const from of [4, 5]) one.raw.step(message({ type: 'MsgPreVoteResp', from, to: 1, term: 1 }))
    expect(one.raw.role).toBe('candidate')
  })

  test('a refused pre-vote of a later term ends the standing in that term', () => {
    const one = new TestMember(1, confState([1, 2, 3]), { preVote: true })
    one.raw.campaign()
    one.settle()
    one.raw.step(to1('MsgPreVoteResp', { term: 4, reject: true }))
    expect([one.raw.role, one.raw.term]).toEqual(['follower', 4])
  })

  test('a pre-candidate behind in terms is refused in the present one, and so gets unstuck', () => {
    const one = member([], 5)
    one.raw.step(to1('MsgPreVote', { term: 3 }))
    expect(one.settle()).toMatchObject([{ type: 'MsgPreVoteResp', term: 5, reject: true }])
  })
})

describe('who gets the vote (§5.4.1)', () => {
  test.each([
    { own: [1], index: 1, logTerm: 1, granted: true },
    { own: [1], index: 2, logTerm: 1, granted: true },
    { own: [1, 1], index: 1, logTerm: 1, granted: false },
    { own: [1], index: 1, logTerm: 2, granted: true },
    { own: [1, 1], index: 1, logTerm: 2, granted: true },
    { own: [2], index: 1, logTerm: 1, granted: false },
    { own: [2], index: 2, logTerm: 1, granted: false },
    { own: [1, 2], index: 1, logTerm: 1, granted: false },
  ])(
    'to a log ending in $logTerm/$index with an own one of terms $own: $granted',
    ({ own, index, logTerm, granted }) => {
      const one = member(logOfTerms(...own))
      one.settle()
      one.raw.step(to1('MsgVote', { term: 3, index, logTerm }))
      expect(one.settle()).toMatchObject([{ type: 'MsgVoteResp', to: 2, reject: !granted }])
    },
  )

  test('a vote request carries the end of the log', () => {
    const one = member(logOfTerms(1, 2))
    one.raw.campaign()
    expect(one.settle()).toMatchObject([
      { type: 'MsgVote', to: 2, term: 3, index: 2, logTerm: 2 },
      { type: 'MsgVote', to: 3, term: 3, index: 2, logTerm: 2 },
    ])
  })
})

describe('replication (§5.3)', () => {
  test.each([
    [1, 0, true],
    [3, 0, false],
    [3, 1, true],
    [5, 1, false],
    [5, 2, true],
  ])('of %i members, with %i others that have it, it is committed: %s', (size, others, committed) => {
    const cluster = new Cluster(size)
    const one = cluster.elect(1)
    one.propose('x')
    one.settle()
    for (let id = 2; id < 2 + others; id++)
      one.raw.step(message({ type: 'MsgAppResp', from: id, to: 1, term: 1, index: 2 }))
    one.settle()
    expect(one.appliedTexts).toEqual(committed ? ['x'] : [])
  })

  test('what commits takes everything before it along, of whatever term', () => {
    const one = leader(logOfTerms(1, 2))
    one.settle()
    one.raw.step(to1('MsgAppResp', { term: 3, index: 3 }))
    one.settle()
    expect(one.applied.map(({ term, index }) => [term, index])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })

  test.each([
    { entries: [1, 2], commit: 1, applied: 1 },
    { entries: [1, 2], commit: 2, applied: 2 },
    { entries: [1], commit: 5, applied: 1 },
  ])('a follower applies to the leader’s commit $commit, as far as the message vouches for its log', (row) => {
    const one = member()
    one.raw.step(to1('MsgApp', { term: 2, commit: row.commit, entries: logOfTerms(...row.entries) }))
    one.settle()
    expect(one.raw.commit).toBe(row.applied)
  })

  test.each([
    { own: [1, 2], at: [2, 2], sent: [3], log: [1, 2, 3], news: [3] },
    { own: [1, 2], at: [1, 1], sent: [3, 4], log: [1, 3, 4], news: [3, 4] },
    { own: [1, 2], at: [0, 0], sent: [1], log: [1, 2], news: [] },
    { own: [1, 2], at: [0, 0], sent: [3], log: [3], news: [3] },
  ])(
    'a log of $own given $sent after $at becomes $log, and writes only what is new',
    ({ own, at, sent, log, news }) => {
      const one = member(logOfTerms(...own))
      one.settle()
      const [index = 0, logTerm = 0] = at
      one.raw.step(
        to1('MsgApp', { term: 4, index, logTerm, entries: sent.map((term, n) => normalEntry(term, index + 1 + n)) }),
      )
      const ready = one.raw.ready()
      expect(ready.entries.map(({ term }) => term)).toEqual(news)
      one.storage.append(ready.entries)
      expect(one.log.map(({ term }) => term)).toEqual(log)
    },
  )

  test('an acknowledgement of what the leader does not have is not believed', () => {
    const one = leader()
    one.settle()
    one.raw.step(to1('MsgAppResp', { term: 1, index: 99 }))
    one.settle()
    expect([one.raw.commit, one.raw.status().progress.get(2)?.match]).toEqual([0, 0])
  })

  test('a proposal in a member’s message is not taken where proposals are not passed on', () => {
    const one = new TestMember(1, confState([1]), { disableProposalForwarding: true })
    one.raw.campaign()
    one.settle()
    expect(one.raw.step(to1('MsgProp', { term: 0, entries: [normalEntry(0, 0, 'x')] }))).toBe('dropped')
    expect(one.propose('own')).toBe('ok')
  })
})
