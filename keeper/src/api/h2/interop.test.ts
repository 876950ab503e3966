import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http2 from 'node:http2'
import { promisify } from 'node:util'
import * as grpc from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { allocateShared } from '../../base/shared-bytes.js'
import type { GrpcListenerOptions } from '../grpc-listener.js'
import { type Attached, openListener } from '../testing/raw-peer.js'
import { DirectConnection } from './connection.js'

const echo: grpc.ServiceDefinition = {
  Say: {
    path: '/test.Echo/Say',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes) => bytes,
  },
}

function echoServer(): grpc.Server {
  const server = new grpc.Server()
  server.addService(echo, {
    Say: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => done(null, call.request),
  })
  return server
}

let house: Awaited<ReturnType<typeof openListener>>
let clients: { close(): void }[] = []
const open = async (options: Partial<GrpcListenerOptions> = {}) => {
  house = await openListener({ server: echoServer(), ...options })
}
beforeEach(() => open())
afterEach(async () => {
  for (const client of clients) client.close()
  clients = []
  await house.close()
})

function grpcClient(): grpc.Client {
  const client = new grpc.Client(`127.0.0.1:${house.port}`, grpc.credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
    'grpc.max_send_message_length': 64 * 1024 * 1024,
  })
  clients.push(client)
  return client
}

async function attach(client: grpc.Client) {
  const before = house.attached.length
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(
    '/keeper.v1.Sessions/Attach',
    (bytes) => bytes,
    (bytes) => bytes,
  )
  const received: Buffer[] = []
  call.on('data', (bytes: Buffer) => received.push(bytes))
  const ended = new Promise<grpc.StatusObject>((resolve) => call.on('status', resolve))
  call.on('error', () => {})
  call.write(Buffer.from('hello'))
  await expect.poll(() => house.attached[before]?.messages.length).toBe(1)
  return { call, received, ended, own: house.attached[before] as Attached }
}

const say = (client: grpc.Client, text: string): Promise<string> =>
  new Promise((resolve, reject) =>
    client.makeUnaryRequest<Buffer, Buffer>(
      '/test.Echo/Say',
      (bytes) => bytes,
      (bytes) => bytes,
      Buffer.from(text),
      (error, answer) => (error ? reject(error) : resolve(String(answer))),
    ),
  )

const isDirect = (own: Attached): boolean => own.connection instanceof DirectConnection

describe('grpc-js', () => {
  test('attaches directly, although it waits for settings before it calls', async () => {
    const { own, received } = await attach(grpcClient())
    expect(isDirect(own)).toBe(true)
    own.connection.send({ bytes: Buffer.from('welcome') })
    await expect.poll(() => received.map(String)).toEqual(['welcome'])
  })

  test('attaches, then calls on the same channel: the call moves on by itself, the session stays', async () => {
    const client = grpcClient()
    const { own, received, call } = await attach(client)
    expect(await Promise.all(['a', 'b', 'c'].map((text) => say(client, text)))).toEqual(['a', 'b', 'c'])
    own.connection.send({ bytes: Buffer.from('still here') })
    await expect.poll(() => received.map(String)).toEqual(['still here'])
    call.write(Buffer.from('and I'))
    await expect.poll(() => own.messages.map(String)).toEqual(['hello', 'and I'])
    expect([house.listener.connections, house.listener.streams]).toEqual([2, 1])
  })

  test('calls, then attaches on the same channel', async () => {
    const client = grpcClient()
    expect(await say(client, 'first')).toBe('first')
    const { own, received } = await attach(client)
    expect(isDirect(own)).toBe(false)
    own.connection.send({ bytes: Buffer.from('welcome') })
    await expect.poll(() => received.map(String)).toEqual(['welcome'])
    expect(await say(client, 'second')).toBe('second')
    expect(house.listener.connections).toBe(1)
  })

  test('attaches twice on one channel, and again after an end', async () => {
    const client = grpcClient()
    const first = await attach(client)
    const second = await attach(client)
    first.own.connection.send({ bytes: Buffer.from('1') })
    second.own.connection.send({ bytes: Buffer.from('2') })
    await expect.poll(() => [...first.received, ...second.received].map(String)).toEqual(['1', '2'])
    second.call.end()
    expect((await second.ended).code).toBe(grpc.status.OK)
    const third = await attach(client)
    third.own.connection.send({ bytes: Buffer.from('3') })
    await expect.poll(() => third.received.map(String)).toEqual(['3'])
    expect(first.own.closed).toBe(0)
  })

  test('is refused beyond the greatest number of sessions, with a typed error', async () => {
    await house.close()
    await open({ sessionsMax: 1 })
    const first = await attach(grpcClient())
    const call = grpcClient().makeBidiStreamRequest<Buffer, Buffer>(
      '/keeper.v1.Sessions/Attach',
      (bytes) => bytes,
      (bytes) => bytes,
    )
    call.on('error', () => {})
    const status = await new Promise<grpc.StatusObject>((resolve) => call.on('status', resolve))
    expect(status.code).toBe(grpc.status.RESOURCE_EXHAUSTED)
    expect(status.metadata.get('keeper-error-bin').length).toBe(1)
    expect(first.own.closed).toBe(0)
  })

  test.each([true, false])('gets and sends large messages whole (direct: %s)', async (directSessions) => {
    await house.close()
    await open({ directSessions })
    const { own, received, call } = await attach(grpcClient())
    expect(isDirect(own)).toBe(directSessions)
    const sizes = [0, 1, 16_379, 16_380, 65_530, 65_531, 300_000, 3_000_000]
    for (const [at, size] of sizes.entries()) {
      own.connection.send({ bytes: Buffer.alloc(size, at) })
      call.write(Buffer.alloc(size, at))
    }
    const expected = sizes.map((size, at) => Buffer.alloc(size, at))
    await expect.poll(() => received.length, { timeout: 10_000 }).toBe(sizes.length)
    await expect.poll(() => own.messages.length, { timeout: 10_000 }).toBe(sizes.length + 1)
    expect(received.every((bytes, at) => bytes.equals(expected[at] as Buffer))).toBe(true)
    expect(own.messages.slice(1).every((bytes, at) => bytes.equals(expected[at] as Buffer))).toBe(true)
  })

  test.each([true, false])(
    'gets messages whole that lie in several places, and in memory of threads (direct: %s)',
    async (directSessions) => {
      await house.close()
      await open({ directSessions })
      const { own, received } = await attach(grpcClient())
      const shared = allocateShared(1_000_000)
      for (let at = 0; at < shared.length; at++) shared[at] = at % 251
      const bytes = Buffer.from('head')
      const sent = [[], [shared.subarray(0, 0)], [shared.subarray(7, 65_543)], [shared, Buffer.from('tail')]]
      for (const rest of sent) own.connection.send({ bytes, rest })
      await expect.poll(() => received.length, { timeout: 10_000 }).toBe(sent.length)
      expect(received.every((one, at) => one.equals(Buffer.concat([bytes, ...(sent[at] ?? [])])))).toBe(true)
    },
  )
})

