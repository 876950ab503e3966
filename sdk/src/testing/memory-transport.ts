import { type ClientFrame__Output, clientFrame, type ServerFrame, serverFrame } from '@keeper/proto/wire'
import { KeeperClientError } from '../errors.js'
import type { StreamEvents, Transport } from '../transport.js'

/** The keeper's end of a stream. */
export interface Peer {
  send(frame: ServerFrame): void
  /** Ends the stream; with an error, as a broken one. */
  end(error?: KeeperClientError): void
}

/** What the keeper does with a stream's frames. */
export interface PeerHandler {
  /** The connection is not taken yet, or never will be. */
  readonly isInTheAir?: boolean
  onFrame(frame: ClientFrame__Output): void
  /** The process ended or dropped the stream. Not called after `Peer.end`. */
  onClosed(): void
}

/** Takes a stream, or refuses it by throwing. */
export type Accept = (peer: Peer, endpoint: string) => PeerHandler

/**
 * Streams within this process. Every frame is encoded and decoded as on a socket, and arrives in a later turn, in
 * order.
 */
export function memoryTransport(accept: Accept, defer: (run: () => void) => void): Transport {
  return { open: (endpoint, events) => openStream(accept, defer, endpoint, events) }
}

function openStream(accept: Accept, defer: (run: () => void) => void, endpoint: string, events: StreamEvents) {
  let open = true
  const close = (then: () => void) => {
    if (open) then()
    open = false
  }
  const peer: Peer = {
    send: (frame) => {
      const bytes = serverFrame.encode(frame)
      defer(() => open && events.onFrame(serverFrame.decode(bytes)))
    },
    end: (error) => defer(() => close(() => events.onClosed(error))),
  }
  let handler: PeerHandler | undefined
  defer(() => {
    try {
      handler = accept(peer, endpoint)
      if (open && !handler.isInTheAir) events.onReached?.()
    } catch (cause) {
      peer.end(cause instanceof KeeperClientError ? cause : new KeeperClientError('E_CONNECTION', String(cause)))
    }
  })
  const hangUp = () => defer(() => handler?.onClosed())
  return {
    send: (frame: Parameters<typeof clientFrame.encode>[0]) => {
      if (!open) return
      const bytes = clientFrame.encode(frame)
      defer(() => handler?.onFrame(clientFrame.decode(bytes)))
    },
    end: () => {
      if (!open) return
      hangUp()
      peer.end()
    },
    cancel: () => close(hangUp),
  }
}
