/**
 * Large bytes that never change once they are written: threads hand them to each other without a copy, and so they lie in
 * memory once, however many have them.
 */

import { limits } from './limits.js'

/** Zeros, to be written before anybody else has them. Few are not shared: they are copied as quickly. */
export const allocateShared = (length: number): Uint8Array =>
  new Uint8Array(length < limits.largeValueBytesMin ? new ArrayBuffer(length) : new SharedArrayBuffer(length))

export const isShared = ({ buffer }: Uint8Array): boolean => buffer instanceof SharedArrayBuffer

/** The same bytes; a copy where they are many and not shared yet. */
export function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.length < limits.largeValueBytesMin || isShared(bytes)) return bytes
  const copy = allocateShared(bytes.length)
  copy.set(bytes)
  return copy
}

/** All of them behind each other. */
export function joinShared(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = allocateShared(pieces.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const piece of pieces) {
    bytes.set(piece, end)
    end += piece.length
  }
  return bytes
}
