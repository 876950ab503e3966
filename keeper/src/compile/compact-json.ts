import { isUtf8 } from 'node:buffer'
import { limits } from '../base/limits.js'
import { FileWindow } from './file-window.js'
import { keyProblem } from './keys.js'
import { numberProblem } from './number.js'
import type { Marks } from './plain-marks.js'
import type { Output } from './plain-output.js'
import type { Readable } from './types.js'

/**
 * How many spaces there are in a JSON file that is canonical but for them; undefined where it has anything else, an error or an
 * escape or a key that is not in order, which is the parser's to read, or a placeholder. No value is made of it: a list of
 * hundreds of thousands of words would be several times its size in memory.
 */
export function spacesInJson(file: Readable, windowBytes?: number): number | undefined {
  const scan = new JsonScan(new FileWindow(file, 0, windowBytes))
  return scan.document() ? scan.spaces : undefined
}

const [QUOTE, COMMA, COLON, BACKSLASH, DOLLAR] = [0x22, 0x2c, 0x3a, 0x5c, 0x24]
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
  #bytes: Buffer
  readonly #window: FileWindow

  constructor(window: FileWindow) {
    this.#window = window
    this.#bytes = window.bytes
  }

  document(): boolean {
    this.#space()
    const first = this.#bytes[this.#at]
    if ((first !== OPEN && first !== OPEN_LIST) || !this.#value(0)) return false
    this.#space()
    return this.#at === this.#bytes.length && this.#window.isLast
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
    let high = 0
    for (let end = this.#at + 1; end < bytes.length; end++) {
      const byte = bytes[end] as number
      high |= byte
      if (byte === QUOTE) {
        if (high >= 0x80 && !isUtf8(bytes.subarray(this.#at, end))) return false
        this.#at = end + 1
        return true
      }
      if (byte < 0x20 || (byte === BACKSLASH && !escapes.has(bytes[++end]))) return false
      if (byte === DOLLAR && bytes[end + 1] === OPEN) return false
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

  /** Behind it stands all that the next token can need, as long as that is no longer than half a window. */
  #space(): void {
    for (;;) {
      const start = this.#at
      while (isSpace(this.#bytes[this.#at])) this.#at++
      this.spaces += this.#at - start
      if (!this.#window.isShortAt(this.#at)) return
      this.#window.slide(this.#at)
      this.#bytes = this.#window.bytes
      this.#at = 0
    }
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

/** Such a file without its spaces. It goes on at a mark, where there is one, and tells `marks` where it could go on later. */
export function writeCompact(
  file: Readable,
  out: Output,
  { from, marks, windowBytes }: { readonly from?: number; readonly marks?: Marks; readonly windowBytes?: number },
): void {
  const window = new FileWindow(file, from ?? 0, windowBytes)
  let inText = false
  for (let at = 0; at < window.bytes.length && !out.isEnough; ) {
    const { bytes } = window
    // of what the window ends with more may stand in the next one
    const stop = window.isLast ? bytes.length : Math.max(1, bytes.length - 1)
    for (; at < stop && !out.isEnough; at++) {
      const byte = bytes[at] as number
      if (!inText && isSpace(byte)) continue
      if (!inText) marks?.note(0, window.from + at, out.written)
      out.byte(byte)
      if (byte === QUOTE) inText = !inText
      else if (byte === BACKSLASH) out.byte(bytes[++at] as number)
    }
    if (window.isLast) return
    window.slide(at)
    at = 0
  }
}
