import { limits } from '../base/limits.js'
import { asBuffer } from './page.js'

/** So many large ones are remembered, as long as somebody has them. */
const REMEMBERED_MAX = 64

/** The blobs read lately, of large ones those that somebody still has: by hash, so that none can be out of date. */
export class BlobCache {
  /** The one used longest ago first. */
  readonly #blobs = new Map<string, Buffer>()
  readonly #large = new Map<string, WeakRef<Uint8Array>>()
  #bytes = 0

  get(hash: string): Buffer | undefined {
    const found = this.#blobs.get(hash)
    if (!found) return this.#remembered(hash)
    this.#blobs.delete(hash)
    this.#blobs.set(hash, found)
    return found
  }

  /** Gives what it was given. */
  add(hash: string, blob: Buffer): Buffer {
    if (blob.length > limits.blobCachedBytesMax) return this.remember(hash, blob)
    this.#blobs.set(hash, blob)
    this.#bytes += blob.length
    for (const [oldest, { length }] of this.#blobs) {
      if (this.#bytes <= limits.blobCacheBytes) break
      this.#blobs.delete(oldest)
      this.#bytes -= length
    }
    return blob
  }

  /** A large blob that lives as long as others have it. */
  remember<B extends Uint8Array>(hash: string, blob: B): B {
    this.#large.delete(hash)
    this.#large.set(hash, new WeakRef(blob))
    for (const [oldest] of this.#large) {
      if (this.#large.size <= REMEMBERED_MAX) break
      this.#large.delete(oldest)
    }
    return blob
  }

  #remembered(hash: string): Buffer | undefined {
    const blob = this.#large.get(hash)?.deref()
    return blob && asBuffer(blob)
  }
}
