/** One attached stream, from its first frame to its end: order, garbage, and what is said to whom before it closes. */

import { type ClientFrame__Output, clientFrame, type Hello__Output, type ServerFrame } from '@keeper/proto'
import type { CancelTimer, Clock } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import { encodeFrame, goodbyeFrame } from './frames.js'
import type { SessionLimits } from './options.js'
import { type PlainAck, readPlainAck } from './plain-ack.js'
import type { Session } from './session.js'
import type { Connection, EncodedFrame } from './types.js'

/** What a stream needs of the hub. */
export interface PeerHost {
  readonly clock: Clock
  readonly limits: SessionLimits
  readonly logger: Logger
  endpoints(): readonly string[]
  /** How long a client should stay away after this error. */
  reconnectAfterMs(error: KeeperError): number
  /** Opens or takes up the session of a hello, and calls `peer.open`, or ends the stream. */
  admit(peer: Peer, hello: Hello__Output): void
  plainAck(session: Session, ack: Readonly<PlainAck>): void
  frame(session: Session, frame: ClientFrame__Output): void
  writable(session: Session): void
  closed(peer: Peer): void
  /** A stream that is over still sends. */
  late(): void
}

const settled: CancelTimer = () => {}
const none: readonly Uint8Array[] = []

/** Frames kept while the log decides about the session. */
const BACKLOG_FRAMES_MAX = 64

/** Errors after which the client did nothing wrong: the stream ends, it does not fail. */
const polite = new Set(['E_FENCED', 'E_SESSION_UNKNOWN', 'E_STOPPED', 'E_UNAVAILABLE'])

export class Peer {
  readonly connection: Connection
  readonly principal: string
  session: Session | undefined
  readonly #host: PeerHost
  #phase: 'hello' | 'opening' | 'open' | 'ended' = 'hello'
  #backlog: readonly Uint8Array[] = none
  #cancelHelloTimer: CancelTimer = settled

  constructor(host: PeerHost, connection: Connection, principal: string) {
    this.#host = host
    this.connection = connection
    this.principal = principal
    const { helloTimeoutMs } = host.limits
    this.#cancelHelloTimer = host.clock.setTimer(helloTimeoutMs, () =>
      this.goodbye(new KeeperError('E_TIMEOUT', `no hello within ${helloTimeoutMs} ms`)),
    )
    connection.onWritable(() => this.session && host.writable(this.session))
  }

  get ended(): boolean {
    return this.#phase === 'ended'
  }

  onFrame(bytes: Uint8Array): void {
    if (this.#phase === 'ended') this.#host.late()
    else if (this.#phase === 'opening') this.#keep(bytes)
    else this.#read(bytes)
  }

  onClosed(): void {
    if (this.#phase === 'ended') return
    this.#close()
    this.#host.closed(this)
  }

  /** The log has the session: `greet` speaks first, then what was kept meanwhile is read. */
  open(session: Session, greet: () => void): void {
    this.#phase = 'open'
    this.session = session
    greet()
    const kept = this.#backlog
    this.#backlog = none
    for (const bytes of kept) this.onFrame(bytes)
  }

  /** False when the stream takes no more for now. */
  send(frame: EncodedFrame): boolean {
    return this.connection.send(frame)
  }

  /** This member lives. Where something else waits to be sent, that says as much. */
  beacon(frame: EncodedFrame): void {
    if (this.#phase !== 'open' || this.connection.queuedBytes > 0) return
    if (!this.connection.send(frame) && this.session) this.session.slow = true
  }

  /** A frame for this session alone. A client that asks and does not read answers is cut off. */
  control(frame: ServerFrame): void {
    if (this.#phase === 'ended') return
    if (this.connection.queuedBytes > this.#host.limits.sessionQueueBytesMax) {
      this.goodbye(new KeeperError('E_TOO_MANY', 'answers are not read'))
      return
    }
    const more = this.connection.send(encodeFrame(frame))
    if (!more && this.session) this.session.slow = true
  }

  /** Says why, and ends the stream; the session, if there is one, is the caller's to settle. */
  goodbye(error: KeeperError, reconnectAfterMs = this.#host.reconnectAfterMs(error)): void {
    if (this.#phase === 'ended') return
    this.connection.send(goodbyeFrame(error, reconnectAfterMs, this.#host.endpoints()))
    this.#close()
    if (polite.has(error.code)) this.connection.end()
    else this.connection.fail(error)
    this.#host.closed(this)
  }

  /** Ends the stream with nothing more to say. */
  end(): void {
    if (this.#phase === 'ended') return
    this.#close()
    this.connection.end()
    this.#host.closed(this)
  }

  /** And forgets it: a timer's closure is no small part of an idle stream. */
  #stopHelloTimer(): void {
    this.#cancelHelloTimer()
    this.#cancelHelloTimer = settled
  }

  #close(): void {
    this.#phase = 'ended'
    this.#stopHelloTimer()
    this.#backlog = none
  }

  #read(bytes: Uint8Array): void {
    const ack = this.session && readPlainAck(bytes)
    if (ack && this.session) this.#host.plainAck(this.session, ack)
    else this.#guard(() => this.#take(this.#decode(bytes)))
  }

  #keep(bytes: Uint8Array): void {
    this.#backlog = [...this.#backlog, bytes]
    if (this.#backlog.length > BACKLOG_FRAMES_MAX)
      this.goodbye(new KeeperError('E_TOO_MANY', 'too many frames before welcome'))
  }

  #decode(bytes: Uint8Array): ClientFrame__Output {
    const { messageBytesMax } = this.#host.limits
    if (bytes.length > messageBytesMax)
      throw new KeeperError('E_TOO_LARGE', `a frame has at most ${messageBytesMax} bytes`)
    try {
      return clientFrame.decode(bytes)
    } catch (cause) {
      throw new KeeperError('E_FRAME_GARBAGE', 'not a frame of this protocol', {}, { cause })
    }
  }

  #take(frame: ClientFrame__Output): void {
    if (this.session) {
      if (frame.hello) throw new KeeperError('E_FRAME_ORDER', 'a stream has one hello')
      this.#host.frame(this.session, frame)
    } else this.#greeted(frame)
  }

  #greeted(frame: ClientFrame__Output): void {
    if (!frame.kind) throw new KeeperError('E_FRAME_GARBAGE', 'not a frame of this protocol')
    if (!frame.hello) throw new KeeperError('E_FRAME_ORDER', `the first frame is hello, not ${frame.kind}`)
    this.#stopHelloTimer()
    this.#phase = 'opening'
    this.#host.admit(this, frame.hello)
  }

  /** Whatever a frame makes us throw ends this stream and no other. */
  #guard(handle: () => void): void {
    try {
      handle()
    } catch (thrown) {
      const error = thrown instanceof RangeError ? garbageNumber(thrown) : asKeeperError(thrown)
      if (error.code === 'E_INTERNAL') this.#host.logger.error({ err: error }, 'a frame could not be handled')
      this.goodbye(error)
    }
  }
}

export const garbageNumber = (cause: RangeError): KeeperError =>
  new KeeperError('E_FRAME_GARBAGE', cause.message, {}, { cause })
