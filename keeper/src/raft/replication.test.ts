import { describe, expect, test } from 'vitest'
import { Cluster, confState, logOfTerms, message, normalEntry, TestMember } from './testing/cluster.js'

const terms = (member: TestMember): number[] => member.log.map((entry) => entry.term)

describe('log replication (Raft §5.3)', () => {
  test('what a majority has is committed and applied everywhere, in order', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    for (const text of ['a', 'b', 'c']) expect(leader.propose(text)).toBe('ok')
    cluster.settle()
    for (const member of cluster.members.values()) expect(member.appliedTexts).toEqual(['a', 'b', 'c'])
  })

  test('a minority commits nothing', () => {
    const cluster = new Cluster(5)
    const leader = cluster.elect(1)
    cluster.isolate(3, 4, 5)
    leader.propose('a')
    cluster.settle()
    expect(leader.appliedTexts).toEqual([])
    cluster.heal()
    leader.tick()
    cluster.settle()
    expect(leader.appliedTexts).toEqual(['a'])
  })

  test('a follower passes proposals on, unless it has no leader or may not', () => {
    const cluster = new Cluster(3)
    expect(cluster.member(2).propose('early')).toBe('dropped')
    cluster.elect(1)
    expect(cluster.member(2).propose('late')).toBe('ok')
    cluster.settle()
    expect(cluster.member(3).appliedTexts).toEqual(['late'])

    const silent = new Cluster(3, { disableProposalForwarding: true })
    silent.elect(1)
    expect(silent.member(2).propose('x')).toBe('dropped')
  })

  test('figure 7: followers with missing and with surplus entries become the leader’s log', () => {
    const leaderLog = logOfTerms(1, 1, 1, 4, 4, 5, 5, 6, 6, 6)
    const others = [
      logOfTerms(1, 1, 1, 4, 4, 5, 5, 6, 6),
      logOfTerms(1, 1, 1, 4),
      logOfTerms(1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
      logOfTerms(1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
      logOfTerms(1, 1, 1, 4, 4, 4, 4),
      logOfTerms(1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
    ]
    const cluster = new Cluster(7, {}, [leaderLog, ...others])
    cluster.elect(1)
    for (const member of cluster.members.values()) expect(terms(member)).toEqual([...terms(cluster.member(1))])
    expect(terms(cluster.member(1))).toEqual([1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8])
  })

  test('log matching: entries behind an unknown predecessor are refused, with a hint that skips terms', () => {
    const member = new TestMember(1, confState([1, 2]), {}, logOfTerms(1, 1, 1, 3, 3, 3))
    member.raw.step(
      message({ type: 'MsgApp', from: 2, to: 1, term: 5, logTerm: 2, index: 6, entries: [normalEntry(5, 7)] }),
    )
    expect(member.settle()).toMatchObject([{ type: 'MsgAppResp', reject: true, index: 6, rejectHint: 3, logTerm: 1 }])
    expect(member.log).toHaveLength(6)
  })

  test('an old append that arrives late does not shorten the log', () => {
    const member = new TestMember(1, confState([1, 2]), {}, logOfTerms(1, 1, 1))
    member.raw.step(
      message({ type: 'MsgApp', from: 2, to: 1, term: 1, logTerm: 1, index: 1, entries: [normalEntry(1, 2)] }),
    )
    expect(member.settle()).toMatchObject([{ type: 'MsgAppResp', index: 2, reject: false }])
    expect(member.log).toHaveLength(3)
  })

  test('a refusal that arrives late does not stop the stream', () => {
    const leader = new Cluster(2).elect(1)
    leader.propose('a')
    leader.settle()
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 2 }))
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 1, reject: true }))
    expect(leader.raw.status().progress.get(2)).toMatchObject({ state: 'replicate', match: 2, next: 3 })
  })

  test('a committed entry is never replaced', () => {
    const member = new TestMember(1, confState([1, 2]), {}, logOfTerms(1, 1))
    member.raw.step(message({ type: 'MsgHeartbeat', from: 2, to: 1, term: 1, commit: 2 }))
    const bad = { logTerm: 1, index: 2, entries: [{ ...normalEntry(2, 2) }] }
    expect(() => member.raw.step(message({ type: 'MsgApp', from: 2, to: 1, term: 2, ...bad }))).toThrow(/committed/)
  })

  test('a follower whose acknowledged tail is gone says so instead of going on', () => {
    const member = new TestMember(1, confState([1, 2]), {}, logOfTerms(1))
    const heartbeat = message({ type: 'MsgHeartbeat', from: 2, to: 1, term: 1, commit: 5 })
    expect(() => member.raw.step(heartbeat)).toThrowError(expect.objectContaining({ code: 'E_LOST_TAIL' }))
  })
})

