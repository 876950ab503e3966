import { staticTable } from '../../../keeper/src/api/h2/static-table.js'

export type Field = readonly [name: string, value: string]

/** HPACK blocks (RFC 7541) whose fields go into the peer's table the first time, and as one octet from then on. */
export class HeaderWriter {
  readonly #inserted = new Map<string, number>()
  /** Blocks of nothing but indexes, good until another field goes into the table. */
  readonly #settled = new Map<readonly Field[], Buffer>()

  /** The same array of fields is looked up once only. */
  block(fields: readonly Field[]): Buffer {
    const settled = this.#settled.get(fields)
    if (settled) return settled
    const before = this.#inserted.size
    const block = Buffer.concat(fields.map((field) => this.#field(field)))
    if (this.#inserted.size === before) this.#settled.set(fields, block)
    else this.#settled.clear()
    return block
  }

  #field([name, value]: Field): Buffer {
    const constant = staticTable.findIndex((one) => one[0] === name && one[1] === value)
    if (constant >= 0) return Buffer.of(0x80 | (constant + 1))
    const known = this.#inserted.get(`${name} ${value}`)
    if (known !== undefined) return Buffer.of(0x80 | (staticTable.length + this.#inserted.size - known))
    this.#inserted.set(`${name} ${value}`, this.#inserted.size)
    return Buffer.concat([Buffer.of(0x40), short(name), short(value)])
  }
}

/** A text of less than 127 octets, not Huffman-coded. */
const short = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text, 'latin1')])
