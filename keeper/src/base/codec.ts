/** Compact binary writing and reading, for entries, pages and records. Integers are LEB128 varints; all else is length-prefixed. */

import { KeeperError } from './errors.js'

const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder('utf-8', { fatal: true })

const shortMax = 48

function isShortAscii(value: string): boolean {
  if (value.length > shortMax) return false
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) >= 0x80) return false
  return true
}

const LARGE_BYTES_MIN = 64 * 1024
const ROOM_BEHIND = 8 * 1024

/** Appends values to a growing buffer. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
    return this
  }

  /** A safe non-negative integer. */
  uint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new KeeperError('E_INTERNAL', `not an unsigned safe integer: ${value}`)
    this.#reserve(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
    return this
  }

  /** A signed 64-bit integer, fixed 8 bytes little-endian. */
  int64(value: bigint): this {
    this.#reserve(8)
    this.#bytes.writeBigInt64LE(value, this.#length)
    this.#length += 8
    return this
  }

  /** An unsigned 32-bit integer, fixed 4 bytes little-endian. */
  uint32(value: number): this {
    this.#reserve(4)
    this.#bytes.writeUInt32LE(value >>> 0, this.#length)
    this.#length += 4
    return this
  }

  /** Bytes behind their length. */
  bytes(value: Uint8Array): this {
    this.uint(value.length)
    return this.raw(value)
  }

  /** Bytes alone. */
  raw(value: Uint8Array): this {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
    return this
  }

  /** UTF-8 behind its length in bytes. */
  text(value: string): this {
    return isShortAscii(value) ? this.#ascii(value) : this.bytes(textEncoder.encode(value))
  }

  #ascii(value: string): this {
    this.uint(value.length)
    this.#reserve(value.length)
    for (let at = 0; at < value.length; at++) this.#bytes[this.#length++] = value.charCodeAt(at)
    return this
  }

  boolean(value: boolean): this {
    return this.byte(value ? 1 : 0)
  }

  /** So many zeros. */
  zeros(count: number): this {
    this.#reserve(count)
    this.#bytes.fill(0, this.#length, this.#length + count)
    this.#length += count
    return this
  }

  /** Writes over an integer that `uint32` put at `at`. */
  patchUint32(at: number, value: number): void {
    this.#bytes.writeUInt32LE(value >>> 0, at)
  }

  /** What was written so far, or since `from`; valid until the next write. */
  finish(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#length)
  }

  /** Goes on at `length`, in the same buffer: what `finish` gave of what stood behind is overwritten. */
  truncate(length: number): this {
    this.#length = length
    return this
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const needed = this.#length + count
    // behind a large value there is room for what usually follows it: else that alone would double the buffer
    const grown = Buffer.allocUnsafe(
      Math.max(this.#bytes.length * 2, needed < LARGE_BYTES_MIN ? needed : needed + ROOM_BEHIND),
    )
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

/** Reads what ByteWriter wrote; anything else throws E_CORRUPT. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.#bytes[this.#take(1)] as number
  }

  uint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break
        return value
      }
      scale *= 128
    }
    throw new KeeperError('E_CORRUPT', 'integer over 2^53')
  }

  int64(): bigint {
    return this.#bytes.readBigInt64LE(this.#take(8))
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    return this.raw(this.uint())
  }

  /** A view, not a copy. */
  raw(count: number): Buffer {
    const at = this.#take(count)
    return this.#bytes.subarray(at, at + count)
  }

  skip(count: number): void {
    this.#take(count)
  }

  text(): string {
    const count = this.uint()
    return this.#ascii(count) ?? this.#utf8(count)
  }

  /** Most texts are short names: a decoder costs more than they do. */
  #ascii(count: number): string | undefined {
    if (count > shortMax || count > this.remaining) return undefined
    const end = this.#at + count
    for (let at = this.#at; at < end; at++) if ((this.#bytes[at] as number) >= 0x80) return undefined
    const text = this.#bytes.toString('latin1', this.#at, end)
    this.#at = end
    return text
  }

  #utf8(count: number): string {
    try {
      return textDecoder.decode(this.raw(count))
    } catch (cause) {
      if (cause instanceof KeeperError) throw cause
      throw new KeeperError('E_CORRUPT', 'text is not UTF-8', {}, { cause })
    }
  }

  boolean(): boolean {
    return this.byte() !== 0
  }

  #take(count: number): number {
    const at = this.#at
    if (count > this.#bytes.length - at)
      throw new KeeperError('E_CORRUPT', `record ends ${count - (this.#bytes.length - at)} bytes early`)
    this.#at = at + count
    return at
  }
}

export const encodeText = (text: string): Uint8Array => textEncoder.encode(text)
export const decodeText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
