/** Bytes by bytes in key order, in memory. Keys are kept as latin1 strings, whose order is that of the bytes. */
export class SortedBytes {
  readonly #values = new Map<string, Uint8Array>()
  /** Every key there is, and perhaps some that are gone; in order unless `#dirty`. */
  #keys: string[] = []
  #dirty = false

  get size(): number {
    return this.#values.size
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(latin1(key))
  }

  set(key: Uint8Array, value: Uint8Array): void {
    const text = latin1(key)
    if (!this.#values.has(text)) {
      if (text < (this.#keys.at(-1) ?? '')) this.#dirty = true
      this.#keys.push(text)
    }
    this.#values.set(text, value)
  }

  delete(key: Uint8Array): void {
    if (this.#values.delete(latin1(key))) this.#dirty = true
  }

  /** The records with low ≤ key < high as they are now. */
  range(low?: Uint8Array, high?: Uint8Array): { key: Uint8Array; value: Uint8Array }[] {
    const found: { key: Uint8Array; value: Uint8Array }[] = []
    const keys = this.#sorted()
    const end = high && latin1(high)
    for (let at = low ? firstFrom(keys, latin1(low)) : 0; at < keys.length; at++) {
      const key = keys[at]
      if (key === undefined || (end !== undefined && key >= end)) break
      const value = this.#values.get(key)
      if (value) found.push({ key: Buffer.from(key, 'latin1'), value })
    }
    return found
  }

  #sorted(): readonly string[] {
    if (this.#dirty) this.#keys = [...this.#values.keys()].sort()
    this.#dirty = false
    return this.#keys
  }
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

function firstFrom(keys: readonly string[], low: string): number {
  let from = 0
  let to = keys.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((keys[middle] ?? '') < low) from = middle + 1
    else to = middle
  }
  return from
}
