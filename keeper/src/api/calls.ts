/** Between grpc-js and the services: typed errors, cancellation, backpressure and the bound on open streams. */

import { once } from 'node:events'
import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerDuplexStream,
  type ServerWritableStream,
  type ServiceError,
} from '@grpc/grpc-js'
import { toBigInt, toSafe } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import { checkNamespace } from '../push/names.js'
import { ANONYMOUS } from './authorize.js'
import { ERROR_TRAILER, publicError, statusBytes, wireStatus } from './wire-status.js'

/** Who calls, and until when anybody listens. */
export interface Caller {
  readonly principal: string
  /** Aborts when the client is gone, and when the call is done: whatever the handler set up ends with it. */
  readonly signal: AbortSignal
}

/** Where a streaming handler writes. */
export interface Sink<Response> {
  /** False when the client is slow: wait for `writable` before more. */
  send(message: Response): boolean
  /** Resolves when the client takes more, rejects when it is gone. */
  writable(): Promise<void>
}

/** Makes grpc-js handlers of plain functions; one per listener, since it counts the open streams. */
export class Calls {
  readonly #logger: Logger
  readonly #streamsMax: number
  #streams = 0

  constructor(logger: Logger, streamsMax: number = limits.watchersMax) {
    this.#logger = logger
    this.#streamsMax = streamsMax
  }

  unary<Request, Response>(
    handle: (request: Request, caller: Caller) => Response | Promise<Response>,
  ): handleUnaryCall<Request, Response> {
    return (call, respond) => {
      const gone = goneController(call)
      const run = async () => handle(checked(call.request), { principal: ANONYMOUS, signal: gone.signal })
      run()
        .then(
          (response) => respond(null, response),
          (thrown) => respond(this.#serviceError(thrown)),
        )
        .finally(() => gone.abort())
    }
  }

  /** The call ends when the promise resolves. */
  serverStream<Request, Response>(
    handle: (request: Request, sink: Sink<Response>, caller: Caller) => Promise<void>,
  ): handleServerStreamingCall<Request, Response> {
    return (call) => this.#run(call, (caller) => handle(checked(call.request), sinkOf(call, caller.signal), caller))
  }

  /** `requests` may be left before its end: what comes after is not read. */
  bidi<Request, Response>(
    handle: (requests: AsyncIterable<Request>, sink: Sink<Response>, caller: Caller) => Promise<void>,
  ): handleBidiStreamingCall<Request, Response> {
    return (call) => {
      const requests = { [Symbol.asyncIterator]: () => call.iterator({ destroyOnReturn: false }) }
      this.#run(call, (caller) => handle(eachChecked<Request>(requests), sinkOf(call, caller.signal), caller))
    }
  }

  #run<Request, Response>(
    call: ServerWritableStream<Request, Response> | ServerDuplexStream<Request, Response>,
    handle: (caller: Caller) => Promise<void>,
  ): void {
    // grpc-js emits the failure of a client that went away; the signal says it already.
    call.on('error', () => {})
    const run = async () => {
      if (this.#streams > this.#streamsMax) {
        throw new KeeperError('E_TOO_MANY', `${this.#streamsMax} watches and other streams are open already`)
      }
      await handle({ principal: ANONYMOUS, signal: gone.signal })
    }
    const gone = goneController(call)
    this.#streams++
    run()
      .then(
        () => call.end(),
        (thrown) => call.emit('error', this.#serviceError(thrown)),
      )
      .finally(() => {
        this.#streams--
        gone.abort()
      })
  }

  #serviceError(thrown: unknown): Partial<ServiceError> {
    const error = publicError(thrown, this.#logger)
    const metadata = new Metadata()
    metadata.set(ERROR_TRAILER, statusBytes(error))
    return { code: error.kind.grpc, details: wireStatus(error).message, metadata }
  }
}

/** The request, if the namespace that it names, itself or in its header, may be one. Throws E_BAD_NAME. */
function checked<Request>(request: Request): Request {
  const { namespace, header } = request as { namespace?: unknown; header?: { namespace?: unknown } | null }
  for (const named of [namespace, header?.namespace])
    if (typeof named === 'string' && named !== '') checkNamespace(named, limits)
  return request
}

async function* eachChecked<Request>(requests: AsyncIterable<Request>): AsyncGenerator<Request> {
  for await (const request of requests) yield checked(request)
}

interface Cancellable {
  readonly cancelled: boolean
  on(event: 'cancelled', listener: () => void): unknown
}

function goneController(call: Cancellable): AbortController {
  const gone = new AbortController()
  const abort = () => gone.abort(new KeeperError('E_UNAVAILABLE', 'the client is gone'))
  call.on('cancelled', abort)
  if (call.cancelled) abort()
  return gone
}

const sinkOf = <Request, Response>(
  call: ServerWritableStream<Request, Response> | ServerDuplexStream<Request, Response>,
  signal: AbortSignal,
): Sink<Response> => ({
  send: (message) => !signal.aborted && call.write(message) && !call.writableNeedDrain,
  async writable() {
    if (signal.aborted) throw signal.reason
    if (call.writableNeedDrain) await once(call, 'drain', { signal })
  },
})

/** A 64-bit field as a safe integer. Throws E_INVALID_ARGUMENT. */
export const uint = (field: string, value: Parameters<typeof toSafe>[0]): number => numeric(field, () => toSafe(value))

/** A 64-bit id, exactly. Throws E_INVALID_ARGUMENT. */
export const id64 = (field: string, value: Parameters<typeof toBigInt>[0]): bigint =>
  numeric(field, () => toBigInt(value))

function numeric<T>(field: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new KeeperError('E_INVALID_ARGUMENT', `${field} is no number that fits`, { field }, { cause })
  }
}
