import type { Rope } from '../base/rope.js'
import { behind, endOf, isSame, memberAt, type Span } from './diff-bytes.js'
import { child } from './json.js'
import type { TypeChange, TypeWord } from './type-changes.js'

/** As typeChanges, of two values in canonical JSON, by their bytes; in order of keys. */
export function typeChangesInBytes(before: Rope, after: Rope): TypeChange[] {
  const comparison = new Comparison(before, after)
  comparison.values([0, before.length], [0, after.length], '')
  return comparison.changes
}

const [QUOTE, OPEN_LIST, CLOSE_LIST, OPEN] = [0x22, 0x5b, 0x5d, 0x7b]
const [T, F, N] = [0x74, 0x66, 0x6e]

/** By the first byte; numbers begin with one of many. */
const words: Readonly<Record<number, TypeWord>> = {
  [QUOTE]: 'string',
  [OPEN_LIST]: 'array',
  [OPEN]: 'object',
  [T]: 'boolean',
  [F]: 'boolean',
  [N]: 'null',
}

const wordAt = (bytes: Rope, at: number): TypeWord => words[bytes.at(at) ?? -1] ?? 'number'

/** Such a value has no types within. */
const isPlain = (word: TypeWord): boolean => word !== 'object' && word !== 'array'

class Comparison {
  readonly changes: TypeChange[] = []
  readonly #before: Rope
  readonly #after: Rope

  constructor(before: Rope, after: Rope) {
    this.#before = before
    this.#after = after
  }

  values([from, to]: Span, [start, end]: Span, pointer: string): void {
    const [was, is] = [wordAt(this.#before, from), wordAt(this.#after, start)]
    if (was !== is) this.changes.push({ pointer, before: was, after: is })
    else if (was !== 'object' && was !== 'array') return
    else if (isSame(this.#before, from, to, this.#after, start, end)) return
    else if (was === 'object') this.#objects(from, start, pointer)
    else this.#lists(from, start, pointer)
  }

  #objects(from: number, start: number, pointer: string): void {
    let [mine, other] = [memberAt(this.#before, from + 1), memberAt(this.#after, start + 1)]
    while (mine && other) {
      if (mine.key === other.key) this.values(mine.value, other.value, child(pointer, mine.key))
      const [left, right] = [mine.key, other.key]
      if (left <= right) mine = memberAt(this.#before, mine.next)
      if (right <= left) other = memberAt(this.#after, other.next)
    }
  }

  #lists(from: number, start: number, pointer: string): void {
    const [was, is] = [itemsFrom(this.#before, from), itemsFrom(this.#after, start)]
    if (was.word && is.word && was.word !== is.word)
      this.changes.push({ pointer: child(pointer, '-'), before: was.word, after: is.word })
    else if (was.count === is.count && !(was.word && is.word && isPlain(is.word))) this.#items(from, start, pointer)
  }

  #items(from: number, start: number, pointer: string): void {
    let [at, other] = [from + 1, start + 1]
    for (let index = 0; this.#before.at(at) !== CLOSE_LIST; index++) {
      const [end, otherEnd] = [endOf(this.#before, at), endOf(this.#after, other)]
      this.values([at, end], [other, otherEnd], child(pointer, index))
      at = behind(this.#before, end)
      other = behind(this.#after, otherEnd)
    }
  }
}

/** How many items the list has, and their one type; none when they have several. */
function itemsFrom(bytes: Rope, from: number): { readonly count: number; readonly word: TypeWord | undefined } {
  let [count, at] = [0, from + 1]
  let word: TypeWord | undefined = wordAt(bytes, at)
  for (; bytes.at(at) !== CLOSE_LIST; count++) {
    if (wordAt(bytes, at) !== word) word = undefined
    at = behind(bytes, endOf(bytes, at))
  }
  return { count, word: count === 0 ? undefined : word }
}
