import { afterEach, describe, expect, test } from 'vitest'
import { ByteWriter } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { newMessage } from '../raft/message.js'
import type { Message } from '../raft/types.js'
import { frame } from './frames.js'
import { writePeerMessage } from './message-codec.js'
import { heartbeat, Spoken, Stranger, spokenMembers } from './testing/members.js'
import { soon, Wire } from './testing/wires.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  Stranger.endAll()
  for (const end of ends.splice(0).reverse()) await end()
})

async function members(count: number): Promise<Spoken[]> {
  const all = await spokenMembers(count)
  for (const member of all) ends.push(() => member.end())
  return all
}

const pair = async (): Promise<[Spoken, Spoken]> => (await members(2)) as [Spoken, Spoken]

/** One member that knows of another, which is away. */
async function alone(): Promise<Spoken> {
  const [one] = (await members(1)) as [Spoken]
  one.meet({ id: 2, peer: '127.0.0.1:1' })
  return one
}

/** Two members with a wire between the first and the second one's port. */
async function wired(): Promise<[Spoken, Spoken, Wire]> {
  const [one, two] = await pair()
  const wire = await Wire.to(two.address)
  ends.push(() => wire.close())
  one.meet({ id: 2, peer: wire.address })
  return [one, two, wire]
}

const messages = (...all: Message[]): Buffer => {
  const writer = new ByteWriter()
  for (const message of all) writePeerMessage(writer, { kind: 'raft', message })
  return frame('messages', writer.finish())
}

describe('members', () => {
  test('hear each other, in order, from the first word on', async () => {
    const [one, two] = await pair()
    for (let commit = 0; commit < 1_000; commit++) one.say(2, commit)
    two.say(1, 7)
    await soon(() => two.ear.heard.length === 1_000)
    expect(two.ear.commits).toEqual(Array.from({ length: 1_000 }, (_, at) => at))
    await soon(() => one.ear.commits.includes(7))
  })

  test('answer who found them, whether they knew its address or not', async () => {
    const [one] = await pair()
    const two = await Spoken.start(3)
    ends.push(() => two.end())
    one.book.learn([{ id: 3, name: 'n3', peer: two.address }])
    two.book.learn([{ id: 1, name: 'n1', peer: one.address }])
    one.say(3, 1)
    await soon(() => two.ear.heard.length && two.transport.connected(1))
  })

  test('find each other again after the connection broke, and are told that it did', async () => {
    const [one, two, wire] = await wired()
    one.say(2, 1)
    await soon(() => two.ear.heard.length)
    wire.cut()
    await soon(() => one.ear.lost.includes(2) && two.ear.lost.includes(1))
    await soon(() => one.transport.connected(2))
    one.say(2, 2)
    await soon(() => two.ear.commits.includes(2))
  })

  test('try again and again while nobody is there, and learn that their words are lost', async () => {
    const [one, two, wire] = await wired()
    wire.down = true
    one.say(2, 1)
    await soon(() => one.ear.unreachables.includes(2))
    expect(one.transport.connected(2)).toBe(false)
    wire.down = false
    await soon(() => one.transport.connected(2))
    one.say(2, 2)
    await soon(() => two.ear.commits.includes(2))
    expect(two.ear.commits).toEqual([2])
  })

  test('try again at once when the one that was not there comes by itself', async () => {
    // on which no pause ever ends
    const [one, two] = (await spokenMembers(2, new ManualClock())) as [Spoken, Spoken]
    const wire = await Wire.to(two.address)
    ends.push(
      () => one.end(),
      () => two.end(),
      () => wire.close(),
    )
    one.meet({ id: 2, peer: wire.address })
    wire.down = true
    one.say(2, 1)
    await soon(() => one.ear.unreachables.includes(2))
    wire.down = false
    two.say(1, 7)
    await soon(() => one.transport.connected(2))
  })

  test('learn at once that words to one without an address are lost', async () => {
    const [one] = await pair()
    one.say(9, 1)
    expect(one.ear.unreachables).toEqual([9])
  })

  test('keep no more than a bounded queue for one that reads nothing', async () => {
    const [one, two] = await pair()
    one.say(2, 1)
    await soon(() => two.ear.heard.length)
    two.end()
    await soon(() => !one.transport.connected(2))
    const before = one.ear.unreachables.length
    const entry = { term: 1, index: 1, type: 'normal' as const, data: Buffer.alloc(300_000) }
    for (let count = 0; count < 20; count++)
      one.transport.send(2, [{ kind: 'raft', message: { ...newMessage('MsgApp', 2, 1, 1), entries: [entry] } }])
    expect(one.ear.unreachables.length - before).toBeGreaterThan(14)
  })

  test('hear the newest stream of a member; an older one is told that it is fenced', async () => {
    const one = await alone()
    const first = await Stranger.hello(one.address)
    await first.next('welcome')
    const second = await Stranger.hello(one.address)
    await second.next('welcome')
    expect(await first.refusal()).toBe('E_FENCED')
    second.write(messages(heartbeat(2, 1, 5)))
    await soon(() => one.ear.commits.includes(5))
    expect(one.ear.lost).toEqual([])
  })

  test('do not hear a process any more once another one spoke for the same member', async () => {
    const one = await alone()
    const older = await Stranger.hello(one.address, { incarnation: 'a' })
    await older.next('welcome')
    expect(await (await Stranger.hello(one.address, { incarnation: 'b' })).refusal()).toBe('E_MEMBER_DUPLICATE')
    older.end()
    await soon(() => one.ear.lost.includes(2))
    const newer = await Stranger.hello(one.address, { incarnation: 'b' })
    await newer.next('welcome')
    expect(await (await Stranger.hello(one.address, { incarnation: 'a' })).refusal()).toBe('E_MEMBER_DUPLICATE')
    const snapshot = { incarnation: 'a', purpose: 'snapshot', transfer: 't' }
    expect(await (await Stranger.hello(one.address, snapshot)).refusal()).toBe('E_MEMBER_DUPLICATE')
    newer.write(messages(heartbeat(2, 1, 6)))
    await soon(() => one.ear.commits.includes(6))
  })

  test('of two processes on copies of one folder hear the one that lives, and the other learns that it is too much', async () => {
    const [one, two] = await pair()
    two.say(1, 1)
    await soon(() => one.ear.commits.includes(1))
    const copy = await Spoken.start(2, { seed: 77 })
    ends.push(() => copy.end())
    copy.meet({ id: 1, peer: one.address })
    copy.say(1, 2)
    await soon(() => copy.refusals.includes('E_MEMBER_DUPLICATE'))
    two.say(1, 3)
    await soon(() => one.ear.commits.includes(3))
    expect(one.ear.commits).not.toContain(2)
  })

  test('that were removed are heard no more and not dialled', async () => {
    const [one, two] = await pair()
    two.say(1, 1)
    await soon(() => one.ear.heard.length && one.transport.connected(2))
    one.book.forget(2)
    one.transport.forget(2)
    await soon(() => two.refusals.includes('E_MEMBER_UNKNOWN'))
    expect(one.transport.connected(2)).toBe(false)
  })

  test('that stop end their connections, and the others learn of it', async () => {
    const [one, two] = await pair()
    two.say(1, 1)
    one.say(2, 1)
    await soon(() => one.ear.heard.length && two.ear.heard.length)
    await two.end()
    await soon(() => one.ear.lost.includes(2))
    two.say(1, 2)
    expect(one.ear.commits).not.toContain(2)
  })
})

