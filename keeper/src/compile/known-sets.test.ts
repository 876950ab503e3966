import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { combinations, compareSets, type When } from './combinations.js'
import { nameSets } from './covering.js'
import type { Json } from './json.js'
import { KnownSets, type Sets } from './known-sets.js'

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

test('overlays that move take their sets along, in the order of combinations', () => {
  const known = new KnownSets()
  for (let round = 0; round < 500; round++) {
    const overlays = whens()
    const sets = known.combinations(overlays, { labels: {} }) as Sets
    const to = shuffled(overlays.map((_, at) => at))
    const moved = known.moved(variantsOf(sets), to)
    expect(moved.sets).toEqual([...moved.sets].sort(compareSets))
    expect(moved.sets).toEqual(moved.from.map((was) => sets[was]?.map((at) => to[at]).sort((a = 0, b = 0) => a - b)))
    expect([...moved.from].sort((a, b) => a - b)).toEqual(sets.map((_, at) => at))
    expect(known.moved(variantsOf(sets), to).sets).toBe(moved.sets)
  }
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

const variantsOf = (sets: Sets) => sets.map((overlays, at) => ({ overlays, hash: `${at}` }))

function shuffled(places: readonly number[]): number[] {
  const from = [...places]
  return places.map(() => from.splice(random.below(from.length), 1)[0] as number)
}