describe('commitment (Raft §5.4.2, figure 8)', () => {
  test('an entry of an earlier term is not committed by counting, but with the first of the own term', () => {
    const logs = [logOfTerms(1, 2), logOfTerms(1, 2), logOfTerms(1)]
    const leader = new TestMember(1, confState([1, 2, 3]), {}, logs[0], 2)
    leader.raw.campaign()
    leader.settle()
    leader.raw.step(message({ type: 'MsgVoteResp', from: 2, to: 1, term: 3 }))
    leader.settle()
    // index 2 (term 2) is on a majority now, index 3 (term 3) is not
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 3, index: 2 }))
    leader.settle()
    expect(leader.raw.status().commit).toBe(0)
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 3, index: 3 }))
    expect(leader.raw.status().commit).toBe(3)
  })

  test('the leader’s own entry counts only when its append is durable', () => {
    const leader = new Cluster(2).elect(1)
    leader.propose('x')
    const ready = leader.raw.ready()
    expect(ready.messages).toMatchObject([{ type: 'MsgApp', to: 2 }])
    leader.raw.step(message({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 2 }))
    expect(leader.raw.status().commit).toBe(1)
    leader.storage.append(ready.entries)
    leader.raw.advance()
    expect(leader.raw.status().commit).toBe(2)
  })

  test('so with a single voter: nothing commits before its own fsync', () => {
    const member = new TestMember(1, confState([1]))
    member.raw.campaign()
    member.settle()
    member.propose('x')
    const ready = member.raw.ready()
    expect(ready).toMatchObject({ committedEntries: [], mustSync: true, entries: [{ index: 2 }] })
    expect(member.raw.status().commit).toBe(1)
    member.storage.append(ready.entries)
    member.raw.advance()
    expect(member.raw.ready().committedEntries).toMatchObject([{ index: 2 }])
  })

  test('with a single voter and asynchronous writes, too', () => {
    const member = new TestMember(1, confState([1]), { asyncStorageWrites: true })
    const persist = () => {
      const work = member.raw.ready().messages.find(({ type }) => type === 'MsgStorageAppend')
      member.storage.append(work?.entries ?? [])
      for (const response of work?.responses ?? []) member.raw.step(response)
    }
    member.raw.campaign()
    persist()
    persist()
    expect(member.raw.status()).toMatchObject({ role: 'leader', commit: 1 })
    member.propose('x')
    expect(member.raw.status().commit).toBe(1)
    persist()
    expect(member.raw.status().commit).toBe(2)
  })
})

describe('limits', () => {
  test('a proposal over the uncommitted bytes is dropped until some are applied; the first always passes', () => {
    const cluster = new Cluster(3, { uncommittedBytesMax: 10 })
    const leader = cluster.elect(1)
    expect(leader.propose('x'.repeat(100))).toBe('ok')
    expect(leader.propose('y')).toBe('dropped')
    cluster.settle()
    expect(leader.propose('y')).toBe('ok')
  })

  test('no more messages are in flight to a silent follower than allowed', () => {
    const cluster = new Cluster(3, { inflightMessagesMax: 4 })
    const leader = cluster.elect(1)
    for (let n = 0; n < 20; n++) leader.propose(`${n}`)
    const sent = leader.settle().filter(({ type, to }) => type === 'MsgApp' && to === 2)
    expect(sent).toHaveLength(4)
    expect(leader.raw.status().progress.get(2)).toMatchObject({ inflight: 4, inflightFull: true, paused: true })
  })

  test('nor more bytes', () => {
    const cluster = new Cluster(3, { messageBytesMax: 100, inflightBytesMax: 250 })
    const leader = cluster.elect(1)
    for (let n = 0; n < 20; n++) leader.propose('z'.repeat(100))
    expect(leader.settle().filter(({ type, to }) => type === 'MsgApp' && to === 2)).toHaveLength(3)
  })

  test('a window that was lost is found out at the next heartbeat', () => {
    const cluster = new Cluster(3, { inflightMessagesMax: 2 })
    const leader = cluster.elect(1)
    cluster.isolate(3)
    for (let n = 0; n < 5; n++) leader.propose(`${n}`)
    cluster.settle()
    cluster.heal()
    leader.tick()
    cluster.settle()
    expect(cluster.member(3).appliedTexts).toEqual(['0', '1', '2', '3', '4'])
  })

  test('one Ready hands out no more to apply than allowed, and the next goes on', () => {
    const member = new TestMember(1, confState([1]), { committedBytesPerReadyMax: 1 })
    member.raw.campaign()
    member.settle()
    for (const text of ['a', 'b', 'c']) member.propose(text)
    member.processReady()
    expect(member.raw.ready().committedEntries).toHaveLength(1)
  })
})

