const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** Longer strings are left to the engine's decoder. */
const SHORT_STRING = 24

/** Reads protocol buffers; throws RangeError on what ends too early or is none. */
export class WireReader {
  readonly #buffer: Buffer
  #at: number

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = 0
  }

  get at(): number {
    return this.#at
  }

  get length(): number {
    return this.#buffer.length
  }

  /** A tag, a length, or a number below 2^32; a longer one loses its upper bits. */
  varint(): number {
    const buffer = this.#buffer
    const first = buffer[this.#at] ?? ended()
    this.#at++
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 70; shift += 7) {
      const byte = buffer[this.#at] ?? ended()
      this.#at++
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new RangeError('a number of more than 64 bits')
  }

  boolean(): boolean {
    return this.uint64() !== '0'
  }

  /** Decimal. */
  uint64(): string {
    const buffer = this.#buffer
    const first = buffer[this.#at] ?? ended()
    if (first < 0x80) {
      this.#at++
      return String(first)
    }
    const begin = this.#at
    let value = 0
    for (let scale = 1; scale < 2 ** 49; scale *= 0x80) {
      const byte = buffer[this.#at] ?? ended()
      this.#at++
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return String(value)
    }
    this.#at = begin
    return this.#large()
  }

  #large(): string {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#buffer[this.#at] ?? ended()
      this.#at++
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value).toString()
    }
    throw new RangeError('a number of more than 64 bits')
  }

  fixed64(): string {
    const at = this.#forward(8)
    return this.#zero(at) ? '0' : this.#buffer.readBigUInt64LE(at).toString()
  }

  sfixed64(): string {
    const at = this.#forward(8)
    return this.#zero(at) ? '0' : this.#buffer.readBigInt64LE(at).toString()
  }

  #zero(at: number): boolean {
    return this.#buffer.readUInt32LE(at) === 0 && this.#buffer.readUInt32LE(at + 4) === 0
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const length = this.varint()
    const at = this.#forward(length)
    return this.#buffer.subarray(at, at + length)
  }

  string(): string {
    const length = this.varint()
    const at = this.#forward(length)
    return (length <= SHORT_STRING && this.#ascii(at, length)) || this.#buffer.toString('utf8', at, at + length)
  }

  /** Undefined when there are other characters. */
  #ascii(at: number, length: number): string | undefined {
    let text = ''
    for (let index = at; index < at + length; index++) {
      const code = this.#buffer[index] ?? ended()
      if (code >= 0x80) return undefined
      text += String.fromCharCode(code)
    }
    return text
  }

  /** The end of a message inside one that ends at `end`, after its length. */
  inner(end: number): number {
    const length = this.varint()
    const inner = this.#at + length
    if (inner > end) ended()
    return inner
  }

  /** What a field of an unknown tag holds. */
  skip(tag: number): void {
    const type = tag & 7
    if (tag >>> 3 === 0) throw new RangeError('a field of number 0')
    if (type === WireType.varint) this.uint64()
    else if (type === WireType.fixed64) this.#forward(8)
    else if (type === WireType.bytes) this.#forward(this.varint())
    else if (type === WireType.fixed32) this.#forward(4)
    else throw new RangeError(`wire type ${type}`)
  }

  /** To be called where a message ends. */
  close(end: number): void {
    if (this.#at !== end) throw new RangeError('a field reaches past the end of its message')
  }

  #forward(bytes: number): number {
    const at = this.#at
    if (at + bytes > this.#buffer.length) ended()
    this.#at = at + bytes
    return at
  }
}

function ended(): never {
  throw new RangeError('a message ends too early')
}
