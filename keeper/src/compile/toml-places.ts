import type { OnPlace } from './finding.js'
import { child } from './json.js'

/**
 * Where each key and value of a TOML text stands. Expects a text that a TOML parser has accepted: it only finds
 * places and judges nothing. Tables that several headers open keep the place of the first.
 */
export function tomlPlaces(text: string, onPlace: OnPlace): void {
  new TomlScanner(text, onPlace).document()
}

interface Key {
  readonly name: string
  readonly offset: number
}

class TomlScanner {
  readonly #text: string
  readonly #onPlace: OnPlace
  readonly #seen = new Set<string>()
  /** Pointer of an array of tables → how many it has. */
  readonly #tables = new Map<string, number>()
  #at = 0

  constructor(text: string, onPlace: OnPlace) {
    this.#text = text
    this.#onPlace = onPlace
  }

  document(): void {
    this.#place('', 0, 0)
    let table = ''
    for (this.#blank(); this.#at < this.#text.length; this.#blank()) {
      if (this.#text[this.#at] === '[') table = this.#header()
      else this.#member(table)
    }
  }

  /** `[a.b]` or `[[a.b]]`: gives the pointer of the table that it opens. */
  #header(): string {
    const offset = this.#at
    const isArray = this.#text[++this.#at] === '['
    if (isArray) this.#at++
    const keys = this.#keys(']')
    if (isArray) this.#at++
    let pointer = ''
    keys.forEach((key, index) => {
      pointer = child(pointer, key.name)
      this.#place(pointer, key.offset, offset)
      if (isArray && index === keys.length - 1) this.#tables.set(pointer, (this.#tables.get(pointer) ?? 0) + 1)
      const count = this.#tables.get(pointer)
      if (count === undefined) return
      pointer = child(pointer, count - 1)
      this.#place(pointer, key.offset, offset)
    })
    return pointer
  }

  #member(table: string): void {
    const keys = this.#keys('=')
    this.#blank()
    let pointer = table
    for (const key of keys) {
      pointer = child(pointer, key.name)
      this.#place(pointer, key.offset, this.#at)
    }
    this.#value(pointer)
  }

  /** Dotted keys up to and past `end`. */
  #keys(end: string): Key[] {
    const keys: Key[] = []
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] as string
      if (char === end) {
        this.#at++
        return keys
      }
      if (char === '.' || char === ' ' || char === '\t') this.#at++
      else keys.push(this.#key())
    }
    return keys
  }

  #key(): Key {
    const offset = this.#at
    const quote = this.#text[offset]
    if (quote !== '"' && quote !== "'") {
      const name = this.#match(/[\w-]+/y)
      if (name === '') this.#at++
      return { name, offset }
    }
    this.#string()
    return { name: unquoted(this.#text.slice(offset, this.#at)), offset }
  }

  #value(pointer: string): void {
    const char = this.#text[this.#at]
    if (char === '[') this.#array(pointer)
    else if (char === '{') this.#inlineTable(pointer)
    else if (char === '"' || char === "'") this.#string()
    else this.#match(/[^\n#,\]}]+/y)
  }

  #array(pointer: string): void {
    this.#at++
    for (let index = 0; !this.#closed(']'); index++) {
      const item = child(pointer, index)
      this.#place(item, this.#at, this.#at)
      this.#value(item)
    }
  }

  #inlineTable(pointer: string): void {
    this.#at++
    while (!this.#closed('}')) this.#member(pointer)
  }

  /** Skips what separates items; past the end when it is there. */
  #closed(end: string): boolean {
    this.#blank()
    if (this.#text[this.#at] === ',') {
      this.#at++
      this.#blank()
    }
    if (this.#at < this.#text.length && this.#text[this.#at] !== end) return false
    this.#at++
    return true
  }

  #string(): void {
    const quote = this.#text[this.#at] as string
    const fence = this.#text.startsWith(quote.repeat(3), this.#at) ? quote.repeat(3) : quote
    this.#at += fence.length
    while (this.#at < this.#text.length && !this.#text.startsWith(fence, this.#at))
      this.#at += quote === '"' && this.#text[this.#at] === '\\' ? 2 : 1
    this.#at += fence.length
    // A multi-line string may end with one or two quotes of its own.
    for (let extra = 0; fence.length === 3 && extra < 2 && this.#text[this.#at] === quote; extra++) this.#at++
  }

  /** White space, newlines and comments. */
  #blank(): void {
    this.#match(/(?:[ \t\r\n]+|#[^\n]*)*/y)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #place(pointer: string, key: number, value: number): void {
    if (this.#seen.has(pointer)) return
    this.#seen.add(pointer)
    this.#onPlace(pointer, key, value)
  }
}

function unquoted(quoted: string): string {
  if (quoted.startsWith("'")) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted.replace(/\\U([\da-fA-F]{8})/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16))))
  } catch {
    return quoted.slice(1, -1)
  }
}
