import type { Socket } from 'node:net'
import type { EncodedFrame } from '../../push/types.js'
import {
  ConnectionError,
  ErrorCode,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_MAX,
  FrameType,
  WINDOW_DEFAULT,
  WINDOW_MAX,
  writeFrameHeader,
} from './frames.js'
import { FIRST_STREAM, fitsOneFrame, framedOnce, PREFIX_BYTES, prefixed, restOf } from './messages.js'
import type { Strain } from './strain.js'

/** What a pump may put into the socket before it waits for it to drain. */
const SOCKET_BYTES_MAX = 256 * 1024

/** A smaller part of a message is no content to speak of: its window was opened by crumbs. */
const EASING_BYTES = 32

/** Messages on their way out of one stream, within the windows that the peer gave (RFC 9113, 5.2). */
export class Outbox {
  readonly #socket: Socket
  readonly #strain: Strain
  #streamId = 0
  #connectionWindow = WINDOW_DEFAULT
  /** May be below zero, once the peer made its initial window smaller. */
  #streamWindow = WINDOW_DEFAULT
  #initialWindow = WINDOW_DEFAULT
  /** Messages with gRPC's prefix, some in several buffers; the first may be sent in part. Absent while nothing waits, which is nearly always. */
  #queue: Uint8Array[] | undefined
  #queuedBytes = 0
  #headSent = 0
  /** `send` said false, so `writable` will be asked for. */
  #owed = false

  constructor(socket: Socket, strain: Strain) {
    this.#socket = socket
    this.#strain = strain
  }

  /** The stream that all goes to; windows may have changed before it began. */
  open(streamId: number): void {
    this.#streamId = streamId
  }

  /** Bytes that wait for a window or for the socket. */
  get queuedBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength
  }

  /** Nothing waits for a window. */
  get empty(): boolean {
    return this.#queue === undefined
  }

  /** False when the peer is slow: `takeWritable` says when it no longer is. */
  send(frame: EncodedFrame): boolean {
    const length = frame.bytes.length + PREFIX_BYTES
    const fits = length <= this.#connectionWindow && length <= this.#streamWindow
    if (fits && !this.#queue && this.#streamId === FIRST_STREAM && fitsOneFrame(frame)) {
      this.#spend(length)
      this.#strain.ease()
      if (this.#socket.write(framedOnce(frame))) return true
    } else {
      this.#push(prefixed(frame), ...restOf(frame))
      if (!this.#queue && !this.#socket.writableNeedDrain) return true
    }
    this.#owed = true
    return false
  }

  /** True once after `send` said false, as soon as nothing waits. */
  takeWritable(): boolean {
    if (!this.#owed || this.#queue || this.#socket.writableNeedDrain) return false
    this.#owed = false
    return true
  }

  /** The peer takes `increment` more bytes. Throws ConnectionError when its window overflows. */
  widen(which: 'connection' | 'stream', increment: number): void {
    const window = increment + (which === 'connection' ? this.#connectionWindow : this.#streamWindow)
    if (window > WINDOW_MAX) throw new ConnectionError(ErrorCode.flowControl, `the ${which}'s window overflows`)
    if (which === 'connection') this.#connectionWindow = window
    else this.#streamWindow = window
    this.pump()
  }

  /** The peer changed SETTINGS_INITIAL_WINDOW_SIZE. */
  setInitialWindow(bytes: number): void {
    const change = bytes - this.#initialWindow
    this.#initialWindow = bytes
    this.widen('stream', change)
  }

  /** Sends what windows and socket take. */
  pump(): void {
    if (!this.#queue || Math.min(this.#connectionWindow, this.#streamWindow) <= 0) return
    this.#socket.cork()
    let more = true
    while (more && this.#queue && this.#socket.writableLength < SOCKET_BYTES_MAX) more = this.#sendSome(this.#queue)
    this.#socket.uncork()
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queue = undefined
    this.#queuedBytes = this.#headSent = 0
    this.#owed = false
  }

  #push(...message: readonly Uint8Array[]): void {
    const idle = !this.#queue
    this.#queue ??= []
    this.#queue.push(...message)
    for (const { length } of message) this.#queuedBytes += length
    if (idle) this.pump()
  }

  /** One DATA frame of the first buffer that waits. False when a window is shut. */
  #sendSome(queue: Uint8Array[]): boolean {
    const [head] = queue
    const length = Math.min(FRAME_PAYLOAD_MAX, this.#connectionWindow, this.#streamWindow)
    if (!head || length <= 0) return false
    const part = head.subarray(this.#headSent, this.#headSent + length)
    const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES)
    writeFrameHeader(header, 0, part.length, FrameType.data, 0, this.#streamId)
    this.#socket.write(header)
    this.#socket.write(part)
    this.#spend(part.length)
    if (part.length >= EASING_BYTES) this.#strain.ease()
    this.#sent(queue, head, part.length)
    return true
  }

  #sent(queue: Uint8Array[], head: Uint8Array, bytes: number): void {
    this.#queuedBytes -= bytes
    this.#headSent += bytes
    if (this.#headSent < head.length) return
    this.#headSent = 0
    queue.shift()
    if (queue.length === 0) this.#queue = undefined
  }

  #spend(bytes: number): void {
    this.#connectionWindow -= bytes
    this.#streamWindow -= bytes
  }
}
