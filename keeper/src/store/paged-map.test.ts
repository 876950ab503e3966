import { expect, test } from 'vitest'
import { type Random, seededRandom } from '../base/random.js'
import { type Journal, rollback } from './journal.js'
import { type Page, readPage } from './page.js'
import { PagedMap } from './paged-map.js'
import { StateHash } from './state-hash.js'

/** The paged map against a plain one, over splits, joins, values beside the page, flushes and rollbacks. */

const bytes = (text: string) => Buffer.from(text, 'latin1')
const hashOf = (map: PagedMap): string => {
  const hash = new StateHash()
  map.addTo(hash)
  return hash.hex()
}

function contents(map: PagedMap, low = '', high?: string): string[] {
  const found: string[] = []
  map.scan(bytes(low), high === undefined ? undefined : bytes(high), (page, slot) => {
    found.push(map.peek(page, slot).toString('latin1').slice(0, 20))
    return true
  })
  return found
}

const sorted = (plain: Map<string, string>, low = '', high = '\xff\xff') =>
  [...plain.keys()]
    .filter((key) => low <= key && key < high)
    .sort()
    .map((key) => (plain.get(key) as string).slice(0, 20))

class Twin {
  readonly journal: Journal = []
  readonly hash = new StateHash()
  readonly map = new PagedMap(1, this.hash, this.journal)
  readonly plain = new Map<string, string>()
  readonly pages = new Map<number, Buffer>()
  readonly values = new Map<number, Buffer>()

  put(key: string, value: string): void {
    this.map.put(bytes(key), bytes(value))
    this.plain.set(key, value)
  }

  delete(key: string): void {
    expect(this.map.delete(bytes(key))).toBe(this.plain.delete(key))
  }

  drop(low: string, high?: string): void {
    const gone = [...this.plain.keys()].filter((key) => low <= key && (high === undefined || key < high))
    expect(this.map.drop(bytes(low), high === undefined ? undefined : bytes(high))).toBe(gone.length)
    for (const key of gone) this.plain.delete(key)
  }

  flush(): void {
    const { pages, freedPages, values, freedValues } = this.map.takeChanges()
    for (const id of freedPages) this.pages.delete(id)
    for (const id of freedValues) this.values.delete(id)
    for (const page of pages) this.pages.set(page.id, Buffer.from(page.bytes.subarray(0, page.used)))
    for (const [id, value] of values) this.values.set(id, value)
  }

  restored(): PagedMap {
    const map = new PagedMap(1, new StateHash(), [])
    const pages = [...this.pages].map(([id, stored]) => readPage(id, stored))
    // half of them come before any value, so that those which need one come again
    const [late, none]: [Page[], Page[]] = [[], []]
    for (const page of pages.slice(pages.length / 2)) map.restorePage(page, late)
    for (const [id, value] of this.values) map.restoreValue(id, value)
    for (const page of [...pages.slice(0, pages.length / 2), ...late]) map.restorePage(page, none)
    expect(none).toEqual([])
    map.restored(pages)
    return map
  }
}

const randomKey = (random: Random, below: number) => `${random.below(3) === 0 ? 'prefix/' : ''}${random.below(below)}`
const randomValue = (random: Random) => {
  const dice = random.below(100)
  return `${random.below(1e6)}`.repeat(dice === 0 ? 800 : dice < 20 ? 60 : 1 + random.below(4))
}

test.each([1, 2, 3])('it holds what a plain map holds (seed %i)', (seed) => {
  const random = seededRandom(seed)
  const twin = new Twin()
  for (let round = 0; round < 12; round++) {
    const growing = round % 4 !== 3
    for (let i = 0; i < 1_500; i++) {
      const key = randomKey(random, 2_000)
      if (random.below(10) < (growing ? 7 : 1)) twin.put(key, randomValue(random))
      else twin.delete(key)
    }
    twin.journal.length = 0
    if (random.below(2) === 0) twin.flush()
    const [low, high] = [randomKey(random, 2_000), randomKey(random, 2_000)].sort() as [string, string]
    expect(contents(twin.map, low, high)).toEqual(sorted(twin.plain, low, high))
    expect(twin.map.count(bytes(low), bytes(high))).toBe(sorted(twin.plain, low, high).length)
    if (random.below(2) === 0) twin.drop(low, random.below(4) === 0 ? undefined : high)
    expect(twin.map.size).toBe(twin.plain.size)
    expect(twin.hash.hex()).toBe(hashOf(twin.map))
    expect(contents(twin.map)).toEqual(sorted(twin.plain))
  }
  twin.flush()
  const restored = twin.restored()
  expect(contents(restored)).toEqual(sorted(twin.plain))
  expect([restored.size, restored.bytes, hashOf(restored)]).toEqual([twin.map.size, twin.map.bytes, twin.hash.hex()])
})

