import { describe, expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { makeHouse } from './testing/house.js'
import { hashOf } from './testing/shared-log.js'
import { room, settled, TestClient } from './testing/test-client.js'

const subscriptions = ['push/room']
const zones = { overlays: [{ file: 'room@zone=bj.yaml', when: { zone: 'bj' } }] }
const perZone = (base: unknown, bj: unknown) => ({
  'push/room': { ...zones, variants: [{ value: base }, { overlays: [0], value: bj }] },
})

const joinMany = (hub: Parameters<typeof TestClient.join>[0], count: number, hello = { subscriptions }) =>
  Promise.all(Array.from({ length: count }, (_, at) => TestClient.join(hub, `room-${at}`, hello)))

describe('bytes are made once', () => {
  test('for one value: the same frame object goes to all, at hello and at a change', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const clients = await joinMany(hub, 100)
    log.publish({ 'push/room': { value: 2 } })
    for (const at of [1, 2]) expect(new Set(clients.map((client) => client.connection.sent[at])).size).toBe(1)
    expect(hub.stats()).toMatchObject({ changesEncoded: 2, pushesJoined: 2 })
  })

  test('for each distinct value of the variants, and each distinct set of changes', async () => {
    const { hub, log } = makeHouse()
    const many = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        TestClient.join(hub, `room-${at}`, {
          identity: room(`room-${at}`, at % 2 ? { zone: 'bj' } : {}),
          subscriptions: at < 20 ? ['push/room', 'push/common'] : ['push/room'],
        }),
      ),
    )
    log.publish({ ...perZone(1, 2), 'push/common': { value: 'c' } })
    expect(hub.stats()).toMatchObject({ changesEncoded: 3, pushesJoined: 4 })
    expect(new Set(many.map((client) => client.connection.sent[1])).size).toBe(4)
    expect(many[0]?.values).toEqual([['push/common="c"', 'push/room=1']])
    expect(many[29]?.values).toEqual([['push/room=2']])
  })

  test('for variants that come to the same value', async () => {
    const { hub, log } = makeHouse()
    const identity = room('room-b', { zone: 'bj' })
    const bj = await TestClient.join(hub, 'room-b', { identity, subscriptions })
    const other = await TestClient.join(hub, 'room-o', { subscriptions })
    log.publish(perZone('same', 'same'))
    expect(bj.connection.sent[1]).toBe(other.connection.sent[1])
    expect(hub.stats().changesEncoded).toBe(1)
  })

  test('whichever order a process names its configs in', async () => {
    const { hub, log } = makeHouse()
    const one = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room', 'push/common'] })
    const two = await TestClient.join(hub, 'room-2', { subscriptions: ['push/common', 'push/room'] })
    log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 1 } })
    expect(one.connection.sent[1]).toBe(two.connection.sent[1])
  })
})

test('a change says when it was committed, as long as that is known', async () => {
  const { hub, log, clock } = makeHouse()
  const live = await TestClient.join(hub, 'room-1', { subscriptions })
  log.publish({ 'push/room': { value: 1 } })
  const committed = String(clock.wall())
  clock.advance(5_000)
  const late = await TestClient.join(hub, 'room-2', { subscriptions })
  expect([live, late].map((client) => client.pushes[0]?.changes[0]?.committedUnixMs)).toEqual([committed, committed])
})

