import * as grpc from '@grpc/grpc-js'
import {
  type ChannelSecurity,
  channelSecurity,
  services,
  status as statusCodec,
  type TlsFiles,
  tlsTrouble,
} from '@keeper/proto'
import { GrpcStatus, isErrorCode, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'

/** Trailer that carries a serialized keeper.v1.Status. */
const ERROR_TRAILER = 'keeper-error-bin'

export type ServiceName = Exclude<keyof typeof services, 'sessions'>

export interface StreamCall<Request, Response> extends AsyncIterable<Response> {
  write(request: Request): Promise<void>
  end(): void
  cancel(): void
}

/**
 * One-shot calls to the first keeper that answers. Every failure is a KeeperError: the keeper's own when it sent one,
 * E_CONNECTION when nobody answers, E_TLS when certificates do not fit, E_TIMEOUT past the deadline.
 */
export class KeeperClient {
  readonly #endpoints: readonly string[]
  readonly #clients = new Map<string, grpc.Client>()
  readonly #deadlineMs: number
  readonly #tls: TlsFiles | undefined

  constructor(endpoints: readonly string[], options: { deadlineMs?: number; tls?: TlsFiles | undefined } = {}) {
    this.#endpoints = endpoints
    this.#deadlineMs = options.deadlineMs ?? 10_000
    this.#tls = options.tls
  }

  /** Asks endpoint after endpoint until one answers. */
  async call<Response>(service: ServiceName, method: string, request: object): Promise<Response> {
    const quick = await this.#firstReady()
    let last = new KeeperError('E_CONNECTION', 'no endpoint given')
    for (const endpoint of quick === undefined ? this.#endpoints : inFront(quick, this.#endpoints)) {
      try {
        return await this.#unary<Response>(endpoint, service, method, request)
      } catch (error) {
        last = await this.#explained(error as KeeperError, endpoint)
        if (last.code !== 'E_CONNECTION' && last.code !== 'E_STOPPED' && last.code !== 'E_TLS') throw last
      }
    }
    throw last
  }

  /** A server's stream of answers to one request, from the first endpoint that connects. */
  async watch<Response>(service: ServiceName, method: string, request: object): Promise<StreamCall<never, Response>> {
    const { client, definition } = await this.#connected(service, method)
    const call = client.makeServerStreamRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
      request,
    )
    return readable<never, Response>(call, call)
  }

  /** A stream both ways. */
  async stream<Request extends object, Response>(
    service: ServiceName,
    method: string,
  ): Promise<StreamCall<Request, Response>> {
    const { client, definition } = await this.#connected(service, method)
    const call = client.makeBidiStreamRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
    )
    return readable<Request, Response>(call, call)
  }

  close(): void {
    for (const client of this.#clients.values()) client.close()
  }

  #unary<Response>(endpoint: string, service: ServiceName, method: string, request: object): Promise<Response> {
    const definition = method_(service, method)
    return new Promise((resolve, reject) => {
      this.#client(endpoint).makeUnaryRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        request,
        new grpc.Metadata(),
        { deadline: Date.now() + this.#deadlineMs },
        (error, response) => (error ? reject(asTyped(error, endpoint)) : resolve(response as Response)),
      )
    })
  }

  async #connected(service: ServiceName, method: string) {
    const quick = await this.#firstReady()
    if (quick !== undefined) return { client: this.#client(quick), definition: method_(service, method) }
    let last = new KeeperError('E_CONNECTION', 'no endpoint given')
    for (const endpoint of this.#endpoints) {
      const client = this.#client(endpoint)
      const error = await new Promise<Error | undefined>((done) =>
        client.waitForReady(Date.now() + this.#deadlineMs, done),
      )
      if (!error) return { client, definition: method_(service, method) }
      last = await this.#explained(
        new KeeperError('E_CONNECTION', `no keeper answers at ${endpoint}`, { endpoint }, { cause: error }),
        endpoint,
      )
    }
    throw last
  }

  /** The first of several endpoints that takes a connection without much ado: one that hangs is not waited for. */
  async #firstReady(): Promise<string | undefined> {
    if (this.#endpoints.length < 2) return undefined
    for (const endpoint of this.#endpoints) {
      const deadline = Date.now() + Math.min(limits.connectFirstMs, this.#deadlineMs)
      if (await isReady(this.#client(endpoint).getChannel(), deadline)) return endpoint
    }
    return undefined
  }

  #security(endpoint: string): ChannelSecurity {
    try {
      return channelSecurity(endpoint, this.#tls)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new KeeperError('E_INVALID_ARGUMENT', `--cacert, --cert, --key: ${reason}`, {}, { cause })
    }
  }

  /** gRPC does not tell a certificate that is not trusted from a keeper that is not there. */
  async #explained(error: KeeperError, endpoint: string): Promise<KeeperError> {
    if (error.code !== 'E_CONNECTION') return error
    const trouble = await tlsTrouble(endpoint, this.#tls, limits.tlsTroubleMs)
    return trouble === undefined ? error : new KeeperError('E_TLS', trouble, { endpoint }, { cause: error })
  }

  #client(endpoint: string): grpc.Client {
    const known = this.#clients.get(endpoint)
    if (known) return known
    const { credentials, options } = this.#security(endpoint)
    const client = new grpc.Client(endpoint, credentials, {
      ...options,
      'grpc.max_receive_message_length': limits.treeBytesMax,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
    })
    this.#clients.set(endpoint, client)
    return client
  }
}

/** Does it connect by then? Not if the first try fails. */
async function isReady(channel: ReturnType<grpc.Client['getChannel']>, deadline: number): Promise<boolean> {
  for (;;) {
    const state = channel.getConnectivityState(true)
    if (state === grpc.connectivityState.READY) return true
    if (state === grpc.connectivityState.TRANSIENT_FAILURE) return false
    const late = await new Promise<Error | undefined>((done) => channel.watchConnectivityState(state, deadline, done))
    if (late) return false
  }
}

const inFront = (first: string, all: readonly string[]): readonly string[] => [
  first,
  ...all.filter((each) => each !== first),
]

const method_ = (service: ServiceName, method: string) => {
  const definition = services[service][method]
  if (!definition) throw new KeeperError('E_INTERNAL', `no method ${service}.${method}`)
  return definition
}

/** A gRPC failure as the KeeperError it carries, or the nearest one. */
export function asTyped(error: grpc.ServiceError, endpoint: string): KeeperError {
  const trailer = error.metadata?.get(ERROR_TRAILER)[0]
  if (trailer instanceof Buffer) {
    const sent = statusCodec.decode(trailer)
    const details = sent.detailsJson === '' ? {} : (JSON.parse(sent.detailsJson) as Record<string, unknown>)
    if (isErrorCode(sent.code)) return new KeeperError(sent.code, sent.message, details)
    return new KeeperError('E_UNSUPPORTED', `${sent.code}: ${sent.message}`, details)
  }
  if (error.code === GrpcStatus.unavailable) {
    return new KeeperError('E_CONNECTION', `no keeper answers at ${endpoint}`, { endpoint }, { cause: error })
  }
  if (error.code === GrpcStatus.deadlineExceeded) {
    return new KeeperError(
      'E_TIMEOUT',
      `the keeper at ${endpoint} did not answer in time`,
      { endpoint },
      { cause: error },
    )
  }
  if (error.code === GrpcStatus.unimplemented) {
    return new KeeperError('E_UNSUPPORTED', `${endpoint} does not know this request`, { endpoint }, { cause: error })
  }
  return new KeeperError('E_INTERNAL', error.details || error.message, { endpoint }, { cause: error })
}

function readable<Request, Response>(
  call: AsyncIterable<Response> & { cancel(): void; getPeer(): string },
  writer: object,
): StreamCall<Request, Response> {
  const duplex = writer as grpc.ClientDuplexStream<Request, Response>
  return {
    write: (request) =>
      new Promise((resolve, reject) =>
        duplex.write(request, (error?: Error | null) =>
          error ? reject(asTyped(error as grpc.ServiceError, call.getPeer())) : resolve(),
        ),
      ),
    end: () => duplex.end(),
    cancel: () => call.cancel(),
    async *[Symbol.asyncIterator]() {
      try {
        yield* call
      } catch (error) {
        if ((error as grpc.ServiceError).code === GrpcStatus.cancelled) return
        throw asTyped(error as grpc.ServiceError, call.getPeer())
      }
    },
  }
}
