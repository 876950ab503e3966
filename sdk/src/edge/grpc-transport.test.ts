import { createServer as createHttp2 } from 'node:http2'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { ClientStream } from '../transport.js'
import { grpcTransport } from './grpc-transport.js'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function listening(server: Server | ReturnType<typeof createHttp2>): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What comes first of a stream to this endpoint; closed once that is known. */
async function firstOf(endpoint: string, more: Promise<string> = new Promise(() => {})): Promise<string> {
  let stream: ClientStream | undefined
  const first = new Promise<string>((resolve) => {
    stream = grpcTransport(undefined).open(endpoint, {
      onReached: () => resolve('reached'),
      onFrame: () => resolve('a frame'),
      onClosed: () => resolve('closed'),
    })
  })
  const what = await Promise.race([first, more])
  stream?.cancel()
  return what
}

test('an endpoint is reached as soon as it takes the connection, whatever it says later', async () => {
  expect(await firstOf(await listening(createHttp2()))).toBe('reached')
})

test('one that refuses the connection, or takes it and does not speak, is not', async () => {
  const gone = await listening(createServer())
  for (const end of ends.splice(0)) end()
  expect(await firstOf(gone)).toBe('closed')
  // it has read what the other side begins with, and says nothing
  const mute = createServer()
  const heard = new Promise<string>((resolve) =>
    mute.on('connection', (socket) => socket.once('data', () => setImmediate(() => resolve('heard')))),
  )
  expect(await firstOf(await listening(mute), heard)).toBe('heard')
})