describe('snapshots (Raft §7)', () => {
  test('a follower behind the compacted log gets a snapshot, then the rest', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    cluster.isolate(3)
    for (const text of ['a', 'b', 'c']) leader.propose(text)
    cluster.settle()
    leader.storage.createSnapshot(3, confState([1, 2, 3]), Buffer.from('ab'))
    leader.storage.compact(3)
    cluster.heal()
    leader.tick()
    const types = cluster.settle().map(({ type }) => type)
    expect(types).toContain('MsgSnap')
    const { storage, appliedTexts } = cluster.member(3)
    expect(Buffer.from(storage.snapshot().data).toString()).toBe('ab')
    expect(appliedTexts).toEqual(['c'])
    expect(leader.raw.status().progress.get(3)).toMatchObject({ state: 'replicate', match: 4 })
  })

  test('one that failed is tried again; meanwhile nothing else is sent', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    cluster.isolate(3)
    leader.propose('a')
    cluster.settle()
    leader.storage.createSnapshot(2, confState([1, 2, 3]), Buffer.from('a'))
    leader.storage.compact(2)
    leader.raw.step(message({ type: 'MsgHeartbeatResp', from: 3, to: 1, term: 1 }))
    leader.raw.step(message({ type: 'MsgAppResp', from: 3, to: 1, term: 1, index: 1, reject: true }))
    leader.raw.reportUnreachable(3)
    leader.raw.step(message({ type: 'MsgHeartbeatResp', from: 3, to: 1, term: 1 }))
    expect(leader.settle().map(({ type }) => type)).toContain('MsgSnap')
    leader.propose('b')
    expect(leader.settle().filter(({ to }) => to === 3)).toEqual([])
    leader.raw.reportSnapshot(3, 'failed')
    leader.raw.step(message({ type: 'MsgHeartbeatResp', from: 3, to: 1, term: 1 }))
    expect(leader.settle().filter(({ to }) => to === 3)).toMatchObject([{ type: 'MsgSnap' }])
  })

  test('an unreachable follower is probed from its match', () => {
    const cluster = new Cluster(2)
    const leader = cluster.elect(1)
    leader.propose('a')
    leader.settle()
    expect(leader.raw.status().progress.get(2)).toMatchObject({ state: 'replicate', next: 3 })
    leader.raw.reportUnreachable(2)
    expect(leader.raw.status().progress.get(2)).toMatchObject({ state: 'probe', next: 2 })
  })

  test('an older one takes nothing back and is answered with the commit index', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    leader.propose('a')
    cluster.settle()
    const follower = cluster.member(2)
    follower.storage.createSnapshot(2, confState([1, 2, 3]), Buffer.from('a'))
    follower.storage.compact(2)
    const snapshot = { index: 1, term: 1, confState: confState([1, 2, 3]), data: Buffer.from('') }
    follower.raw.step(message({ type: 'MsgSnap', from: 1, to: 2, term: 1, snapshot }))
    expect(follower.settle()).toMatchObject([{ type: 'MsgAppResp', index: 2 }])
    expect(follower.raw.status()).toMatchObject({ commit: 2, lastIndex: 2 })
  })

  test('one that leaves this member out is ignored', () => {
    const member = new TestMember(3, confState([1, 2, 3]))
    const snapshot = { index: 5, term: 1, confState: confState([1, 2]), data: Buffer.from('') }
    member.raw.step(message({ type: 'MsgSnap', from: 1, to: 3, term: 1, snapshot }))
    expect(member.raw.status()).toMatchObject({ commit: 0, lastIndex: 0 })
  })
})

describe('a member that lost what it had acknowledged', () => {
  test('counts again only with what it has, and is given the rest anew', () => {
    const cluster = new Cluster(3)
    const leader = cluster.elect(1)
    for (const text of ['a', 'b']) leader.propose(text)
    cluster.settle()
    const empty = new TestMember(2, confState([1, 2, 3]))
    cluster.members.set(2, empty)
    leader.raw.forgetMatch(2)
    expect(leader.raw.status().progress.get(2)).toMatchObject({ match: 0, state: 'probe', next: 4 })
    leader.tick()
    cluster.settle()
    expect(empty.appliedTexts).toEqual(['a', 'b'])
    expect(leader.raw.status().progress.get(2)).toMatchObject({ match: 3, state: 'replicate' })
  })

  test('takes nothing of the leader’s own word back', () => {
    const leader = new Cluster(3).elect(1)
    leader.raw.forgetMatch(1)
    expect(leader.raw.status().progress.get(1)).toMatchObject({ match: 1, state: 'replicate' })
  })
})
