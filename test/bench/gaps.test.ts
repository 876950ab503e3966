import { expect, test } from 'vitest'
import { longestGaps } from './gaps.js'

test('the gap of a fault begins with the last answer before it', () => {
  expect(longestGaps([0, 10, 30, 230, 235], 31, 240)).toEqual({ calmMs: 20, gapMs: 200, over: true })
})

test('a gap that is open when the watch ends counts, and is not over', () => {
  expect(longestGaps([0, 10, 30], 31, 500)).toEqual({ calmMs: 20, gapMs: 470, over: false })
  expect(longestGaps([], 31, 500)).toEqual({ calmMs: 0, gapMs: 469, over: false })
})

test('a long gap before the fault is none of it', () => {
  expect(longestGaps([0, 400, 410, 420], 405, 425)).toEqual({ calmMs: 400, gapMs: 10, over: true })
})
