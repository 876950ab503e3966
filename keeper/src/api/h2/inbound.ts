import type { Clock } from '../../base/clock.js'
import type { FrameSink } from './frame-reader.js'
import {
  ConnectionError,
  contentRange,
  ErrorCode,
  Flag,
  FrameType,
  HEADER_TABLE_DEFAULT,
  pingFrame,
  Setting,
  settingsAck,
  WINDOW_MAX,
  windowUpdateFrame,
} from './frames.js'
import { HeaderBlock } from './header-blocks.js'
import { HpackDecoder } from './hpack.js'
import type { Strain } from './strain.js'

/** What the frames of a peer mean to the one stream that its connection has. */
export interface StreamSide {
  opened(streamId: number): void
  content(bytes: Buffer, start: number, end: number): void
  ended(): void
  wasReset(): void
  /** The peer began a further stream, which is not served here. */
  refuseFurther(): void
  widen(which: 'connection' | 'stream', increment: number): void
  setInitialWindow(bytes: number): void
  /** Sends bytes that the peer asked for. */
  reply(bytes: Buffer): void
  ponged(): void
  /** A stream that was given up by us may still get frames, which say nothing any more. */
  readonly over: boolean
}

/** Consumed bytes after which a window is opened again. */
const CREDIT_BYTES = 32 * 1024

const wrong = (message: string) => new ConnectionError(ErrorCode.protocol, message)
const wrongSize = () => new ConnectionError(ErrorCode.frameSize, 'a frame of a wrong size')

/** The rules for what a peer may send on a connection with one stream (RFC 9113); breaches throw ConnectionError. */
export class Inbound implements FrameSink {
  readonly #stream: StreamSide
  readonly #clock: Clock
  readonly #strain: Strain
  /** 0 until it began. */
  #streamId = 0
  /** The highest of the peer's streams so far; ≥ `#streamId`. */
  #lastId = 0
  #greeted = false
  #acknowledged = false
  #ended = false
  #decoder: HpackDecoder | undefined
  #block: HeaderBlock | undefined
  /** Received since the windows were last opened; < CREDIT_BYTES after each frame, so that no peer can exceed them. */
  #connectionReceived = 0
  #streamReceived = 0

  constructor(stream: StreamSide, clock: Clock, strain: Strain) {
    this.#stream = stream
    this.#clock = clock
    this.#strain = strain
  }

  get streamId(): number {
    return this.#streamId
  }

  /** The peer follows our settings. */
  get acknowledged(): boolean {
    return this.#acknowledged
  }

