import { decodeText } from '../base/codec.js'
import { Rope } from '../base/rope.js'
import { child } from './json.js'

/** A path that differs, with the canonical JSON of what it had and has: absent when it is new, or gone. */
export interface BytesChange {
  readonly pointer: string
  readonly before?: Rope
  readonly after?: Rope
}

/** From where to where in the bytes. */
export type Span = readonly [start: number, end: number]

interface Change {
  readonly pointer: string
  readonly before?: Span
  readonly after?: Span
}

/**
 * As diffValues, of two values in canonical JSON, by their bytes: nothing is parsed, so that a list of hundreds of
 * thousands of lines costs no more than looking at it. Gives the first `max` changes, and how many there are.
 */
export function diffBytes(before: Rope, after: Rope, max: number): { changes: readonly BytesChange[]; total: number } {
  const differ = new Differ(before, after, max)
  differ.compare(0, before.length, 0, after.length, '')
  return differ
}

/** So many bytes are taken while what they stand in is in memory. */
const TAKEN_BYTES = 1_024

const taken = (bytes: Rope, [from, to]: Span): Rope =>
  to - from <= TAKEN_BYTES ? Rope.of(Uint8Array.from(bytes.slice(from, to))) : bytes.within(from, to)

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, BACKSLASH, OPEN, CLOSE] = [0x22, 0x2c, 0x5b, 0x5d, 0x5c, 0x7b, 0x7d]

class Differ {
  readonly changes: BytesChange[] = []
  total = 0
  readonly #before: Rope
  readonly #after: Rope
  readonly #max: number
  /** What both have by the names of their parts: up to `end` of the one, `shift` further on in the other. */
  #alike = { end: 0, shift: 0 }

  constructor(before: Rope, after: Rope, max: number) {
    this.#before = before
    this.#after = after
    this.#max = max
  }

  /** Two values, each from where to where. */
  compare(from: number, to: number, start: number, end: number, pointer: string): void {
    if (isSame(this.#before, from, to, this.#after, start, end)) return
    const [was, is] = [this.#before.at(from), this.#after.at(start)]
    if (was === OPEN && is === OPEN) this.#objects(from, start, pointer)
    else if (was !== OPEN_LIST || is !== OPEN_LIST || !this.#lists(from, start, pointer))
      this.#add({ pointer, before: [from, to], after: [start, end] })
  }

  #add({ pointer, before, after }: Change): void {
    this.total++
    if (this.changes.length >= this.#max) return
    const was = before && taken(this.#before, before)
    const is = after && taken(this.#after, after)
    this.changes.push({ pointer, ...(was && { before: was }), ...(is && { after: is }) })
  }

  /** Item by item; false when one has more than the other, and then nothing is told of them. */
  #lists(from: number, start: number, pointer: string): boolean {
    const [total, told] = [this.total, this.changes.length]
    let [at, other] = [from + 1, start + 1]
    for (let index = 0; ; index++) {
      const isEnd = this.#before.at(at) === CLOSE_LIST
      const isOtherEnd = this.#isAlike(at, at + 1, other) ? isEnd : this.#after.at(other) === CLOSE_LIST
      if (isEnd && isOtherEnd) return true
      if (isEnd || isOtherEnd) break
      const end = endOf(this.#before, at)
      const next = behind(this.#before, end)
      // with what ends it: a number may go on in the other
      const isAlike = this.#isAlike(at, end + 1, other)
      const otherEnd = isAlike ? other + end - at : endOf(this.#after, other)
      if (!isAlike && !isSame(this.#before, at, end, this.#after, other, otherEnd))
        this.compare(at, end, other, otherEnd, child(pointer, index))
      other = isAlike ? other + next - at : behind(this.#after, otherEnd)
      at = next
    }
    this.total = total
    this.changes.length = told
    return false
  }

  /** Do both have the same from there on, by the names of their parts? Then one of them is looked at. */
  #isAlike(from: number, to: number, start: number): boolean {
    if (from >= this.#alike.end || start - from !== this.#alike.shift) {
      this.#alike = { end: from + this.#before.namedAlike(from, this.#after, start), shift: start - from }
    }
    return to <= this.#alike.end
  }

  #objects(from: number, start: number, pointer: string): void {
    let [mine, other] = [memberAt(this.#before, from + 1), memberAt(this.#after, start + 1)]
    while (mine || other) {
      const order = !mine ? 1 : !other ? -1 : mine.key < other.key ? -1 : mine.key > other.key ? 1 : 0
      const here = child(pointer, (order <= 0 ? mine?.key : other?.key) ?? '')
      if (mine && other && order === 0) this.compare(...mine.value, ...other.value, here)
      else if (mine && order < 0) this.#add({ pointer: here, before: mine.value })
      else if (other) this.#add({ pointer: here, after: other.value })
      if (mine && order <= 0) mine = memberAt(this.#before, mine.next)
      if (other && order >= 0) other = memberAt(this.#after, other.next)
    }
  }
}

export interface Member {
  readonly key: string
  readonly value: Span
  readonly next: number
}

/** The member whose key begins at `at`; undefined at the end of the object. */
export function memberAt(bytes: Rope, at: number): Member | undefined {
  if (bytes.at(at) === CLOSE) return undefined
  const colon = endOf(bytes, at)
  const key = JSON.parse(decodeText(bytes.slice(at, colon))) as string
  const end = endOf(bytes, colon + 1)
  return { key, value: [colon + 1, end], next: behind(bytes, end) }
}

/** Where the next item begins, behind one that ends at `end`; or the list's end. */
export const behind = (bytes: Rope, end: number): number => (bytes.at(end) === COMMA ? end + 1 : end)

/** Are those bytes of the one these of the other? */
export function isSame(one: Rope, from: number, to: number, other: Rope, start: number, end: number): boolean {
  const length = to - from
  if (length !== end - start) return false
  for (let at = 0; at < length; ) {
    const alike = one.namedAlike(from + at, other, start + at)
    if (alike > 0) {
      at += alike
      continue
    }
    const [mine, its] = [one.part(from + at), other.part(start + at)]
    const [here, there] = [from + at - one.partStart, start + at - other.partStart]
    const count = Math.min(mine.length - here, its.length - there, length - at)
    at += count
    // a piece that both have need not be looked at
    if (mine.buffer === its.buffer && mine.byteOffset + here === its.byteOffset + there) continue
    for (let next = 0; next < count; next++) if (mine[here + next] !== its[there + next]) return false
  }
  return true
}

/** Where the value, or key, that begins at `at` ends. */
export function endOf(bytes: Rope, at: number): number {
  let [depth, isText] = [0, false]
  for (let next = at; next < bytes.length; ) {
    const part = bytes.part(next)
    const start = bytes.partStart
    let end = next - start
    for (; end < part.length; end++) {
      const byte = part[end]
      if (isText) {
        // what it escapes may be in the next part
        if (byte === BACKSLASH) end++
        else if (byte === QUOTE) {
          isText = false
          if (depth === 0) return start + end + 1
        }
      } else if (byte === QUOTE) isText = true
      else if (byte === OPEN || byte === OPEN_LIST) depth++
      else if (byte === CLOSE || byte === CLOSE_LIST) {
        if (depth === 0) return start + end
        if (--depth === 0) return start + end + 1
      } else if (byte === COMMA && depth === 0) return start + end
    }
    next = start + end
  }
  return bytes.length
}
