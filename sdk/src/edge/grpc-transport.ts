import { Client, type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js'
import {
  type ChannelSecurity,
  type ClientFrame,
  clientFrame,
  type ServerFrame__Output,
  serverFrame,
  services,
  status as statusCodec,
  type TlsFiles,
} from '@keeper/proto'
import { errorOfStatus, KeeperClientError } from '../errors.js'
import { limits } from '../limits.js'
import type { ClientStream, StreamEvents, Transport } from '../transport.js'
import { Security, TlsTroubles } from './tls.js'

/** The trailer with the keeper's own Status. */
const errorTrailer = 'keeper-error-bin'

const channelOptions = {
  'grpc.max_receive_message_length': limits.frameBytesMax,
  'grpc.max_send_message_length': limits.frameBytesMax,
  // Heartbeats do the watching; this only keeps middle boxes from forgetting an idle connection.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
  // Each attempt is a connection of its own: when to try again is the session's decision.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
}

const attach = services.sessions.Attach?.path ?? '/keeper.v1.Sessions/Attach'

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
    return new GrpcStream(endpoint, security.for(endpoint), { ...events, onFrame, onClosed })
  }
  return { open }
}

class GrpcStream implements ClientStream {
  readonly #client: Client
  readonly #call: ClientDuplexStream<ClientFrame, ServerFrame__Output>
  #closed = false

  constructor(endpoint: string, { credentials, options }: ChannelSecurity, events: StreamEvents) {
    this.#client = new Client(endpoint, credentials, { ...channelOptions, ...options })
    this.#call = this.#client.makeBidiStreamRequest(attach, clientFrame.encode, serverFrame.decode)
    this.#client.waitForReady(Number.POSITIVE_INFINITY, (error) => {
      if (!error && !this.#closed) events.onReached?.()
    })
    this.#call.on('data', (frame: ServerFrame__Output) => {
      if (!this.#closed) events.onFrame(frame)
    })
    this.#call.on('error', (error: ServiceError) => this.#close(() => events.onClosed(errorOf(error))))
    this.#call.on('end', () => this.#close(() => events.onClosed(undefined)))
  }

  send(frame: ClientFrame): void {
    if (!this.#closed) this.#call.write(frame)
  }

  end(): void {
    if (!this.#closed) this.#call.end()
  }

  cancel(): void {
    this.#close(() => this.#call.cancel())
  }

  #close(then: () => void): void {
    if (this.#closed) return
    this.#closed = true
    then()
    this.#client.close()
  }
}

/** The keeper's own Status where the trailer has it, else what gRPC knows. */
function errorOf(error: ServiceError): KeeperClientError {
  const trailer = error.metadata?.get(errorTrailer)[0]
  try {
    if (trailer instanceof Buffer) return errorOfStatus(statusCodec.decode(trailer))
  } catch {
    // A trailer that is no Status says less than gRPC's own words.
  }
  const code = grpcCodes[error.code] ?? 'E_CONNECTION'
  return new KeeperClientError(code, error.details || error.message, {}, { cause: error })
}

const grpcCodes: Readonly<Record<number, string>> = {
  [status.INTERNAL]: 'E_FRAME_GARBAGE',
  [status.RESOURCE_EXHAUSTED]: 'E_TOO_LARGE',
  [status.PERMISSION_DENIED]: 'E_PERMISSION',
}