  frame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.#block) this.#continue(this.#block, type, flags, id, bytes, start, end)
    else if (type === FrameType.data) this.#data(flags, id, bytes, start, end)
    else this.#control(type, flags, id, bytes, start, end)
    return !this.#stream.over
  }

  #control(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (!this.#greeted && type !== FrameType.settings) throw wrong('the first frame is SETTINGS')
    if (type === FrameType.headers) this.#headers(flags, id, bytes, start, end)
    else {
      this.#strain.add(this.#clock)
      this.#aside(type, flags, id, bytes, start, end)
    }
  }

  /** Frames without content; those of unknown types mean nothing (RFC 9113, 5.5). */
  #aside(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (type === FrameType.windowUpdate) this.#windowUpdate(id, bytes, start, end)
    else if (type === FrameType.settings) this.#settings(flags, id, bytes, start, end)
    else if (type === FrameType.ping) this.#ping(flags, id, bytes, start, end)
    else if (type === FrameType.reset) this.#reset(id, end - start)
    else if (type === FrameType.priority) this.#priority(id, end - start)
    else if (type === FrameType.goaway) this.#goaway(id, end - start)
    else if (type === FrameType.pushPromise || type === FrameType.continuation) throw wrong('a frame out of place')
  }

  #priority(id: number, length: number): void {
    if (id === 0) throw wrong('PRIORITY of no stream')
    if (length !== 5) throw wrongSize()
  }

  /** What is under way goes on; the peer closes when it is over. */
  #goaway(id: number, length: number): void {
    if (id !== 0) throw wrong('GOAWAY of a stream')
    if (length < 8) throw wrongSize()
  }

  #data(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id === 0 || id > this.#lastId) throw wrong('DATA of no stream')
    this.#connectionReceived += end - start
    if (id === this.#streamId) this.#content(flags, bytes, start, end)
    else this.#strain.add(this.#clock)
    this.#credit()
  }

  #content(flags: number, bytes: Buffer, start: number, end: number): void {
    if (this.#ended) throw new ConnectionError(ErrorCode.streamClosed, 'DATA after the end')
    this.#streamReceived += end - start
    const { from, to } = contentRange(bytes, start, end, flags, FrameType.data)
    if (to > from) this.#stream.content(bytes, from, to)
    else this.#strain.add(this.#clock)
    if (flags & Flag.endStream) this.#end()
  }

  /** Opens the windows again by what was consumed. */
  #credit(): void {
    if (this.#stream.over || this.#connectionReceived < CREDIT_BYTES) return
    const updates = [windowUpdateFrame(0, this.#connectionReceived)]
    this.#connectionReceived = 0
    if (this.#streamReceived > 0 && !this.#ended) updates.push(windowUpdateFrame(this.#streamId, this.#streamReceived))
    this.#streamReceived = 0
    this.#stream.reply(Buffer.concat(updates))
  }

  #end(): void {
    this.#ended = true
    this.#stream.ended()
  }

  #headers(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id % 2 === 0) throw wrong('a stream id that is no client’s')
    const block = new HeaderBlock(id, flags, bytes, start, end)
    if (block.complete) this.#blockCame(block)
    else this.#block = block
  }

  #continue(block: HeaderBlock, ...words: [type: number, flags: number, id: number, Buffer, number, number]): void {
    block.add(...words)
    if (!block.complete) return
    this.#block = undefined
    this.#blockCame(block)
  }

  #blockCame(block: HeaderBlock): void {
    // Every block is decoded, for the table must stay that of the peer.
    this.#decoder ??= new HpackDecoder(this.#acknowledged ? 0 : HEADER_TABLE_DEFAULT)
    this.#decoder.decode(block.bytes)
    if (this.#acknowledged) this.#decoder = undefined
    if (this.#streamId === 0) this.#opened(block.id)
    else if (block.id === this.#streamId) this.#trailers(block)
    else this.#further(block.id)
    if (block.endStream && block.id === this.#streamId && !this.#ended) this.#end()
  }

  #opened(id: number): void {
    this.#streamId = this.#lastId = id
    this.#stream.opened(id)
  }

  #trailers(block: HeaderBlock): void {
    if (this.#ended) throw new ConnectionError(ErrorCode.streamClosed, 'HEADERS after the end')
    if (!block.endStream) throw wrong('HEADERS inside a stream')
  }

  #further(id: number): void {
    if (id < this.#streamId) throw wrong('a stream id below that of an earlier stream')
    this.#strain.add(this.#clock)
    if (id <= this.#lastId) return
    this.#lastId = id
    this.#stream.refuseFurther()
  }

  #windowUpdate(id: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw wrongSize()
    if (id > this.#lastId) throw wrong('WINDOW_UPDATE of an idle stream')
    const increment = bytes.readUInt32BE(start) & WINDOW_MAX
    if (increment === 0) throw wrong('a window opened by nothing')
    if (id === 0) this.#stream.widen('connection', increment)
    else if (id === this.#streamId) this.#stream.widen('stream', increment)
  }

  #settings(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw wrong('SETTINGS of a stream')
    if (flags & Flag.ack) this.#settingsAcknowledged(end - start)
    else this.#settingsCame(bytes, start, end)
  }

  #settingsCame(bytes: Buffer, start: number, end: number): void {
    if ((end - start) % 6 !== 0) throw wrongSize()
    this.#greeted = true
    // first: whoever opens a window by its settings counts by the old one until they are acknowledged
    this.#stream.reply(settingsAck)
    for (let at = start; at < end; at += 6) this.#setting(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2))
  }

  /** Our settings allow no header table: the one so far is forgotten. */
  #settingsAcknowledged(length: number): void {
    if (length !== 0) throw wrongSize()
    if (!this.#greeted) throw wrong('the first frame is SETTINGS')
    this.#acknowledged = true
    this.#decoder = undefined
  }

  #setting(id: number, value: number): void {
    if (id === Setting.enablePush && value > 1) throw wrong('a setting out of range')
    if (id === Setting.maxFrameSize && (value < 16_384 || value > 16_777_215)) throw wrong('a setting out of range')
    if (id !== Setting.initialWindowSize) return
    if (value > WINDOW_MAX) throw new ConnectionError(ErrorCode.flowControl, 'a window out of range')
    this.#stream.setInitialWindow(value)
  }

  #ping(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw wrong('PING of a stream')
    if (end - start !== 8) throw wrongSize()
    if (flags & Flag.ack) this.#stream.ponged()
    else this.#stream.reply(pingFrame(Flag.ack, bytes.subarray(start, end)))
  }

  #reset(id: number, length: number): void {
    if (length !== 4) throw wrongSize()
    if (id === 0 || id > this.#lastId) throw wrong('RST_STREAM of an idle stream')
    if (id === this.#streamId) this.#stream.wasReset()
  }
}
