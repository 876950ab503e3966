/** Something of a known length that comes in pieces; holds no more than twice the bytes that came. */
export class Assembly {
  #bytes: Buffer
  #length = 0
  #wanted: number

  constructor(wanted: number) {
    this.#wanted = wanted
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(wanted, 64))
  }

  get complete(): boolean {
    return this.#length === this.#wanted
  }

  get wanted(): number {
    return this.#wanted
  }

  /** What came so far; the caller's from when it is complete. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Its length is known only now that the beginning is there; not less than what came. */
  want(bytes: number): void {
    this.#wanted = bytes
  }

  /** Takes what is missing out of `chunk` between `from` and `end`; gives where the rest of the chunk begins. */
  fill(chunk: Buffer, from: number, end: number = chunk.length): number {
    const taken = Math.min(end - from, this.#wanted - this.#length)
    this.#reserve(this.#length + taken)
    chunk.copy(this.#bytes, this.#length, from, from + taken)
    this.#length += taken
    return from + taken
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#wanted, Math.max(bytes, this.#bytes.length * 2)))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
