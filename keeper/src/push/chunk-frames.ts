import { lengthOf, type Parts, partsOfChunk } from '@keeper/proto'
import { largeBytesDied, largeWorkDone } from '../base/garbage.js'
import type { EncodedFrame } from './types.js'

/** The frames of one push, in order. */
export type Frames = Pick<readonly EncodedFrame[], 'length' | 'at'>

/**
 * A serialized Push as PushChunk frames. Each is made when a session comes to it, and is the same for all who come to it in
 * that turn of the event loop. Its bytes are those of the values themselves, or are read for it: being under way, to however
 * many, takes no more.
 */
export class ChunkFrames implements Frames {
  readonly length: number
  readonly #push: Parts
  readonly #chunkBytes: number
  readonly #made = new Map<number, EncodedFrame>()
  readonly #bytesInMemory: number

  constructor(push: Parts, chunkBytes: number) {
    this.#push = withSmallJoined(push, chunkBytes)
    this.#chunkBytes = chunkBytes
    this.length = Math.ceil(lengthOf(push) / chunkBytes)
    this.#bytesInMemory = lengthOf(push.filter((part) => part instanceof Uint8Array))
  }

  at(index: number): EncodedFrame | undefined {
    if (index < 0 || index >= this.length) return undefined
    const known = this.#made.get(index)
    if (known) return known
    if (this.#made.size === 0) setImmediate(() => this.#made.clear()).unref()
    const frame = this.#make(index * this.#chunkBytes)
    if (index === this.length - 1) this.#done()
    this.#made.set(index, frame)
    return frame
  }

  #make(offset: number): EncodedFrame {
    const [bytes, ...rest] = partsOfChunk(this.#push, offset, this.#chunkBytes)
    return { bytes, rest }
  }

  /** The values die with the last frame of the last who came, soon. */
  #done(): void {
    largeBytesDied(this.#bytesInMemory)
    largeWorkDone()
  }
}

/** Small neighbours in one buffer: each chunk walks through the parts, and there may be thousands of small values. */
function withSmallJoined(parts: Parts, smallBytesMax: number): Parts {
  const joined: Parts[number][] = []
  let small: Uint8Array[] = []
  for (const part of [...parts, undefined]) {
    if (part instanceof Uint8Array && part.length < smallBytesMax) {
      small.push(part)
      continue
    }
    if (small.length > 0) joined.push(Buffer.concat(small))
    small = []
    if (part) joined.push(part)
  }
  return joined
}