describe('whom a config is meant for', () => {
  test('overlays that change move processes to other values', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 'all' } })
    const identity = room('room-b', { zone: 'bj' })
    const bj = await TestClient.join(hub, 'room-b', { identity, subscriptions })
    const other = await TestClient.join(hub, 'room-o', { subscriptions })
    log.publish(perZone('all', 'bj'))
    log.publish({ 'push/room': { value: 'all' } })
    expect(bj.values).toEqual([['push/room="all"'], ['push/room="bj"'], ['push/room="all"']])
    expect(other.values).toEqual([['push/room="all"']])
  })

  test('a process that comes to an older variant from a newer one sees no revision step back', async () => {
    const { hub, log } = makeHouse()
    const identity = room('room-b', { zone: 'bj' })
    const first = log.publish(perZone('all', 'bj'))
    log.publish({ 'push/room': { value: 'newer' } })
    const bj = await TestClient.join(hub, 'room-b', { identity, subscriptions })
    const variants = [{ value: 'newest' }, { overlays: [0], value: 'bj', revision: first }]
    const last = log.publish({ 'push/room': { ...zones, variants } })
    const fresh = await TestClient.join(hub, 'room-f', { identity: room('room-f', { zone: 'bj' }), subscriptions })
    expect(bj.pushes[1]).toMatchObject({ revision: String(last), changes: [{ revision: String(last) }] })
    expect(fresh.pushes[0]).toMatchObject({ changes: [{ revision: String(first), hash: hashOf('bj') }] })
    bj.ack(bj.pushes[1])
    expect(hub.ledger()[0]).toMatchObject({ instance: 'room-b', wantedRevision: last, revision: last, current: true })
  })

  test('an audience that loses a process takes the config from it, and says why; and gives it back', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions })
    log.publish({ 'push/room': { value: 1, audience: { labels: { zone: 'bj' } } } })
    expect(client.values[1]).toEqual(['push/room removed'])
    client.ack(client.pushes[1])
    expect(hub.ledger({ name: 'push/room' })).toMatchObject([
      { wantedHash: '', state: 'applied', current: true, reason: 'no longer in the audience' },
    ])
    log.publish({ 'push/room': { value: 2 } })
    expect(client.values[2]).toEqual(['push/room=2'])
  })

  test('a config that appears for others stays absent', async () => {
    const { hub, log } = makeHouse()
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/register'] })
    log.publish({ 'push/register': { value: 1 } })
    expect([client.welcome?.absent, client.pushes]).toEqual([['push/register'], []])
  })

  test('namespaces do not see each other', async () => {
    const { hub, log } = makeHouse({ namespaces: () => true })
    const here = await TestClient.join(hub, 'room-1', { subscriptions })
    const there = await TestClient.join(hub, 'room-1', { subscriptions, namespace: 'blue' })
    log.publish({ 'push/room': { value: 'blue' } }, 'blue')
    expect([here.values, there.values]).toEqual([[], [['push/room="blue"']]])
    expect(hub.ledger({ name: 'push/room', namespace: 'blue' })).toHaveLength(1)
  })
})

describe('a removed config', () => {
  test('is said to be removed, once, and pushed again when it comes back', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions })
    const revision = log.publish({ 'push/room': { removed: true } })
    log.publish({ 'push/room': { removed: true } })
    log.publish({ 'push/room': { value: 1 } })
    expect(client.values).toEqual([['push/room=1'], ['push/room removed'], ['push/room=1']])
    expect(client.pushes[1]?.changes).toMatchObject([{ hash: '', revision: String(revision), removed: true }])
  })

  test('is news to a process that still holds it, and absent for one that does not', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    log.publish({ 'push/room': { removed: true } })
    const held = [{ name: 'push/room', storeEpoch: 1, revision: 1, hash: hashOf(1) }]
    const holder = await TestClient.join(hub, 'room-1', { subscriptions, held })
    const fresh = await TestClient.join(hub, 'room-2', { subscriptions })
    expect([holder.welcome?.pending, holder.values]).toEqual([1, [['push/room removed']]])
    expect([fresh.welcome?.absent, fresh.values]).toEqual([['push/room'], []])
  })
})

describe('subscriptions of an open session', () => {
  test('are answered first, then pushed, and end when cancelled', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1')
    client.say({ subscribe: { id: 3, names: ['push/room', 'push/common'] } })
    expect(client.frames.map((frame) => frame.kind)).toEqual(['welcome', 'subscribed', 'push'])
    expect(client.got('subscribed')).toMatchObject([{ id: '3', pending: 2 }])
    client.say({ subscribe: { id: 4, cancel: ['push/room', 'push/never'] } })
    log.publish({ 'push/room': { value: 2 }, 'push/common': { value: 2 } })
    expect(client.values[1]).toEqual(['push/common=2'])
    expect(hub.ledger({ name: 'push/room' })).toEqual([])
  })

  test('asked for twice are one', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room', 'push/room'] })
    client.say({ subscribe: { id: 1, names: ['push/room'] } })
    log.publish({ 'push/room': { value: 2 } })
    expect(client.values).toEqual([['push/room=1'], ['push/room=2']])
    expect(hub.ledger({ name: 'push/room' })).toHaveLength(1)
  })
})

