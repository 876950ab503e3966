import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTestKeeper, type TestKeeper } from './index.js'

let testKeeper: TestKeeper

beforeEach(() => {
  testKeeper = createTestKeeper({ configs: { 'push/room': { maxConnections: 1000 } } })
})
afterEach(() => testKeeper.close())

test('set resolves when every process that wants the config has applied it', async () => {
  const [one, two, other] = [await testKeeper.join(), await testKeeper.join(), await testKeeper.join()]
  const rooms = await Promise.all([one.config('push/room'), two.config('push/room')])
  const acks = await testKeeper.set('push/room', { maxConnections: 2000 })
  expect(rooms.map((room) => room.value)).toEqual([{ maxConnections: 2000 }, { maxConnections: 2000 }])
  expect(acks.map(({ instance, state, revision }) => [instance, state, revision])).toEqual([
    ['test-1', 'applied', 2],
    ['test-2', 'applied', 2],
  ])
  expect(other.status.state).toBe('live')
})

test('set tells who rejected and who failed, with the reason', async () => {
  const [picky, clumsy] = [await testKeeper.join({ instance: 'picky' }), await testKeeper.join({ instance: 'clumsy' })]
  await picky.config<{ maxConnections: number }>('push/room', {
    validate: ({ maxConnections }) => {
      if (maxConnections > 5000) throw new Error('too many for this host')
    },
  })
  const room = await clumsy.config('push/room')
  room.onUpdate(async () => {
    throw new Error('no redis')
  })
  const acks = await testKeeper.set('push/room', { maxConnections: 6000 })
  expect(acks.map(({ instance, state, reason }) => [instance, state, reason])).toEqual([
    ['picky', 'rejected', 'push/room: too many for this host'],
    ['clumsy', 'failed', 'no redis'],
  ])
})

test('set waits for callbacks that take their time', async () => {
  const room = await (await testKeeper.join()).config('push/room')
  let done = false
  room.onUpdate(async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    done = true
  })
  await testKeeper.set('push/room', { maxConnections: 2 })
  expect(done).toBe(true)
})

test('setAll is one change set, remove flags', async () => {
  const keeper = await testKeeper.join()
  const room = await keeper.config('push/room')
  const sets: unknown[] = []
  keeper.onChange(['push/room', 'push/common'], ({ changed, removed }) => sets.push([[...changed], [...removed]]))
  await testKeeper.setAll({ 'push/room': 1, 'push/common': 2 })
  await testKeeper.remove('push/room')
  expect(sets).toEqual([
    [['push/room', 'push/common'], []],
    [[], ['push/room']],
  ])
  expect([room.value, room.status.removed]).toEqual([1, true])
})

test('a process away keeps its values and gets the newest, once, when it is back', async () => {
  const keeper = await testKeeper.join()
  const room = await keeper.config('push/room')
  const calls: unknown[] = []
  room.onUpdate((next) => calls.push(next))
  await testKeeper.disconnect()
  expect(keeper.status.state).toBe('away')
  await testKeeper.set('push/room', 2)
  await testKeeper.set('push/room', 3)
  expect(room.value).toEqual({ maxConnections: 1000 })
  await testKeeper.reconnect()
  expect(calls).toEqual([3])
})

test('refuse is what a process sees that a config is not meant for', async () => {
  testKeeper.refuse('push/dispatcher')
  const keeper = await testKeeper.join()
  await expect(keeper.config('push/dispatcher')).rejects.toMatchObject({ code: 'E_NOT_IN_AUDIENCE' })
})

test('keys and values work as with a keeper: ranges, transactions, leases', async () => {
  const { kv } = await testKeeper.join()
  await kv.put('room/1', 'one')
  const lease = await kv.grantLease(10)
  const { previous } = await kv.put('room/1', 'uno', { previous: true, lease: lease.id })
  expect(previous?.text).toBe('one')
  await kv.put('room/2', 'two')
  const { entries, count } = await kv.range({ prefix: 'room/' }, { limit: 1 })
  expect([entries.map((entry) => [entry.keyText, entry.text, entry.version]), count]).toEqual([
    [['room/1', 'uno', 2]],
    2,
  ])
  const txn = await kv.txn({
    compare: [{ key: 'room/2', is: '=', value: 'two' }],
    success: [{ put: 'room/3', value: 'three' }, { range: { from: 'room/2', to: 'room/4' } }],
    failure: [{ delete: { prefix: '' } }],
  })
  expect(txn.succeeded).toBe(true)
  expect(txn.results[1]).toMatchObject({ kind: 'range', count: 2 })
  expect((await kv.keepLeaseAlive(lease.id)).ttlSeconds).toBe(10)
  await kv.revokeLease(lease.id)
  expect(await kv.get('room/1')).toBeUndefined()
  await expect(kv.keepLeaseAlive(lease.id)).rejects.toMatchObject({ code: 'E_LEASE_NOT_FOUND' })
  expect((await kv.delete({ prefix: 'room/' })).deleted).toBe(2)
})

test('works under a test that fakes the timers of its own code', async () => {
  vi.useFakeTimers()
  try {
    const room = await (await testKeeper.join()).config('push/room')
    await testKeeper.set('push/room', 2)
    await testKeeper.disconnect()
    await testKeeper.reconnect()
    expect(room.value).toBe(2)
  } finally {
    vi.useRealTimers()
  }
})
