import { expect, test } from 'vitest'
import { applyDelta } from './delta.js'

const base = Buffer.from('the quick brown fox')
const copy = (from: number, count: number) => [count * 2, from]
const insert = (text: string) => [text.length * 2 + 1, ...Buffer.from(text)]
const made = (...instructions: number[][]) => applyDelta(base, Buffer.from(instructions.flat())).toString()

test('a difference copies from the base and inserts what is new', () => {
  expect(made(copy(0, 4), insert('slow'), copy(9, 10))).toBe('the slow brown fox')
  expect(made(copy(16, 3), insert(' '), copy(0, 3))).toBe('fox the')
  expect(made()).toBe('')
})

test.each([
  ['copies from behind the end', copy(15, 5)],
  ['copies from far behind the end', [2, 0xff, 0xff, 0xff, 0x7f]],
  ['inserts more than there is', [21, 1, 2]],
  ['ends within a number', [0x80]],
  ['ends before an offset', [2]],
  ['holds a number without end', Array(12).fill(0xff)],
])('a difference that %s is refused', (_what, bytes) => {
  expect(() => made(bytes)).toThrow(expect.objectContaining({ code: 'E_FRAME_GARBAGE' }))
})

test('a difference that would make a value over the limit is refused before it is made', () => {
  const large = Buffer.alloc(40 * 1024 * 1024)
  const twice = [...Array(2)].flatMap(() => [...varint(large.length * 2), 0])
  expect(() => applyDelta(large, Buffer.from(twice))).toThrow(expect.objectContaining({ code: 'E_TOO_LARGE' }))
})

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 0x80)
  }
}