describe('a process that does not read', () => {
  test('costs itself 10,000 updates and nobody else one; then it gets the newest, once', async () => {
    const { hub, log, clock } = makeHouse()
    const [stalled, ...others] = await joinMany(hub, 4)
    if (!stalled) throw new Error('nobody joined')
    stalled.connection.stalled = true
    for (let value = 1; value <= 10_000; value++) log.publish({ 'push/room': { value } })
    for (const other of others) expect(other.connection.sent).toHaveLength(1 + 10_000)
    // One frame told the hub that it is slow; nothing was queued after it.
    expect(stalled.connection.sent).toHaveLength(1 + 1)
    expect(stalled.connection.queuedBytes).toBeLessThan(200)
    expect(clock.pending).toBe(0)
    expect(hub.stats().cachedBytes).toBeLessThan(1000)
    stalled.connection.stalled = false
    stalled.connection.drain()
    expect(stalled.values).toEqual([['push/room=1'], ['push/room=10000']])
    stalled.ack(stalled.pushes[1])
    expect(hub.summary('push/room')).toMatchObject({ current: 1, processes: 4 })
  })

  test('gets nothing more when all came back to what it has', async () => {
    const { hub, log } = makeHouse()
    const client = await TestClient.join(hub, 'room-1', { subscriptions })
    client.connection.stalled = true
    for (const value of [1, 2, 1]) log.publish({ 'push/room': { value } })
    client.connection.stalled = false
    client.connection.drain()
    expect(client.values).toEqual([['push/room=1']])
  })

  test('is known as slow from any frame, and gets no push until it reads', async () => {
    const { hub, log } = makeHouse()
    const client = await TestClient.join(hub, 'room-1', { subscriptions })
    client.connection.stalled = true
    client.say({ heartbeat: { sequence: 1 } })
    log.publish({ 'push/room': { value: 1 } })
    expect(client.frames.map((frame) => frame.kind)).toEqual(['welcome', 'heartbeat'])
    client.connection.drain()
    expect(client.values).toEqual([['push/room=1']])
  })

  test('and asks on and on is cut off when its answers are too many', async () => {
    const { hub } = makeHouse({ limits: { sessionQueueBytesMax: 1000 } })
    const client = await TestClient.join(hub, 'room-1')
    client.connection.stalled = true
    for (let sequence = 0; sequence < 1000 && !client.connection.ended; sequence++)
      client.say({ heartbeat: { sequence } })
    expect(client.connection.error?.code).toBe('E_TOO_MANY')
    expect(client.connection.queuedBytes).toBeLessThan(1200)
  })
})

