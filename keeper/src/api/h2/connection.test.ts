import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { attachFields, data, grpcMessage, headers, openListener, RawPeer } from '../testing/raw-peer.js'
import {
  ErrorCode,
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

let house: Awaited<ReturnType<typeof openListener>>
let peers: RawPeer[] = []
beforeEach(async () => {
  house = await openListener()
})
afterEach(async () => {
  for (const peer of peers) peer.destroy()
  peers = []
  await house.close()
})

const connected = (): RawPeer => {
  const peer = new RawPeer(house.port)
  peers.push(peer)
  return peer
}

async function attached(settings: readonly (readonly [number, number])[] = []) {
  const peer = await RawPeer.attached(house.port, settings)
  peers.push(peer)
  const own = house.attached.at(-1)
  if (!own) throw new Error('nothing was attached')
  return { peer, own }
}

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4)
  return bytes
}
const hi = grpcMessage(Buffer.from('hi'))

describe('a session begins', () => {
  test('with everything in one write: settings, their acknowledgement, and the answer', async () => {
    const { peer } = await attached()
    expect(peer.frames.map(({ type, flags }) => [type, flags])).toEqual([
      [FrameType.settings, 0],
      [FrameType.settings, Flag.ack],
    ])
  })

  test('byte by byte', async () => {
    const peer = connected()
    const bytes = Buffer.concat([PREFACE, settingsFrame([]), headers(1), data(1, hi)])
    for (const byte of bytes) {
      peer.socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await peer.fields()).toEqual({ ':status': '200', 'content-type': 'application/grpc' })
    await expect.poll(() => house.attached[0]?.messages).toEqual([Buffer.from('hi')])
  })

  test('when the client waits for our settings first', async () => {
    const peer = connected()
    peer.write(PREFACE, settingsFrame([]))
    await peer.next(FrameType.settings)
    peer.write(settingsAck, headers(1))
    expect(await peer.fields()).toMatchObject({ ':status': '200' })
    expect(peer.frames.filter(({ type, flags }) => type === FrameType.settings && flags === 0)).toEqual([])
  })

  test('with padding, priority, continuations and the peer’s own windows', async () => {
    const peer = connected()
    const block = encodeFields(attachFields)
    const first = Buffer.concat([Buffer.of(3), words(0), Buffer.of(16), block.subarray(0, 10), Buffer.alloc(3)])
    peer.write(
      PREFACE,
      settingsFrame([]),
      frame(FrameType.priority, 0, 7, Buffer.alloc(5)),
      windowUpdateFrame(0, 1_000),
      frame(FrameType.headers, Flag.padded | Flag.priority, 13, first),
      frame(FrameType.continuation, 0, 13, block.subarray(10, 20)),
      frame(FrameType.continuation, Flag.endHeaders, 13, block.subarray(20)),
      data(13, Buffer.concat([Buffer.of(4), hi, Buffer.alloc(4)]), Flag.padded),
    )
    expect(await peer.fields()).toMatchObject({ ':status': '200' })
    await peer.settled()
    expect(house.attached[0]?.messages).toEqual([Buffer.from('hi')])
    house.attached[0]?.connection.send({ bytes: Buffer.from('back') })
    expect(await peer.next(FrameType.data)).toMatchObject({ id: 13, payload: grpcMessage(Buffer.from('back')) })
  })

  test.each([
    ['another path', [[':path', '/x']]],
    ['a pseudo-header twice', [[':path', '/x'], ...attachFields]],
    ['an upper-case name', [...attachFields, ['X-Y', 'z']]],
    ['a pseudo-header after others', [...attachFields, [':authority', 'x']]],
    ['a field of one hop', [...attachFields, ['connection', 'close']]],
    ['another content type', [...attachFields.filter(([name]) => name !== 'content-type'), ['content-type', 'text/a']]],
  ] as [string, [string, string][]][])('not with %s: that is for the other server', async (_what, fields) => {
    const peer = connected()
    peer.write(PREFACE, settingsFrame([]), headers(1, fields, Flag.endHeaders))
    await peer.next(FrameType.settings)
    expect(house.attached).toEqual([])
  })
})

