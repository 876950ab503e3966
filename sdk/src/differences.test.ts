import { expect, test } from 'vitest'
import { hashOf } from './core/values.js'
import { ScriptedKeeper } from './testing/scripted-keeper.js'

const name = 'push/room'
/** A text of which the middle is other: copy 2 bytes, insert, copy the end. */
const before = JSON.stringify('a whole')
const after = JSON.stringify('a brief whole')
const delta = Buffer.from([2 * 3, 0, 2 * 6 + 1, ...Buffer.from('brief '), 2 * 6, 3])
const checkOf = (text: string, bytes = 8) => Buffer.from(hashOf(Buffer.from(text)).slice(0, 2 * bytes), 'hex')

const withFirst = async () => {
  const keeper = await new ScriptedKeeper().welcomed()
  const config = await keeper.config(name, 3, Buffer.from(before))
  const change = (more: object) =>
    keeper.send({ push: { storeEpoch: 1, revision: 5, changes: [{ name, delta, ...more }] } })
  return { keeper, config: await config, change }
}

test('a difference in the brief form makes the value of the one that is held, under the revision of the push', async () => {
  const { keeper, config, change } = await withFirst()
  await change({ check: checkOf(after) })
  expect(config.value).toBe('a brief whole')
  expect(config.status.revision).toBe(5)
  expect(keeper.acks.at(-1)).toBe('r5 APPLIED')
  await keeper.breakStream()
  keeper.runtime.advance(1_000)
  await keeper.runtime.settle()
  expect(keeper.sent('hello')[0]?.held).toMatchObject([{ revision: '5', hash: hashOf(Buffer.from(after)) }])
})

test('a difference as older keepers tell it, between hashes, makes the same value', async () => {
  const { keeper, config, change } = await withFirst()
  const hashes = { hash: hashOf(Buffer.from(after)), baseHash: hashOf(Buffer.from(before)) }
  await change({ ...hashes, revision: 5 })
  expect(config.value).toBe('a brief whole')
  expect(keeper.acks.at(-1)).toBe('r5 APPLIED')
})

test('a difference that comes again is taken as what it is', async () => {
  const { keeper, config, change } = await withFirst()
  for (let time = 0; time < 2; time++) await change({ check: checkOf(after) })
  expect(config.value).toBe('a brief whole')
  expect(keeper.acks.slice(-2)).toEqual(['r5 APPLIED', 'r5 APPLIED'])
})

test.each([
  ['makes something else than it should', { check: checkOf('other') }],
  ['has too short a check', { check: checkOf(after, 2) }],
  ['is from another value', { hash: hashOf(Buffer.from(after)), baseHash: hashOf(Buffer.from('other')) }],
  ['comes to another value than its hash', { hash: hashOf(Buffer.from('x')), baseHash: hashOf(Buffer.from(before)) }],
])('a difference that %s changes nothing: the process says anew what it holds', async (_what, more) => {
  const { keeper, config, change } = await withFirst()
  await change(more)
  expect(config.value).toBe('a whole')
  expect(keeper.now.closed).toBe(true)
  keeper.runtime.advance(10_000)
  await keeper.runtime.settle()
  expect(keeper.sent('hello')[0]?.held).toMatchObject([{ revision: '3', hash: hashOf(Buffer.from(before)) }])
})
