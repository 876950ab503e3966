/**
 * Where large bytes are cut into pieces: where their last `WINDOW_BYTES` say so, and not at fixed places. An edit changes the pieces
 * it lies in, and what stands behind it, though moved, is cut as before. (Gear hashing: Xia et al., FastCDC, USENIX ATC 2016.)
 */

import { createHash, type Hash } from 'node:crypto'
import { limits } from './limits.js'

/** A piece, by its SHA-256 in hex. */
export interface PieceName {
  readonly hash: string
  readonly length: number
}

/** What some bytes are, and what they are made of. */
export interface Digest {
  /** SHA-256 of all, in hex. */
  readonly hash: string
  readonly pieces: readonly PieceName[]
}

/** So many bytes decide whether a piece ends behind them: what stands further away moves no cut. */
const WINDOW_BYTES = 32

/** Finds the ends of pieces in bytes that come bit by bit. */
export class PieceCutter {
  /** Of the piece that has begun, behind its first bytes, where it cannot end yet. */
  #gear = 0
  #length = 0

  /** Where a piece ends, between `from` and the end of `bytes`; −1 when it goes on behind them. */
  endOf(bytes: Uint8Array, from: number): number {
    const start = from - this.#length
    const least = start + limits.blobPieceBytesMin
    const most = start + limits.blobPieceBytesMax
    const end = Math.min(bytes.length, most)
    let gear = this.#gear
    for (let at = Math.max(from, least - WINDOW_BYTES); at < end; at++) {
      gear = ((gear << 1) + (GEARS[bytes[at] as number] as number)) | 0
      if (gear >>> SHIFT === 0 && at >= least) return this.#ended(at + 1)
    }
    if (end === most) return this.#ended(most)
    this.#gear = gear
    this.#length += bytes.length - from
    return -1
  }

  #ended(at: number): number {
    this.#gear = 0
    this.#length = 0
    return at
  }
}

/** The digest of bytes that come bit by bit. */
export class Digester {
  readonly #all = createHash('sha256')
  readonly #pieces: PieceName[] = []
  readonly #cutter = new PieceCutter()
  #piece: Hash = createHash('sha256')
  #length = 0

  /** Takes what comes next; it may be written over then. */
  update(bytes: Uint8Array): void {
    this.#all.update(bytes)
    for (let from = 0; from < bytes.length; ) {
      const end = this.#cutter.endOf(bytes, from)
      const to = end < 0 ? bytes.length : end
      this.#piece.update(bytes.subarray(from, to))
      this.#length += to - from
      if (end >= 0) this.#endPiece()
      from = to
    }
  }

  digest(): Digest {
    if (this.#length > 0) this.#endPiece()
    return { hash: this.#all.digest('hex'), pieces: this.#pieces }
  }

  #endPiece(): void {
    this.#pieces.push({ hash: this.#piece.digest('hex'), length: this.#length })
    this.#piece = createHash('sha256')
    this.#length = 0
  }
}

/** One of `limits.blobPieceBytes` places is a cut. */
const SHIFT = 32 - Math.log2(limits.blobPieceBytes)

/** A number for each byte: any will do, the same ones for ever, or what is cut anew shares nothing with what lies there. */
const GEARS = gears()

function gears(): Int32Array {
  const numbers = new Int32Array(256)
  let state = 0x9e3779b9
  for (let byte = 0; byte < numbers.length; byte++) {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    numbers[byte] = Math.imul(state, 0x85ebca6b)
  }
  return numbers
}
