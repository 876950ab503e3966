import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import { type ClientFrame__Output, type ServerFrame, services } from '@keeper/proto'
import type { Accept } from './memory-transport.js'

/** A keeper's session service on a real socket of the loopback, over whatever takes the streams. */
export interface WireServer {
  readonly endpoint: string
  close(): void
}

export async function wireServer(accept: Accept, port = 0): Promise<WireServer> {
  const server = new Server()
  server.addService(services.sessions, {
    Attach: (call: ServerDuplexStream<ClientFrame__Output, ServerFrame>) => serve(call, accept),
  })
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    )
  })
  return { endpoint: `127.0.0.1:${bound}`, close: () => server.forceShutdown() }
}

function serve(call: ServerDuplexStream<ClientFrame__Output, ServerFrame>, accept: Accept): void {
  let open = true
  const close = () => {
    if (open) handler.onClosed()
    open = false
  }
  const handler = accept(
    {
      send: (frame) => void call.write(frame),
      end: (error) => {
        open = false
        if (error) call.emit('error', { code: 13, details: error.message })
        else call.end()
      },
    },
    call.getPeer(),
  )
  call.on('data', (frame: ClientFrame__Output) => handler.onFrame(frame))
  call.on('end', () => {
    close()
    call.end()
  })
  call.on('cancelled', close)
  call.on('error', close)
}
