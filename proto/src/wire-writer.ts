/** A 64-bit field as it may be given: a number must be a safe integer, a string decimal. */
export type Long = string | number | bigint | { toString(): string }

/** What is kept between messages; a larger buffer is given away with its message. */
const SCRATCH_BYTES = 64 * 1024
const LENGTH_BYTES_MAX = 10
/** Longer strings are left to the engine's encoder. */
const SHORT_STRING = 40

const U32 = 2 ** 32

/**
 * Protocol buffers written from their end: when a message's length is to be written, the message stands there already.
 * Generated code writes fields from the last to the first, so that bytes come out in the order of field numbers.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #at = SCRATCH_BYTES

  /** Bytes written so far. */
  get size(): number {
    return this.#buffer.length - this.#at
  }

  /** All that was written, and begins anew. */
  finish(): Buffer {
    const [buffer, at] = [this.#buffer, this.#at]
    const kept = buffer.length === SCRATCH_BYTES
    if (!kept) this.#buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    this.#at = SCRATCH_BYTES
    if (!kept) return buffer.subarray(at)
    const whole = Buffer.allocUnsafe(SCRATCH_BYTES - at)
    whole.set(buffer.subarray(at))
    return whole
  }

  /** Forgets what was written, after an error. */
  reset(): void {
    if (this.#buffer.length !== SCRATCH_BYTES) this.#buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    this.#at = SCRATCH_BYTES
  }

  /** A tag below 128, or any other single byte. */
  byte(value: number): void {
    if (this.#at === 0) this.#grow(1)
    this.#buffer[--this.#at] = value
  }

  /** An unsigned safe integer. */
  varint(value: number): void {
    if (value < 0x80) {
      this.byte(value)
      return
    }
    if (this.#at < LENGTH_BYTES_MAX) this.#grow(LENGTH_BYTES_MAX)
    const buffer = this.#buffer
    let bytes = 2
    for (let rest = value / 0x4000; rest >= 1; rest /= 0x80) bytes++
    let at = this.#at - bytes
    this.#at = at
    let rest = value
    while (rest >= U32) {
      buffer[at++] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    while (rest >= 0x80) {
      buffer[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buffer[at] = rest
  }

  /** Throws RangeError for a number that is no safe unsigned integer. */
  uint64(value: Long): boolean {
    const number = typeof value === 'number' ? value : Number(value)
    if (number === 0) return false
    if (Number.isSafeInteger(number) && number > 0) {
      this.varint(number)
      return true
    }
    if (typeof value === 'number') throw new RangeError(`not a safe unsigned integer: ${value}`)
    this.#varint64(BigInt.asUintN(64, BigInt(value.toString())))
    return true
  }

  #varint64(value: bigint): void {
    const bytes: number[] = []
    for (let rest = value; ; rest >>= 7n) {
      if (rest < 0x80n) {
        bytes.push(Number(rest))
        break
      }
      bytes.push(Number(rest & 0x7fn) | 0x80)
    }
    for (const byte of bytes.reverse()) this.byte(byte)
  }

  /** Signed or not, eight bytes. Throws RangeError for a number that is no safe integer. */
  fixed64(value: Long): boolean {
    if (value === 0 || value === '0' || value === 0n) return false
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`)
    const exact = BigInt.asUintN(64, BigInt(value as string))
    if (exact === 0n) return false
    if (this.#at < 8) this.#grow(8)
    this.#at -= 8
    this.#buffer.writeBigUInt64LE(exact, this.#at)
    return true
  }

  /** With its length in front. */
  bytes(value: Uint8Array | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : value
    if (this.#at < bytes.length) this.#grow(bytes.length)
    this.#at -= bytes.length
    this.#buffer.set(bytes, this.#at)
    this.varint(bytes.length)
  }

  /** With its length in front. */
  string(value: string): void {
    if (value.length <= SHORT_STRING && this.#ascii(value)) {
      this.varint(value.length)
      return
    }
    const length = Buffer.byteLength(value)
    if (this.#at < length) this.#grow(length)
    this.#at -= length
    this.#buffer.write(value, this.#at, length, 'utf8')
    this.varint(length)
  }

  #ascii(value: string): boolean {
    if (this.#at < SHORT_STRING) this.#grow(SHORT_STRING)
    const buffer = this.#buffer
    const at = this.#at - value.length
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code >= 0x80) return false
      buffer[at + index] = code
    }
    this.#at = at
    return true
  }

  #grow(more: number): void {
    const old = this.#buffer.subarray(this.#at)
    const whole = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.size + more + LENGTH_BYTES_MAX))
    this.#at = whole.length - old.length
    whole.set(old, this.#at)
    this.#buffer = whole
  }
}
