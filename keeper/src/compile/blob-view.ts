import { type LargeBytes, wholeOf } from '../base/large-bytes.js'
import { blobsOfPlain, type LargePlain } from './plain-blobs.js'
import type { CompiledBlobs } from './types.js'

/**
 * The blobs of many configs as one map, without copying them together before somebody looks for one. A hash names its
 * bytes, so it does not matter whose are found.
 */
export class BlobView implements CompiledBlobs {
  readonly #parts: readonly ReadonlyMap<string, Uint8Array>[]
  readonly #large: ReadonlyMap<string, LargeBytes>
  #whole: ReadonlyMap<string, Uint8Array> | undefined

  constructor(parts: readonly ReadonlyMap<string, Uint8Array>[], large: readonly LargePlain[] = []) {
    this.#parts = parts
    this.#large = new Map(large.flatMap((one) => [...blobsOfPlain(one)]))
  }

  large(hash: string): LargeBytes | undefined {
    return this.#large.get(hash)
  }

  get size(): number {
    return this.#all().size
  }

  get(hash: string): Uint8Array | undefined {
    const large = this.#large.get(hash)
    return large ? wholeOf(large) : this.#all().get(hash)
  }

  has(hash: string): boolean {
    return this.#large.has(hash) || this.#all().has(hash)
  }

  forEach(visit: (bytes: Uint8Array, hash: string, map: ReadonlyMap<string, Uint8Array>) => void): void {
    for (const [hash, bytes] of this) visit(bytes, hash, this)
  }

  entries(): MapIterator<[string, Uint8Array]> {
    return this.#all().entries()
  }

  keys(): MapIterator<string> {
    return this.#all().keys()
  }

  values(): MapIterator<Uint8Array> {
    return this.#all().values()
  }

  [Symbol.iterator](): MapIterator<[string, Uint8Array]> {
    return this.entries()
  }

  #all(): ReadonlyMap<string, Uint8Array> {
    if (this.#whole) return this.#whole
    const whole = new Map<string, Uint8Array>()
    for (const part of this.#parts) for (const [hash, bytes] of part) whole.set(hash, bytes)
    this.#whole = whole
    return whole
  }
}
