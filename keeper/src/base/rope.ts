/**
 * Bytes in parts that are loaded as somebody comes to them, one at a time: who goes through a large value from its begin to its
 * end need not have it in memory.
 */

export interface RopePart {
  readonly length: number
  /** Names its bytes: those of another part with the same name are the same. */
  readonly name?: string
  /** How many are loaded for it; by default its own. */
  readonly loadedLength?: number
  /** Its bytes; asked again when somebody comes back to them. They may lie in `memory`, until the next part is loaded. */
  load(memory: () => Uint8Array): Uint8Array
}

const loadedLengthOf = ({ length, loadedLength = length }: RopePart): number => loadedLength

export class Rope {
  readonly length: number
  readonly #parts: readonly RopePart[]
  /** Of each part, where it begins. */
  readonly #starts: Float64Array
  /** The part that was loaded last. */
  #bytes: Buffer = Buffer.alloc(0)
  #from = 0
  #to = 0
  #memory: Buffer | undefined

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

  /** Those bytes; a copy where they lie in several parts. They may be others once another part is loaded. */
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
      const loadedLength = loadedLengthOf(part)
      const name = low === 0 && high === part.length ? part.name : undefined
      return low < high
        ? [
            {
              length: high - low,
              loadedLength,
              ...(name !== undefined && { name }),
              load: (memory) => part.load(memory).subarray(low, high),
            },
          ]
        : []
    })
    return new Rope(parts)
  }

  /** So many bytes from `index` on are the same as those of `other` from `its` on, as far as names of parts tell. */
  namedAlike(index: number, other: Rope, its: number): number {
    if (index >= this.length || its >= other.length) return 0
    let [at, there] = [this.#partAt(index), other.#partAt(its)]
    if (index - (this.#starts[at] as number) !== its - (other.#starts[there] as number)) return 0
    let end = index
    for (; this.#parts[at]?.name !== undefined && this.#parts[at]?.name === other.#parts[there]?.name; at++, there++)
      end = (this.#starts[at] as number) + (this.#parts[at]?.length ?? 0)
    return end - index
  }

  readonly #memoryOf = (): Buffer => {
    this.#memory ??= Buffer.allocUnsafeSlow(this.#parts.reduce((most, part) => Math.max(most, loadedLengthOf(part)), 0))
    return this.#memory
  }

  #partAt(index: number): number {
    let [low, high] = [0, this.#parts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] as number) <= index) low = middle
      else high = middle - 1
    }
    return low
  }

  #load(index: number): void {
    const low = this.#partAt(index)
    const { buffer, byteOffset, length } = (this.#parts[low] as RopePart).load(this.#memoryOf)
    this.#bytes = Buffer.from(buffer, byteOffset, length)
    this.#from = this.#starts[low] as number
    this.#to = this.#from + length
  }
}
