import { describe, expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { type Random, seededRandom } from '../base/random.js'
import { checkPeerMessage } from './check-message.js'
import { encodeConfChange } from './conf-change-codec.js'
import { Cluster, confState, message, normalEntry, type TestMember } from './testing/cluster.js'
import { type Entry, LOCAL_APPEND_THREAD, type Message, type MessageType } from './types.js'

const from1 = (type: MessageType, fields: Partial<Message> = {}): Message =>
  message({ type, from: 1, to: 2, term: 5, ...fields })

const append = (fields: Partial<Message> = {}): Message =>
  from1('MsgApp', { index: 3, logTerm: 2, commit: 9, entries: [normalEntry(2, 4), normalEntry(5, 5)], ...fields })

const snapshot = (state: Partial<ReturnType<typeof confState>> = {}, fields: object = {}): Message =>
  from1('MsgSnap', {
    snapshot: {
      index: 7,
      term: 4,
      data: new Uint8Array(),
      confState: { ...confState([1, 2], [3]), ...state },
      ...fields,
    },
  })

const read = (...contexts: readonly string[]): Message =>
  from1('MsgReadIndex', { term: 0, entries: contexts.map((context) => normalEntry(0, 0, context)) })

const changeEntry = (data: Uint8Array): Entry => ({ term: 0, index: 0, type: 'confChangeV2', data })

const refusalOf = (suspect: Message): string => {
  try {
    checkPeerMessage(suspect)
    return ''
  } catch (thrown) {
    if (!(thrown instanceof KeeperError) || thrown.code !== 'E_FRAME_GARBAGE') throw thrown
    return thrown.message
  }
}

describe('a message from a peer', () => {
  const good: readonly [string, Message][] = [
    ['entries', append()],
    ['entries from the start of the log', append({ index: 0, logTerm: 0, entries: [normalEntry(1, 1)] })],
    ['a commit index beyond the entries', append({ commit: 1_000 })],
    ['a refusal', from1('MsgAppResp', { reject: true, index: 9, rejectHint: 4, logTerm: 3 })],
    ['a vote request', from1('MsgVote', { index: 4, logTerm: 4 })],
    ['a refused pre-vote', from1('MsgPreVoteResp', { reject: true })],
    ['a heartbeat with a read’s context', from1('MsgHeartbeat', { commit: 4, context: Buffer.from('r') })],
    ['a read', read('r')],
    ['the wish that its receiver leads', message({ type: 'MsgTransferLeader', from: 2, to: 2, term: 5 })],
    [
      'a proposal that leaves a joint configuration',
      from1('MsgProp', { term: 0, entries: [changeEntry(new Uint8Array())] }),
    ],
    ['a snapshot of a joint configuration', snapshot({ votersOutgoing: [1, 4], learnersNext: [4], autoLeave: true })],
  ]
  test.each(good)('passes: %s', (_, honest) => {
    expect(refusalOf(honest)).toBe('')
  })

  const huge = 2 ** 53
  const bad: readonly [string, RegExp, Message][] = [
    ['a type of its own', /type MsgNonsense/, from1('MsgNonsense' as MessageType)],
    ['the name of a property of every object', /type constructor/, from1('constructor' as MessageType)],
    ['a message to itself', /type MsgHup/, from1('MsgHup')],
    ['a message of the own disk', /type MsgStorageAppendResp/, from1('MsgStorageAppendResp', { index: 4 })],
    ['the own disk as sender', /from/, from1('MsgHeartbeat', { from: LOCAL_APPEND_THREAD })],
    ['nobody as sender', /from/, from1('MsgHeartbeat', { from: 0 })],
    ['its receiver as sender', /from is also to/, from1('MsgHeartbeat', { from: 2 })],
    ['nobody as receiver', /to 0/, from1('MsgHeartbeat', { to: 0 })],
    ['a term beyond safe integers', /term/, from1('MsgHeartbeat', { term: huge })],
    ['a term beyond the limit', /term/, from1('MsgVote', { term: limits.raftTermMax + 1 })],
    ['half a term', /term/, from1('MsgVote', { term: 5.5 })],
    ['a term below 0', /term/, from1('MsgVote', { term: -1 })],
    ['no term', /term is 0/, from1('MsgVote', { term: 0 })],
    ['a proposal with a term', /term is 5/, from1('MsgProp', { entries: [normalEntry(0, 0, 'x')] })],
    ['an index beyond the limit', /index/, from1('MsgAppResp', { index: limits.raftIndexMax + 1 })],
    ['a commit index that is no number', /commit/, from1('MsgHeartbeat', { commit: Number.NaN })],
    ['a vote, as hard state has it', /vote/, from1('MsgHeartbeat', { vote: 1 })],
    ['responses', /responses/, from1('MsgHeartbeat', { responses: [from1('MsgAppResp')] })],
    ['entries where none belong', /entries in MsgHeartbeat/, from1('MsgHeartbeat', { entries: [normalEntry(1, 1)] })],
    ['a snapshot where none belongs', /snapshot in MsgApp/, { ...snapshot(), type: 'MsgApp' }],
    ['a refusal where none belongs', /reject in MsgApp/, append({ reject: true })],
    ['a gap in its entries', /entries: index 5 where 4/, append({ entries: [normalEntry(2, 5)] })],
    [
      'entries that repeat an index',
      /entries: index 4 where 5/,
      append({ entries: [normalEntry(2, 4), normalEntry(2, 4)] }),
    ],
    [
      'entries whose terms fall',
      /entries: term 2 behind 3/,
      append({ entries: [normalEntry(3, 4), normalEntry(2, 5)] }),
    ],
    [
      'entries of a term before the one they follow',
      /entries: term 1 behind 2/,
      append({ entries: [normalEntry(1, 4)] }),
    ],
    ['entries above its term', /entries: term 6 is above/, append({ entries: [normalEntry(6, 4)] })],
    ['entries of term 0', /entries: term 0/, append({ index: 0, logTerm: 0, entries: [normalEntry(0, 1)] })],
    ['entries at a place above its term', /logTerm 6 is above/, append({ logTerm: 6, entries: [] })],
    ['a place without a term', /logTerm 0 at index 3/, append({ logTerm: 0, entries: [] })],
    ['a term at no place', /logTerm 2 at index 0/, append({ index: 0, entries: [] })],
    [
      'an entry of a type of its own',
      /entries: no type/,
      append({ entries: [{ ...normalEntry(2, 4), type: 'x' as 'normal' }] }),
    ],
    [
      'a change nobody can read',
      /no membership change/,
      from1('MsgProp', { term: 0, entries: [changeEntry(Buffer.from('no'))] }),
    ],
    [
      'a change of what is no member',
      /no membership change/,
      from1('MsgProp', {
        term: 0,
        entries: [
          changeEntry(
            encodeConfChange({ transition: 'auto', changes: [{ type: 'addNode', id: LOCAL_APPEND_THREAD }] }),
          ),
        ],
      }),
    ],
    ['a proposal of nothing', /entries of a proposal/, from1('MsgProp', { term: 0 })],
    ['a proposal with a place', /have a place/, from1('MsgProp', { term: 0, entries: [normalEntry(5, 9)] })],
    ['a hint behind what it refuses', /rejectHint 5/, from1('MsgAppResp', { reject: true, index: 4, rejectHint: 5 })],
    ['a hint above its term', /logTerm 6/, from1('MsgAppResp', { reject: true, index: 4, rejectHint: 3, logTerm: 6 })],
    ['a read without a name', /entries must be/, read()],
    ['a read with two names', /entries must be/, read('a', 'b')],
    ['a read with an empty name', /context of a read is empty/, read('')],
    ['a snapshot that is not there', /snapshot is missing/, from1('MsgSnap')],
    ['a snapshot above its term', /snapshot: term 6/, snapshot({}, { term: 6 })],
    ['a snapshot of nothing', /snapshot of an empty log/, snapshot({}, { index: 0 })],
    ['a snapshot without voters', /voters are missing/, snapshot({ voters: [] })],
    ['a snapshot with a voter twice', /voters is no set/, snapshot({ voters: [1, 1] })],
    ['a snapshot with a voter that learns', /learners are voters/, snapshot({ learners: [2] })],
    ['a snapshot with a learner to be that never voted', /not leaving voters/, snapshot({ learnersNext: [4] })],
    ['a snapshot that leaves what is not joint', /not joint/, snapshot({ autoLeave: true })],
    ['a snapshot with nobody as member', /snapshot: voters: 0/, snapshot({ voters: [0, 1] })],
  ]
  test.each(bad)('is refused, and the field named: %s', (_, reason, hostile) => {
    expect(refusalOf(hostile)).toMatch(reason)
  })
})

const numbers = (random: Random, near: number): number =>
  [0, 1, near - 1, near + 1, near + random.below(9), limits.raftTermMax, limits.raftIndexMax, 2 ** 53, -1, 0.5][
    random.below(10)
  ] as number

/** Turns some of what an honest message says into something else. */
function spoil(honest: Message, random: Random): Message {
  const spoiled = { ...honest, entries: honest.entries.map((entry) => ({ ...entry })) }
  const fields = ['term', 'logTerm', 'index', 'commit', 'rejectHint', 'from', 'vote'] as const
  for (let rest = 1 + random.below(3); rest > 0; rest--) {
    const act = random.below(12)
    const field = fields[act]
    const entry = spoiled.entries[random.below(spoiled.entries.length || 1)]
    if (field) spoiled[field] = numbers(random, honest[field])
    else if (act === 7) spoiled.reject = !spoiled.reject
    else if (act === 8) spoiled.type = types[random.below(types.length)] as MessageType
    else if (act === 9 && entry) entry.term = numbers(random, entry.term)
    else if (act === 10 && entry) entry.index = numbers(random, entry.index)
    else if (act === 11 && entry) entry.type = 'confChangeV2'
  }
  return spoiled
}

const types: readonly MessageType[] = [
  'MsgHup',
  'MsgProp',
  'MsgApp',
  'MsgAppResp',
  'MsgVote',
  'MsgVoteResp',
  'MsgSnap',
  'MsgHeartbeat',
  'MsgHeartbeatResp',
  'MsgUnreachable',
  'MsgSnapStatus',
  'MsgCheckQuorum',
  'MsgTransferLeader',
  'MsgTimeoutNow',
  'MsgReadIndex',
  'MsgReadIndexResp',
  'MsgPreVote',
  'MsgPreVoteResp',
  'MsgStorageAppend',
  'MsgStorageAppendResp',
  'MsgStorageApplyResp',
  'MsgForgetLeader',
]

/** What a member must be after any message, or it has lost what it holds. */
function expectSound(member: TestMember, before: { term: number; commit: number }): void {
  const { term, commit, lastIndex } = member.raw.status()
  expect(term).toBeGreaterThanOrEqual(before.term)
  expect(commit).toBeGreaterThanOrEqual(before.commit)
  expect(commit).toBeLessThanOrEqual(lastIndex)
  let last = { index: member.storage.firstIndex() - 1, term: 0 }
  for (const entry of member.log) {
    expect(entry.index).toBe(last.index + 1)
    expect(entry.term).toBeGreaterThanOrEqual(last.term)
    last = entry
  }
}

/** Log damage as the core reports it: it cannot know whether the peer lies or the own disk lost something. */
const damage = new Set(['E_LOST_TAIL', 'E_CORRUPT'])

/** A cluster in the midst of things, whose every message is followed by spoiled ones; how many of those passed. */
function feedGarbage(seed: number): number {
  const random = seededRandom(seed)
  const options = {
    random: (below: number) => random.below(below),
    preVote: seed % 2 === 0,
    checkQuorum: seed % 3 === 0,
  }
  const cluster = new Cluster(3, options)
  cluster.elect(1)
  let passed = 0
  for (let round = 0; round < 30; round++) {
    const member = cluster.member(1 + random.below(3))
    member.tick(1 + random.below(4))
    member.propose(`v${round}`)
    if (random.below(8) === 0) member.raw.readIndex(Buffer.from(`r${round}`))
    for (const honest of [...cluster.members.values()].flatMap((each) => each.settle())) {
      // a spoiled term may have brought the members to the last one there is: no election after that
      if (refusalOf(honest) !== '') return passed
      const victim = cluster.members.get(honest.to)
      if (!victim) continue
      // a lie believed before makes honest members say what shows as damage
      if (!survives(victim, honest)) return passed
      const hostile = spoil(honest, random)
      if (refusalOf(hostile) !== '') continue
      passed++
      if (!survives(victim, hostile)) return passed
    }
  }
  return passed
}

/** False: the victim reported log damage, and would stop. */
function survives(victim: TestMember, hostile: Message): boolean {
  const before = victim.raw.status()
  try {
    victim.raw.step(hostile)
  } catch (thrown) {
    if (!(thrown instanceof KeeperError) || !damage.has(thrown.code)) throw thrown
    return false
  }
  expectSound(victim, before)
  return true
}

test('what passes breaks no member, whatever it says', () => {
  let passed = 0
  for (let seed = 1; seed <= 300; seed++) passed += feedGarbage(seed)
  expect(passed).toBeGreaterThan(2_000)
})
