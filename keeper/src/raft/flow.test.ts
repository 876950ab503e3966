import { describe, expect, test } from 'vitest'
import { Cluster, confState, logOfTerms, message, TestMember } from './testing/cluster.js'
import type { Message, MessageType } from './types.js'

const from2 = (type: MessageType, fields: Partial<Message> = {}): Message =>
  message({ type, from: 2, to: 1, term: 1, ...fields })

const progressOf2 = ({ raw }: TestMember) => raw.status().progress.get(2)

/** A leader of two whose follower 2 streams, with room for three messages on their way. */
function streaming(options = {}): TestMember {
  const leader = new TestMember(1, confState([1, 2]), { inflightMessagesMax: 3, messageBytesMax: 1, ...options })
  leader.raw.campaign()
  leader.settle()
  leader.raw.step(from2('MsgVoteResp'))
  leader.settle()
  leader.raw.step(from2('MsgAppResp', { index: 1 }))
  leader.settle()
  return leader
}

/** Indexes of the entries that went to member 2; an empty message is []. */
const sentTo2 = (leader: TestMember): number[][] =>
  leader
    .settle()
    .filter(({ type, to }) => type === 'MsgApp' && to === 2)
    .map(({ entries }) => entries.map(({ index }) => index))

describe('the window of messages on their way', () => {
  test('moves on with each acknowledgement, by as much as that frees', () => {
    const leader = streaming()
    for (const text of ['2', '3', '4', '5', '6', '7']) leader.propose(text)
    expect(sentTo2(leader)).toEqual([[2], [3], [4]])
    leader.raw.step(from2('MsgAppResp', { index: 2 }))
    // what is committed now goes along
    expect(sentTo2(leader)).toEqual([[5]])
    leader.raw.step(from2('MsgAppResp', { index: 5 }))
    expect(sentTo2(leader)).toEqual([[6], [7]])
  })

  test('an acknowledgement that comes again frees nothing', () => {
    const leader = streaming()
    for (const text of ['2', '3', '4', '5']) leader.propose(text)
    leader.raw.step(from2('MsgAppResp', { index: 3 }))
    sentTo2(leader)
    for (const index of [1, 2, 3]) leader.raw.step(from2('MsgAppResp', { index }))
    expect(sentTo2(leader)).toEqual([])
    expect(progressOf2(leader)).toMatchObject({ match: 3, next: 6, inflight: 2 })
  })

  test('while it is full each sign of life lets one empty message through, and no more', () => {
    const leader = streaming()
    for (const text of ['2', '3', '4', '5']) leader.propose(text)
    sentTo2(leader)
    for (let round = 0; round < 3; round++) {
      leader.raw.step(from2('MsgHeartbeatResp'))
      expect(sentTo2(leader)).toEqual([[]])
      leader.propose('more')
      expect(sentTo2(leader)).toEqual([])
    }
  })

  test('a refusal ends the stream: back to probing, one message at a time', () => {
    const leader = streaming()
    for (const text of ['2', '3']) leader.propose(text)
    sentTo2(leader)
    leader.raw.step(from2('MsgAppResp', { reject: true, index: 2, rejectHint: 1, logTerm: 1 }))
    expect([sentTo2(leader), progressOf2(leader)?.state]).toEqual([[[2]], 'probe'])
    leader.propose('4')
    expect(sentTo2(leader)).toEqual([])
    leader.raw.step(from2('MsgHeartbeatResp'))
    expect(sentTo2(leader)).toEqual([[2]])
    leader.raw.step(from2('MsgAppResp', { index: 2 }))
    expect([sentTo2(leader), progressOf2(leader)?.state]).toEqual([[[3], [4]], 'replicate'])
  })

  test('the last message may pass the limit of bytes, nothing after it', () => {
    const leader = streaming({ inflightMessagesMax: 100, inflightBytesMax: 10 })
    for (const length of [6, 6, 6]) leader.propose('x'.repeat(length))
    expect(sentTo2(leader)).toEqual([[2], [3]])
    leader.raw.step(from2('MsgAppResp', { index: 2 }))
    expect(sentTo2(leader)).toEqual([[4]])
  })
})

/** Follower 2 asks for what is compacted, and the snapshot at 3 is on its way to it. */
function sendingSnapshot(): TestMember {
  const leader = streaming()
  for (const text of ['2', '3']) leader.propose(text)
  leader.settle()
  leader.raw.step(from2('MsgAppResp', { index: 3 }))
  leader.settle()
  leader.storage.createSnapshot(3, confState([1, 2]), Buffer.from('23'))
  leader.storage.compact(3)
  leader.raw.forgetMatch(2)
  leader.raw.step(from2('MsgHeartbeatResp'))
  leader.settle()
  leader.raw.step(from2('MsgAppResp', { reject: true, index: 3, rejectHint: 0 }))
  expect(leader.settle()).toMatchObject([{ type: 'MsgSnap', snapshot: { index: 3 } }])
  return leader
}