describe('messages', () => {
  test('go both ways, in parts and several at once, however they are cut', async () => {
    const { peer, own } = await attached()
    const three = Buffer.concat([hi, grpcMessage(Buffer.alloc(0)), grpcMessage(Buffer.alloc(100, 1))])
    peer.write(data(1, three.subarray(0, 3)), data(1, three.subarray(3, 20)), data(1, three.subarray(20)))
    await peer.settled()
    expect(own.messages.map(({ length }) => length)).toEqual([2, 0, 100])
    expect(own.connection.send({ bytes: Buffer.from('a') })).toBe(true)
    expect((await peer.next(FrameType.data)).payload).toEqual(grpcMessage(Buffer.from('a')))
  })

  test('what was consumed is given back', async () => {
    const { peer, own } = await attached()
    const part = Buffer.alloc(16_384)
    part.writeUInt32BE(200_000, 1)
    for (let sent = 0; sent < 200_005; sent += part.length) {
      peer.write(data(1, sent === 0 ? part : Buffer.alloc(Math.min(16_384, 200_005 - sent))))
      if (sent % 32_768 !== 0) {
        expect(await peer.next(FrameType.windowUpdate)).toMatchObject({ id: 0, payload: words(32_768) })
        expect(await peer.next(FrameType.windowUpdate)).toMatchObject({ id: 1, payload: words(32_768) })
      }
    }
    await peer.settled()
    expect(own.messages.map(({ length }) => length)).toEqual([200_000])
  })

  test.each([
    ['a compressed message', Buffer.from([1, 0, 0, 0, 0]), '3'],
    ['a message over the limit', Buffer.concat([Buffer.of(0), words(limits.messageBytesMax + 1)]), '8'],
  ])('%s ends the stream with a typed error', async (_what, bytes, status) => {
    const { peer, own } = await attached()
    peer.write(data(1, bytes))
    expect(await peer.fields()).toMatchObject({ 'grpc-status': status, 'keeper-error-bin': expect.any(String) })
    expect(await peer.goaway()).toEqual({ lastId: 1, code: ErrorCode.none })
    await expect.poll(() => own.closed).toBe(1)
    await peer.closed
  })
})

describe('windows of the peer', () => {
  const big = { bytes: Buffer.alloc(100_000, 7) }
  const take = async (peer: RawPeer) => (await peer.next(FrameType.data)).payload.length

  test('are kept to, of connection and stream, and a slow peer is told from a fast one', async () => {
    const { peer, own } = await attached([[Setting.initialWindowSize, 100]])
    let writable = 0
    own.connection.onWritable(() => writable++)
    expect(own.connection.send(big)).toBe(false)
    expect(await take(peer)).toBe(100)
    expect(own.connection.queuedBytes).toBe(100_005 - 100)
    peer.write(windowUpdateFrame(1, 200_000))
    let received = 100
    while (received < 65_535) received += await take(peer)
    await peer.settled()
    expect([received, writable]).toEqual([65_535, 0])
    peer.write(windowUpdateFrame(0, 200_000))
    while (received < 100_005) received += await take(peer)
    await expect.poll(() => writable).toBe(1)
    expect(own.connection.queuedBytes).toBe(0)
    expect(own.connection.send({ bytes: Buffer.from('x') })).toBe(true)
  })

  test('cut a message anywhere, also one whose bytes lie in several places', async () => {
    const { peer, own } = await attached([[Setting.initialWindowSize, 7]])
    const [bytes, ...rest] = [hi, Buffer.alloc(40_000, 'x'), Buffer.from('tail')]
    for (const frame of [{ bytes, rest }, { bytes: hi }]) expect(own.connection.send(frame)).toBe(false)
    const messages = Buffer.concat([grpcMessage(Buffer.concat([bytes, ...rest])), grpcMessage(hi)])
    const got: Buffer[] = []
    for (let received = 0; received < messages.length; received += got.at(-1)?.length ?? 0) {
      got.push((await peer.next(FrameType.data)).payload)
      peer.write(windowUpdateFrame(1, received < 60 ? 7 : 30_000))
    }
    expect(Buffer.concat(got).equals(messages)).toBe(true)
  })

  test('change mid-way, below zero and back', async () => {
    const { peer, own } = await attached([[Setting.initialWindowSize, 1_000]])
    own.connection.send({ bytes: Buffer.alloc(1_995) })
    expect(await take(peer)).toBe(1_000)
    peer.write(settingsFrame([[Setting.initialWindowSize, 0]]))
    await peer.settled()
    peer.write(windowUpdateFrame(1, 1_000))
    await peer.settled()
    expect(peer.frames.filter(({ type }) => type === FrameType.data)).toEqual([])
    peer.write(settingsFrame([[Setting.initialWindowSize, 10]]))
    expect(await take(peer)).toBe(10)
    const before = peer.frames.length
    peer.write(settingsFrame([[Setting.initialWindowSize, 65_535]]))
    await peer.settled()
    expect(peer.frames.slice(before).map(({ type }) => type)).toEqual([FrameType.settings, FrameType.data])
    expect(await take(peer)).toBe(990)
  })

  test('that stay shut bound nothing but this stream: what waits is counted, the end comes after it', async () => {
    const { peer, own } = await attached([[Setting.initialWindowSize, 0]])
    for (let at = 0; at < 10; at++) expect(own.connection.send({ bytes: Buffer.alloc(95) })).toBe(false)
    expect(own.connection.queuedBytes).toBe(1_000)
    own.connection.end()
    peer.write(windowUpdateFrame(1, 1_000))
    for (let at = 0; at < 10; at++) expect(await take(peer)).toBe(100)
    expect(await peer.fields()).toEqual({ 'grpc-status': '0' })
  })
})

