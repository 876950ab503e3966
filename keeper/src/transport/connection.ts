import type { Socket } from 'node:net'
import type { CancelTimer, Clock, MonotonicMs } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { isTlsTrouble } from '../base/tls.js'
import { type Frame, FrameReader, frame } from './frames.js'
import { readRefusal, refusalFrame } from './greeting.js'

export interface ConnectionHandler {
  /** What it throws ends the connection, and the other side is told. */
  onFrame(frame: Frame): void
  /** Once; `error` says why, as far as is known. */
  onClosed(error: KeeperError): void
}

const pulse = frame('pulse', new Uint8Array())

/**
 * A socket between two keepers: frames in and out, and both sides say now and then that they live. Without that, a cut
 * network is noticed by nobody, and after it healed TCP may wait for minutes before it tries again.
 */
export class Connection {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #reader: FrameReader
  #handler: ConnectionHandler
  #heardAt: MonotonicMs
  #cancelPulse: CancelTimer = () => {}
  #error: KeeperError | undefined
  #over = false
  #corked = false
  /** What came before the one who is to handle it. */
  #held: Frame[] | undefined

  constructor(socket: Socket, clock: Clock, handler: ConnectionHandler, frameBytesMax?: number) {
    this.#socket = socket
    this.#reader = new FrameReader(frameBytesMax)
    this.#clock = clock
    this.#handler = handler
    this.#heardAt = clock.monotonic()
    socket.setNoDelay(true)
    // Far away that alone takes a while.
    socket.once('connect', () => {
      this.#heardAt = clock.monotonic()
    })
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => {
      this.#error ??= asConnectionError(error)
    })
    socket.on('close', () => this.#closed())
    this.#armPulse()
  }

  /** Bytes that wait to be taken by the other side. */
  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  /** Since the other side was last heard. */
  get silentMs(): number {
    return this.#clock.monotonic() - this.#heardAt
  }

  /** From now on another one handles what comes; also what was held, and the end, should that have come meanwhile. */
  handOver(handler: ConnectionHandler): void {
    this.#handler = handler
    // not within the call: whoever takes over is still at it
    if (this.#held || this.#over) queueMicrotask(() => this.#giveHeld())
  }

  /** Keeps what comes for whom the connection will be handed over to. */
  hold(): void {
    this.#held ??= []
  }

  /** Who is known now may send frames as members do. */
  admit(): void {
    this.#reader.bytesMax = limits.peerFrameBytesMax
  }

  /** What is sent in one turn leaves in one go: when the turn is over, or with what leaves `atOnce`. */
  send(bytes: Uint8Array, atOnce = false): void {
    if (this.#over) return
    if (!this.#corked && !atOnce) {
      this.#corked = true
      this.#socket.cork()
      process.nextTick(() => this.#uncork())
    }
    this.#socket.write(bytes)
    if (atOnce) this.#uncork()
  }

  /** Resolves when the other side has taken most of what waits, or the connection is over. */
  async drained(): Promise<void> {
    while (!this.#over && this.#socket.writableNeedDrain)
      await new Promise<void>((resolve) => {
        this.#socket.once('drain', resolve)
        this.#socket.once('close', resolve)
      })
  }

  /** Ends it at once. */
  close(error: KeeperError): void {
    this.#error ??= error
    this.#uncork()
    this.#socket.destroy()
    this.#closed()
  }

  /** Tells the other side why, then ends it. */
  refuse(thrown: unknown): void {
    if (this.#over) return
    this.#error ??= asKeeperError(thrown)
    this.#uncork()
    this.#socket.end(refusalFrame(thrown))
    // who does not take it does not hold the socket either
    this.#clock.setTimer(limits.peerLingerMs, () => this.#socket.destroy())
    this.#closed()
  }

  #uncork(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#socket.uncork()
  }

  #take(chunk: Buffer): void {
    if (this.#over) return
    this.#heardAt = this.#clock.monotonic()
    try {
      for (const found of this.#reader.push(chunk)) {
        if (this.#over) return
        this.#give(found)
      }
    } catch (thrown) {
      this.refuse(thrown)
    }
  }

  #give(found: Frame): void {
    if (found.kind === 'refusal') this.close(readRefusal(found.body))
    else if (found.kind === 'pulse') return
    else if (this.#held) this.#held.push(found)
    else this.#handler.onFrame(found)
  }

  #giveHeld(): void {
    const held = this.#held ?? []
    const endedBefore = this.#over
    this.#held = undefined
    try {
      for (const found of held) if (this.#over === endedBefore) this.#handler.onFrame(found)
    } catch (thrown) {
      this.refuse(thrown)
    }
    if (endedBefore) this.#handler.onClosed(this.#reason())
  }

  #armPulse(): void {
    const armedAt = this.#clock.monotonic()
    this.#cancelPulse = this.#clock.setTimer(limits.peerPulseMs, () => {
      const now = this.#clock.monotonic()
      // time in which this process itself did not run is no silence of the other side
      if (now - armedAt > 2 * limits.peerPulseMs) this.#heardAt = now
      const silentMs = now - this.#heardAt
      if (silentMs > limits.peerSilenceMs) {
        this.close(new KeeperError('E_CONNECTION', 'silent for too long'))
        return
      }
      // a pulse behind a full queue says nothing that the queue does not say
      if (this.#socket.writableLength < limits.peerPulseBehindBytes) this.send(pulse)
      this.#armPulse()
    })
  }

  #closed(): void {
    if (this.#over) return
    this.#over = true
    this.#cancelPulse()
    this.#handler.onClosed(this.#reason())
  }

  #reason(): KeeperError {
    return this.#error ?? new KeeperError('E_CONNECTION', 'the other side ended the connection')
  }
}

function asConnectionError(error: Error): KeeperError {
  if (error instanceof KeeperError) return error
  return new KeeperError(isTlsTrouble(error) ? 'E_TLS' : 'E_CONNECTION', error.message, {}, { cause: error })
}
