/**
 * Checksums of the large records that stand on disk, so that whoever overwrites one need not read it. What is not known
 * here may stand there all the same.
 */

import { asBuffer } from './record.js'

/** A smaller record is quickly read, and there may be many. */
const RECORD_BYTES_MIN = 512

export const isLarge = (recordBytes: number): boolean => recordBytes >= RECORD_BYTES_MIN

const textOf = (key: Uint8Array): string => asBuffer(key).toString('latin1')

export class RecordSums {
  /** As signed numbers of 32 bits, for which V8 makes no object. */
  readonly #sums = new Map<string, number>()

  get(key: Uint8Array): number | undefined {
    const sum = this.#sums.get(textOf(key))
    return sum === undefined ? undefined : sum >>> 0
  }

  /** A record of so many bytes stands under `key` now. */
  set(key: Uint8Array, sum: number, bytes: number): void {
    if (isLarge(bytes)) this.#sums.set(textOf(key), sum | 0)
    else this.#sums.delete(textOf(key))
  }

  delete(key: Uint8Array): void {
    this.#sums.delete(textOf(key))
  }

  clear(): void {
    this.#sums.clear()
  }
}
