import { createHash } from 'node:crypto'
import type { LargeBytes } from '../base/large-bytes.js'
import { PieceCutter } from '../base/pieces.js'

/** A part of some bytes, and its SHA-256 in hex. */
export interface Piece {
  readonly hash: string
  readonly length: number
  readonly bytes: Uint8Array
}

/** Bytes that are to come in, by their SHA-256: in memory, or made piece by piece. */
export interface Blob {
  readonly hash: string
  readonly bytes: Uint8Array | LargeBytes
}

/** A piece whose bytes come when they are asked for. */
export interface LoadedPiece {
  readonly hash: string
  readonly length: number
  /** They are in `memory`, where they are made. */
  load(memory?: () => Uint8Array): Uint8Array
}

/** The pieces of bytes, in order. Those in memory are cut once while they live. */
export function* loadedPieces(bytes: Uint8Array | LargeBytes): Generator<LoadedPiece, void> {
  if (bytes instanceof Uint8Array) {
    for (const piece of piecesIn(bytes)) yield { ...piece, load: () => piece.bytes }
    return
  }
  for (const [at, { hash, length }] of bytes.pieces.entries())
    yield { hash, length, load: (memory) => bytes.piece(at, memory?.()) }
}

/** As `loadedPieces` of bytes in memory. */
export function* piecesIn(bytes: Uint8Array): Generator<Piece, void> {
  const known = cut.get(bytes)
  if (known) return yield* known
  const [pieces, cutter]: [Piece[], PieceCutter] = [[], new PieceCutter()]
  for (let from = 0; from < bytes.length; ) {
    const end = cutter.endOf(bytes, from)
    const piece = bytes.subarray(from, end < 0 ? bytes.length : end)
    pieces.push({ hash: createHash('sha256').update(piece).digest('hex'), length: piece.length, bytes: piece })
    yield pieces.at(-1) as Piece
    from += piece.length
  }
  cut.set(bytes, pieces)
}

/** All of them at once. */
export const piecesOf = (bytes: Uint8Array): readonly Piece[] => [...piecesIn(bytes)]

const cut = new WeakMap<Uint8Array, readonly Piece[]>()
