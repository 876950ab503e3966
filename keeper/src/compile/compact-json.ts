import { limits } from '../base/limits.js'
import { allocateShared } from '../base/shared-bytes.js'
import { keyProblem } from './keys.js'
import { numberProblem } from './number.js'

/**
 * The canonical JSON of a JSON file that has it already but for spaces: itself, where there are none. Undefined where it
 * has anything else, an error or an escape or a key that is not in order, which is the parser's to read. No value is made
 * of it: a list of hundreds of thousands of words would be several times its size in memory. `bytes` are UTF-8.
 */
export function compactJson(bytes: Uint8Array): Uint8Array | undefined {
  const scan = new JsonScan(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  if (!scan.document()) return undefined
  return scan.spaces === 0 ? bytes : withoutSpaces(bytes, bytes.length - scan.spaces)
}

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c]
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d]

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** What JSON.stringify writes after a backslash, but for `u`. */
const escapes: ReadonlySet<number | undefined> = new Set(Buffer.from('"\\bfnrt'))
const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/
const words = ['true', 'false', 'null']

/** Each method takes what stands at `at`, and is false where that is not for it. */
class JsonScan {
  spaces = 0
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  document(): boolean {
    this.#space()
    const first = this.#bytes[this.#at]
    if ((first !== OPEN && first !== OPEN_LIST) || !this.#value(0)) return false
    this.#space()
    return this.#at === this.#bytes.length
  }

  #value(depth: number): boolean {
    const byte = this.#bytes[this.#at]
    if (byte === QUOTE) return this.#text()
    if (byte === OPEN || byte === OPEN_LIST) {
      if (depth >= limits.nestingDepthMax) return false
      return byte === OPEN ? this.#object(depth + 1) : this.#list(depth + 1)
    }
    return this.#word() || this.#number()
  }

  #list(depth: number): boolean {
    this.#at++
    this.#space()
    if (this.#take(CLOSE_LIST)) return true
    do {
      this.#space()
      if (!this.#value(depth)) return false
      this.#space()
    } while (this.#take(COMMA))
    return this.#take(CLOSE_LIST)
  }

  #object(depth: number): boolean {
    this.#at++
    this.#space()
    if (this.#take(CLOSE)) return true
    let last: string | undefined
    do {
      this.#space()
      const key = this.#key()
      if (key === undefined || (last !== undefined && key <= last)) return false
      last = key
      this.#space()
      if (!this.#take(COLON)) return false
      this.#space()
      if (!this.#value(depth)) return false
      this.#space()
    } while (this.#take(COMMA))
    return this.#take(CLOSE)
  }

  #key(): string | undefined {
    const start = this.#at
    if (this.#bytes[start] !== QUOTE || !this.#text()) return undefined
    const key = JSON.parse(this.#bytes.toString('utf8', start, this.#at)) as string
    return key === '$delete' || keyProblem(key) ? undefined : key
  }

  #text(): boolean {
    const bytes = this.#bytes
    for (let end = this.#at + 1; end < bytes.length; end++) {
      const byte = bytes[end] as number
      if (byte === QUOTE) {
        this.#at = end + 1
        return true
      }
      if (byte < 0x20 || (byte === BACKSLASH && !escapes.has(bytes[++end]))) return false
    }
    return false
  }

  #word(): boolean {
    if (!isLetter(this.#bytes[this.#at])) return false
    const word = words.find((one) => this.#bytes.toString('latin1', this.#at, this.#at + one.length) === one)
    this.#at += word?.length ?? 0
    return word !== undefined
  }

  #number(): boolean {
    let end = this.#at
    while (isOfNumber(this.#bytes[end])) end++
    const literal = this.#bytes.toString('latin1', this.#at, end)
    const value = Number(literal)
    this.#at = end
    return numberPattern.test(literal) && JSON.stringify(value) === literal && !numberProblem(literal, value)
  }

  #space(): void {
    const start = this.#at
    while (isSpace(this.#bytes[this.#at])) this.#at++
    this.spaces += this.#at - start
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false
    this.#at++
    return true
  }
}

const isLetter = (byte = 0): boolean => byte >= 0x61 && byte <= 0x7a

/** Digits, and `+ - . e E`. */
const isOfNumber = (byte = 0): boolean =>
  (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x65 || byte === 0x45

/** `length`: of what is left. */
function withoutSpaces(bytes: Uint8Array, length: number): Uint8Array {
  const compact = allocateShared(length)
  let [end, inText] = [0, false]
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (!inText && isSpace(byte)) continue
    compact[end++] = byte
    if (byte === QUOTE) inText = !inText
    else if (byte === BACKSLASH) compact[end++] = bytes[++at] as number
  }
  return compact
}
