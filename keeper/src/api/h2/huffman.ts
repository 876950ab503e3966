import { ConnectionError, ErrorCode } from './frames.js'

/**
 * The Huffman code of HPACK (RFC 7541, appendix B). It is canonical: the lengths of the codes say all. One number per
 * symbol, 256 octets and then EOS.
 */
const codeBits: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
]

const EOS = 256
const BITS_MAX = 30

/** Codes of one length are consecutive; so are their symbols in `symbols`. */
interface LengthClass {
  readonly firstCode: number
  readonly count: number
  readonly firstSymbol: number
}

function canonical(): { symbols: number[]; classes: LengthClass[] } {
  const symbols: number[] = []
  const classes: LengthClass[] = []
  let code = 0
  for (let bits = 0; bits <= BITS_MAX; bits++) {
    const own = [...codeBits.keys()].filter((symbol) => codeBits[symbol] === bits)
    classes.push({ firstCode: code, count: own.length, firstSymbol: symbols.length })
    symbols.push(...own)
    code = (code + own.length) * 2
  }
  return { symbols, classes }
}

const { symbols, classes } = canonical()

/** The octets of a Huffman-coded string. Throws ConnectionError: padding that is none, or EOS inside. */
export function huffmanDecode(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(Math.floor((bytes.length * 8) / 5))
  let length = 0
  let code = 0
  let bits = 0
  for (const byte of bytes) {
    for (let shift = 7; shift >= 0; shift--) {
      code = code * 2 + ((byte >> shift) & 1)
      const symbol = symbolOf(code, ++bits)
      if (symbol === undefined) continue
      if (symbol === EOS) throw new ConnectionError(ErrorCode.compression, 'EOS inside a string')
      out[length++] = symbol
      code = bits = 0
    }
  }
  if (bits > 7 || code !== 2 ** bits - 1) throw new ConnectionError(ErrorCode.compression, 'wrong Huffman padding')
  return out.subarray(0, length)
}

function symbolOf(code: number, bits: number): number | undefined {
  const own = classes[bits]
  if (!own || code - own.firstCode >= own.count) return undefined
  return symbols[own.firstSymbol + code - own.firstCode]
}
