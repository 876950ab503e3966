import type { Socket } from 'node:net'
import type { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import type { Connection, EncodedFrame } from '../../push/types.js'
import type { StreamHandler } from '../types.js'
import { statusTrailers } from '../wire-status.js'
import type { Assembly } from './assembly.js'
import { readFrames } from './frame-reader.js'
import { ConnectionError, ErrorCode, goawayFrame, pingFrame, resetFrame } from './frames.js'
import { greeting } from './greeting.js'
import { headersFrames } from './header-blocks.js'
import type { DirectHost } from './host.js'
import { Inbound, type StreamSide } from './inbound.js'
import { type MessageSink, readMessages } from './messages.js'
import { Outbox } from './outbox.js'
import { Strain } from './strain.js'

const keepalivePing = pingFrame(0, Buffer.alloc(8))
const responseFields = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
] as const
const okTrailers = { 'grpc-status': '0' }

const owner = Symbol('direct connection')
type OwnedSocket = Socket & { [owner]?: DirectConnection }

// One function each for all sockets: an idle session must not pay for closures of its own.
function onData(this: OwnedSocket, chunk: Buffer): void {
  this[owner]?.take(chunk)
}
function onDrain(this: OwnedSocket): void {
  this[owner]?.drained()
}
function onEnd(this: OwnedSocket): void {
  this.destroy()
}
function onClose(this: OwnedSocket): void {
  this[owner]?.disconnected()
}

/** One client's HTTP/2 connection with one session stream on it, spoken by ourselves on a plain socket. */
export class DirectConnection implements Connection, StreamSide, MessageSink {
  readonly #host: DirectHost
  readonly #socket: OwnedSocket
  readonly #inbound: Inbound
  readonly #outbox: Outbox
  readonly #bornAt: number
  #handler: StreamHandler | undefined
  #writable: (() => void) | undefined
  /** ending: trailers wait for the queue; told: the peer's end is awaited; lame: the stream is over, the socket closes. */
  #phase: 'opening' | 'open' | 'ending' | 'told' | 'lame' = 'opening'
  #error: KeeperError | undefined
  #peerEnded = false
  #goingAway = false
  #owesPong = false
  #unreadReplies = 0
  #frame: Assembly | undefined
  #message: Assembly | undefined

  constructor(socket: Socket, host: DirectHost) {
    const strain = new Strain()
    this.#socket = socket
    this.#host = host
    this.#inbound = new Inbound(this, host.clock, strain)
    this.#outbox = new Outbox(socket, strain)
    this.#bornAt = Math.floor(host.clock.monotonic())
  }

  /** Begins with what the peer sent after its preface. `greeted`: our first frame is sent already. */
  start(bytes: Buffer, greeted: boolean): void {
    const socket = this.#socket
    socket[owner] = this
    socket.on('close', onClose)
    socket.on('end', onEnd)
    socket.on('drain', onDrain)
    socket.cork()
    if (!greeted) socket.write(greeting)
    this.take(bytes)
    socket.uncork()
    socket.on('data', onData)
  }

  /** Asked of the socket each time: it is seldom wanted, and costs a system call. */
  get remote(): string {
    return this.#socket.remoteAddress ?? ''
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes
  }

  send(frame: EncodedFrame): boolean {
    return this.#phase === 'open' && this.#outbox.send(frame)
  }

  onWritable(listener: () => void): void {
    this.#writable = listener
  }

