import { expect, test } from 'vitest'
import {
  configChange,
  joinParts,
  joinPush,
  lengthOf,
  partsOfChange,
  partsOfChunk,
  partsOfPush,
  serverFrame,
  services,
  toSafe,
} from './index.js'

const change = (name: string, value: string) => ({
  name,
  revision: 7,
  hash: 'ab',
  value: Buffer.from(value),
  committedUnixMs: 1_700_000_000_000,
})

test('a joined push is the same bytes as a serialized one', () => {
  const changes = [change('push/room', '{"a":1}'), change('push/common', 'x'.repeat(300))]
  const whole = serverFrame.encode({ push: { storeEpoch: 1, revision: 2 ** 40, changes } })
  const encoded = changes.map((one) => [configChange.encode(one)])
  const joined = joinPush(partsOfPush(1, 2 ** 40, encoded))
  expect(joined.equals(whole)).toBe(true)
})

test('a change in parts is the same bytes as a serialized one, and its value the very bytes it was given', () => {
  for (const one of [
    change('push/room', '{"a":1}'),
    { ...change('push/room', '[1]'), secret: true },
    change('a', ''),
  ]) {
    const parts = partsOfChange(one)
    expect(joinParts(parts).equals(configChange.encode(one))).toBe(true)
    expect(parts.includes(one.value)).toBe(one.value.length > 0)
  }
})

test('a push in chunks is the same bytes as serialized chunks, wherever they cut', () => {
  const push = partsOfPush(1, 300, [
    partsOfChange(change('push/room', 'x'.repeat(500))),
    partsOfChange(change('b', '1')),
  ])
  const [whole, totalBytes] = [joinParts(push), lengthOf(push)]
  for (const most of [1, 7, 64, 300, totalBytes, totalBytes + 1])
    for (let offset = 0; offset < totalBytes; offset += most) {
      const bytes = whole.subarray(offset, offset + most)
      const frame = serverFrame.encode({ chunk: { totalBytes, offset, bytes } })
      expect(Buffer.concat(partsOfChunk(push, offset, most)).equals(frame)).toBe(true)
    }
})

test('a frame read back names its kind and keeps 64 bits', () => {
  const frame = serverFrame.decode(serverFrame.encode({ welcome: { sessionId: '18446744073709551615', ttlMs: 5 } }))
  expect(frame.kind).toBe('welcome')
  expect(frame.welcome?.sessionId).toBe('18446744073709551615')
})

test('garbage is no frame', () => {
  expect(() => serverFrame.decode(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]))).toThrow()
})

test('a number past 2^53 is refused, not rounded', () => {
  expect(() => toSafe('9007199254740993')).toThrow(RangeError)
})

test('every service of the wire is there', () => {
  expect(Object.values(services).map((service) => Object.keys(service).length)).toEqual([1, 9, 12, 5, 2, 5, 4, 1, 7, 2])
})
