import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from './codec.js'
import { KeeperError } from './errors.js'
import { seededRandom } from './random.js'

const code = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    return error instanceof KeeperError ? error.code : 'not typed'
  }
  return 'no error'
}

test('what was written is read back, through every kind and past the first capacity', () => {
  const long = 'ü'.repeat(500)
  const writer = new ByteWriter(4)
    .byte(7)
    .uint(0)
    .uint(127)
    .uint(128)
    .uint(Number.MAX_SAFE_INTEGER)
    .int64(-5n)
    .uint32(0xffffffff)
    .text(long)
    .boolean(true)
  const reader = new ByteReader(Buffer.from(writer.finish()))
  expect(reader.byte()).toBe(7)
  expect([reader.uint(), reader.uint(), reader.uint(), reader.uint()]).toEqual([0, 127, 128, Number.MAX_SAFE_INTEGER])
  expect(reader.int64()).toBe(-5n)
  expect(reader.uint32()).toBe(0xffffffff)
  expect(reader.text()).toBe(long)
  expect(reader.boolean()).toBe(true)
  expect(reader.remaining).toBe(0)
})

test('random integers of every length survive', () => {
  const random = seededRandom(3)
  for (let i = 0; i < 2_000; i++) {
    const value = Math.floor(random.unit() * 2 ** (1 + random.below(53)))
    expect(new ByteReader(new ByteWriter().uint(value).finish()).uint()).toBe(value)
  }
})

test('a record that ends early, an integer past 2^53 and broken UTF-8 are E_CORRUPT', () => {
  expect(code(() => new ByteReader(Buffer.from([5, 1, 2])).bytes())).toBe('E_CORRUPT')
  expect(code(() => new ByteReader(Buffer.alloc(9, 0xff)).uint())).toBe('E_CORRUPT')
  expect(code(() => new ByteReader(Buffer.from([1, 0xff])).text())).toBe('E_CORRUPT')
})

test('a number that is no unsigned safe integer is not written', () => {
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN])
    expect(code(() => new ByteWriter().uint(value))).toBe('E_INTERNAL')
})
