import type { SecureClientSessionOptions } from 'node:http2'
import {
  type ClientFrame,
  clientFrame,
  type ServerFrame__Output,
  serverFrame,
  status as statusCodec,
  type TlsFiles,
} from '@keeper/proto/wire'
import { errorOfStatus, KeeperClientError, messageOf } from '../errors.js'
import type { ClientStream, StreamEvents, Transport } from '../transport.js'
import { type CallEvents, GrpcCall, GrpcStatus, type Outcome } from './grpc-call.js'
import { MessageFault } from './message-reader.js'
import { Security, TlsTroubles } from './tls.js'

/** The trailer with the keeper's own Status. */
const errorTrailer = 'keeper-error-bin'

const attach = '/keeper.v1.Sessions/Attach'

/** Streams to keepers over gRPC, with TLS where there are files. Throws E_INVALID_ARGUMENT when they cannot be used. */
export function grpcTransport(tls: TlsFiles | undefined): Transport {
  const security = new Security(tls)
  const troubles = new TlsTroubles(tls)
  const open = (endpoint: string, events: StreamEvents) => {
    const onFrame = (frame: ServerFrame__Output) => {
      troubles.none(endpoint)
      events.onFrame(frame)
    }
    const onClosed = (error: KeeperClientError | undefined) => events.onClosed(troubles.explain(endpoint, error))
    return new GrpcStream(endpoint, security.now(), { ...events, onFrame, onClosed })
  }
  return { open }
}

class GrpcStream implements ClientStream {
  readonly #call: GrpcCall | undefined

  constructor(endpoint: string, tls: SecureClientSessionOptions | undefined, events: StreamEvents) {
    const callEvents: CallEvents = {
      onReached: () => events.onReached?.(),
      onMessage: (message) => events.onFrame(frameOf(message)),
      onEnded: (outcome) => events.onClosed(errorOf(outcome)),
    }
    try {
      this.#call = new GrpcCall(endpoint, attach, tls, callEvents)
    } catch (cause) {
      const error = new KeeperClientError('E_CONNECTION', `${endpoint}: ${messageOf(cause)}`, { endpoint }, { cause })
      setImmediate(() => events.onClosed(error))
    }
  }

  send(frame: ClientFrame): void {
    this.#call?.send(clientFrame.encode(frame))
  }

  end(): void {
    this.#call?.end()
  }

  cancel(): void {
    this.#call?.cancel()
  }
}

function frameOf(message: Buffer): ServerFrame__Output {
  try {
    return serverFrame.decode(message)
  } catch (cause) {
    throw new MessageFault('garbage', `no frame of a keeper: ${messageOf(cause)}`, { cause })
  }
}

/** The keeper's own Status where the trailer has it, else what gRPC knows; undefined for an end as it should be. */
function errorOf({ status, message, trailers, cause }: Outcome): KeeperClientError | undefined {
  if (status === GrpcStatus.ok) return undefined
  const trailer = trailers[errorTrailer]
  try {
    if (typeof trailer === 'string') return errorOfStatus(statusCodec.decode(Buffer.from(trailer, 'base64')))
  } catch {
    // A trailer that is no Status says less than gRPC's own words.
  }
  return new KeeperClientError(codes[status] ?? 'E_CONNECTION', message, {}, { cause })
}

const codes: Readonly<Record<number, string>> = {
  [GrpcStatus.internal]: 'E_FRAME_GARBAGE',
  [GrpcStatus.resourceExhausted]: 'E_TOO_LARGE',
  [GrpcStatus.permissionDenied]: 'E_PERMISSION',
}