describe('while a snapshot is on its way (§7)', () => {
  test('nothing else is', () => {
    const leader = sendingSnapshot()
    leader.propose('4')
    leader.raw.step(from2('MsgHeartbeatResp'))
    expect(leader.settle()).toEqual([])
    expect(progressOf2(leader)).toMatchObject({ state: 'snapshot', pendingSnapshot: 3, paused: true })
  })

  test('that it was sent only means to wait for its answer', () => {
    const leader = sendingSnapshot()
    leader.raw.reportSnapshot(2, 'finished')
    expect(progressOf2(leader)).toMatchObject({ state: 'probe', next: 4, paused: true })
  })

  test('that it failed means to look for a match again, not from a snapshot that never came', () => {
    const leader = sendingSnapshot()
    leader.raw.reportSnapshot(2, 'failed')
    expect(progressOf2(leader)).toMatchObject({ state: 'probe', next: 1, paused: true })
  })

  test('the follower’s word that it goes on from there ends it, whichever snapshot it had', () => {
    const leader = sendingSnapshot()
    leader.propose('4')
    leader.raw.step(from2('MsgAppResp', { index: 3 }))
    expect(sentTo2(leader)).toEqual([[4]])
    expect(progressOf2(leader)).toMatchObject({ state: 'replicate', match: 3, pendingSnapshot: 0 })
  })

  test('a word from before it does not', () => {
    const leader = sendingSnapshot()
    leader.raw.step(from2('MsgAppResp', { index: 1 }))
    expect(progressOf2(leader)).toMatchObject({ state: 'snapshot', match: 1 })
  })

  test('it goes to nobody that was not heard of lately', () => {
    const cluster = new Cluster(3, { checkQuorum: true })
    const leader = cluster.elect(1)
    cluster.isolate(2)
    leader.propose('x')
    cluster.settle()
    leader.storage.createSnapshot(2, confState([1, 2, 3]), new Uint8Array())
    leader.storage.compact(2)
    leader.tick(10)
    leader.settle()
    const snapshots = () => leader.settle().filter(({ type, to }) => type === 'MsgSnap' && to === 2)
    leader.raw.reportUnreachable(2)
    leader.propose('y')
    expect(snapshots()).toEqual([])
    leader.raw.step(from2('MsgHeartbeatResp'))
    expect(snapshots()).toHaveLength(1)
  })
})

describe('uncommitted bytes', () => {
  test('are those of the payload: empty entries always pass', () => {
    const leader = streaming({ uncommittedBytesMax: 4 })
    expect(['four', 'x', ''].map((text) => leader.propose(text))).toEqual(['ok', 'dropped', 'ok'])
    expect(leader.raw.status().uncommittedBytes).toBe(4)
  })

  test('are given back as entries are applied', () => {
    const leader = streaming({ uncommittedBytesMax: 6, messageBytesMax: Number.POSITIVE_INFINITY })
    for (const text of ['abc', 'def']) expect(leader.propose(text)).toBe('ok')
    leader.settle()
    leader.raw.step(from2('MsgAppResp', { index: 2 }))
    leader.settle()
    expect(leader.raw.status().uncommittedBytes).toBe(3)
    expect(['gh', 'ijk'].map((text) => leader.propose(text))).toEqual(['ok', 'dropped'])
  })

  test('are counted anew by the next leader', () => {
    const cluster = new Cluster(3, { uncommittedBytesMax: 4 })
    const old = cluster.elect(1)
    cluster.isolate(2, 3)
    old.propose('four')
    cluster.settle()
    cluster.heal()
    cluster.elect(2)
    expect(cluster.elect(1).raw.status().uncommittedBytes).toBe(0)
    expect(cluster.member(1).propose('four')).toBe('ok')
  })
})

describe('what is handed out for applying', () => {
  const pages = (options: object, texts: readonly string[]): string[][] => {
    const member = new TestMember(1, confState([1]), options)
    member.raw.campaign()
    member.settle()
    for (const text of texts) member.propose(text)
    const found: string[][] = []
    while (member.raw.hasReady()) {
      const before = member.applied.length
      member.processReady()
      const page = member.applied.slice(before).map(({ data }) => Buffer.from(data).toString())
      if (page.length > 0) found.push(page)
    }
    return found
  }

  test('comes in pages within the limit, and an entry beyond it alone', () => {
    const texts = ['a', 'b', 'x'.repeat(100), 'c', 'd', 'e']
    // an entry of one byte is 10 bytes long
    expect(pages({ committedBytesPerReadyMax: 20 }, texts)).toEqual([['a', 'b'], ['x'.repeat(100)], ['c', 'd'], ['e']])
  })

  test('comes in pages after a crash, too, and none twice', () => {
    const member = new TestMember(1, confState([1]), { committedBytesPerReadyMax: 1 }, logOfTerms(1, 1, 1, 1))
    member.storage.setHardState({ term: 1, vote: 1, commit: 4 })
    member.restart()
    member.processReady()
    expect(member.applied).toHaveLength(1)
    member.restart()
    member.settle()
    expect(member.applied.map(({ index }) => index)).toEqual([1, 2, 3, 4])
  })
})
