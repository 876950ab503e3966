import { Assembly } from './assembly.js'
import { ConnectionError, ErrorCode, FRAME_HEADER_BYTES, FRAME_PAYLOAD_MAX } from './frames.js'

export interface FrameSink {
  /** One frame, its payload at `start` to `end` of `bytes`. False: no more of them. */
  frame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): boolean
}

/**
 * Hands whole frames to `sink`, without a copy where a frame lies whole in `chunk`. Takes the unfinished one of the call
 * before and gives that of this call. Throws ConnectionError for a frame that is too long, before it comes.
 */
export function readFrames(held: Assembly | undefined, chunk: Buffer, sink: FrameSink): Assembly | undefined {
  let at = 0
  if (held) {
    at = fillFrame(held, chunk, 0)
    if (!held.complete) return held
    if (!hand(held.bytes, 0, held.wanted, sink)) return undefined
  }
  while (chunk.length - at >= FRAME_HEADER_BYTES) {
    const next = at + FRAME_HEADER_BYTES + payloadLength(chunk, at)
    if (next > chunk.length) break
    if (!hand(chunk, at, next, sink)) return undefined
    at = next
  }
  if (at === chunk.length) return undefined
  const rest = new Assembly(FRAME_HEADER_BYTES)
  fillFrame(rest, chunk, at)
  return rest
}

function fillFrame(held: Assembly, chunk: Buffer, from: number): number {
  const at = held.fill(chunk, from)
  if (held.wanted > FRAME_HEADER_BYTES || !held.complete) return at
  held.want(FRAME_HEADER_BYTES + payloadLength(held.bytes, 0))
  return held.fill(chunk, at)
}

function hand(bytes: Buffer, at: number, end: number, sink: FrameSink): boolean {
  const id = bytes.readUInt32BE(at + 5) & 0x7fff_ffff
  return sink.frame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, id, bytes, at + FRAME_HEADER_BYTES, end)
}

/** Payload bytes that a frame's header announces. */
export function payloadLength(bytes: Buffer, at: number): number {
  const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
  if (length > FRAME_PAYLOAD_MAX) throw new ConnectionError(ErrorCode.frameSize, `a frame of ${length} bytes`)
  return length
}
