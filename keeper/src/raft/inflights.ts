/** The window of MsgApps sent to one follower and not acknowledged: bounded by count and by bytes. */
export class Inflights {
  readonly #messagesMax: number
  readonly #bytesMax: number
  /** Last index of each message, ascending; those before #head are freed. */
  #indexes: number[] = []
  #sizes: number[] = []
  #head = 0
  #bytes = 0

  constructor(messagesMax: number, bytesMax: number) {
    this.#messagesMax = messagesMax
    this.#bytesMax = bytesMax
  }

  get count(): number {
    return this.#indexes.length - this.#head
  }

  /** No further message may be sent. The byte limit may be passed by one message, so that a large one passes too. */
  get full(): boolean {
    return this.count >= this.#messagesMax || this.#bytes >= this.#bytesMax
  }

  add(lastIndex: number, bytes: number): void {
    this.#indexes.push(lastIndex)
    this.#sizes.push(bytes)
    this.#bytes += bytes
  }

  /** Frees every message whose last index is ≤ `index`. */
  freeTo(index: number): void {
    while (this.count > 0 && (this.#indexes[this.#head] as number) <= index) {
      this.#bytes -= this.#sizes[this.#head] as number
      this.#head++
    }
    if (this.count === 0) this.reset()
    else if (this.#head > 1_024) this.#dropFreed()
  }

  reset(): void {
    this.#indexes = []
    this.#sizes = []
    this.#head = 0
    this.#bytes = 0
  }

  #dropFreed(): void {
    this.#indexes = this.#indexes.slice(this.#head)
    this.#sizes = this.#sizes.slice(this.#head)
    this.#head = 0
  }
}