describe('the peer port of a member refuses', () => {
  test.each([
    ['a member that is none of the cluster', { from: 99 }, 'E_MEMBER_UNKNOWN'],
    ['one of another cluster', { clusterId: 'c2' }, 'E_CLUSTER_FOREIGN'],
    ['one that takes it for another member', { to: 3 }, 'E_MEMBER_UNKNOWN'],
    ['another process under its own name', { from: 1, name: 'n1' }, 'E_MEMBER_DUPLICATE'],
    ['a known id under another name', { name: 'n9' }, 'E_MEMBER_DUPLICATE'],
  ])('%s', async (_what, but, code) => {
    const [one, two] = await pair()
    expect(await (await Stranger.hello(one.address, but)).refusal()).toBe(code)
    two.say(1, 4)
    await soon(() => one.ear.commits.includes(4))
  })

  test('a second folder under the name of a member that speaks', async () => {
    const [one, two] = await pair()
    two.say(1, 1)
    await soon(() => one.ear.heard.length)
    expect(await (await Stranger.hello(one.address, { folder: 'other' })).refusal()).toBe('E_MEMBER_DUPLICATE')
    two.say(1, 2)
    await soon(() => one.ear.commits.includes(2))
  })

  test.each<[string, Buffer, string]>([
    ['a term of 2^53 - 1', messages({ ...heartbeat(2, 1), term: 2 ** 53 - 1 }), 'E_FRAME_GARBAGE'],
    ['a term of 2^53', withTerm(2n ** 53n), 'E_CORRUPT'],
    ['a commit beyond all logs', messages(heartbeat(2, 1, 2 ** 51)), 'E_FRAME_GARBAGE'],
    ['words for another member', messages(heartbeat(2, 3)), 'E_FRAME_GARBAGE'],
    ['words in the name of another', messages(heartbeat(3, 1)), 'E_FRAME_GARBAGE'],
    ['a message above the limit', frameHead(limits.peerFrameBytesMax + 1), 'E_TOO_LARGE'],
    ['a hello among messages', frame('hello', Buffer.from('{}')), 'E_FRAME_ORDER'],
    ['a chunk of a snapshot among messages', frame('snapshotChunk', Buffer.alloc(8)), 'E_FRAME_ORDER'],
    ['a message of an unknown kind', frame('messages', Buffer.from([77])), 'E_FRAME_GARBAGE'],
    ['half a message', frame('messages', Buffer.from([0, 5, 0, 1])), 'E_CORRUPT'],
    ['bytes that are no frame', Buffer.from('hello, is anybody there?'), 'E_TOO_LARGE'],
  ])('%s, all of the batch with it, and lives', async (_what, bytes, code) => {
    const all = await members(3)
    const [one, two, three] = all as [Spoken, Spoken, Spoken]
    await two.end()
    const stranger = await Stranger.hello(one.address)
    await stranger.next('welcome')
    stranger.write(bytes)
    expect(await stranger.refusal()).toBe(code)
    expect(one.ear.heard).toEqual([])
    three.say(1, 4)
    await soon(() => one.ear.commits.includes(4))
  })
})

function frameHead(bytes: number): Buffer {
  const head = Buffer.alloc(9)
  head.writeUInt32LE(bytes)
  return head
}

/** A heartbeat whose term is no safe integer: as a varint, seven bits at a time. */
function withTerm(term: bigint): Buffer {
  const bytes: number[] = []
  for (let left = term; left > 0n; left >>= 7n) bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0))
  return frame('messages', Buffer.from([0, 5, 0, 1, 2, ...bytes, 0, 0, 0, 0, 0]))
}
