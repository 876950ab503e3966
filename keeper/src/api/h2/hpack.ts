/** HPACK, RFC 7541: header blocks of the peer into fields, and ours into blocks that need no table. */

import { limits } from '../../base/limits.js'
import { ConnectionError, ErrorCode, HEADER_TABLE_DEFAULT } from './frames.js'
import { huffmanDecode } from './huffman.js'
import { staticTable } from './static-table.js'

export type Field = readonly [name: string, value: string]

/** What RFC 7541 (4.1) and RFC 9113 (6.5.2) count for a field beyond its octets. */
const FIELD_OVERHEAD_BYTES = 32

const sizeOf = ([name, value]: Field): number => name.length + value.length + FIELD_OVERHEAD_BYTES

const broken = (message: string) => new ConnectionError(ErrorCode.compression, message)

/** Decodes the header blocks of one connection, in their order. */
export class HpackDecoder {
  /** Newest first. */
  #dynamic: Field[] = []
  /** Sum of `sizeOf` over `#dynamic`; ≤ `#sizeMax` ≤ `#allowed`. */
  #size = 0
  #sizeMax: number
  #allowed: number

  constructor(allowed: number = HEADER_TABLE_DEFAULT) {
    this.#allowed = this.#sizeMax = allowed
  }

  get tableSize(): number {
    return this.#size
  }

  /** The table that the peer may use from now on: what it acknowledged. */
  allow(bytes: number): void {
    this.#allowed = bytes
    this.#resize(Math.min(this.#sizeMax, bytes))
  }

  /**
   * The fields of one whole block, as Latin-1 text. Throws ConnectionError: COMPRESSION_ERROR for bytes that are no
   * header block, ENHANCE_YOUR_CALM for more than limits.h2HeaderListBytesMax of fields.
   */
  decode(block: Buffer): Field[] {
    const reader = new BlockReader(block)
    const fields: Field[] = []
    let bytes = 0
    while (!reader.done) {
      const field = this.#next(reader, fields.length === 0)
      if (!field) continue
      bytes += sizeOf(field)
      if (bytes > limits.h2HeaderListBytesMax)
        throw new ConnectionError(ErrorCode.enhanceYourCalm, 'too large a header list')
      fields.push(field)
    }
    return fields
  }

  #next(reader: BlockReader, first: boolean): Field | undefined {
    const byte = reader.peek()
    if (byte & 0x80) return this.#at(reader.integer(7))
    if (byte & 0x40) return this.#insert(this.#literal(reader, 6))
    if ((byte & 0x20) === 0) return this.#literal(reader, 4)
    if (!first) throw broken('a change of the table size after a field')
    const size = reader.integer(5)
    if (size > this.#allowed) throw broken('a table larger than allowed')
    this.#resize(size)
    return undefined
  }

  #literal(reader: BlockReader, prefixBits: number): Field {
    const index = reader.integer(prefixBits)
    const name = index === 0 ? reader.text() : this.#at(index)[0]
    return [name, reader.text()]
  }

  #at(index: number): Field {
    const field = index <= staticTable.length ? staticTable[index - 1] : this.#dynamic[index - staticTable.length - 1]
    if (!field) throw broken(`no field has index ${index}`)
    return field
  }

  #insert(field: Field): Field {
    this.#dynamic.unshift(field)
    this.#size += sizeOf(field)
    this.#evict()
    return field
  }

  #resize(bytes: number): void {
    this.#sizeMax = bytes
    this.#evict()
  }

  #evict(): void {
    while (this.#size > this.#sizeMax) {
      const oldest = this.#dynamic.pop()
      this.#size -= oldest ? sizeOf(oldest) : this.#size
    }
  }
}

/** Reads the primitives of a block: RFC 7541, section 5. */
class BlockReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  peek(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw broken('a header block that is cut off')
    return byte
  }

  /** No block of ours is longer than 2^21, so four octets say all that can be meant. */
  integer(prefixBits: number): number {
    const mask = 2 ** prefixBits - 1
    let value = this.#octet() & mask
    if (value < mask) return value
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#octet()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw broken('too large an integer')
  }

  text(): string {
    const huffman = (this.peek() & 0x80) !== 0
    const length = this.integer(7)
    const end = this.#at + length
    if (end > this.#bytes.length) throw broken('a string longer than its block')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return (huffman ? huffmanDecode(bytes) : bytes).toString('latin1')
  }

  #octet(): number {
    const byte = this.peek()
    this.#at++
    return byte
  }
}

/** A header block of literals that are never put in a table; names and values are ASCII. */
export function encodeFields(fields: Iterable<Field>): Buffer {
  const parts: Buffer[] = []
  for (const [name, value] of fields) parts.push(Buffer.of(0), encodeText(name), encodeText(value))
  return Buffer.concat(parts)
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([encodeLength(bytes.length), bytes])
}

function encodeLength(length: number): Buffer {
  if (length < 127) return Buffer.of(length)
  const octets = [127]
  let rest = length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128)
  return Buffer.from([...octets, rest])
}
