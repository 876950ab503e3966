// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what it is about

import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { canonicalText } from './canonical.js'
import { GappedText } from './gapped-text.js'
import { copy, type Json } from './json.js'
import type { Ref } from './placeholders.js'
import { BoundRefs } from './resolve-refs.js'

const refs = ['x', 'y', 'z'].map((name): Ref => {
  return { kind: 'ref', text: `$\{ref:a/${name}}`, at: 0, name: `a/${name}`, pointer: '' }
})
const numberOf = ({ name }: Ref): number | undefined => {
  const number = refs.findIndex((ref) => ref.name === name)
  return number < 0 ? undefined : number
}

/** What stands there when each reference leads to the value of its number; undefined where something is wrong. */
function resolved(value: Json, fillings: readonly (Json | undefined)[]): string | undefined {
  const bound = new BoundRefs(0)
  for (const [at, ref] of refs.entries()) bound.bind(ref, targetOf(fillings[at]))
  const { value: made, faults } = bound.resolve(copy(value), [])
  return faults.length > 0 ? undefined : canonicalText(made)
}

const fillingOf = (value: Json | undefined) => (value === undefined ? value : { value, text: canonicalText(value) })

const targetOf = (value: Json | undefined) => ({
  ...{ key: '', shape: '[]', overlays: [] },
  fillingFor: () => fillingOf(value),
})

const filled = (value: Json, fillings: readonly (Json | undefined)[]): string | undefined =>
  GappedText.of(value, numberOf)?.fill(fillings.map(fillingOf))

test('gaps filled are references resolved', () => {
  const random = seededRandom(11)
  const one = <T>(of: readonly T[]): T => of[random.below(of.length)] as T
  const pieces = [
    '$',
    '{',
    '"',
    '\\',
    'é',
    '\ud83d',
    '\ude00',
    '\u0000',
    '${other}',
    '${ref:a/x}',
    '${ref:a/y}',
    '${ref:a/z}',
  ]
  const text = () => Array.from({ length: random.below(4) }, () => one(pieces)).join('')
  const value = (depth: number): Json => {
    if (depth === 0 || random.below(3) === 0) return one<Json>([text(), text(), text(), 1, true, null])
    if (random.below(2) === 0) return Array.from({ length: random.below(3) }, () => value(depth - 1))
    return Object.fromEntries(['b', '10', '9', 'a', '${ref:a/x}'].map((key) => [key, value(depth - 1)]))
  }
  let done = 0
  for (let round = 0; round < 3_000; round++) {
    const [made, fillings] = [
      value(2),
      refs.map(() => one<Json | undefined>([text(), 1.5, false, undefined, { b: 1, 10: '' }])),
    ]
    const now = filled(made, fillings)
    const what = JSON.stringify([made, fillings])
    if (now !== undefined || resolved(made, fillings) === undefined) expect(now, what).toBe(resolved(made, fillings))
    if (now?.includes(canonicalText(fillings[0] ?? '')) && canonicalText(made).includes('${ref:a/x}')) done++
  }
  expect(done).toBeGreaterThan(300)
})

test('a string that looks like the mark of a gap leaves the value to be resolved as a whole', () => {
  expect(filled({ a: '\u0000gap0\u0000', b: '${ref:a/x}' }, [1])).toBeUndefined()
  expect(filled({ '\u0000gap0\u0000': '${ref:a/x}' }, [1])).toBeUndefined()
  expect(filled({ a: 'gap0', b: '${ref:a/x}' }, [1])).toBe('{"a":"gap0","b":1}')
})

test('a reference that was not there when the files were read has no gap', () => {
  expect(filled({ a: '${ref:a/other}' }, [1])).toBeUndefined()
})
