import { constants, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { limits } from '../limits.js'
import { type CallEvents, GrpcCall, GrpcStatus, type Outcome } from './grpc-call.js'
import { prefixed } from './message-reader.js'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** The endpoint of a server that does this with each call. */
async function serving(serve: (stream: ServerHttp2Stream) => void): Promise<string> {
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('stream', (stream) => {
    stream.on('error', () => {})
    serve(stream)
  })
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Called {
  readonly call: GrpcCall
  readonly messages: string[]
  readonly ended: Promise<Outcome>
}

function calling(endpoint: string, more: Partial<CallEvents> = {}): Called {
  const messages: string[] = []
  let tell: (outcome: Outcome) => void = () => {}
  const ended = new Promise<Outcome>((resolve) => {
    tell = resolve
  })
  const call = new GrpcCall(endpoint, '/test/Call', undefined, {
    onReached: () => {},
    onMessage: (message) => messages.push(message.toString()),
    onEnded: (outcome) => tell(outcome),
    ...more,
  })
  ends.push(() => call.cancel())
  return { call, messages, ended }
}

const answerHeaders = { ':status': 200, 'content-type': 'application/grpc' }

/** Answers with these bytes and ends with this status. */
const answering =
  (bytes: Buffer, trailers: Record<string, string>) =>
  (stream: ServerHttp2Stream): void => {
    stream.respond(answerHeaders, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    stream.end(bytes)
  }

describe('a call', () => {
  test('hears each message and what is sent, and ends when the other side has ended it', async () => {
    const endpoint = await serving((stream) => {
      stream.respond(answerHeaders, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.pipe(stream)
    })
    const { call, messages, ended } = calling(endpoint)
    call.send(Buffer.from('one'))
    call.send(Buffer.from('two'))
    call.end()
    expect(await ended).toMatchObject({ status: GrpcStatus.ok })
    expect(messages).toEqual(['one', 'two'])
  })

  test('is ended by the other side although this one would send more', async () => {
    const { messages, ended } = calling(await serving(answering(prefixed(Buffer.from('bye')), { 'grpc-status': '0' })))
    expect(await ended).toMatchObject({ status: GrpcStatus.ok })
    expect(messages).toEqual(['bye'])
  })

  test('that fails says the status, the words and the trailers that came with it', async () => {
    const trailers = { 'grpc-status': '9', 'grpc-message': 'no%20such%20session', 'keeper-error-bin': 'AAEC' }
    expect(await calling(await serving(answering(Buffer.alloc(0), trailers))).ended).toMatchObject({
      status: 9,
      message: 'no such session',
      trailers: { 'keeper-error-bin': 'AAEC' },
    })
  })

  test('that is answered with nothing but a status has it, too', async () => {
    const endpoint = await serving((stream) =>
      stream.respond({ ...answerHeaders, 'grpc-status': '7', 'grpc-message': 'not%2' }, { endStream: true }),
    )
    expect(await calling(endpoint).ended).toMatchObject({ status: 7, message: 'not%2' })
  })

  test('to what is no gRPC server says so', async () => {
    const endpoint = await serving((stream) => stream.respond({ ':status': 404 }, { endStream: true }))
    const { status, message } = await calling(endpoint).ended
    expect(status).toBe(GrpcStatus.unavailable)
    expect(message).toContain('HTTP status 404')
  })

  test('that is cut off, with its connection or alone, is a lost one', async () => {
    const cutting = await serving((stream) => stream.session?.destroy())
    expect(await calling(cutting).ended).toMatchObject({ status: GrpcStatus.unavailable })
    const resetting = await serving((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM))
    expect(await calling(resetting).ended).toMatchObject({ status: GrpcStatus.unavailable })
    const strained = await serving((stream) => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM))
    expect(await calling(strained).ended).toMatchObject({ status: GrpcStatus.resourceExhausted })
  })

  test('whose answer is no message ends, and the other side hears of it', async () => {
    let aborted: () => void = () => {}
    const heard = new Promise<void>((resolve) => {
      aborted = resolve
    })
    const endpoint = await serving((stream) => {
      stream.once('close', aborted)
      stream.respond(answerHeaders)
      stream.write(Buffer.from([1, 2, 3, 4, 5, 6]))
    })
    expect(await calling(endpoint).ended).toMatchObject({ status: GrpcStatus.internal })
    await heard
  })

  test('that is given a message longer than keepers take ends, and sends neither it nor what follows', async () => {
    const received: Buffer[] = []
    const endpoint = await serving((stream) => {
      stream.respond(answerHeaders)
      stream.on('data', (chunk: Buffer) => received.push(chunk))
    })
    const { call, ended } = calling(endpoint)
    call.send(Buffer.alloc(limits.frameBytesMax + 1))
    call.send(Buffer.from('behind it'))
    expect(await ended).toMatchObject({ status: GrpcStatus.resourceExhausted })
    expect(received).toEqual([])
  })

  test('that is cancelled is over for both sides, and says nothing more here', async () => {
    let came: () => void = () => {}
    const heard = new Promise<void>((resolve) => {
      came = resolve
    })
    const endpoint = await serving((stream) => {
      stream.once('close', came)
      stream.respond(answerHeaders)
      stream.write(prefixed(Buffer.from('one')))
    })
    const said: string[] = []
    const called = calling(endpoint, {
      onMessage: () => {
        said.push('message')
        called.call.cancel()
      },
      onEnded: () => said.push('ended'),
    })
    await heard
    expect(said).toEqual(['message'])
  })
})

test('a place that is none is refused at once', () => {
  expect(() => calling('here:99999')).toThrow()
})
