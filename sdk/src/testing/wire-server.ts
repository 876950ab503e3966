import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import { type ClientFrame__Output, type ServerFrame, serverFrame, services } from '@keeper/proto'
import type { Peer, PeerHandler } from './memory-transport.js'

/** A keeper's session service on a real socket of the loopback, over whatever takes the streams. */
export interface WireServer {
  readonly endpoint: string
  close(): void
}

export interface WirePeer extends Peer {
  /** Sends bytes that are no frame. */
  garbage(): void
}

export type AcceptWire = (peer: WirePeer) => PeerHandler

const notAFrame = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])

/** Sessions as the wire has them, but for frames that are given as bytes. */
const sessions = {
  Attach: {
    ...(services.sessions.Attach as NonNullable<typeof services.sessions.Attach>),
    responseSerialize: (frame: ServerFrame | Buffer) => (Buffer.isBuffer(frame) ? frame : serverFrame.encode(frame)),
  },
}

type Call = ServerDuplexStream<ClientFrame__Output, ServerFrame | Buffer>

export async function wireServer(accept: AcceptWire, port = 0): Promise<WireServer> {
  const server = new Server()
  server.addService(sessions, {
    Attach: (call: Call) => serve(call, accept),
  })
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    )
  })
  return { endpoint: `127.0.0.1:${bound}`, close: () => server.forceShutdown() }
}

function serve(call: Call, accept: AcceptWire): void {
  let open = true
  const close = () => {
    if (open) handler.onClosed()
    open = false
  }
  const handler = accept({
    garbage: () => void call.write(notAFrame),
    send: (frame) => void call.write(frame),
    end: (error) => {
      open = false
      if (error) call.emit('error', { code: 13, details: error.message })
      else call.end()
    },
  })
  call.on('data', (frame: ClientFrame__Output) => handler.onFrame(frame))
  call.on('end', () => {
    close()
    call.end()
  })
  call.on('cancelled', close)
  call.on('error', close)
}
