import { expect, test } from 'vitest'
import { decodeText } from '../base/codec.js'
import { seededRandom } from '../base/random.js'
import { Rope } from '../base/rope.js'
import { canonicalJson } from './canonical.js'
import { diffValues } from './diff.js'
import { diffBytes } from './diff-bytes.js'
import type { Json } from './json.js'

const random = seededRandom(11)
const one = <T>(of: readonly T[]): T => of[random.below(of.length)] as T

const scalars: readonly Json[] = [0, -1.5, true, null, '', 'a', 'a"b\\', '[,]', '{"', 'ü𝄞', '\\"', 'a\n']

/** A value that differs from `from` in few places, if at all. */
function varied(from: Json): Json {
  if (random.below(4) === 0) return value(0)
  if (Array.isArray(from)) {
    const items = from.map((item) => (random.below(3) === 0 ? varied(item) : item))
    return random.below(6) === 0 ? [...items, value(2)] : items
  }
  if (typeof from !== 'object' || from === null) return random.below(2) === 0 ? from : one(scalars)
  const kept = Object.entries(from).filter(() => random.below(6) > 0)
  const more = random.below(4) === 0 ? [[one(keys), value(2)] as const] : []
  return Object.fromEntries([...kept.map(([key, item]) => [key, random.below(3) === 0 ? varied(item) : item]), ...more])
}

const keys = ['a', 'b/c', '~', '9', '10', 'ü', '"', '\\', '{']

function value(depth: number): Json {
  if (depth > 3 || random.below(3) === 0) return one(scalars)
  if (random.below(2) === 0) return Array.from({ length: random.below(4) }, () => value(depth + 1))
  return Object.fromEntries(keys.filter(() => random.below(3) === 0).map((key) => [key, value(depth + 1)]))
}

/** Cut anywhere, or behind commas as another one, too. */
function inParts(bytes: Uint8Array): Rope {
  const parts: Uint8Array[] = []
  const behindCommas = random.below(4) > 0
  for (let at = 0; at < bytes.length; ) {
    const end = behindCommas ? bytes.indexOf(0x2c, at) + 1 || bytes.length : at + 1 + random.below(40)
    const part = bytes.subarray(at, end)
    parts.push(part)
    at += part.length
  }
  return new Rope(
    parts.map((part) => ({
      ...(random.below(3) > 0 && { name: Buffer.from(part).toString('hex') }),
      length: part.length,
      load: (memory) => (random.below(2) > 0 ? part : written(part, memory())),
    })),
  )
}

const written = (part: Uint8Array, memory: Uint8Array): Uint8Array => {
  memory.fill(0)
  memory.set(part)
  return memory.subarray(0, part.length)
}

const parsedFrom = (bytes: Rope): Json => JSON.parse(decodeText(bytes.slice(0, bytes.length)))

test('of bytes it is told what would be told of their values', () => {
  let differing = 0
  for (let round = 0; round < 5_000; round++) {
    const before = value(0)
    const after = varied(before)
    const { changes, total } = diffBytes(inParts(canonicalJson(before)), inParts(canonicalJson(after)), 1_000)
    const parsed = changes.map(({ pointer, before: was, after: is }) => ({
      pointer,
      ...(was && { before: parsedFrom(was) }),
      ...(is && { after: parsedFrom(is) }),
    }))
    const expected = diffValues(before, after)
    expect(parsed, JSON.stringify([before, after])).toEqual(expected)
    expect(total).toBe(expected.length)
    if (total > 0) differing++
  }
  expect(differing).toBeGreaterThan(2_000)
})

test('of many changes the first are told, and all counted', () => {
  const list = (first: number) => canonicalJson(Array.from({ length: 5 }, (_, at) => first + at))
  const { changes, total } = diffBytes(Rope.of(list(0)), Rope.of(list(5)), 2)
  expect([changes.map(({ pointer }) => pointer), total]).toEqual([['/0', '/1'], 5])
})

test('a number that goes on in the next part is another one', () => {
  const inTwo = (head: string, tail: string) =>
    new Rope([head, tail].map((text) => ({ name: text, length: text.length, load: () => Buffer.from(text) })))
  const { changes } = diffBytes(inTwo('[1,12', ']'), inTwo('[1,12', '3]'), 10)
  expect(
    changes.map(({ pointer, before, after }) => [pointer, before && parsedFrom(before), after && parsedFrom(after)]),
  ).toEqual([['/1', 12, 123]])
})
