import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { eachLine } from './file-window.js'
import { keyProblem } from './keys.js'
import type { Marks } from './plain-marks.js'
import type { Output } from './plain-output.js'
import type { Readable } from './types.js'

/** Of the list under a key, or of the one at the top: the places of its lines in the file. */
export interface PlainList {
  readonly key: string
  /** Where its first line begins, and the one after its last. */
  readonly start: number
  readonly end: number
}

/**
 * The lists of a YAML file that is nothing but lists of plain words, or of text in double quotes, at the top or under keys:
 *
 *     users:
 *       - alice
 *       - "bob b."
 *
 * in the order of its canonical JSON, by looking at one line after the other; undefined where it has anything else. The parser of
 * all YAML takes ten times as long for it, and some forty times its size in memory.
 */
export function plainLists(file: Readable, windowBytes?: number): readonly PlainList[] | undefined {
  const scan = new PlainScan()
  const isPlain = eachLine(file, { from: 0, to: file.length, windowBytes }, (bytes, start, end, offset) =>
    scan.line(bytes, start, end, offset),
  )
  return isPlain ? scan.ended() : undefined
}

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d]
const [SPACE, DASH, COLON, BACKSLASH, DOLLAR] = [0x20, 0x2d, 0x3a, 0x5c, 0x24]

/** Canonical JSON of the lists. It goes on at a mark, where there is one, and tells `marks` where it could go on later. */
export function writeLists(
  file: Readable,
  lists: readonly PlainList[],
  out: Output,
  { from, marks, windowBytes }: { readonly from?: Mark; readonly marks?: Marks; readonly windowBytes?: number },
): void {
  const isObject = lists[0]?.key !== ''
  for (let at = from?.list ?? 0; at < lists.length && !out.isEnough; at++) {
    const { key, start, end } = lists[at] as PlainList
    const goesOn = at === from?.list ? from.file : undefined
    if (goesOn === undefined) writeOpening(out, isObject ? key : undefined, at)
    let isFirst = goesOn === undefined
    const isWhole = eachLine(file, { from: goesOn ?? start, to: end, windowBytes }, (bytes, line, lineEnd, offset) => {
      if (!isFirst) marks?.note(at, offset + line, out.written)
      writeItem(bytes, itemAt(bytes, line, lineEnd), lineEnd, isFirst, out)
      isFirst = false
      return !out.isEnough
    })
    if (!isWhole && !out.isEnough)
      throw new KeeperError('E_FILE_CHANGED', 'a list of the file is no longer what it was')
    if (!out.isEnough) out.byte(CLOSE_LIST)
  }
  if (isObject && !out.isEnough) out.byte(CLOSE)
}

/** Where a value goes on: a line that is not the first of its list, and how many bytes of the value stand before it. */
export interface Mark {
  readonly list: number
  readonly file: number
  readonly written: number
}

function writeOpening(out: Output, key: string | undefined, at: number): void {
  if (key !== undefined) {
    const text = Buffer.from(`"${key}":`, 'latin1')
    out.byte(at === 0 ? OPEN : COMMA)
    out.copy(text, 0, text.length)
  }
  out.byte(OPEN_LIST)
}

function writeItem(bytes: Buffer, start: number, end: number, isFirst: boolean, out: Output): void {
  const isText = bytes[start] === QUOTE
  if (!isFirst) out.byte(COMMA)
  if (!isText) out.byte(QUOTE)
  out.copy(bytes, start, end)
  if (!isText) out.byte(QUOTE)
}

interface OpenList extends PlainList {
  end: number
  items: number
}

class PlainScan {
  readonly #lists: OpenList[] = []
  readonly #keys = new Set<string>()
  #indent = 0
  #values = 0

  /** Is it nothing else? `bytes` begins at `offset` of the file. */
  line(bytes: Buffer, start: number, end: number, offset: number): boolean {
    const at = itemAt(bytes, start, end)
    return at < 0 ? this.#key(bytes, start, end, offset) : this.#item(bytes, start, at, end, offset)
  }

  /** After all lines. */
  ended(): readonly PlainList[] | undefined {
    if ((this.#lists.at(-1)?.items ?? 0) === 0) return undefined
    return this.#lists.map(({ key, start, end }) => ({ key, start, end })).sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** What stands from `at` to `end` behind a dash, in the line that begins at `start`. */
  #item(bytes: Buffer, start: number, at: number, end: number, offset: number): boolean {
    const indent = at - 2 - start
    if (this.#lists.length === 0) this.#open('', offset + start)
    const list = this.#lists.at(-1) as OpenList
    if (list.items === 0) this.#indent = indent
    if (indent !== this.#indent || ++this.#values > limits.valuesPerFileMax - 2) return false
    if (bytes[at] === QUOTE ? !isPlainText(bytes, at, end) : !isPlainWord(bytes, at, end)) return false
    list.items++
    list.end = offset + end + 1
    return true
  }

  #key(bytes: Buffer, start: number, end: number, offset: number): boolean {
    if (end - start > keyBytesMax || bytes[end - 1] !== COLON) return false
    const key = bytes.toString('latin1', start, end - 1)
    const last = this.#lists.at(-1)
    const isOpen = last !== undefined && (last.items === 0 || this.#keys.size === 0)
    if (isOpen || !keyPattern.test(key) || words.has(key.toLowerCase()) || keyProblem(key) || this.#keys.has(key))
      return false
    this.#values++
    this.#keys.add(key)
    this.#open(key, offset + end + 1)
    return true
  }

  #open(key: string, start: number): void {
    this.#lists.push({ key, start, end: start, items: 0 })
  }
}

/** Where the text of an item begins, behind spaces, a dash and one space; −1 when the line is none. */
function itemAt(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] === SPACE) at++
  return at + 2 < end && bytes[at] === DASH && bytes[at + 1] === SPACE ? at + 2 : -1
}

/** Letters first: so it is no number, and no date. Without a colon: so it is no key. */
function isPlainWord(bytes: Buffer, start: number, end: number): boolean {
  if (!isLetter(bytes[start])) return false
  for (let at = start + 1; at < end; at++) if (ofWords[bytes[at] as number] !== 1) return false
  return !isReserved(bytes, start, end)
}

/** In double quotes, printable ASCII without escapes, and without a placeholder. */
function isPlainText(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 2 || bytes[end - 1] !== QUOTE) return false
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at] as number
    if (byte < SPACE || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) return false
    if (byte === DOLLAR && bytes[at + 1] === OPEN) return false
  }
  return true
}

const isLetter = (byte = 0): boolean => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)

/** By byte: 1 where it may stand in a plain word. */
const ofWords = Uint8Array.from({ length: 256 }, (_, byte) => (/[\w./@+-]/.test(String.fromCharCode(byte)) ? 1 : 0))

/** What YAML 1.2 has for more than text. */
const words: ReadonlySet<string> = new Set(['null', 'true', 'false'])

const isReserved = (bytes: Buffer, start: number, end: number): boolean =>
  end - start <= 5 && words.has(bytes.toString('latin1', start, end).toLowerCase())

const keyPattern = /^[A-Za-z][\w-]*$/
/** Shorter than the 1,024 characters that YAML lets a key have. */
const keyBytesMax = 1_002
