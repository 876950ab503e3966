/**
 * Bytes in parts that are loaded as somebody comes to them, one at a time: who goes through a large value from its begin to its
 * end need not have it in memory.
 */

export interface RopePart {
  readonly length: number
  /** Its bytes; asked again when somebody comes back to them. */
  load(): Uint8Array
}

export class Rope {
  readonly length: number
  readonly #parts: readonly RopePart[]
  /** Of each part, where it begins. */
  readonly #starts: Float64Array
  /** The part that was loaded last. */
  #bytes: Buffer = Buffer.alloc(0)
  #from = 0
  #to = 0

  constructor(parts: readonly RopePart[]) {
    this.#parts = parts.filter(({ length }) => length > 0)
    this.#starts = new Float64Array(this.#parts.length)
    let length = 0
    for (const [at, part] of this.#parts.entries()) {
      this.#starts[at] = length
      length += part.length
    }
    this.length = length
  }

  static of(bytes: Uint8Array): Rope {
    return new Rope([{ length: bytes.length, load: () => bytes }])
  }

  /** Undefined behind the end. */
  at(index: number): number | undefined {
    if (index < this.#from || index >= this.#to) {
      if (index < 0 || index >= this.length) return undefined
      this.#load(index)
    }
    return this.#bytes[index - this.#from]
  }

  /** The whole part in which `index` lies, that is less than `length`: for who goes through many bytes. */
  part(index: number): Buffer {
    if (index < this.#from || index >= this.#to) this.#load(index)
    return this.#bytes
  }

  /** Where the part that was asked for last begins. */
  get partStart(): number {
    return this.#from
  }

  /** Those bytes; a copy where they lie in several parts. */
  slice(from: number, to: number): Buffer {
    this.at(from)
    if (from >= this.#from && to <= this.#to) return this.#bytes.subarray(from - this.#from, to - this.#from)
    const copy = Buffer.allocUnsafeSlow(to - from)
    for (let at = from; at < to; at = this.#to) {
      this.at(at)
      this.#bytes.copy(copy, at - from, at - this.#from, Math.min(to, this.#to) - this.#from)
    }
    return copy
  }

  /** Those bytes alone, loaded as these are. */
  within(from: number, to: number): Rope {
    const parts = this.#parts.flatMap((part, at): RopePart[] => {
      const start = this.#starts[at] as number
      const [low, high] = [Math.max(0, from - start), Math.min(part.length, to - start)]
      return low < high ? [{ length: high - low, load: () => part.load().subarray(low, high) }] : []
    })
    return new Rope(parts)
  }

  #load(index: number): void {
    let [low, high] = [0, this.#parts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] as number) <= index) low = middle
      else high = middle - 1
    }
    const { buffer, byteOffset, length } = (this.#parts[low] as RopePart).load()
    this.#bytes = Buffer.from(buffer, byteOffset, length)
    this.#from = this.#starts[low] as number
    this.#to = this.#from + length
  }
}
