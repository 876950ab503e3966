/** gRPC's messages inside a stream's bytes: one octet of flags, four of length, then the message. */

import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import type { EncodedFrame } from '../../push/types.js'
import { Assembly } from './assembly.js'
import { FRAME_HEADER_BYTES, FRAME_PAYLOAD_MAX, FrameType, writeFrameHeader } from './frames.js'

export const PREFIX_BYTES = 5

export interface MessageSink {
  /** One message without its prefix. False: no more of them. */
  message(bytes: Buffer): boolean
}

/**
 * Hands whole messages to `sink`, without a copy where a message lies whole in `chunk`. Takes the unfinished one of the
 * call before and gives that of this call. Throws E_FRAME_GARBAGE (compressed), E_TOO_LARGE (limits.messageBytesMax).
 */
export function readMessages(
  held: Assembly | undefined,
  chunk: Buffer,
  start: number,
  end: number,
  sink: MessageSink,
): Assembly | undefined {
  let at = start
  if (held) {
    at = fillMessage(held, chunk, at, end)
    if (!held.complete) return held
    if (!sink.message(held.bytes.subarray(PREFIX_BYTES))) return undefined
  }
  while (end - at >= PREFIX_BYTES) {
    const next = at + PREFIX_BYTES + lengthAt(chunk, at)
    if (next > end) break
    if (!sink.message(chunk.subarray(at + PREFIX_BYTES, next))) return undefined
    at = next
  }
  if (at >= end) return undefined
  const rest = new Assembly(PREFIX_BYTES)
  fillMessage(rest, chunk, at, end)
  return rest
}

function fillMessage(held: Assembly, chunk: Buffer, from: number, end: number): number {
  const at = held.fill(chunk, from, end)
  if (held.wanted > PREFIX_BYTES || !held.complete) return at
  held.want(PREFIX_BYTES + lengthAt(held.bytes, 0))
  return held.fill(chunk, at, end)
}

function lengthAt(bytes: Buffer, at: number): number {
  if (bytes[at] !== 0) throw new KeeperError('E_FRAME_GARBAGE', 'a message is marked as compressed; none is here')
  const length = bytes.readUInt32BE(at + 1)
  if (length > limits.messageBytesMax) {
    const message = `a message of ${length} bytes; the limit is ${limits.messageBytesMax}`
    throw new KeeperError('E_TOO_LARGE', message, { limit: limits.messageBytesMax })
  }
  return length
}

/** Stream that nearly every client attaches on: its first. */
export const FIRST_STREAM = 1

const NOTHING: readonly Uint8Array[] = []

/** What follows its first bytes: views, not to be changed. */
export const restOf = (frame: EncodedFrame): readonly Uint8Array[] => frame.rest ?? NOTHING

/** Of the message, with gRPC's prefix. */
const messageLength = (frame: EncodedFrame): number =>
  restOf(frame).reduce((sum, { length }) => sum + length, PREFIX_BYTES + frame.bytes.length)

/** Fits a message one DATA frame, and lies in one place? */
export const fitsOneFrame = (frame: EncodedFrame): boolean =>
  frame.rest === undefined && frame.bytes.length + PREFIX_BYTES <= FRAME_PAYLOAD_MAX

/**
 * A message made ready once for every stream it goes to, kept in `frame.framed`: with gRPC's prefix, and where it fits
 * one DATA frame, with that frame's header for the first stream before it. The rest of the frame follows it.
 */
export function framedOnce(frame: EncodedFrame): Buffer {
  if (frame.framed) return frame.framed as Buffer
  const length = frame.bytes.length + PREFIX_BYTES
  const skip = fitsOneFrame(frame) ? FRAME_HEADER_BYTES : 0
  const framed = Buffer.allocUnsafeSlow(skip + length)
  if (skip > 0) writeFrameHeader(framed, 0, length, FrameType.data, 0, FIRST_STREAM)
  framed[skip] = 0
  framed.writeUInt32BE(messageLength(frame) - PREFIX_BYTES, skip + 1)
  framed.set(frame.bytes, skip + PREFIX_BYTES)
  frame.framed = framed
  return framed
}

/** The message's first bytes with gRPC's prefix alone. */
export function prefixed(frame: EncodedFrame): Buffer {
  const framed = framedOnce(frame)
  return fitsOneFrame(frame) ? framed.subarray(FRAME_HEADER_BYTES) : framed
}
