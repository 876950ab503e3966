import { expect, test } from 'vitest'
import { decodeText } from '../base/codec.js'
import { canonicalJson } from './canonical.js'
import { diffValues } from './diff.js'

test('canonical JSON sorts keys, writes no spaces, and gives equal values equal bytes', () => {
  const text = (value: Parameters<typeof canonicalJson>[0]) => decodeText(canonicalJson(value))
  expect(text({ b: [1, { d: null, c: 'é\n' }], a: -0, 10: true, 9: 1e21 })).toBe(
    '{"10":true,"9":1e+21,"a":0,"b":[1,{"c":"é\\n","d":null}]}',
  )
})

test('a difference names the smallest paths that changed', () => {
  expect(
    diffValues(
      { a: 1, gone: { x: 1 }, list: [1, { k: 'a' }], grown: [1], same: { z: [1] }, 'a/b': 1 },
      { a: 2, fresh: null, list: [1, { k: 'b' }], grown: [1, 2], same: { z: [1] }, 'a/b': 2 },
    ),
  ).toEqual([
    { pointer: '/a', before: 1, after: 2 },
    { pointer: '/a~1b', before: 1, after: 2 },
    { pointer: '/fresh', after: null },
    { pointer: '/gone', before: { x: 1 } },
    { pointer: '/grown', before: [1], after: [1, 2] },
    { pointer: '/list/1/k', before: 'a', after: 'b' },
  ])
})

test('equal values differ in nothing, and a new or removed value differs as a whole', () => {
  expect(diffValues({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([])
  expect(diffValues(undefined, { a: 1 })).toEqual([{ pointer: '', after: { a: 1 } }])
  expect(diffValues([1], undefined)).toEqual([{ pointer: '', before: [1] }])
})
