import { limits } from '../base/limits.js'
import type { OnPlace, Remark } from './finding.js'
import { child, type Json } from './json.js'
import { keyProblem } from './keys.js'
import { numberProblem } from './number.js'

/** What a parser gives: a value unless an error forbids one, and all it has to say. */
export interface Parsed {
  readonly value?: Json
  readonly remarks: readonly Remark[]
}

/** Thrown inside a parser where going on makes no sense. */
class SyntaxFault {
  readonly offset: number
  readonly rule: string
  readonly message: string
  constructor(offset: number, rule: string, message: string) {
    this.offset = offset
    this.rule = rule
    this.message = message
  }
}

/**
 * JSON as RFC 8259 has it, but stricter: duplicate keys, prototype keys, nesting beyond limits.nestingDepthMax and
 * numbers that would change are errors. Tells `onPlace` where each value stands.
 */
export const parseJson = (text: string, onPlace?: OnPlace): Parsed => parsed(new JsonParser(text, onPlace, false))

/** JSON with comments, of a line or between slash and star, wherever space may stand, and a comma behind the last item. */
export const parseJsonc = (text: string, onPlace?: OnPlace): Parsed => parsed(new JsonParser(text, onPlace, true))

function parsed(parser: JsonParser): Parsed {
  try {
    const value = parser.document()
    return parser.remarks.length === 0 ? { value, remarks: [] } : { remarks: parser.remarks }
  } catch (thrown) {
    if (!(thrown instanceof SyntaxFault)) throw thrown
    const { rule, offset, message } = thrown
    return { remarks: [...parser.remarks, { rule, offset, message }] }
  }
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const spacePattern = /[ \t\n\r]*/y
const commentPattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y
const words: Readonly<Record<string, Json>> = { true: true, false: false, null: null }

class JsonParser {
  readonly remarks: Remark[] = []
  readonly #text: string
  readonly #onPlace: OnPlace | undefined
  readonly #hasComments: boolean
  #at = 0

  constructor(text: string, onPlace: OnPlace | undefined, hasComments: boolean) {
    this.#text = text
    this.#onPlace = onPlace
    this.#hasComments = hasComments
  }

  document(): Json {
    this.#space()
    if (this.#at === this.#text.length)
      throw new SyntaxFault(0, 'json/empty', 'empty file: write {} for a config without values')
    const value = this.#value('', this.#at, 0)
    this.#space()
    if (this.#at < this.#text.length) this.#unexpected('the end of the file')
    return value
  }

  #value(pointer: string, key: number, depth: number): Json {
    const char = this.#text[this.#at]
    this.#onPlace?.(pointer, key, this.#at)
    if (char === '{' || char === '[') {
      if (depth >= limits.nestingDepthMax)
        throw new SyntaxFault(this.#at, 'limit/nesting', `nested deeper than ${limits.nestingDepthMax} levels`)
      return char === '{' ? this.#object(pointer, depth + 1) : this.#array(pointer, depth + 1)
    }
    if (char === '"') return this.#string()
    if (char !== undefined && /[-\d]/.test(char)) return this.#number(pointer)
    return this.#word()
  }

  #object(pointer: string, depth: number): Json {
    const object: Record<string, Json> = {}
    this.#at++
    this.#space()
    if (this.#take('}')) return object
    do {
      this.#space()
      if (this.#endsAfterComma('}')) break
      this.#member(object, pointer, depth)
      this.#space()
    } while (this.#take(','))
    if (!this.#take('}')) this.#unexpected('"," or "}"')
    return object
  }

  #member(object: Record<string, Json>, pointer: string, depth: number): void {
    const offset = this.#at
    if (this.#text[offset] !== '"') this.#unexpected('a key in double quotes')
    const key = this.#string()
    const here = child(pointer, key)
    const refused = keyProblem(key)
    if (refused) this.remarks.push({ rule: 'value/unsafe-key', offset, pointer: here, message: refused })
    else if (Object.hasOwn(object, key))
      this.remarks.push({
        rule: 'json/duplicate-key',
        offset,
        pointer: here,
        message: `duplicate key ${JSON.stringify(key)}`,
      })
    this.#space()
    if (!this.#take(':')) this.#unexpected('":"')
    this.#space()
    const value = this.#value(here, offset, depth)
    if (!refused) object[key] = value
  }

  #array(pointer: string, depth: number): Json {
    const items: Json[] = []
    this.#at++
    this.#space()
    if (this.#take(']')) return items
    do {
      this.#space()
      if (this.#endsAfterComma(']')) break
      items.push(this.#value(this.#itemPointer(pointer, items.length), this.#at, depth))
      this.#space()
    } while (this.#take(','))
    if (!this.#take(']')) this.#unexpected('"," or "]"')
    return items
  }

  /** Nothing is ever said of the text of an item: a long list would be as many pointers. */
  #itemPointer(list: string, index: number): string {
    return this.#onPlace || this.#text[this.#at] !== '"' ? child(list, index) : ''
  }

  /** Scans to the closing quote; what is between them is JSON.parse's to judge. */
  #string(): string {
    const start = this.#at
    let escaped = false
    for (let end = start + 1; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end)
      if (code === 0x5c) {
        escaped = true
        end++
      } else if (code === 0x22) {
        this.#at = end + 1
        return escaped ? unescaped(this.#text.slice(start, end + 1), start) : this.#text.slice(start + 1, end)
      } else if (code < 0x20) throw new SyntaxFault(end, 'json/syntax', 'control character in a string')
    }
    throw new SyntaxFault(start, 'json/syntax', 'unfinished string')
  }

  #number(pointer: string): Json {
    const offset = this.#at
    const literal = this.#match(numberPattern)
    if (literal === undefined) return this.#unexpected('a number')
    const value = Number(literal)
    const message = numberProblem(literal, value)
    if (message) this.remarks.push({ rule: 'value/number', offset, pointer, message })
    return value
  }

  #word(): Json {
    for (const [word, value] of Object.entries(words)) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    return this.#unexpected('a value')
  }

  #space(): void {
    do this.#match(spacePattern)
    while (this.#hasComments && this.#match(commentPattern) !== undefined)
  }

  #endsAfterComma(end: string): boolean {
    return this.#hasComments && this.#text[this.#at] === end
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #unexpected(expected: string): never {
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : 'the end of the file'
    throw new SyntaxFault(this.#at, 'json/syntax', `expected ${expected}, found ${found}`)
  }
}

function unescaped(quoted: string, offset: number): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    throw new SyntaxFault(offset, 'json/syntax', 'string with an escape that JSON does not have')
  }
}
