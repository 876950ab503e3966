import type { ServerHttp2Stream } from 'node:http2'
import { constants } from 'node:http2'
import type { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Connection, EncodedFrame } from '../push/types.js'
import type { Assembly } from './h2/assembly.js'
import { type MessageSink, prefixed, readMessages, restOf } from './h2/messages.js'
import type { StreamHandler } from './types.js'
import { statusTrailers } from './wire-status.js'

const RESPONSE_HEADERS = { ':status': 200, 'content-type': 'application/grpc' }
const OK_TRAILERS = { 'grpc-status': '0' }

/** What a stream needs of its listener. */
export interface StreamHost {
  /** The error to show for a thrown thing. */
  publicError(thrown: unknown): KeeperError
  /** The stream ended on our side: reset it if the peer does not end its own within `ms`. */
  linger(stream: SessionStream, ms: number): void
  closed(stream: SessionStream): void
}

const owner = Symbol('session stream')
type OwnedStream = ServerHttp2Stream & { [owner]?: SessionStream }

// One function each for all streams: an idle session must not pay for closures of its own.
function onData(this: OwnedStream, chunk: Buffer): void {
  this[owner]?.take(chunk)
}
function onEnd(this: OwnedStream): void {
  this[owner]?.halfClosed()
}
function onDrain(this: OwnedStream): void {
  this[owner]?.drained()
}
function onWantTrailers(this: OwnedStream): void {
  this[owner]?.sendTrailers()
}
function onClose(this: OwnedStream): void {
  this[owner]?.over()
}
function onError(): void {
  // `close` follows, and says all there is to say.
}

/** One attached stream over HTTP/2, framed by ourselves: what the push room calls a connection. */
export class SessionStream implements Connection, MessageSink {
  readonly #host: StreamHost
  readonly #stream: OwnedStream
  #handler: StreamHandler | undefined
  #writable: (() => void) | undefined
  #state: 'open' | 'ending' | 'closed' = 'open'
  #error: KeeperError | undefined
  #told = false
  /** The start of a message whose rest has not come yet. */
  #rest: Assembly | undefined

  constructor(stream: ServerHttp2Stream, host: StreamHost) {
    this.#stream = stream
    this.#host = host
  }

  /** Answers the call and begins to read; frames go to `handler`. */
  open(accept: (connection: Connection) => StreamHandler): void {
    const stream = this.#stream
    stream[owner] = this
    stream.on('error', onError)
    stream.on('close', onClose)
    stream.on('wantTrailers', onWantTrailers)
    stream.respond(RESPONSE_HEADERS, { waitForTrailers: true, sendDate: false } as object)
    this.#guard(() => {
      this.#handler = accept(this)
    })
    stream.on('drain', onDrain)
    stream.on('end', onEnd)
    stream.on('data', onData)
  }

  /** Asked of the socket each time: it is seldom wanted, and costs a system call. */
  get remote(): string {
    return this.#stream.session?.socket.remoteAddress ?? ''
  }

  get queuedBytes(): number {
    return this.#stream.writableLength
  }

  send(frame: EncodedFrame): boolean {
    if (this.#state !== 'open') return false
    let more = this.#stream.write(prefixed(frame))
    for (const part of restOf(frame)) more = this.#stream.write(part)
    return more
  }

  onWritable(listener: () => void): void {
    this.#writable = listener
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#rest = undefined
    this.#stream.end()
    this.#host.linger(this, limits.lingerMs)
  }

  fail(error: KeeperError): void {
    if (this.#state !== 'open') return
    this.#error = error
    this.end()
  }

  /** Gives up on a peer that does not take the rest, or goes on sending after it was told the end (RFC 9113, 8.1). */
  reset(): void {
    if (this.#state !== 'closed') this.#stream.close(this.#told ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_CANCEL)
  }

  // What follows is called by the shared listeners above.

  /** Bytes of the peer: whole messages go on, the rest waits. */
  take(chunk: Buffer): void {
    if (this.#state !== 'open') return
    this.#guard(() => {
      this.#rest = readMessages(this.#rest, chunk, 0, chunk.length, this)
    })
  }

  message(bytes: Buffer): boolean {
    this.#handler?.onFrame(bytes)
    return this.#state === 'open'
  }

  halfClosed(): void {
    this.#tellClosed()
    this.end()
  }

  drained(): void {
    if (this.#state === 'open') this.#guard(() => this.#writable?.())
  }

  sendTrailers(): void {
    this.#stream.sendTrailers(this.#error ? statusTrailers(this.#error) : OK_TRAILERS)
    this.#told = true
    this.#host.linger(this, limits.halfClosedLingerMs)
  }

  over(): void {
    this.#state = 'closed'
    this.#rest = undefined
    this.#tellClosed()
    this.#host.closed(this)
  }

  #tellClosed(): void {
    const handler = this.#handler
    this.#handler = undefined
    this.#writable = undefined
    handler?.onClosed()
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      this.fail(this.#host.publicError(thrown))
    }
  }
}
