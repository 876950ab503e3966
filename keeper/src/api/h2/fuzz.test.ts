import { expect, test } from 'vitest'
import { type Random, seededRandom } from '../../base/random.js'
import { FakePort } from '../testing/fake-port.js'
import { attachFields, data, grpcMessage, headers, openListener, RawPeer } from '../testing/raw-peer.js'
import { DirectConnection } from './connection.js'
import {
  Flag,
  FrameType,
  frame,
  PREFACE,
  pingFrame,
  resetFrame,
  Setting,
  settingsAck,
  settingsFrame,
  windowUpdateFrame,
} from './frames.js'
import { encodeFields } from './hpack.js'

const message = (length: number) => grpcMessage(Buffer.alloc(length, 7))

/** A conversation with something of everything, as frames. */
function conversation(): Buffer[] {
  const block = encodeFields(attachFields)
  return [
    PREFACE,
    settingsFrame([[Setting.initialWindowSize, 5_000]]),
    windowUpdateFrame(0, 100_000),
    frame(FrameType.priority, 0, 3, Buffer.alloc(5)),
    frame(FrameType.headers, 0, 1, block.subarray(0, 20)),
    frame(FrameType.continuation, Flag.endHeaders, 1, block.subarray(20)),
    settingsAck,
    data(1, message(20)),
    data(1, Buffer.concat([Buffer.of(3), message(10), Buffer.alloc(3)]), Flag.padded),
    data(1, Buffer.concat([message(1), message(0), message(300).subarray(0, 100)])),
    pingFrame(0, Buffer.from('12345678')),
    data(1, message(300).subarray(100)),
    settingsFrame([[Setting.initialWindowSize, 100]]),
    headers(3, [[':path', '/x']]),
    data(3, message(5)),
    resetFrame(3, 8),
    frame(0x42, 0, 0, Buffer.alloc(20)),
    windowUpdateFrame(1, 50_000),
    frame(FrameType.goaway, 0, 0, Buffer.alloc(8)),
    data(1, message(40)),
  ]
}

const messageLengths = [20, 10, 1, 0, 300, 40]

function feed(port: FakePort, chunks: Iterable<Buffer>, random: Random) {
  const socket = port.client()
  for (const chunk of chunks) {
    if (socket.destroyed) break
    socket.emit('data', chunk)
    const connection = port.attached.at(-1)
    if (random.below(4) === 0) connection?.send({ bytes: Buffer.alloc(random.below(3_000)) })
  }
  return socket
}

function* cut(bytes: Buffer, random: Random): Generator<Buffer> {
  const longest = [1, 3, 20, 400, bytes.length][random.below(5)] ?? 1
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + random.below(longest))
    yield bytes.subarray(at, end)
    at = end
  }
}

type Mutation = (frames: Buffer[], random: Random) => Buffer[]

const onBytes =
  (change: (bytes: Buffer, random: Random) => Buffer): Mutation =>
  (frames, random) => {
    const at = random.below(frames.length)
    return frames.map((one, index) => (index === at && one.length > 0 ? change(Buffer.from(one), random) : one))
  }

const mutations: Mutation[] = [
  onBytes((bytes, random) => {
    bytes[random.below(bytes.length)] = random.below(256)
    return bytes
  }),
  onBytes((bytes, random) => {
    const at = random.below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    return bytes
  }),
  // Type, flags and stream are where the rules are.
  onBytes((bytes, random) => {
    if (bytes.length >= 9) bytes[3 + random.below(6)] = random.below(14)
    return bytes
  }),
  onBytes((bytes, random) => bytes.subarray(0, random.below(bytes.length))),
  onBytes((bytes, random) => Buffer.concat([bytes, random.bytes(random.below(40))])),
  onBytes((bytes, random) => {
    const at = random.below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(20)), bytes.subarray(at)])
  }),
  (frames, random) => frames.toSpliced(random.below(frames.length), 1),
  (frames, random) => frames.toSpliced(random.below(frames.length), 0, frames[random.below(frames.length)] ?? PREFACE),
  (frames, random) => frames.toSpliced(random.below(frames.length), 0, frame(random.below(12), 0, 1, random.bytes(8))),
  (frames, random) => frames.toSpliced(random.below(frames.length), 0, ...Array(50).fill(frames.at(-1))),
]

function mutated(random: Random): Buffer {
  let frames = conversation()
  for (let left = random.below(5); left >= 0; left--)
    frames = mutations[random.below(mutations.length)]?.(frames, random) ?? frames
  return Buffer.concat(frames)
}

test('a conversation means the same wherever it is cut', () => {
  const bytes = Buffer.concat(conversation())
  for (let at = 0; at <= bytes.length; at++) {
    const port = new FakePort()
    const socket = feed(port, [bytes.subarray(0, at), bytes.subarray(at)], seededRandom(at))
    expect(
      port.messages.map(({ length }) => length),
      `cut at ${at}`,
    ).toEqual(messageLengths)
    expect([port.defects, port.handedOn, socket.destroyed]).toEqual([[], [], false])
    socket.destroy()
  }
})

test('nothing that a client sends makes us throw, hang, or keep more than it was worth', async () => {
  for (let seed = 1; seed <= 5_000; seed++) {
    const random = seededRandom(seed)
    const port = new FakePort()
    const socket = feed(port, cut(mutated(random), random), random)
    const queued = port.attached[0]?.queuedBytes ?? 0
    expect(queued, `seed ${seed}`).toBeLessThan(2_000 * 3_010)
    expect(port.defects, `seed ${seed}`).toEqual([])
    socket.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    expect([port.connections.size, port.lobby.size], `seed ${seed}`).toEqual([0, 0])
    expect([port.closedHandlers, port.closedStreams], `seed ${seed}`).toEqual([port.attached.length, port.begunStreams])
  }
}, 60_000)

test('on real sockets: bystanders are served, and nothing is left behind', async () => {
  const house = await openListener()
  const bystander = await RawPeer.attached(house.port)
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed)
    const peer = new RawPeer(house.port)
    for (const chunk of cut(mutated(random), random)) peer.socket.write(chunk)
    bystander.write(data(1, grpcMessage(Buffer.from(String(seed)))))
    await bystander.settled()
    expect(house.attached[0]?.messages.at(-1)?.toString()).toBe(String(seed))
    await new Promise((resolve) => setImmediate(resolve))
    peer.destroy()
  }
  // Node's own server keeps some broken connections until a ping finds them: ours keeps none.
  const direct = house.attached.slice(1).filter(({ connection }) => connection instanceof DirectConnection)
  expect(direct.length).toBeGreaterThan(50)
  await expect.poll(() => direct.filter(({ closed }) => closed !== 1).length).toBe(0)
  bystander.destroy()
  await house.close()
}, 60_000)
