import { limits } from '../base/limits.js'

/** The blobs read lately, but for large ones: by hash, so that none can be out of date. */
export class BlobCache {
  /** The one used longest ago first. */
  readonly #blobs = new Map<string, Buffer>()
  #bytes = 0

  get(hash: string): Buffer | undefined {
    const found = this.#blobs.get(hash)
    if (!found) return undefined
    this.#blobs.delete(hash)
    this.#blobs.set(hash, found)
    return found
  }

  /** Gives what it was given. */
  add(hash: string, blob: Buffer): Buffer {
    if (blob.length > limits.blobCachedBytesMax) return blob
    this.#blobs.set(hash, blob)
    this.#bytes += blob.length
    for (const [oldest, { length }] of this.#blobs) {
      if (this.#bytes <= limits.blobCacheBytes) break
      this.#blobs.delete(oldest)
      this.#bytes -= length
    }
    return blob
  }
}