describe('node:http2', () => {
  const connect = (settings: http2.Settings = {}) => {
    const session = http2.connect(`http://127.0.0.1:${house.port}`, { settings })
    session.on('error', () => {})
    clients.push({ close: () => session.destroy() })
    return session
  }
  const request = (session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders = {}) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/keeper.v1.Sessions/Attach',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    stream.on('error', () => {})
    return stream
  }

  test.each([1, 100, 65_535, 1_000_000])(
    'with a window of %i gets every message in order',
    async (initialWindowSize) => {
      const stream = request(connect({ initialWindowSize }))
      let bytes = 0
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      await once(stream, 'response')
      const own = house.attached[0] as Attached
      const count = initialWindowSize === 1 ? 3 : 200
      const size = initialWindowSize === 1 ? 20 : 5_000
      for (let at = 0; at < count; at++) own.connection.send({ bytes: Buffer.alloc(size, at) })
      await expect.poll(() => bytes, { timeout: 10_000 }).toBe(count * (size + 5))
      expect(own.connection.queuedBytes).toBe(0)
    },
  )

  test('that opens its window while more waits for it than the old one took gets the rest', async () => {
    const session = connect({ initialWindowSize: 10 })
    const stream = request(session)
    await once(stream, 'response')
    const own = house.attached[0] as Attached
    own.connection.send({ bytes: Buffer.alloc(20_000) })
    const acknowledged = once(session, 'localSettings')
    session.settings({ initialWindowSize: 50_000 })
    await acknowledged
    let bytes = 0
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await expect.poll(() => bytes).toBe(20_005)
    expect(stream.closed).toBe(false)
  })

  test('a reader that stalls makes the connection slow, and is told all when it reads again', async () => {
    const stream = request(connect())
    await once(stream, 'response')
    stream.pause()
    const own = house.attached[0] as Attached
    let writable = 0
    own.connection.onWritable(() => writable++)
    const frame = { bytes: Buffer.alloc(10_000) }
    let sent = 0
    for (; sent < 1_000 && own.connection.queuedBytes < 1_000_000; sent++) own.connection.send(frame)
    expect(own.connection.send(frame)).toBe(false)
    let bytes = 0
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    stream.resume()
    await expect.poll(() => bytes, { timeout: 10_000 }).toBe((sent + 1) * 10_005)
    expect(writable).toBeGreaterThan(0)
    expect(own.connection.queuedBytes).toBe(0)
  })

  test('attaches after a stream of another kind, on the same connection', async () => {
    const session = connect()
    const other = request(session, { ':path': '/nothing/Here' })
    await once(other.resume(), 'close')
    const stream = request(session)
    await once(stream, 'response')
    expect(isDirect(house.attached[0] as Attached)).toBe(false)
  })

  test('that only connects is answered, and may call later', async () => {
    const session = connect()
    await once(session, 'remoteSettings')
    const stream = request(session)
    await once(stream, 'response')
    expect(isDirect(house.attached[0] as Attached)).toBe(true)
  })

  test('that asks for a sign of life before it calls is served by the other server', async () => {
    const session = connect()
    await once(session, 'remoteSettings')
    await new Promise<void>((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())))
    const stream = request(session)
    await once(stream, 'response')
    expect(isDirect(house.attached[0] as Attached)).toBe(false)
  })
})

test('curl with prior knowledge is answered', async () => {
  const { stdout } = await promisify(execFile)('curl', [
    '-s',
    '--max-time',
    '5',
    '--http2-prior-knowledge',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code} %{http_version}',
    `http://127.0.0.1:${house.port}/x`,
  ])
  expect(stdout).toMatch(/^\d{3} 2$/)
})
