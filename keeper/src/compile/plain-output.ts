/** So many bytes are handed on together. */
const HANDED_BYTES = 64 * 1024

/** Values are made one after the other. */
const memory = Buffer.allocUnsafeSlow(HANDED_BYTES)

/** Takes the bytes of a value as they are made, and hands them on many at a time. */
export class Output {
  /** How many came, those with which it began among them. */
  written: number
  /** Nobody wants what comes behind these. */
  readonly most: number
  readonly #hand: (bytes: Buffer) => void
  readonly #bytes = memory
  #end = 0

  /** What is given to `hand` is written over afterwards. */
  constructor(hand: (bytes: Buffer) => void, written = 0, most = Number.POSITIVE_INFINITY) {
    this.#hand = hand
    this.written = written
    this.most = most
  }

  get isEnough(): boolean {
    return this.written >= this.most
  }

  byte(byte: number): void {
    if (this.#end === this.#bytes.length) this.end()
    this.#bytes[this.#end++] = byte
    this.written++
  }

  copy(from: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      if (this.#end === this.#bytes.length) this.end()
      const stop = Math.min(end, at + this.#bytes.length - this.#end)
      const bytes = this.#bytes
      let to = this.#end
      while (at < stop) bytes[to++] = from[at++] as number
      this.written += to - this.#end
      this.#end = to
    }
  }

  /** Hands on what is left. */
  end(): void {
    if (this.#end > 0) this.#hand(this.#bytes.subarray(0, this.#end))
    this.#end = 0
  }
}
