import { describe, expect, test } from 'vitest'
import { at } from './json.js'

describe('a JSON pointer', () => {
  const value = { list: ['first', 'second'], 'a/b': { '~': 1 }, '': 'nameless' }

  test.each([
    ['', value],
    ['/list/0', 'first'],
    ['/list/1', 'second'],
    ['/a~1b/~0', 1],
    ['/', 'nameless'],
  ])('%j leads to a value', (pointer, found) => {
    expect(at(value, pointer)).toEqual(found)
  })

  test.each(['/list/', '/list/01', '/list/-', '/list/2', '/list/1e0', '/list/ 1', '/list/length', '/toString'])(
    '%j leads to nothing',
    (pointer) => {
      expect(at(value, pointer)).toBeUndefined()
    },
  )
})
