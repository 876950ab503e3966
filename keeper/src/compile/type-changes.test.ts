import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { Rope } from '../base/rope.js'
import { canonicalJson } from './canonical.js'
import type { Json } from './json.js'
import { type TypeChange, typeChanges } from './type-changes.js'
import { typeChangesInBytes } from './type-changes-bytes.js'

test.each<[string, Json, Json, string[]]>([
  ['a number that becomes a string', { max: 1 }, { max: '1' }, ['/max number → string']],
  ['an object that becomes a list', { a: { b: {} } }, { a: { b: [] } }, ['/a/b object → array']],
  ['a list whose items become strings', { ports: [1, 2] }, { ports: ['1'] }, ['/ports/- number → string']],
  ['one item of a mixed list', { a: [1, 'x'] }, { a: ['y', 'x'] }, ['/a/0 number → string']],
  ['null that becomes something', { a: null }, { a: 1 }, ['/a null → number']],
  ['other values of the same type', { a: 1, b: [1], c: true }, { a: 2, b: [3, 4], c: false }, []],
  ['what is new, and what is gone', { a: 1 }, { b: 'x' }, []],
  ['a key that every object inherits', {}, { toString: 1 }, []],
])('of %s', (_what, before, after, changes) => {
  expect(typeChanges(before, after).map((one) => `${one.pointer} ${one.before} → ${one.after}`)).toEqual(changes)
  expect(typeChangesInBytes(inParts(before), inParts(after))).toEqual(typeChanges(before, after))
})

const random = seededRandom(23)
const scalars: readonly Json[] = [0, -1.5, true, false, null, '', 'a"b\\', '[,]', '{"', 'ü']
const keys = ['a', 'b/c', '~', 'ü', '"', '{']

function someValue(depth: number): Json {
  if (depth > 3 || random.below(3) === 0) return scalars[random.below(scalars.length)] as Json
  if (random.below(2) === 0) return Array.from({ length: random.below(4) }, () => someValue(depth + 1))
  return Object.fromEntries(keys.filter(() => random.below(3) === 0).map((key) => [key, someValue(depth + 1)]))
}

/** Cut anywhere, as what lies on disk may be. */
function inParts(value: Json): Rope {
  const bytes = canonicalJson(value)
  const cut = random.below(bytes.length + 1)
  return new Rope(
    [bytes.subarray(0, cut), bytes.subarray(cut)].map((part) => ({ length: part.length, load: () => part })),
  )
}

test('of bytes it is told what would be told of their values', () => {
  const pointers = (changes: readonly TypeChange[]) => changes.toSorted((a, b) => (a.pointer < b.pointer ? -1 : 1))
  let told = 0
  for (let round = 0; round < 5_000; round++) {
    const [before, after] = [someValue(0), someValue(0)]
    const expected = typeChanges(before, after)
    const found = typeChangesInBytes(inParts(before), inParts(after))
    expect(pointers(found), JSON.stringify([before, after])).toEqual(pointers(expected))
    if (expected.some(({ pointer }) => pointer !== '')) told++
  }
  expect(told).toBeGreaterThan(200)
})
