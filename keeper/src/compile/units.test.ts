import { expect, test } from 'vitest'
import { toUnit } from './units.js'

test.each([
  ['300ms', 'ms', 300],
  ['300s', 's', 300],
  ['5m', 's', 300],
  ['5min', 'ms', 300_000],
  ['1.5h', 'min', 90],
  ['1d', 'h', 24],
  ['250ms', 's', 0.25],
  ['1.1s', 'ms', 1100],
  ['4.35s', 'ms', 4350],
  ['-5s', 'ms', -5000],
  ['0s', 'ms', 0],
  [' 10 s ', 'ms', 10_000],
  ['64KiB', 'bytes', 65_536],
  ['10MB', 'bytes', 10_000_000],
  ['1.5GiB', 'bytes', 1_610_612_736],
  ['7B', 'bytes', 7],
])('%s in %s is %d', (text, unit, expected) => {
  expect(toUnit(text, unit)).toBe(expected)
})

test.each([
  ['300', 'ms'],
  ['lots', 'ms'],
  ['5M', 's'],
  ['5 parsecs', 's'],
  ['64KiB', 'ms'],
  ['1e3s', 'ms'],
  ['9999999999999TiB', 'bytes'],
  ['1constructor', 'ms'],
  ['5s', 'fortnight'],
  ['', 'ms'],
])('%j is no quantity in %s', (text, unit) => {
  expect(toUnit(text, unit)).toBeUndefined()
})
