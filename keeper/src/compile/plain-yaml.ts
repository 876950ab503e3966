import { decodeText, encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { allocateShared } from '../base/shared-bytes.js'
import type { Json } from './json.js'
import { keyProblem } from './keys.js'

/**
 * The canonical JSON of a YAML file that is nothing but lists of plain words, or of text in double quotes, at the top or
 * under keys:
 *
 *     users:
 *       - alice
 *       - "bob b."
 *
 * by looking at one line after the other; undefined where it has anything else. The parser of all YAML takes ten times as
 * long for it, and some forty times its size in memory.
 */
export function plainYaml(bytes: Uint8Array): Uint8Array | undefined {
  const scan = new PlainScan(bytes)
  return scan.document() ? scan.json() : undefined
}

/** The value of such a file; undefined where it is small, too. */
export function plainYamlValue(text: string, charsMin: number = plainCharsMin): Json | undefined {
  const json = text.length < charsMin ? undefined : plainYaml(encodeText(text))
  return json && (JSON.parse(decodeText(json)) as Json)
}

const plainCharsMin = 256 * 1024

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d]
const [NEWLINE, SPACE, DASH, COLON, BACKSLASH] = [0x0a, 0x20, 0x2d, 0x3a, 0x5c]

/** Of the list under a key, or of the one at the top. */
interface List {
  readonly key: string
  /** Where its first line begins, and the one after its last. */
  readonly start: number
  end: number
  items: number
  /** Of its items as JSON. */
  bytes: number
}

class PlainScan {
  readonly #bytes: Uint8Array
  readonly #lists: List[] = []
  readonly #keys = new Set<string>()
  #indent = 0
  #values = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Is it nothing else? */
  document(): boolean {
    const bytes = this.#bytes
    for (let start = 0; start < bytes.length; ) {
      const end = endOfLine(bytes, start)
      const at = itemAt(bytes, start, end)
      if (at < 0 ? !this.#key(start, end) : !this.#item(start, at, end)) return false
      start = end + 1
    }
    return (this.#lists.at(-1)?.items ?? 0) > 0
  }

  /** Of a document. */
  json(): Uint8Array {
    const isObject = this.#keys.size > 0
    const lists = this.#lists.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    const sum = lists.reduce((bytes, one) => bytes + one.bytes + one.items + 1 + (isObject ? one.key.length + 4 : 0), 0)
    const json = allocateShared(isObject ? sum + 1 : sum)
    let end = 0
    for (const list of lists) {
      if (isObject) end = this.#writeKey(json, end, list.key)
      end = this.#writeItems(json, end, list)
    }
    if (isObject) json[end] = CLOSE
    return json
  }

  /** What stands from `at` to `end` behind a dash, in the line that begins at `start`. */
  #item(start: number, at: number, end: number): boolean {
    const indent = at - 2 - start
    if (this.#lists.length === 0) this.#open('', start)
    const list = this.#lists.at(-1) as List
    if (list.items === 0) this.#indent = indent
    const isText = this.#bytes[at] === QUOTE
    if (indent !== this.#indent || ++this.#values > limits.valuesPerFileMax - 2) return false
    if (isText ? !isPlainText(this.#bytes, at, end) : !isPlainWord(this.#bytes, at, end)) return false
    list.items++
    list.bytes += isText ? end - at : end - at + 2
    list.end = end + 1
    return true
  }

  #key(start: number, end: number): boolean {
    if (end - start > keyBytesMax || this.#bytes[end - 1] !== COLON) return false
    const key = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - 1 - start).toString('latin1')
    const last = this.#lists.at(-1)
    const isOpen = last !== undefined && (last.items === 0 || this.#keys.size === 0)
    if (isOpen || !keyPattern.test(key) || words.has(key.toLowerCase()) || keyProblem(key) || this.#keys.has(key))
      return false
    this.#values++
    this.#keys.add(key)
    this.#open(key, end + 1)
    return true
  }

  #open(key: string, start: number): void {
    this.#lists.push({ key, start, end: start, items: 0, bytes: 0 })
  }

  #writeKey(json: Uint8Array, at: number, key: string): number {
    json[at] = at === 0 ? OPEN : COMMA
    const text = Buffer.from(`"${key}":`, 'latin1')
    json.set(text, at + 1)
    return at + 1 + text.length
  }

  #writeItems(json: Uint8Array, at: number, { start, end }: List): number {
    const bytes = this.#bytes
    let to = at
    json[to++] = OPEN_LIST
    for (let line = start; line < end; ) {
      const next = endOfLine(bytes, line)
      const from = itemAt(bytes, line, next)
      const isText = bytes[from] === QUOTE
      if (line > start) json[to++] = COMMA
      if (!isText) json[to++] = QUOTE
      for (let copied = from; copied < next; copied++) json[to++] = bytes[copied] as number
      if (!isText) json[to++] = QUOTE
      line = next + 1
    }
    json[to++] = CLOSE_LIST
    return to
  }
}

/** Where the newline is, or the file ends. */
function endOfLine(bytes: Uint8Array, start: number): number {
  let end = start
  while (end < bytes.length && bytes[end] !== NEWLINE) end++
  return end
}

/** Where the text of an item begins, behind spaces, a dash and one space; −1 when the line is none. */
function itemAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] === SPACE) at++
  return at + 2 < end && bytes[at] === DASH && bytes[at + 1] === SPACE ? at + 2 : -1
}

/** Letters first: so it is no number, and no date. Without a colon: so it is no key. */
function isPlainWord(bytes: Uint8Array, start: number, end: number): boolean {
  if (!isLetter(bytes[start])) return false
  for (let at = start + 1; at < end; at++) if (ofWords[bytes[at] as number] !== 1) return false
  return !isReserved(bytes, start, end)
}

/** In double quotes, printable ASCII without escapes. */
function isPlainText(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || bytes[end - 1] !== QUOTE) return false
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at] as number
    if (byte < SPACE || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) return false
  }
  return true
}

const isLetter = (byte = 0): boolean => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)

/** By byte: 1 where it may stand in a plain word. */
const ofWords = Uint8Array.from({ length: 256 }, (_, byte) => (/[\w./@+-]/.test(String.fromCharCode(byte)) ? 1 : 0))

/** What YAML 1.2 has for more than text. */
const words: ReadonlySet<string> = new Set(['null', 'true', 'false'])

const isReserved = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start <= 5 && words.has(String.fromCharCode(...bytes.subarray(start, end)).toLowerCase())

const keyPattern = /^[A-Za-z][\w-]*$/
/** Shorter than the 1,024 characters that YAML lets a key have. */
const keyBytesMax = 1_002
