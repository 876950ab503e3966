import { once } from 'node:events'
import http2 from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { clientFrame } from '@keeper/proto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { type ApiHouse, openApi } from './testing/api-house.js'

let house: ApiHouse

const hello = (instance: string, subscriptions: string[] = []): Buffer =>
  clientFrame.encode({
    hello: { protocol: 1, subscriptions, identity: { cluster: 'push', role: 'room', instance, incarnation: 'i' } },
  })

const framed = (bytes: Buffer, flag = 0): Buffer => {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}

/** A stream that the test frames by hand. */
async function rawStream(headers: http2.OutgoingHttpHeaders = {}) {
  const session = http2.connect(`http://${house.address}`)
  session.on('error', () => {})
  const stream = session.request({
    ':method': 'POST',
    ':path': '/keeper.v1.Sessions/Attach',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  stream.on('error', () => {})
  const got: Buffer[] = []
  stream.on('data', (bytes: Buffer) => got.push(bytes))
  let head: http2.IncomingHttpHeaders = {}
  let trailers: http2.IncomingHttpHeaders = {}
  stream.on('response', (response) => {
    head = response
  })
  stream.on('trailers', (sent) => {
    trailers = sent
  })
  const closed = once(stream, 'close')
  return {
    session,
    stream,
    received: () => Buffer.concat(got),
    async outcome(): Promise<Record<string, unknown>> {
      await closed
      session.destroy()
      return { status: head[':status'], ...head, ...trailers }
    },
  }
}

/** Somebody else's session, to see that it does not notice. */
async function bystander() {
  await house.publish({ 'push/room.yaml': 'max: 1\n' })
  const call = house.attach()
  call.hello('bystander', ['push/room'])
  await call.find((frame) => frame.push !== null && frame.push !== undefined)
  return {
    async stillServed() {
      await house.publish({ 'push/room.yaml': `max: ${Math.floor(performance.now() * 1000)}\n` })
      await call.find((frame) => frame.push !== null && frame.push !== undefined)
      call.cancel()
    },
  }
}

describe.each([
  ['on sockets of their own', true],
  ['as streams of node:http2', false],
])('sessions %s', (_where, directSessions) => {
  beforeEach(async () => {
    house = await openApi({ directSessions })
  })
  afterEach(() => house.close())

  test('a session is welcomed, gets its config and each new value', async () => {
    await house.publish({ 'push/room.yaml': 'max: 1\n' })
    const call = house.attach()
    call.hello('room-1', ['push/room'])
    expect((await call.next())?.kind).toBe('welcome')
    const first = await call.find((frame) => frame.kind === 'push')
    expect(first.push?.changes[0]?.value.toString()).toBe('{"max":1}')
    await house.publish({ 'push/room.yaml': 'max: 2\n' })
    const second = await call.find((frame) => frame.kind === 'push')
    expect(second.push?.changes[0]?.value.toString()).toBe('{"max":2}')
    call.cancel()
  })

  test('the session stream and other calls go over one channel', async () => {
    const call = house.attach()
    call.hello('room-1')
    await call.next()
    await house.publish({ 'push/room.yaml': 'max: 1\n' })
    const view = await house.call<{ valueJson: string }>('configs', 'Get', { name: 'push/room' })
    expect(view.valueJson).toBe('{"max":1}')
    expect(house.api.stats()).toEqual({ connections: directSessions ? 2 : 1, streams: 1 })
    call.cancel()
  })

  test('a message that comes byte by byte, and two in one chunk, are read', async () => {
    const raw = await rawStream()
    const bytes = framed(hello('room-1'))
    for (const byte of bytes) raw.stream.write(Buffer.from([byte]))
    const heartbeat = framed(clientFrame.encode({ heartbeat: { sequence: 1 } }))
    raw.stream.write(Buffer.concat([heartbeat, heartbeat]))
    await expect.poll(() => raw.received().length).toBeGreaterThan(20)
    raw.stream.end()
    expect(await raw.outcome()).toMatchObject({ 'grpc-status': '0' })
  })

  test('bytes that are no HTTP/2 harm nobody', async () => {
    const other = await bystander()
    for (const bytes of ['GET / HTTP/1.1\r\nhost: x\r\n\r\n', '\0\0\0', 'x'.repeat(100_000)]) {
      const socket: Socket = connectTcp(house.api.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.write(bytes)
      if (bytes.length < 10) socket.end()
      await once(socket, 'close')
    }
    await other.stillServed()
  })

  test('a content type that is not gRPC is answered with 415', async () => {
    for (const type of ['text/plain', 'application/grpc-web', 'application/json']) {
      const raw = await rawStream({ 'content-type': type })
      expect(await raw.outcome()).toMatchObject({ status: 415 })
    }
  })

  test.each([
    ['a compressed message', () => framed(hello('room-1'), 1), '3', 'compressed'],
    ['garbage', () => framed(Buffer.from('ffffffffffff', 'hex')), '3', ''],
    ['an empty message', () => framed(Buffer.alloc(0)), '3', ''],
    ['a frame before hello', () => framed(clientFrame.encode({ heartbeat: { sequence: 1 } })), '9', 'hello'],
    ['two hellos', () => Buffer.concat([framed(hello('room-1')), framed(hello('room-1'))]), '9', 'hello'],
    [
      'a cluster with a slash',
      () =>
        framed(clientFrame.encode({ hello: { protocol: 1, identity: { cluster: 'a/b', role: 'r', instance: 'i' } } })),
      '3',
      '',
    ],
  ])('%s ends the stream with a typed error, and no other', async (_what, bytes, status, words) => {
    const other = await bystander()
    const raw = await rawStream()
    raw.stream.write(bytes())
    const outcome = await raw.outcome()
    expect(outcome).toMatchObject({ 'grpc-status': status, 'keeper-error-bin': expect.any(String) })
    expect(decodeURIComponent(String(outcome['grpc-message']))).toContain(words)
    await other.stillServed()
  })

  test('a message over the limit is refused by its length, before it comes', async () => {
    const other = await bystander()
    const raw = await rawStream()
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(limits.messageBytesMax + 1, 1)
    raw.stream.write(prefix)
    expect(await raw.outcome()).toMatchObject({ 'grpc-status': '8' })
    await other.stillServed()
  })

  test('a reset in the middle of a message frees the stream', async () => {
    const other = await bystander()
    const raw = await rawStream()
    raw.stream.write(framed(hello('room-1')).subarray(0, 7))
    await expect.poll(() => house.api.stats().streams).toBe(2)
    raw.stream.close(http2.constants.NGHTTP2_CANCEL)
    await expect.poll(() => house.api.stats().streams).toBe(1)
    raw.session.destroy()
    await other.stillServed()
  })

  test('a connection that breaks frees its streams', async () => {
    const raw = await rawStream()
    raw.stream.write(framed(hello('room-1')))
    await expect.poll(() => house.hub.stats().streams).toBe(1)
    raw.session.destroy()
    await expect.poll(() => house.hub.stats().streams).toBe(0)
    expect(house.api.stats().streams).toBe(0)
  })

  test('a client that never reads costs a bounded queue; when it reads again it gets the newest, once', async () => {
    const other = await bystander()
    const big = (at: number) => ({ 'push/room.yaml': `at: ${at}\ntext: ${'x'.repeat(50_000)}\n` })
    const raw = await rawStream()
    raw.stream.write(framed(hello('slow', ['push/room'])))
    await expect.poll(() => raw.received().length).toBeGreaterThan(0)
    raw.stream.pause()
    for (let at = 0; at < 100; at++) await house.publish(big(at))
    const before = raw.received().length
    raw.stream.resume()
    await expect.poll(() => raw.received().toString('latin1')).toContain('"at":99')
    const received = raw.received().subarray(before)
    expect(received.length).toBeLessThan(2_000_000)
    expect(received.toString('latin1').split('"at":99').length).toBe(2)
    raw.session.destroy()
    await other.stillServed()
  })

  test('a stream that half-closes is ended, and its session lives on', async () => {
    const call = house.attach()
    call.hello('room-1')
    await call.next()
    call.end()
    expect(await call.next()).toBeUndefined()
    await expect.poll(() => house.hub.stats().streams).toBe(0)
    expect(house.hub.instances()).toMatchObject([{ connected: false }])
  })

  test('closing says goodbye to sessions, tells health, and refuses new calls', async () => {
    const call = house.attach()
    call.hello('room-1')
    await call.next()
    const health = house.stream<{ status: string }>('health', 'Watch', { service: '' })
    expect(await health.next()).toEqual({ status: 'SERVING' })
    const closed = house.api.close({ drainMs: 5_000 })
    const goodbye = await call.find((frame) => frame.kind === 'goodbye')
    expect(goodbye.goodbye?.status?.code).toBe('E_STOPPED')
    expect(await health.next()).toEqual({ status: 'NOT_SERVING' })
    health.cancel()
    house.client.close()
    await closed
    expect(house.api.stats()).toEqual({ connections: 0, streams: 0 })
  })
})
