import { limits } from '../../base/limits.js'
import { ConnectionError, contentRange, ErrorCode, Flag, FRAME_PAYLOAD_MAX, FrameType, frame } from './frames.js'
import { encodeFields, type Field } from './hpack.js'

/** A header block while its frames come (RFC 9113, 4.3): nothing may come between them. */
export class HeaderBlock {
  readonly id: number
  readonly endStream: boolean
  readonly #parts: Buffer[]
  #bytes: number
  #complete: boolean

  /** From the HEADERS frame that it begins with. Throws ConnectionError. */
  constructor(id: number, flags: number, bytes: Buffer, start: number, end: number) {
    const { from, to } = contentRange(bytes, start, end, flags, FrameType.headers)
    this.id = id
    this.endStream = (flags & Flag.endStream) !== 0
    this.#complete = (flags & Flag.endHeaders) !== 0
    // Copied: the rest may come with a later chunk.
    this.#parts = [Buffer.from(bytes.subarray(from, to))]
    this.#bytes = to - from
    this.#check()
  }

  get complete(): boolean {
    return this.#complete
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }

  /** A frame that follows. Throws ConnectionError: not its CONTINUATION, or more than limits allow. */
  add(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (type !== FrameType.continuation || id !== this.id)
      throw new ConnectionError(ErrorCode.protocol, 'a frame inside a header block')
    this.#parts.push(Buffer.from(bytes.subarray(start, end)))
    this.#bytes += end - start
    this.#complete = (flags & Flag.endHeaders) !== 0
    this.#check()
  }

  #check(): void {
    const many = this.#parts.length - 1 > limits.h2ContinuationsMax
    if (many || this.#bytes > limits.h2HeaderBlockBytesMax)
      throw new ConnectionError(ErrorCode.enhanceYourCalm, 'too large a header block')
  }
}

/** HEADERS and as many CONTINUATIONs as the fields need. */
export function headersFrames(id: number, fields: readonly Field[], { endStream }: { endStream: boolean }): Buffer {
  const block = encodeFields(fields)
  const frames: Buffer[] = []
  for (let at = 0; at === 0 || at < block.length; at += FRAME_PAYLOAD_MAX) {
    const part = block.subarray(at, at + FRAME_PAYLOAD_MAX)
    const last = at + part.length === block.length ? Flag.endHeaders : 0
    const type = at === 0 ? FrameType.headers : FrameType.continuation
    frames.push(frame(type, last | (at === 0 && endStream ? Flag.endStream : 0), id, part))
  }
  return Buffer.concat(frames)
}
