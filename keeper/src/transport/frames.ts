/**
 * Frames between keepers: `length u32 · crc32 u32 · kind u8 · body`, integers little-endian; `length` counts kind and
 * body, the checksum is theirs. TCP's own sum is 16 bits wide, and what passes here goes into logs that believe it.
 */

import { crc32 } from '../base/checksum.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'

/** Order is the wire: append only. */
export const frameKinds = [
  'challenge',
  'hello',
  'welcome',
  'refusal',
  'messages',
  'pulse',
  'snapshotBegin',
  'snapshotChunk',
  'snapshotEnd',
  'snapshotTaken',
  'question',
  'reply',
] as const
export type FrameKind = (typeof frameKinds)[number]

const HEADER = 9
const numbers = new Map(frameKinds.map((kind, at) => [kind, at]))

/** A whole frame around a body. */
export function frame(kind: FrameKind, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER + body.length)
  bytes.set(body, HEADER)
  return sealFrame(bytes, kind)
}

/** Fills in the header of a frame whose body stands at `frameHeaderBytes` already. */
export function sealFrame(bytes: Buffer, kind: FrameKind): Buffer {
  bytes[8] = numbers.get(kind) as number
  bytes.writeUInt32LE(bytes.length - 8, 0)
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4)
  return bytes
}

export const frameHeaderBytes = HEADER

export interface Frame {
  readonly kind: FrameKind
  readonly body: Buffer
}

/** Cuts a stream of bytes into frames. Bodies are views of memory that is never written again. */
export class FrameReader {
  /** Of a frame's kind and body. */
  bytesMax: number
  #chunks: Buffer[] = []
  #held = 0
  /** Of the frame that is coming; 0 while its header is. */
  #wanted = 0

  constructor(bytesMax: number = limits.peerFrameBytesMax) {
    this.bytesMax = bytesMax
  }

  /** The frames that are whole now. Throws E_FRAME_GARBAGE, E_TOO_LARGE: the stream is of no use any more. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    for (let next = this.#next(); next; next = this.#next()) yield next
  }

  #next(): Frame | undefined {
    if (this.#wanted === 0) {
      if (this.#held < 4) return undefined
      this.#wanted = 8 + this.#join(4).readUInt32LE(0)
      if (this.#wanted < HEADER) throw new KeeperError('E_FRAME_GARBAGE', 'a frame without a kind')
      if (this.#wanted - 8 > this.bytesMax)
        throw new KeeperError('E_TOO_LARGE', `a frame of ${this.#wanted - 8} bytes; ${this.bytesMax} at most`)
    }
    if (this.#held < this.#wanted) return undefined
    const bytes = this.#take(this.#wanted)
    this.#wanted = 0
    return unsealed(bytes)
  }

  /** The first buffer, made to hold `count` bytes at least. */
  #join(count: number): Buffer {
    const [first] = this.#chunks
    if (first && first.length >= count) return first
    const joined = Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
  }

  #take(count: number): Buffer {
    const first = this.#join(count)
    const rest = first.subarray(count)
    if (rest.length === 0) this.#chunks.shift()
    else this.#chunks[0] = rest
    this.#held -= count
    return first.subarray(0, count)
  }
}

function unsealed(bytes: Buffer): Frame {
  if (crc32(bytes.subarray(8)) !== bytes.readUInt32LE(4))
    throw new KeeperError('E_FRAME_GARBAGE', 'the checksum of a frame does not fit')
  const kind = frameKinds[bytes[8] as number]
  if (!kind) throw new KeeperError('E_FRAME_GARBAGE', `frame of unknown kind ${bytes[8]}`)
  return { kind, body: bytes.subarray(HEADER) }
}
