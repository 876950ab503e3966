import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { type Random, seededRandom } from '../base/random.js'
import { newMessage } from '../raft/message.js'
import type { Entry, Message, MessageType } from '../raft/types.js'
import { readPeerMessages, writePeerMessage } from './message-codec.js'
import type { PeerMessage } from './types.js'

const types: readonly MessageType[] = [
  'MsgApp',
  'MsgAppResp',
  'MsgVote',
  'MsgVoteResp',
  'MsgSnap',
  'MsgHeartbeat',
  'MsgHeartbeatResp',
  'MsgTransferLeader',
  'MsgTimeoutNow',
  'MsgReadIndex',
  'MsgReadIndexResp',
  'MsgPreVote',
  'MsgPreVoteResp',
]

/** Numbers of all lengths, the greatest among them. */
function number(random: Random): number {
  const bits = random.below(54)
  return bits === 53 ? Number.MAX_SAFE_INTEGER : Math.floor(random.unit() * 2 ** bits)
}
const bytes = (random: Random, below = 40) => Buffer.from(random.bytes(random.below(below)))
const text = (random: Random) => ['', 'a', 'Grüße ', '\u{1f980}'.repeat(random.below(5))][random.below(4)] as string
const several = <T>(random: Random, make: () => T): T[] => Array.from({ length: random.below(5) }, make)
const ids = (random: Random) => several(random, () => number(random))

function entry(random: Random): Entry {
  const type = (['normal', 'confChange', 'confChangeV2'] as const)[random.below(3)] ?? 'normal'
  return { term: number(random), index: number(random), type, data: bytes(random) }
}

function raftMessage(random: Random): Message {
  const message = newMessage(types[random.below(types.length)] ?? 'MsgApp', number(random), number(random))
  const numbers = ['term', 'logTerm', 'index', 'commit', 'rejectHint'] as const
  for (const name of numbers) message[name] = number(random)
  message.entries = several(random, () => entry(random))
  message.reject = random.below(2) === 1
  if (random.below(2)) message.context = Uint8Array.from(bytes(random))
  if (random.below(2)) message.snapshot = snapshot(random)
  return message
}

const snapshot = (random: Random) => ({
  index: number(random),
  term: number(random),
  data: new Uint8Array(),
  confState: {
    voters: ids(random),
    learners: ids(random),
    votersOutgoing: ids(random),
    learnersNext: ids(random),
    autoLeave: random.below(2) === 1,
  },
})

const leases = (random: Random) => several(random, () => BigInt.asIntN(64, BigInt(number(random)) * 0x1_2345n))

const makers: { readonly [Kind in PeerMessage['kind']]: (random: Random) => PeerMessage } = {
  raft: (random) => ({ kind: 'raft', message: raftMessage(random) }),
  propose: (random) => ({ kind: 'propose', id: text(random), term: number(random), batch: bytes(random) }),
  proposed: (random) => ({
    kind: 'proposed',
    id: text(random),
    place: { index: number(random), term: number(random), offset: number(random) },
  }),
  refused: (random) => ({ kind: 'refused', id: text(random), code: text(random), message: text(random) }),
  renew: (random) => ({
    kind: 'renew',
    id: text(random),
    keyspace: random.below(2) ? 'user' : 'system',
    leases: leases(random),
  }),
  renewed: (random) => ({ kind: 'renewed', id: text(random), unknown: leases(random) }),
  recover: (random) => ({ kind: 'recover', id: text(random), lastIndex: number(random) }),
  recoverIndex: (random) => ({ kind: 'recoverIndex', id: text(random), index: number(random), term: number(random) }),
  ask: (random) => ({ kind: 'ask', id: text(random), topic: text(random), body: Uint8Array.from(bytes(random)) }),
  answer: (random) => ({ kind: 'answer', id: text(random), code: text(random), body: Uint8Array.from(bytes(random)) }),
  removed: () => ({ kind: 'removed' }),
}
const kinds = Object.values(makers)

function encoded(messages: readonly PeerMessage[]): Buffer {
  const writer = new ByteWriter()
  for (const message of messages) writePeerMessage(writer, message)
  return writer.finish()
}

const batch = (random: Random): PeerMessage[] =>
  Array.from({ length: 1 + random.below(6) }, () => (kinds[random.below(kinds.length)] ?? makers.raft)(random))

describe('what members say', () => {
  test.each(Object.keys(makers) as PeerMessage['kind'][])('is the same behind the wire: %s', (kind) => {
    const random = seededRandom(3)
    for (let run = 0; run < 300; run++) {
      const message = makers[kind](random)
      expect(readPeerMessages(new ByteReader(encoded([message])))).toEqual([message])
    }
  })

  test('is the same behind the wire in batches of all kinds', () => {
    const random = seededRandom(4)
    for (let run = 0; run < 500; run++) {
      const messages = batch(random)
      expect(readPeerMessages(new ByteReader(encoded(messages)))).toEqual(messages)
    }
  })

  test('is refused with a type of its own when it is broken anyhow, and nothing worse comes of it', () => {
    const random = seededRandom(5)
    const codes = new Map<string, number>()
    for (let run = 0; run < 6_000; run++) {
      const code = outcome(broken(random))
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect([...codes.keys()].sort()).toEqual(['', 'E_CORRUPT', 'E_FRAME_GARBAGE'])
  })

  test('that announces more than the bytes can hold is refused before room for it is made', () => {
    const head = new ByteWriter().byte(0).byte(0).byte(0)
    for (let at = 0; at < 7; at++) head.uint(1)
    expect(outcome(head.uint(2 ** 40).finish())).toBe('E_FRAME_GARBAGE')
  })

  test('does not hold what is for the own disk only', () => {
    const local = { kind: 'raft', message: newMessage('MsgStorageAppend', 1, 2) } as const
    expect(() => encoded([local])).toThrow(expect.objectContaining({ code: 'E_INTERNAL' }))
  })
})

function broken(random: Random): Buffer {
  const sound = encoded(batch(random))
  const [how, at] = [random.below(4), random.below(sound.length)]
  if (how === 0) return sound.subarray(0, at)
  if (how === 1) return bytes(random, 200)
  if (how === 2) return Buffer.concat([sound.subarray(0, at), bytes(random), sound.subarray(at)])
  for (let count = 1 + random.below(4); count > 0; count--) sound[random.below(sound.length)] = random.below(256)
  return sound
}

function outcome(body: Buffer): string {
  try {
    readPeerMessages(new ByteReader(body))
    return ''
  } catch (thrown) {
    if (thrown instanceof KeeperError) return thrown.code
    throw thrown
  }
}