describe('a push larger than a chunk', () => {
  const long = (letter: string) => letter.repeat(1000)
  const options = { limits: { pushChunkBytes: 300 } }

  test('comes in shared pieces that make the whole', async () => {
    const { hub, log } = makeHouse(options)
    const clients = await joinMany(hub, 3)
    log.publish({ 'push/room': { value: long('a') } })
    for (const client of clients) expect(client.values).toEqual([[`push/room="${long('a')}"`]])
    expect(clients[0]?.got('chunk').map((chunk) => chunk.bytes.length)).toEqual([300, 300, 300, expect.any(Number)])
    expect(clients[0]?.connection.sent[2]).toBe(clients[2]?.connection.sent[2])
  })

  test('is paced by the reader; another push waits, other words pass', async () => {
    const { hub, log } = makeHouse(options)
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room', 'push/common'] })
    client.connection.stalled = true
    log.publish({ 'push/room': { value: long('a') } })
    log.publish({ 'push/common': { value: 1 } })
    client.say({ heartbeat: { sequence: 1 } })
    client.connection.drain()
    expect(client.frames.map((frame) => frame.kind)).toEqual(['welcome', 'chunk', 'heartbeat', 'chunk'])
    client.connection.stalled = false
    client.connection.drain()
    expect(client.values).toEqual([[`push/room="${long('a')}"`], ['push/common=1']])
  })

  test('of many chunks goes on turn by turn, for all in step: none is made twice, and no more are there at a time', async () => {
    const { hub, log, clock } = makeHouse(options)
    const clients = await joinMany(hub, 3)
    const value = 'long '.repeat(200 * limits.pushChunksPerTurn)
    log.publish({ 'push/room': { value } })
    const counts = () => clients.map((client) => client.got('chunk').length)
    let turns = 1
    for (; clients[0]?.values.length === 0; turns++) {
      expect(counts()).toEqual(Array(3).fill(turns * limits.pushChunksPerTurn))
      clock.advance(1)
    }
    expect(turns).toBeGreaterThan(2)
    for (const client of clients) expect(client.values).toEqual([[`push/room="${value}"`]])
    for (const [at, frame] of clients[0]?.connection.sent.entries() ?? [])
      if (clients[0]?.frames[at]?.kind === 'chunk') expect(clients[2]?.connection.sent[at]).toBe(frame)
    log.publish({ 'push/room': { value: 1 } })
    expect(clients[1]?.values.at(-1)).toEqual(['push/room=1'])
    expect(clock.pending).toBe(0)
  })

  test('whose process reads no more in the midst of it waits for nothing but that', async () => {
    const { hub, log, clock } = makeHouse(options)
    const [client] = await joinMany(hub, 1)
    const value = 'long '.repeat(200 * limits.pushChunksPerTurn)
    log.publish({ 'push/room': { value } })
    const { connection } = client as TestClient
    connection.stalled = true
    client?.say({ heartbeat: { sequence: 1 } })
    const timers = clock.pending
    clock.advance(1)
    expect(clock.pending).toBeLessThan(timers)
    connection.stalled = false
    connection.drain()
    for (let turn = 0; turn < 10; turn++) clock.advance(1)
    expect(client?.values).toEqual([[`push/room="${value}"`]])
  })

  test('whose process is away in the midst of it is given up, and told anew to who comes back', async () => {
    const { hub, log, clock } = makeHouse(options)
    const [client] = await joinMany(hub, 1)
    log.publish({ 'push/room': { value: 'long '.repeat(3_000) } })
    client?.disconnect()
    for (let turn = 0; turn < 10; turn++) clock.advance(1)
    expect(client?.values).toEqual([])
  })

  test('is finished before the newer one begins', async () => {
    const { hub, log } = makeHouse(options)
    const client = await TestClient.join(hub, 'room-1', { subscriptions })
    client.connection.stalled = true
    for (const letter of ['a', 'b', 'c']) log.publish({ 'push/room': { value: long(letter) } })
    client.connection.stalled = false
    client.connection.drain()
    expect(client.values).toEqual([[`push/room="${long('a')}"`], [`push/room="${long('c')}"`]])
  })
})

test('a record that cannot be read harms nobody: the last good stays', async () => {
  const { hub, log } = makeHouse()
  log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 1 } })
  const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room', 'push/common'] })
  const key = Buffer.from('/default/config/push/room')
  const put = { kind: 'put', key, value: Buffer.from('{"v":99}'), lease: 0n, revisionSuffix: false } as const
  const operation = { ...put, prevKv: false, ignoreValue: false, ignoreLease: false }
  const txn = { compares: [], success: [operation], failure: [] }
  log.apply([{ principal: 'ops', body: { kind: 'txn', keyspace: 'system', txn } }])
  log.publish({ 'push/common': { value: 2 } })
  expect(client.values).toEqual([['push/common=1', 'push/room=1'], ['push/common=2']])
  await settled()
})
