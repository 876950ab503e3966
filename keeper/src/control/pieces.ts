import { createHash } from 'node:crypto'
import { limits } from '../base/limits.js'

/** A part of some bytes, and its SHA-256 in hex. */
export interface Piece {
  readonly hash: string
  readonly bytes: Uint8Array
}

/** So many bytes decide whether a piece ends behind them: what stands further away moves no cut. */
const WINDOW_BYTES = 32

/**
 * Cuts bytes where their last `WINDOW_BYTES` say so, and not at fixed places: an edit changes the pieces it lies in, and what
 * stands behind it, though moved, is cut as before. (Gear hashing: Xia et al., FastCDC, USENIX ATC 2016.) Bytes that were
 * cut once are not cut again while they live.
 */
export function* piecesIn(bytes: Uint8Array): Generator<Piece, void> {
  const known = cut.get(bytes)
  if (known) return yield* known
  const pieces: Piece[] = []
  for (let from = 0; from < bytes.length; ) {
    const to = endOfPiece(bytes, from)
    const piece = bytes.subarray(from, to)
    pieces.push({ hash: createHash('sha256').update(piece).digest('hex'), bytes: piece })
    yield pieces.at(-1) as Piece
    from = to
  }
  cut.set(bytes, pieces)
}

/** All of them at once. */
export const piecesOf = (bytes: Uint8Array): readonly Piece[] => [...piecesIn(bytes)]

const cut = new WeakMap<Uint8Array, readonly Piece[]>()

function endOfPiece(bytes: Uint8Array, from: number): number {
  const least = from + limits.blobPieceBytesMin
  const most = Math.min(bytes.length, from + limits.blobPieceBytesMax)
  let gear = 0
  for (let at = least - WINDOW_BYTES; at < most; at++) {
    gear = ((gear << 1) + (GEARS[bytes[at] as number] as number)) | 0
    if (gear >>> SHIFT === 0 && at >= least) return at + 1
  }
  return most
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
