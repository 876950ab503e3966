import { expect, test } from 'vitest'
import type { Json } from './json.js'
import { typeChanges } from './type-changes.js'

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
})
