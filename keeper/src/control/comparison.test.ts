import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { LargeBytes } from '../base/large-bytes.js'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import type { Json } from '../compile/json.js'
import { typeChanges } from '../compile/type-changes.js'
import { comparisonOf } from './comparison.js'
import { changedPaths } from './deltas.js'
import { type Piece, piecesOf } from './pieces.js'

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A store that holds values in pieces. */
class Shelf {
  readonly #pieces = new Map<string, Uint8Array>()
  readonly #values = new Map<string, readonly { hash: string; bytes: number }[]>()

  keep(value: Json): string {
    const bytes = Buffer.from(JSON.stringify(value))
    const pieces = piecesOf(bytes)
    for (const piece of pieces) this.#pieces.set(piece.hash, piece.bytes)
    this.#values.set(
      hashOf(bytes),
      pieces.map((piece) => ({ hash: piece.hash, bytes: piece.bytes.length })),
    )
    return hashOf(bytes)
  }

  blobPieces(hash: string) {
    return this.#values.get(hash) ?? []
  }

  blob(hash: string): Uint8Array | undefined {
    const whole = this.#values.get(hash)?.map((piece) => this.#pieces.get(piece.hash) as Uint8Array)
    return whole ? Buffer.concat(whole) : this.#pieces.get(hash)
  }
}

/** A value that is made piece by piece, in whatever memory it is given. */
class MadeInPieces extends Map<string, Uint8Array> {
  readonly #hash: string
  readonly #bytes: Uint8Array

  constructor(hash: string, bytes: Uint8Array) {
    super()
    this.#hash = hash
    this.#bytes = bytes
  }

  large(hash: string): LargeBytes | undefined {
    if (hash !== this.#hash) return undefined
    const pieces = piecesOf(this.#bytes)
    return {
      length: this.#bytes.length,
      pieces,
      piece: (at, into) => {
        const { bytes } = pieces[at] as Piece
        into?.set(bytes)
        return into ? into.subarray(0, bytes.length) : bytes
      },
    }
  }
}

const random = seededRandom(7)
const line = (at: number): Json => (at % 50 === 0 ? { id: at, tags: ['a', at] } : `user-${at}-of-the-first-hundred`)

/** A list of so many lines, of which some are others, of other types, or gone. */
function edited(list: readonly Json[], edits: number): Json[] {
  const next = [...list]
  for (let left = edits; left > 0; left--) {
    const at = Math.floor(random.unit() * next.length)
    const what = Math.floor(random.unit() * 3)
    if (what === 0) next[at] = `edit ${left}`
    else if (what === 1) next[at] = left
    else next[at] = { id: 'text', tags: [] }
  }
  return next
}

test('large values, in the store or on their way there, differ as they do when they are parsed', () => {
  const shelf = new Shelf()
  const list = Array.from({ length: 12_000 }, (_, at) => line(at))
  expect(JSON.stringify(list).length).toBeGreaterThan(limits.largeValueBytesMin)
  const before = shelf.keep(list)
  for (const after of [
    edited(list, 1),
    edited(list, 40),
    list.slice(0, 9_000),
    [...list, 1],
    list.slice(0, 10),
    'short',
  ]) {
    const bytes = Buffer.from(JSON.stringify(after))
    const stored = shelf.keep(after)
    const sources = [new Map<string, Uint8Array>(), new Map([[stored, bytes]]), new MadeInPieces(stored, bytes)]
    for (const fresh of sources) {
      const { paths, types } = comparisonOf({ fresh, stored: shelf })
      expect(paths(before, stored)).toEqual(changedPaths(list, after))
      expect(types(before, stored)).toEqual(typeChanges(list, after))
    }
  }
})

test('a value that is made piece by piece differs from one that lies there as a whole, or is made so itself', () => {
  const shelf = new Shelf()
  const list = Array.from({ length: 12_000 }, (_, at) => line(at))
  const after = edited(list, 3)
  const [was, is] = [list, after].map((value) => Buffer.from(JSON.stringify(value))) as [Buffer, Buffer]
  const small = Buffer.from('["a"]')
  for (const [value, bytes] of [
    [list, was],
    [['a'], small],
  ] as const) {
    const whole = {
      blobPieces: (hash: string) => (hash === hashOf(bytes) ? [{ hash, bytes: bytes.length }] : []),
      blob: (hash: string) => (hash === hashOf(bytes) ? bytes : undefined),
    }
    const { paths } = comparisonOf({ fresh: new MadeInPieces(hashOf(is), is), stored: whole })
    expect(paths(hashOf(bytes), hashOf(is))).toEqual(changedPaths(value, after))
  }
  const both = new MadeInPieces(hashOf(is), is)
  const mine = new MadeInPieces(hashOf(was), was)
  const fresh = Object.assign(new Map<string, Uint8Array>(), {
    large: (hash: string) => both.large(hash) ?? mine.large(hash),
  })
  expect(comparisonOf({ fresh, stored: shelf }).paths(hashOf(was), hashOf(is))).toEqual(changedPaths(list, after))
})

test('what is not there differs in nothing', () => {
  const shelf = new Shelf()
  const { paths, types } = comparisonOf({ fresh: new Map(), stored: shelf })
  const large = shelf.keep(Array.from({ length: 12_000 }, (_, at) => line(at)))
  for (const there of [large, shelf.keep([1])]) {
    expect(paths(there, 'gone')).toEqual({ paths: [], total: 0 })
    expect(types('gone', there)).toEqual([])
  }
})
