import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { canonicalText } from './canonical.js'
import { nameSets } from './covering.js'
import type { Json } from './json.js'
import { mergePatch } from './overlays.js'

const random = seededRandom(7)
const one = <T>(of: readonly T[]): T => of[random.below(of.length)] as T

const leaves: readonly Json[] = [1, 2, 'text', [1], {}, { $delete: true }]

/** A patch of few keys and little depth, so that patches often meet. */
const patch = (depth = 0): Json => {
  const keys = ['a', 'b', 'a/b', '~'].filter(() => random.below(3) === 0)
  return Object.fromEntries(
    keys.map((key) => [key, depth < 2 && random.below(3) === 0 ? patch(depth + 1) : one(leaves)]),
  )
}

const bases: readonly Json[] = [
  {},
  { a: 1 },
  { a: { a: 1, b: { a: 2, c: 3 } }, b: { '~': 1 } },
  { b: [1], c: { a: 1 } },
]
const laid = (base: Json, patches: readonly Json[]): string => canonicalText(patches.reduce(mergePatch, base))

test('sets of one name make the same value of every base', () => {
  let alike = 0
  for (let round = 0; round < 400; round++) {
    const patches = Array.from({ length: 4 }, () => patch())
    const { nameOf } = nameSets(patches)
    const made = new Map<string, readonly string[]>()
    for (let bits = 0; bits < 16; bits++) {
      const set = patches.flatMap((_, at) => (bits & (1 << at) ? [at] : []))
      const values = bases.map((base) =>
        laid(
          base,
          set.map((at) => patches[at] as Json),
        ),
      )
      const known = made.get(nameOf(set))
      if (known) alike++
      expect(values, JSON.stringify([patches, set])).toEqual(known ?? values)
      made.set(nameOf(set), values)
    }
  }
  expect(alike).toBeGreaterThan(400)
})

test('patches of one name in two orders make the same value of every base', () => {
  let alike = 0
  for (let round = 0; round < 1_000; round++) {
    const patches = Array.from({ length: 4 }, () => patch())
    const { nameInOrder } = nameSets(patches)
    const made = new Map<string, readonly string[]>()
    for (const sequence of sequences([0, 1, 2, 3])) {
      const values = bases.map((base) =>
        laid(
          base,
          sequence.map((at) => patches[at] as Json),
        ),
      )
      const known = made.get(nameInOrder(sequence))
      if (known) alike++
      expect(values, JSON.stringify([patches, sequence])).toEqual(known ?? values)
      made.set(nameInOrder(sequence), values)
    }
  }
  expect(alike).toBeGreaterThan(1_000)
})

test('patches that write no path together have one name in every order', () => {
  const { nameInOrder } = nameSets([{ a: 1 }, { b: { c: 1 } }, { b: { d: { $delete: true } } }])
  expect(new Set(sequences([0, 1, 2]).map(nameInOrder)).size).toBe(1)
})

const sequences = (places: readonly number[]): number[][] =>
  places.length === 0
    ? [[]]
    : places.flatMap((one) => sequences(places.filter((at) => at !== one)).map((rest) => [one, ...rest]))
