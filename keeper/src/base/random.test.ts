import { expect, test } from 'vitest'
import { seededRandom } from './random.js'

test('one seed, one sequence; another seed, another', () => {
  const draw = (seed: number) =>
    Array.from(
      { length: 20 },
      (
        (random) => () =>
          random.below(1_000_000)
      )(seededRandom(seed)),
    )
  expect(draw(42)).toEqual(draw(42))
  expect(draw(42)).not.toEqual(draw(43))
})

test('every value below the bound comes, and none beside', () => {
  const random = seededRandom(1)
  const seen = new Set(Array.from({ length: 1_000 }, () => random.below(7)))
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
})