describe('the end', () => {
  test('of the peer’s half is answered with ours, and then the connection closes', async () => {
    const { peer, own } = await attached()
    peer.write(data(1, Buffer.alloc(0), Flag.endStream))
    expect(await peer.fields()).toEqual({ 'grpc-status': '0' })
    await peer.closed
    expect(own.closed).toBe(1)
    await expect.poll(() => [house.listener.streams, house.listener.connections]).toEqual([0, 0])
  })

  test('with trailers of the peer is its half too', async () => {
    const { peer, own } = await attached()
    peer.write(headers(1, [['x', 'y']], Flag.endHeaders | Flag.endStream))
    expect(await peer.fields()).toEqual({ 'grpc-status': '0' })
    expect(own.closed).toBe(1)
  })

  test('on our side: trailers, then a reset of what the peer still sends', async () => {
    const { peer, own } = await attached()
    own.connection.fail(new KeeperError('E_TOO_MANY', 'genug: 100 % → Schluß'))
    expect(await peer.fields()).toMatchObject({
      'grpc-status': '8',
      'grpc-message': 'genug: 100 %25 %E2%86%92 Schlu%C3%9F',
    })
    expect(own.connection.send({ bytes: hi })).toBe(false)
    peer.write(data(1, hi))
    expect((await peer.next(FrameType.reset)).payload).toEqual(words(ErrorCode.none))
    await peer.closed
    expect([own.closed, own.messages.length]).toEqual([1, 0])
  })

  test('with trailers longer than a frame', async () => {
    const { peer, own } = await attached()
    own.connection.fail(new KeeperError('E_TOO_MANY', '→'.repeat(1_024), { why: '→'.repeat(2_000) }))
    const { flags, payload } = await peer.next(FrameType.headers)
    const rest = await peer.next(FrameType.continuation)
    expect([flags, payload.length, rest.flags]).toEqual([Flag.endStream, 16_384, Flag.endHeaders])
  })

  test.each([
    ['DATA', () => data(1, hi)],
    ['HEADERS', () => headers(1, [['x', 'y']], Flag.endHeaders | Flag.endStream)],
  ])('is once: %s after it breaks the connection', async (_what, bytes) => {
    const { peer, own } = await attached([[Setting.initialWindowSize, 0]])
    own.connection.send({ bytes: Buffer.from('waits') })
    peer.write(data(1, Buffer.alloc(0), Flag.endStream), bytes())
    expect(await peer.goaway()).toEqual({ lastId: 1, code: ErrorCode.streamClosed })
    await peer.closed
  })

  test('by a reset frees everything at once', async () => {
    const { peer, own } = await attached()
    peer.write(data(1, hi.subarray(0, 3)), resetFrame(1, ErrorCode.cancel))
    await peer.closed
    expect(own.closed).toBe(1)
    expect(house.listener.streams).toBe(0)
  })

  test('by a broken connection, too', async () => {
    const { peer, own } = await attached()
    peer.socket.resetAndDestroy()
    await expect.poll(() => own.closed).toBe(1)
    await expect.poll(() => [house.listener.streams, house.listener.connections]).toEqual([0, 0])
  })
})

test('a further stream is asked to go elsewhere, once, and the session goes on', async () => {
  const { peer, own } = await attached()
  peer.write(headers(3, [[':path', '/x']]), data(3, hi), headers(5), data(5, hi), data(1, hi))
  expect(await peer.goaway()).toEqual({ lastId: 1, code: ErrorCode.none })
  await peer.settled()
  expect(peer.frames.filter(({ type }) => type === FrameType.goaway)).toEqual([])
  expect(own.messages).toEqual([Buffer.from('hi')])
  expect(house.attached.length).toBe(1)
})