test('many keys make many groups of pages, and emptying it leaves no record behind', () => {
  const twin = new Twin()
  const keys = Array.from({ length: 40_000 }, (_, at) => String((at * 7919) % 40_000).padStart(6, '0'))
  for (const key of keys) twin.put(key, key)
  twin.flush()
  expect(contents(twin.map, '', '000100')).toEqual(sorted(twin.plain, '', '000100'))
  expect(twin.pages.size).toBeGreaterThan(600)
  expect(twin.map.get(bytes('031234'))?.toString()).toBe('031234')
  for (const key of keys) twin.delete(key)
  twin.flush()
  expect([twin.map.size, twin.map.bytes, twin.pages.size, twin.hash.hex()]).toEqual([0, 0, 0, '0'.repeat(16)])
  for (const key of keys) twin.put(key, key)
  twin.flush()
  twin.drop('000100', '039000')
  expect(contents(twin.map)).toEqual(sorted(twin.plain))
  twin.drop('')
  twin.flush()
  expect([twin.map.size, twin.map.bytes, twin.pages.size, twin.hash.hex()]).toEqual([0, 0, 0, '0'.repeat(16)])
})

test('a rollback restores content and hash, values beside the page among them', () => {
  const random = seededRandom(9)
  const twin = new Twin()
  for (let i = 0; i < 2_000; i++) twin.put(randomKey(random, 1_000), randomValue(random))
  twin.put('big', 'b'.repeat(5_000))
  twin.journal.length = 0
  const before = [contents(twin.map), twin.hash.hex(), twin.map.bytes]
  for (let i = 0; i < 1_000; i++) {
    if (random.below(2) === 0) twin.map.put(bytes(randomKey(random, 1_500)), bytes(randomValue(random)))
    else twin.map.delete(bytes(randomKey(random, 1_500)))
  }
  twin.map.delete(bytes('big'))
  rollback(twin.journal)
  expect([contents(twin.map), twin.hash.hex(), twin.map.bytes]).toEqual(before)
  twin.flush()
  expect(contents(twin.restored())).toEqual(before[0])
})

test('the hash knows neither order nor layout, but key from value and one table from another', () => {
  const [up, down] = [new Twin(), new Twin()]
  for (let i = 0; i < 500; i++) up.put(`${i}`, 'x')
  for (let i = 499; i >= 0; i--) down.put(`${i}`, 'x')
  expect(up.hash.hex()).toBe(down.hash.hex())
  const hashes = [
    ['a', 'bc'],
    ['ab', 'c'],
    ['abc', ''],
    ['', 'abc'],
    ['a', 'bd'],
  ].map(([key, value]) => {
    const twin = new Twin()
    twin.put(key as string, value as string)
    return twin.hash.hex()
  })
  const other = new StateHash()
  new PagedMap(2, other, []).put(bytes('a'), bytes('bc'))
  expect(new Set([...hashes, other.hex()]).size).toBe(6)
})

test('it knows about how many bytes the next flush writes: each changed page once, and nothing after it', () => {
  const { map } = new Twin()
  for (let at = 0; at < 1_000; at++) map.put(bytes(`k${String(at).padStart(6, '0')}`), Buffer.alloc(300))
  map.takeChanges()
  expect(map.dirtyBytes).toBe(0)
  for (let turn = 0; turn < 50; turn++) map.put(bytes('k000500'), Buffer.alloc(300, turn))
  const once = map.dirtyBytes
  expect(once).toBeGreaterThan(300)
  expect(once).toBe(map.takeChanges().pages.reduce((sum, { used }) => sum + used, 0))
})

test('pages that filled up in order, and pages that a flush holds, have no bytes to spare', () => {
  const { map } = new Twin()
  const keys = Array.from({ length: 1_000 }, (_, at) => bytes(`k${String(at).padStart(6, '0')}`))
  for (const key of keys) map.put(key, Buffer.alloc(300))
  const full = map.takeChanges().pages.slice(0, -1)
  expect(full.map(({ bytes: { length }, used }) => length - used)).toEqual(full.map(() => 0))
  for (const key of keys) map.put(key, Buffer.alloc(300, 1))
  expect(full.map(({ bytes: { length }, used }) => length - used)).toEqual(full.map(() => 0))
})
