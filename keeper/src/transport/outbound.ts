import type { CancelTimer, Clock } from '../base/clock.js'
import { ByteWriter } from '../base/codec.js'
import type { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Random } from '../base/random.js'
import type { Connection } from './connection.js'
import { frameHeaderBytes, sealFrame } from './frames.js'
import { writePeerMessage } from './message-codec.js'
import type { PeerMessage } from './types.js'

export interface OutboundParts {
  readonly clock: Clock
  readonly random: Random
  /** Resolves with a welcomed connection; undefined when the peer's address is not known. */
  dial(signal: AbortSignal): Promise<Connection> | undefined
  /** A connection that stood is gone. */
  lost(): void
  /** Messages were dropped. */
  unreachable(): void
  refused(error: KeeperError): void
}

/**
 * The stream of this member's messages to one other. Messages wait for a connection only as long as it is being made,
 * and only so many: whoever sends allows for loss, and what is late is of little use.
 */
export class Outbound {
  readonly #parts: OutboundParts
  readonly #abort = new AbortController()
  #connection: Connection | undefined
  /** `pausing`: between a failure and the next attempt. */
  #state: 'idle' | 'dialling' | 'pausing' = 'idle'
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** The pause follows an attempt that failed, not a connection that broke. */
  #unreached = false
  /** The peer reached this member since the attempt under way began. */
  #heard = false
  /** Attempts in a row that led to nothing that lasted. */
  #failures = 0
  #openedAt = 0
  #cancelRetry: CancelTimer = () => {}

  constructor(parts: OutboundParts) {
    this.#parts = parts
  }

  get connected(): boolean {
    return this.#connection !== undefined
  }

  send(messages: readonly PeerMessage[], atOnce = false): void {
    if (this.#tooLate()) this.#parts.unreachable()
    else if (this.#connection) this.#connection.send(encode(messages), atOnce)
    else this.#wait(encode(messages))
  }

  /** Begins to dial, unless that is under way or was tried just now. */
  connect(): void {
    if (this.#connection || this.#state !== 'idle' || this.#abort.signal.aborted) return
    const dialled = this.#parts.dial(this.#abort.signal)
    if (!dialled) {
      const missed = this.#waiting.length > 0
      this.#drop()
      if (missed) this.#parts.unreachable()
      return
    }
    this.#state = 'dialling'
    this.#heard = false
    dialled.then(
      (connection) => this.#opened(connection),
      (error: KeeperError) => this.#failed(error),
    )
  }

  /** The peer reached this member: it can be reached as well, perhaps since just now, as when a network is whole again. */
  heard(): void {
    this.#heard = true
    if (this.#state === 'pausing' && this.#unreached) this.#endPause()
    else this.connect()
  }

  close(reason: KeeperError): void {
    this.#cancelRetry()
    this.#abort.abort(reason)
    this.#connection?.close(reason)
    this.#connection = undefined
    this.#drop()
  }

  /** The peer takes nothing now, or too little. */
  #tooLate(): boolean {
    if (this.#connection) return this.#connection.queuedBytes > limits.peerQueueBytesMax
    return this.#state === 'pausing' || this.#waitingBytes > limits.peerWaitingBytesMax
  }

  #wait(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    this.connect()
  }

  #opened(connection: Connection): void {
    this.#state = 'idle'
    this.#openedAt = this.#parts.clock.monotonic()
    this.#connection = connection
    connection.handOver({
      // the other side has nothing to say on this stream but that it lives
      onFrame: () => {},
      onClosed: () => this.#broke(connection),
    })
    const waiting = this.#waiting
    this.#drop()
    for (const bytes of waiting) connection.send(bytes)
  }

  #broke(connection: Connection): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    if (this.#abort.signal.aborted) return
    this.#parts.lost()
    const lasted = this.#parts.clock.monotonic() - this.#openedAt >= limits.peerRedialMaxMs
    if (lasted) this.#failures = 0
    // one that was welcomed and sent away, again and again, must not go round without a pause
    if (lasted) this.connect()
    else this.#pause(false)
  }

  #failed(error: KeeperError): void {
    if (this.#abort.signal.aborted) return
    this.#drop()
    this.#parts.refused(error)
    this.#parts.unreachable()
    if (this.#heard) this.#endPause()
    else this.#pause(true)
  }

  #pause(unreached: boolean): void {
    this.#failures++
    this.#state = 'pausing'
    this.#unreached = unreached
    this.#cancelRetry = this.#parts.clock.setTimer(this.#pauseMs(), () => this.#endPause())
  }

  #endPause(): void {
    this.#cancelRetry()
    this.#state = 'idle'
    this.connect()
  }

  #pauseMs(): number {
    const mean = Math.min(limits.peerRedialMinMs * 2 ** Math.min(this.#failures - 1, 10), limits.peerRedialMaxMs)
    return mean * (0.5 + this.#parts.random.unit())
  }

  #drop(): void {
    this.#waiting = []
    this.#waitingBytes = 0
  }
}

/** One frame with all of them. */
function encode(messages: readonly PeerMessage[]): Buffer {
  const writer = new ByteWriter(sizeOf(messages))
  writer.raw(emptyHeader)
  for (const message of messages) writePeerMessage(writer, message)
  return sealFrame(writer.finish(), 'messages')
}

const emptyHeader = new Uint8Array(frameHeaderBytes)
const messageBytes = 96
const entryBytes = 32

/** Room that is enough for nearly all, so that the writer need not grow. */
function sizeOf(messages: readonly PeerMessage[]): number {
  let bytes = frameHeaderBytes
  for (const message of messages) {
    bytes += messageBytes
    if (message.kind === 'raft') for (const { data } of message.message.entries) bytes += data.length + entryBytes
    else if (message.kind === 'propose') bytes += message.batch.length
    else if (message.kind === 'ask' || message.kind === 'answer') bytes += message.body.length
  }
  return bytes
}
