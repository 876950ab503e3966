/**
 * One gRPC call both ways, on an HTTP/2 connection of its own, as gRPC’s PROTOCOL-HTTP2.md says: what a service that embeds the
 * SDK needs of gRPC, and for each message a third of what a library for all of it does.
 */

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'
import { messageOf } from '../errors.js'
import { limits } from '../limits.js'
import { MessageFault, MessageReader, prefixed } from './message-reader.js'

/** gRPC's codes, as far as they are told apart here. */
export const GrpcStatus = {
  ok: 0,
  permissionDenied: 7,
  resourceExhausted: 8,
  internal: 13,
  unavailable: 14,
} as const

/** How a call ended. */
export interface Outcome {
  readonly status: number
  readonly message: string
  /** Headers behind the last message; binary ones in base64. */
  readonly trailers: IncomingHttpHeaders
  readonly cause?: unknown
}

/** Never called from within the constructor or `send`; nothing comes after `onEnded`. */
export interface CallEvents {
  /** The other side speaks HTTP/2. */
  onReached(): void
  /** A view of what came. A MessageFault ends the call. */
  onMessage(message: Buffer): void
  onEnded(outcome: Outcome): void
}

export class GrpcCall {
  readonly #events: CallEvents
  readonly #session: ClientHttp2Session
  readonly #stream: ClientHttp2Stream
  readonly #reader = new MessageReader(limits.frameBytesMax)
  readonly #keepalive: NodeJS.Timeout
  #headers: IncomingHttpHeaders = {}
  #trailers: IncomingHttpHeaders | undefined
  #error: Error | undefined
  /** A message was too long to be sent, and none behind it is. */
  #tooLarge: NodeJS.Immediate | undefined
  #ended = false

  /** Throws where `endpoint` is no host and port, or `tls` cannot be used. */
  constructor(endpoint: string, path: string, tls: SecureClientSessionOptions | undefined, events: CallEvents) {
    this.#events = events
    this.#session = connect(`${tls ? 'https' : 'http'}://${endpoint}`, { ...tls, settings: { enablePush: false } })
    this.#stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    this.#keepalive = setInterval(() => this.#ping(), limits.keepaliveMs)
    this.#keepalive.unref()
    this.#listenToSession()
    this.#listenToStream()
  }

  send(message: Uint8Array): void {
    if (this.#ended) return
    if (message.length > limits.frameBytesMax) this.#tooLarge ??= setImmediate(() => this.#refuse(message.length))
    else if (!this.#tooLarge) this.#stream.write(prefixed(message))
  }

  /** No more messages will be sent. */
  end(): void {
    if (!this.#ended) this.#stream.end()
  }

  /** Gone at once; no event follows. */
  cancel(): void {
    if (this.#ended) return
    this.#ended = true
    this.#close()
  }

  #listenToSession(): void {
    this.#session.once('remoteSettings', () => {
      if (!this.#ended) this.#events.onReached()
    })
    this.#session.on('error', (error) => this.#lost(error))
    this.#session.once('close', () => this.#lost(this.#error))
  }

  #listenToStream(): void {
    this.#stream.once('response', (headers) => {
      this.#headers = headers
    })
    this.#stream.once('trailers', (trailers) => {
      this.#trailers = trailers
    })
    this.#stream.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#stream.on('error', (error) => {
      this.#error ??= error
    })
    // all that came before was given out; what was sent meanwhile goes to nobody
    this.#stream.once('end', () => this.#stream.close())
    this.#stream.once('close', () => this.#streamClosed())
  }

  #take(chunk: Buffer): void {
    if (this.#ended) return
    try {
      this.#reader.take(chunk, (message) => {
        if (!this.#ended) this.#events.onMessage(message)
      })
    } catch (thrown) {
      if (!(thrown instanceof MessageFault)) throw thrown
      const status = thrown.kind === 'tooLarge' ? GrpcStatus.resourceExhausted : GrpcStatus.internal
      this.#end({ status, message: thrown.message, trailers: {}, cause: thrown })
    }
  }

  #refuse(bytes: number): void {
    const message = `a message of ${bytes} bytes to send, limit ${limits.frameBytesMax}`
    this.#end({ status: GrpcStatus.resourceExhausted, message, trailers: {} })
  }

  #streamClosed(): void {
    // where nothing but a status was answered, it stands in the first headers
    const trailers = this.#trailers ?? this.#headers
    const { 'grpc-status': status, 'grpc-message': message } = trailers
    if (typeof status === 'string') {
      this.#end({ status: Number(status), message: unescaped(message), trailers })
      return
    }
    const http = Number(this.#headers[':status'] ?? 200)
    const refused = http !== 200
    const code = this.#stream.rstCode ?? constants.NGHTTP2_NO_ERROR
    this.#end({
      status: refused ? (http === 403 ? GrpcStatus.permissionDenied : GrpcStatus.unavailable) : statusOfReset(code),
      message: refused
        ? `it answers with HTTP status ${http}, which no keeper does`
        : (this.#error?.message ?? `the stream was closed (HTTP/2 error code ${code})`),
      trailers: {},
      cause: this.#error,
    })
  }

  /** Nothing comes through this connection any more. */
  #lost(error: Error | undefined): void {
    this.#error ??= error
    const message = messageOfConnection(error)
    this.#end({ status: GrpcStatus.unavailable, message, trailers: {}, cause: error })
  }

  #ping(): void {
    if (this.#session.destroyed) return
    const giveUp = setTimeout(
      () => this.#session.destroy(new Error('a ping of the connection is not answered')),
      limits.keepaliveTimeoutMs,
    )
    giveUp.unref()
    this.#session.ping(() => clearTimeout(giveUp))
  }

  #end(outcome: Outcome): void {
    if (this.#ended) return
    this.#ended = true
    this.#events.onEnded(outcome)
    this.#close()
  }

  /** The other side hears of it, if it listens; nobody waits for that. */
  #close(): void {
    clearInterval(this.#keepalive)
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL)
    if (this.#session.destroyed) return
    if (this.#session.connecting) return void this.#session.destroy()
    this.#session.close()
    this.#session.unref()
    setTimeout(() => this.#session.destroy(), limits.closeTimeoutMs).unref()
  }
}

/** gRPC's table; whatever says nothing else is a lost connection. */
const statusOfReset = (code: number): number =>
  code === constants.NGHTTP2_ENHANCE_YOUR_CALM
    ? GrpcStatus.resourceExhausted
    : code === constants.NGHTTP2_INADEQUATE_SECURITY
      ? GrpcStatus.permissionDenied
      : code === constants.NGHTTP2_PROTOCOL_ERROR
        ? GrpcStatus.internal
        : GrpcStatus.unavailable

/** Percent-encoded, by others than keepers perhaps not well. */
function unescaped(message: string | string[] | undefined): string {
  const text = String(message ?? '')
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Of a name with several addresses, all of which were tried, Node's error has no words of its own. */
function messageOfConnection(error: Error | undefined): string {
  if (!error) return 'the connection was closed'
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return messageOf(error)
}