  end(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'ending'
    this.#message = undefined
    if (this.#outbox.empty) this.#tell()
    else this.#host.linger(this, limits.lingerMs)
  }

  fail(error: KeeperError): void {
    if (this.#phase !== 'open') return
    this.#error = error
    this.end()
  }

  /** Asks the peer to begin nothing more here; the stream goes on. */
  goAway(code: ErrorCode = ErrorCode.none): void {
    if (this.#goingAway || this.#phase === 'lame') return
    this.#goingAway = true
    this.#socket.write(goawayFrame(this.#inbound.streamId, code))
  }

  /** Called now and then: a peer that vanished leaves a ping unanswered from one call to the next. */
  keepalive(): void {
    if (this.#phase === 'lame') return
    const late = !this.#inbound.acknowledged && this.#host.clock.monotonic() - this.#bornAt > limits.h2SettingsAckMs
    if (late) this.#break(new ConnectionError(ErrorCode.settingsTimeout, 'settings are not acknowledged'))
    else if (this.#owesPong) this.#socket.destroy()
    else this.#socket.write(keepalivePing)
    this.#owesPong = true
  }

  /** Gives up on a peer that does not take the rest, goes on sending after it was told the end, or does not close. */
  reset(): void {
    if (this.#phase === 'lame') this.destroy()
    else this.#abandon(this.#phase === 'told' ? ErrorCode.none : ErrorCode.cancel)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  // What follows is called by the shared listeners above.

  take(chunk: Buffer): void {
    if (this.#phase === 'lame') return
    try {
      this.#frame = readFrames(this.#frame, chunk, this.#inbound)
    } catch (thrown) {
      this.#break(thrown)
    }
  }

  drained(): void {
    this.#outbox.pump()
    this.#moved()
  }

  disconnected(): void {
    this.#over()
    this.#host.gone(this)
  }

  // What follows is called by what reads the peer's frames.

  get over(): boolean {
    return this.#phase === 'lame'
  }

  opened(streamId: number): void {
    this.#phase = 'open'
    this.#outbox.open(streamId)
    this.#socket.write(headersFrames(streamId, responseFields, { endStream: false }))
    this.#guard(() => {
      this.#handler = this.#host.accept(this)
    })
  }

  content(bytes: Buffer, start: number, end: number): void {
    if (this.#phase !== 'open') return
    try {
      this.#message = readMessages(this.#message, bytes, start, end, this)
    } catch (thrown) {
      this.fail(this.#host.publicError(thrown))
    }
  }

  message(bytes: Buffer): boolean {
    this.#handler?.onFrame(bytes)
    return this.#phase === 'open'
  }

  ended(): void {
    this.#peerEnded = true
    this.#tellClosed()
    if (this.#phase === 'told') this.#hangUp()
    else this.end()
  }

  wasReset(): void {
    this.goAway()
    this.#hangUp()
  }

  refuseFurther(): void {
    this.goAway()
  }

  widen(which: 'connection' | 'stream', increment: number): void {
    this.#outbox.widen(which, increment)
    this.#moved()
  }

  setInitialWindow(bytes: number): void {
    this.#outbox.setInitialWindow(bytes)
    this.#moved()
  }

  /** A peer that asks and does not read is cut off. */
  reply(bytes: Buffer): void {
    this.#unreadReplies = this.#socket.writableLength > 0 ? this.#unreadReplies + 1 : 0
    if (this.#unreadReplies > limits.h2UnreadRepliesMax)
      throw new ConnectionError(ErrorCode.enhanceYourCalm, 'replies are not read')
    this.#socket.write(bytes)
  }

  ponged(): void {
    this.#owesPong = false
  }

  /** Something left the queue. */
  #moved(): void {
    if (!this.#outbox.empty) return
    if (this.#phase === 'ending') this.#tell()
    else if (this.#phase === 'open' && this.#outbox.takeWritable()) this.#guard(() => this.#writable?.())
  }

  #tell(): void {
    const fields = Object.entries(this.#error ? statusTrailers(this.#error) : okTrailers)
    this.#phase = 'told'
    this.#socket.write(headersFrames(this.#inbound.streamId, fields, { endStream: true }))
    this.goAway()
    if (this.#peerEnded) this.#hangUp()
    else this.#host.linger(this, limits.halfClosedLingerMs)
  }

  #abandon(code: ErrorCode): void {
    this.#socket.write(resetFrame(this.#inbound.streamId, code))
    this.goAway()
    this.#hangUp()
  }

  #break(thrown: unknown): void {
    if (this.#phase === 'lame') return
    const known = thrown instanceof ConnectionError
    if (known) this.#host.broke(thrown)
    else this.#host.publicError(thrown)
    this.#goingAway = false
    this.goAway(known ? thrown.code : ErrorCode.internal)
    this.#hangUp(limits.halfClosedLingerMs)
  }

  /** Closes our side, and waits for the peer's: whoever closes both at once may take back what it said last. */
  #hangUp(lingerMs: number = limits.lingerMs): void {
    this.#over()
    this.#socket.end()
    this.#host.linger(this, lingerMs)
  }

  #over(): void {
    if (this.#phase === 'lame') return
    this.#phase = 'lame'
    this.#outbox.clear()
    this.#frame = this.#message = undefined
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
