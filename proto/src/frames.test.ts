import { expect, test } from 'vitest'
import { configChange, joinPush, serverFrame, services, toSafe } from './index.js'

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
  const joined = joinPush(
    1,
    2 ** 40,
    changes.map((c) => configChange.encode(c)),
  )
  expect(joined.equals(whole)).toBe(true)
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
