import { type Push__Output, type PushChunk__Output, push, toSafe } from '@keeper/proto/wire'
import { KeeperClientError } from '../errors.js'
import { limits } from '../limits.js'

/** Puts a push together that came in pieces. Memory is taken as pieces come, never as they are announced. */
export class ChunkAssembler {
  #pieces: Buffer[] = []
  #received = 0
  #total = 0

  /** The push once its last piece is there. Throws E_FRAME_GARBAGE or E_TOO_LARGE on what cannot be one. */
  add(chunk: PushChunk__Output): Push__Output | undefined {
    const offset = toSafe(chunk.offset)
    if (offset === 0) this.clear(toSafe(chunk.totalBytes))
    this.#check(chunk, offset)
    this.#pieces.push(chunk.bytes)
    this.#received += chunk.bytes.length
    return this.#received === this.#total ? this.#finish() : undefined
  }

  clear(total = 0): void {
    this.#pieces = []
    this.#received = 0
    this.#total = total
  }

  #check(chunk: PushChunk__Output, offset: number): void {
    if (this.#total > limits.pushBytesMax) {
      throw new KeeperClientError('E_TOO_LARGE', `a push of ${this.#total} bytes: at most ${limits.pushBytesMax}`)
    }
    const fits =
      chunk.bytes.length > 0 &&
      offset === this.#received &&
      toSafe(chunk.totalBytes) === this.#total &&
      offset + chunk.bytes.length <= this.#total
    if (!fits) {
      throw new KeeperClientError('E_FRAME_GARBAGE', `a piece at ${offset} where ${this.#received} was due`)
    }
  }

  #finish(): Push__Output {
    const bytes = Buffer.concat(this.#pieces)
    this.clear()
    return push.decode(bytes)
  }
}
