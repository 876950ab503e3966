import { describe, expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import {
  emptyPage,
  joinPages,
  keyView,
  lowerBound,
  type Page,
  readPage,
  recordEnd,
  removeRecords,
  slotOf,
  splitPage,
  valueStart,
  writeRecord,
} from './page.js'
import { keysOfOneHash } from './testing/same-hash.js'

/** A page finds a key by the hash in its slot, so whatever moves records has to move the hashes along. */

const bytes = (text: string) => Buffer.from(text, 'latin1')
const sameHash = keysOfOneHash(3)
const keys = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'config/service-1/port', 'config/service-2/port', ...sameHash].sort()
const shuffled = [...keys].sort((left, right) => left.slice(1).localeCompare(right.slice(1)))

function write(page: Page, key: string, value: string): void {
  const found = slotOf(page, bytes(key))
  writeRecord(page, found < 0 ? lowerBound(page, bytes(key)) : found, found >= 0, bytes(key), bytes(value), 0)
}

function pageOf(records: readonly string[], id = 1): Page {
  const page = emptyPage(id)
  for (const key of records) write(page, key, `value of ${key}`)
  return page
}

const storedAs = (page: Page) => readPage(page.id, Buffer.from(page.bytes.subarray(0, page.used)))
const keysIn = (page: Page) => page.slots.map((_, slot) => keyView(page, slot).toString('latin1'))
const valuesIn = (page: Page) =>
  page.slots.map((_, slot) => page.bytes.toString('latin1', valueStart(page, slot), recordEnd(page, slot)))

/** The page has these keys, and finds them, and no other. */
function expectKeys(page: Page, expected: readonly string[]): void {
  expect(keysIn(page)).toEqual(expected)
  const found = keys.filter((key) => slotOf(page, bytes(key)) >= 0)
  expect(found).toEqual(expected)
  expect(expected.map((key) => slotOf(page, bytes(key)))).toEqual(expected.map((_, slot) => slot))
}

describe('each key is found in its slot', () => {
  test('in whatever order they came', () => {
    for (const order of [keys, shuffled, [...keys].reverse()]) expectKeys(pageOf(order), keys)
  })

  test('when values before it, or its own, become longer and shorter', () => {
    const page = pageOf(keys)
    for (const length of [1_000, 0, 200]) {
      for (const key of shuffled) {
        write(page, key, 'x'.repeat(length))
        expectKeys(page, keys)
      }
      expect(valuesIn(page)).toEqual(keys.map(() => 'x'.repeat(length)))
    }
  })

  test('when others are removed', () => {
    for (let from = 0; from < keys.length; from++) {
      for (let to = from + 1; to <= keys.length; to++) {
        const page = pageOf(keys)
        removeRecords(page, from, to)
        expectKeys(page, [...keys.slice(0, from), ...keys.slice(to)])
      }
    }
  })

  test('on either side of a split, and when the two are joined again', () => {
    for (let at = 1; at < keys.length; at++) {
      const [page, next] = [pageOf(keys), emptyPage(2)]
      splitPage(page, at, next)
      expectKeys(page, keys.slice(0, at))
      expectKeys(next, keys.slice(at))
      joinPages(page, next)
      expectKeys(page, keys)
      expect(valuesIn(page)).toEqual(keys.map((key) => `value of ${key}`))
    }
  })

  test('when the page comes from disk', () => {
    expectKeys(storedAs(pageOf(shuffled)), keys)
    expectKeys(storedAs(emptyPage(1)), [])
  })
})

test('of keys with one hash each has its own value, and one that is not there is not found', () => {
  const [first, second, third] = sameHash as [string, string, string]
  const page = pageOf([third, first])
  expect(slotOf(page, bytes(second))).toBe(-1)
  write(page, second, 'between them')
  expect(keysIn(page)).toEqual(sameHash)
  expect(valuesIn(page)).toEqual([`value of ${first}`, 'between them', `value of ${third}`])
})

test('records of other keys are not looked at: one that reads as the key that is sought is passed over', () => {
  const page = pageOf(['config/1', 'config/2'])
  page.bytes.set(page.bytes.subarray(recordEnd(page, 0), recordEnd(page, 1)), 1)
  expect(keysIn(page)).toEqual(['config/2', 'config/2'])
  expect(slotOf(page, bytes('config/2'))).toBe(1)
  expect(slotOf(page, bytes('config/1'))).toBe(-1)
})

test('a page that breaks off within a record, or says that a key is longer than all of it, is corrupt', () => {
  const stored = Buffer.from(pageOf(keys).bytes.subarray(0, pageOf(keys).used))
  const codeOf = (page: Buffer) => {
    try {
      return readPage(1, page).slots.length
    } catch (error) {
      return error instanceof KeeperError ? error.code : error
    }
  }
  expect(codeOf(stored)).toBe(keys.length)
  expect(codeOf(stored.subarray(0, -1))).toBe('E_CORRUPT')
  for (const length of [
    [0xff, 0xff, 0xff, 0xff, 0x07],
    [0x80, 0x80, 0x80, 0x80, 0x08],
  ])
    expect(codeOf(Buffer.from([1, ...length, ...stored.subarray(2)]))).toBe('E_CORRUPT')
  expect(codeOf(Buffer.concat([stored, Buffer.alloc(1024 * 1024)]))).toBe('E_CORRUPT')
})
