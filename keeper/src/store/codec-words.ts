/** What the codecs of commands, transactions and results share. */

import type { ByteReader } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'

/** A word of a newer version: apply must stop, not skip. */
export const unknown = (what: string, code: number | undefined): KeeperError =>
  new KeeperError('E_HALTED', `entry holds ${what} ${code}, which this version does not know`)

/** Requests of foreign clients hold any 64-bit number; a negative count means the same as none. */
export const natural = (value: number): number => Math.max(0, Math.trunc(value))

/** How long a list is; a count that the bytes cannot hold is refused before anything is allocated. */
export function readCount(from: ByteReader): number {
  const count = from.uint()
  if (count > from.remaining) throw new KeeperError('E_CORRUPT', `list of ${count} in ${from.remaining} bytes`)
  return count
}

/** A counted list. */
export function readList<T>(from: ByteReader, read: (from: ByteReader) => T): T[] {
  const list: T[] = []
  for (let left = readCount(from); left > 0; left--) list.push(read(from))
  return list
}

/** Guards recursion on both sides: an entry that overflows the stack would stop every member. */
export function expectDepth(depth: number): void {
  if (depth > limits.txnDepthMax)
    throw new KeeperError('E_TOO_LARGE', `transactions nest deeper than ${limits.txnDepthMax}`)
}

export function readCode<T>(from: ByteReader, table: readonly T[], what: string): T {
  const code = from.byte()
  const word = table[code]
  if (word === undefined) throw unknown(what, code)
  return word
}
