import type { LoadedPart } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import type { BlobPiece } from '../store/types.js'

/** A value that lies in a store in pieces, which are read as they are sent. */
export class StoredValue implements LoadedPart {
  readonly length: number
  readonly #pieces: readonly BlobPiece[]
  readonly #blob: (hash: string) => Uint8Array | undefined
  /** Each piece is in memory once, as long as it is under way to anybody. */
  readonly #known: (Lent | undefined)[] = []

  constructor(pieces: readonly BlobPiece[], blob: (hash: string) => Uint8Array | undefined) {
    this.length = pieces.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#pieces = pieces
    this.#blob = blob
  }

  get pieces(): number {
    return this.#pieces.length
  }

  /** Views of pieces. Throws as the store does, and E_UNAVAILABLE where one is gone: then there is a newer value. */
  read(from: number, to: number): Uint8Array[] {
    const found: Uint8Array[] = []
    let start = 0
    for (const [at, { bytes }] of this.#pieces.entries()) {
      const [begin, end] = [Math.max(from - start, 0), Math.min(to - start, bytes)]
      if (begin < end) found.push(this.#read(at).subarray(begin, end))
      start += bytes
    }
    return found
  }

  #read(at: number): Uint8Array {
    const known = this.#known[at]
    const lent = known?.buffer.deref()
    if (known && lent) return new Uint8Array(lent, known.offset, known.length)
    const { hash } = this.#pieces[at] as BlobPiece
    const bytes = this.#blob(hash)
    if (!bytes) throw new KeeperError('E_UNAVAILABLE', `a piece of the value is gone while it is sent: ${hash}`)
    const { buffer, byteOffset: offset, length } = bytes
    this.#known[at] = { buffer: new WeakRef(buffer), offset, length }
    return bytes
  }
}

/** Views come and go, what they lie in stays as long as one of them. */
interface Lent {
  readonly buffer: WeakRef<ArrayBufferLike>
  readonly offset: number
  readonly length: number
}
