import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { canonicalText } from './canonical.js'
import { combinations, type When } from './combinations.js'
import { nameSets } from './covering.js'
import type { Json } from './json.js'
import { KnownSets, type Sets } from './known-sets.js'
import { byPrecedence, mergePatch, whenKey } from './overlays.js'

const random = seededRandom(5)
const one = <T>(of: readonly T[]): T => of[random.below(of.length)] as T

const whens = (): When[] =>
  Array.from({ length: random.below(5) }, () => ({
    [one(['zone', 'track'])]: one(['a', 'b']),
    ...one([{}, { idc: 'c' }]),
  }))

const audiences = [{}, { zone: 'a' }, { zone: ['a', 'b'] }, { role: 'room' }, { role: 'gate', track: 'b' }] as const

test('combinations that are known are those that would be found', () => {
  const known = new KnownSets()
  for (let round = 0; round < 500; round++) {
    const [overlays, readers] = [whens(), { labels: one(audiences) }]
    expect(known.combinations(overlays, readers)).toEqual(combinations(overlays, readers))
    if (round % 7 === 0) known.turn()
  }
})

test('they are the same objects for configs of different roles', () => {
  const known = new KnownSets()
  const of = (role: string) => known.combinations([{ zone: 'a' }], { labels: { role } })
  expect(of('room')).toBe(of('gate'))
})

test('overlays that move, in whatever order, give the combinations that they have there, and their values', () => {
  const known = new KnownSets()
  let moves = 0
  for (let round = 0; round < 2_000; round++) {
    const overlays = overlaysOf(whens())
    const labels = one(audiences)
    let [stack, places] = [known.stack(overlays, namesOf(overlays)), overlays.map((_, at) => at)]
    let variants = variantsOf(known.combinations(whensOf(overlays), { labels }), overlays)
    for (const order of [one(overlayOrders), one(overlayOrders)]) {
      const turn = known.turned(stack, order)
      const moved = known.moved(variants, stack, turn)
      places = turn.from.map((at) => places[at] as number)
      const there = places.map((at) => overlays[at] as Overlay)
      expect(whensOf(there)).toEqual(byPrecedence(whensOf(there), order).map((at) => whensOf(there)[at]))
      if (!moved) break
      moves++
      const anew = variantsOf(combinations(whensOf(there), { labels }), there)
      const values = moved.from.map((was) => variants[was]?.hash)
      expect(moved.sets.map((set, at) => [set, values[at]])).toEqual(anew.map((one) => [one.overlays, one.hash]))
      if (!moved.loses) expect(new Set(values)).toEqual(new Set(variants.map(({ hash }) => hash)))
      expect(known.moved(variants, stack, turn)).toBe(moved)
      stack = turn.after
      variants = anew.map((one, at) => ({ ...one, overlays: moved.sets[at] as readonly number[] }))
    }
  }
  expect(moves).toBeGreaterThan(1_000)
})

test('where a set has a value that none had before, there is no move', () => {
  const known = new KnownSets()
  const overlays: Overlay[] = [
    { written: { track: 'a' }, value: { x: 1, y: 1 } },
    { written: { zone: 'a' }, value: { x: 2, z: 2 } },
  ]
  const stack = known.stack(overlays, namesOf(overlays))
  const variants = variantsOf(known.combinations(whensOf(overlays), { labels: {} }), overlays)
  expect(known.moved(variants, stack, known.turned(stack, ['zone', 'track']))).toBeUndefined()
})

test('a move that no set reaches any more says that it loses', () => {
  const known = new KnownSets()
  const overlays: Overlay[] = [
    { written: { zone: 'a' }, value: { x: 1 } },
    { written: { track: 'a' }, value: { x: 2 } },
  ]
  const stack = known.stack(overlays, namesOf(overlays))
  const variants = variantsOf(known.combinations(whensOf(overlays), { labels: { zone: 'a' } }), overlays)
  expect(known.moved(variants, stack, known.turned(stack, ['track', 'zone']))).toMatchObject({ loses: true })
})

test('sets are alike that have the same name, however many patches were looked at before', () => {
  const known = new KnownSets()
  const sets: Sets = [[], [0], [1], [0, 1], [0, 2], [1, 2], [0, 1, 2]]
  for (let round = 0; round < 200; round++) {
    const names = nameSets([0, 1, 2].map(() => one<Json>([{ a: 1 }, { a: { b: 1 } }, { b: 1 }, { a: 1, b: 1 }])))
    const named = sets.map((set) => names.nameOf(set))
    expect(known.alike(sets, names)).toEqual(named.map((name) => named.indexOf(name)))
  }
})

interface Overlay {
  readonly written: When
  readonly value: Json
}

/** Of distinct labels: two for the same are an error. */
const overlaysOf = (whens: readonly When[]): Overlay[] =>
  [...new Map(whens.map((when) => [whenKey(when), when])).values()].map((written) => ({
    written,
    value: one<Json>([
      { a: 1 },
      { a: 2 },
      { a: { b: 1 } },
      { a: { c: { $delete: true } } },
      { b: 1 },
      { a: 3, b: 1 },
      {},
    ]),
  }))

const overlayOrders = [
  ['zone', 'track'],
  ['track', 'zone'],
  ['idc', 'track'],
  ['zone', 'track', 'idc'],
  ['track', 'idc'],
]

const whensOf = (overlays: readonly Overlay[]) => overlays.map(({ written }) => written)

const namesOf = (overlays: readonly Overlay[]) => nameSets(overlays.map(({ value }) => value))

/** With what each comes to in the place of its hash. */
const variantsOf = (sets: Sets | undefined, overlays: readonly Overlay[]) =>
  (sets ?? []).map((set) => {
    const patches = set.map((at) => overlays[at]?.value as Json)
    const bases: readonly Json[] = [{}, { a: 1 }, { a: { b: 7, c: 8 }, b: [9] }]
    return { overlays: set, hash: bases.map((base) => canonicalText(patches.reduce(mergePatch, base))).join() }
  })
