/** Large bytes that are read, or made, piece by piece when somebody comes to them: nobody need have all of them in memory. */

import type { PieceName } from './pieces.js'

export interface LargeBytes {
  readonly length: number
  /** In order, as they are cut in a store. */
  readonly pieces: readonly PieceName[]
  /** One of them, at the begin of `into` if it is made. Throws E_FILE_CHANGED where what it is read from is no longer what it was. */
  piece(at: number, into?: Uint8Array): Uint8Array
}

export const wholeBytes = (bytes: Uint8Array | LargeBytes): Uint8Array =>
  bytes instanceof Uint8Array ? bytes : wholeOf(bytes)

/** All of them in memory, after all. */
export function wholeOf(large: LargeBytes): Buffer {
  const whole = Buffer.allocUnsafeSlow(large.length)
  let end = 0
  for (const at of large.pieces.keys()) {
    const into = whole.subarray(end)
    const piece = large.piece(at, into)
    if (piece.buffer !== into.buffer) into.set(piece)
    end += piece.length
  }
  return whole
}