test('pings are answered; priorities, goaways and unknown frames are nothing to us', async () => {
  const { peer, own } = await attached()
  peer.write(
    frame(FrameType.priority, 0, 9, Buffer.alloc(5)),
    frame(FrameType.goaway, 0, 0, words(0, 0)),
    frame(0x77, 0xff, 3, Buffer.alloc(100)),
    data(1, hi),
    pingFrame(0, Buffer.from('12345678')),
  )
  expect(await peer.next(FrameType.ping)).toMatchObject({ flags: Flag.ack, payload: Buffer.from('12345678') })
  expect(own.messages).toEqual([Buffer.from('hi')])
})

const block = encodeFields(attachFields)
const flood = (bytes: Buffer, count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => bytes))
const tooMany = limits.h2ControlFramesPerSecondMax * 2 + 1

describe('a connection that breaks the rules ends with its code, and harms no other', () => {
  test.each<[string, number, () => Buffer]>([
    ['DATA on stream 0', ErrorCode.protocol, () => data(0, hi)],
    ['DATA on an idle stream', ErrorCode.protocol, () => data(3, hi)],
    ['padding longer than its frame', ErrorCode.protocol, () => data(1, Buffer.of(9, 0), Flag.padded)],
    ['padding without a length', ErrorCode.frameSize, () => data(1, Buffer.alloc(0), Flag.padded)],
    ['a frame over 16,384', ErrorCode.frameSize, () => data(1, Buffer.alloc(16_385))],
    ['HEADERS on an even stream', ErrorCode.protocol, () => headers(2)],
    ['HEADERS on stream 0', ErrorCode.protocol, () => headers(0)],
    ['HEADERS again without the end', ErrorCode.protocol, () => headers(1)],
    ['HEADERS that are no HPACK', ErrorCode.compression, () => frame(FrameType.headers, 4, 3, Buffer.of(0x80))],
    ['a CONTINUATION of nothing', ErrorCode.protocol, () => frame(FrameType.continuation, 4, 1, block)],
    ['another frame in a block', ErrorCode.protocol, () => Buffer.concat([openBlock(), data(1, hi)])],
    ['another stream’s CONTINUATION', ErrorCode.protocol, () => Buffer.concat([openBlock(), continuation(5)])],
    ['PUSH_PROMISE', ErrorCode.protocol, () => frame(FrameType.pushPromise, 4, 1, words(2))],
    ['SETTINGS of a stream', ErrorCode.protocol, () => frame(FrameType.settings, 0, 1, Buffer.alloc(0))],
    ['SETTINGS of a wrong size', ErrorCode.frameSize, () => frame(FrameType.settings, 0, 0, Buffer.alloc(5))],
    ['an acknowledgement with content', ErrorCode.frameSize, () => frame(FrameType.settings, 1, 0, Buffer.alloc(6))],
    ['a push setting out of range', ErrorCode.protocol, () => settingsFrame([[Setting.enablePush, 2]])],
    ['a frame size out of range', ErrorCode.protocol, () => settingsFrame([[Setting.maxFrameSize, 16_383]])],
    ['an initial window too large', ErrorCode.flowControl, () => settingsFrame([[Setting.initialWindowSize, 2 ** 31]])],
    ['a connection window too large', ErrorCode.flowControl, () => windowUpdateFrame(0, 2 ** 31 - 1)],
    ['a stream window too large', ErrorCode.flowControl, () => windowUpdateFrame(1, 2 ** 31 - 1)],
    ['a window opened by nothing', ErrorCode.protocol, () => windowUpdateFrame(1, 0)],
    ['the window of an idle stream', ErrorCode.protocol, () => windowUpdateFrame(9, 1)],
    ['WINDOW_UPDATE of a wrong size', ErrorCode.frameSize, () => frame(FrameType.windowUpdate, 0, 0, Buffer.alloc(3))],
    ['PING of a stream', ErrorCode.protocol, () => frame(FrameType.ping, 0, 1, Buffer.alloc(8))],
    ['PING of a wrong size', ErrorCode.frameSize, () => frame(FrameType.ping, 0, 0, Buffer.alloc(7))],
    ['RST_STREAM of stream 0', ErrorCode.protocol, () => resetFrame(0, 8)],
    ['RST_STREAM of an idle stream', ErrorCode.protocol, () => resetFrame(3, 8)],
    ['RST_STREAM of a wrong size', ErrorCode.frameSize, () => frame(FrameType.reset, 0, 1, Buffer.alloc(3))],
    ['PRIORITY of stream 0', ErrorCode.protocol, () => frame(FrameType.priority, 0, 0, Buffer.alloc(5))],
    ['PRIORITY of a wrong size', ErrorCode.frameSize, () => frame(FrameType.priority, 0, 1, Buffer.alloc(4))],
    ['GOAWAY of a stream', ErrorCode.protocol, () => frame(FrameType.goaway, 0, 1, words(0, 0))],
    ['GOAWAY of a wrong size', ErrorCode.frameSize, () => frame(FrameType.goaway, 0, 0, words(0))],
    ['a flood of pings', ErrorCode.enhanceYourCalm, () => flood(pingFrame(0, Buffer.alloc(8)), tooMany)],
    ['a flood of pongs', ErrorCode.enhanceYourCalm, () => flood(pingFrame(1, Buffer.alloc(8)), tooMany)],
    ['a flood of settings', ErrorCode.enhanceYourCalm, () => flood(settingsFrame([]), tooMany)],
    ['a flood of acknowledgements', ErrorCode.enhanceYourCalm, () => flood(settingsAck, tooMany)],
    ['a flood of empty DATA', ErrorCode.enhanceYourCalm, () => flood(data(1, Buffer.alloc(0)), tooMany)],
    ['a flood of window updates', ErrorCode.enhanceYourCalm, () => flood(windowUpdateFrame(0, 1), tooMany)],
    ['a flood of priorities', ErrorCode.enhanceYourCalm, () => flood(frame(2, 0, 1, Buffer.alloc(5)), tooMany)],
    ['a flood of unknown frames', ErrorCode.enhanceYourCalm, () => flood(frame(99, 0, 0, Buffer.alloc(0)), tooMany)],
    ['a flood of further streams and resets', ErrorCode.enhanceYourCalm, () => rapidResets(tooMany)],
    ['too many CONTINUATIONs', ErrorCode.enhanceYourCalm, () => Buffer.concat([openBlock(), flood(empty(), 100)])],
    ['too long a header block', ErrorCode.enhanceYourCalm, () => Buffer.concat([openBlock(), flood(full(), 2)])],
    ['too large a header list', ErrorCode.enhanceYourCalm, () => headers(3, [['x', 'y'.repeat(16_370)]])],
  ])('%s', async (_what, code, bytes) => {
    const other = await attached()
    const { peer, own } = await attached()
    peer.write(bytes())
    let said = await peer.goaway()
    // A further stream is asked to go before the connection breaks.
    if (said.code === ErrorCode.none && code !== ErrorCode.none) said = await peer.goaway()
    expect(said).toEqual({ lastId: 1, code })
    await peer.closed
    expect(own.closed).toBe(1)
    other.peer.write(data(1, hi))
    await other.peer.settled()
    expect(other.own.messages).toEqual([Buffer.from('hi')])
  })

  const openBlock = () => frame(FrameType.headers, 0, 3, block.subarray(0, 5))
  const continuation = (id: number) => frame(FrameType.continuation, Flag.endHeaders, id, block.subarray(5))
  const empty = () => frame(FrameType.continuation, 0, 3, Buffer.alloc(0))
  const full = () => frame(FrameType.continuation, 0, 3, Buffer.alloc(16_384, 0x82))
  const rapidResets = (count: number) =>
    Buffer.concat(
      Array.from({ length: count }, (_, at) => Buffer.concat([headers(3 + 2 * at), resetFrame(3 + 2 * at, 8)])),
    )
})

test('a peer that asks and does not read is cut off, and its queue is bounded', async () => {
  const { peer, own } = await attached()
  peer.socket.pause()
  peer.write(windowUpdateFrame(0, 2 ** 30), windowUpdateFrame(1, 2 ** 30))
  await expect
    .poll(() => {
      for (let at = 0; at < 20; at++) own.connection.send({ bytes: Buffer.alloc(1_000_000) })
      return own.connection.queuedBytes
    })
    .toBeGreaterThan(20_000_000)
  for (let at = 0; at <= limits.h2UnreadRepliesMax; at++) peer.write(pingFrame(0, Buffer.alloc(8)))
  await expect.poll(() => own.closed).toBe(1)
  await expect.poll(() => house.listener.connections).toBe(0)
})
