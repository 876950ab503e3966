import { describe, expect, test } from 'vitest'
import { decodeRecord, recordKey } from '../store/records.js'
import { makeHouse, makeHub } from './testing/house.js'
import type { LogMember } from './testing/shared-log.js'
import { hashOf } from './testing/shared-log.js'
import { holding, room, settled, TestClient } from './testing/test-client.js'

const lastWord = (member: LogMember, instance: string) => {
  const kv = member.store.get('system', recordKey('default', 'lastword', 'push', 'room', instance))
  return kv && decodeRecord('lastword', kv.value)
}

describe('a session that is taken up again', () => {
  test('goes on under its id, and gets only what changed meanwhile, once', async () => {
    const { hub, log } = makeHouse()
    const first = log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 1 } })
    const subscriptions = ['push/room', 'push/common']
    const before = await TestClient.join(hub, 'room-1', { subscriptions })
    before.disconnect()
    for (const value of [2, 3, 4]) log.publish({ 'push/room': { value } })
    const held = subscriptions.map((name) => holding(name, first, hashOf(1)))
    const after = await TestClient.join(hub, 'room-1', { ...before.credentials, subscriptions, held })
    expect(after.welcome).toMatchObject({ resumed: true, attachment: '2', sessionId: before.welcome?.sessionId })
    expect(after.welcome).toMatchObject({ pending: 1, current: ['push/common'], sessionSecret: Buffer.alloc(0) })
    expect(after.values).toEqual([['push/room=4']])
    expect(hub.sessionCount).toBe(1)
  })

  test('with a wrong secret is refused, and its owner does not notice', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const owner = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    const sessionId = owner.welcome?.sessionId ?? ''
    const thief = await TestClient.join(hub, 'room-1', { sessionId, sessionSecret: Buffer.alloc(16, 7) })
    const clumsy = await TestClient.join(hub, 'room-1', { sessionId, sessionSecret: Buffer.alloc(3) })
    expect([thief.goodbye, clumsy.goodbye]).toEqual(['E_UNAUTHENTICATED', 'E_UNAUTHENTICATED'])
    log.publish({ 'push/room': { value: 2 } })
    expect(owner.values).toEqual([['push/room=1'], ['push/room=2']])
  })

  test('with values of another cluster gets its own, also where the bytes are the same', async () => {
    const { hub, log } = makeHouse()
    const revision = log.publish({ 'push/room': { value: 1 } })
    const subscriptions = ['push/room']
    const held = [holding('push/room', revision + 50, hashOf(1))]
    const client = await TestClient.join(hub, 'room-1', { clusterId: 'cluster-0', subscriptions, held })
    expect(client.got('push').map((push) => push.revision)).toEqual([String(revision)])
    client.ack(client.pushes[0])
    expect(hub.ledger()).toMatchObject([{ revision, wantedRevision: revision, current: true }])
  })

  test('by another process is refused, even with the secret', async () => {
    const { hub } = makeHouse()
    const owner = await TestClient.join(hub, 'room-1')
    const other = await TestClient.join(hub, 'room-2', owner.credentials)
    expect(other.goodbye).toBe('E_UNAUTHENTICATED')
  })

  test('and is not known is not replaced silently by a new one', async () => {
    const { hub } = makeHouse()
    const client = await TestClient.join(hub, 'room-1', { sessionId: '42', sessionSecret: Buffer.alloc(16) })
    expect(client.goodbye).toBe('E_SESSION_UNKNOWN')
    expect(client.connection.error).toBeUndefined()
  })

  test('from another cluster is unknown here; without it the process is welcome', async () => {
    const { hub } = makeHouse()
    const owner = await TestClient.join(hub, 'room-1')
    const lost = await TestClient.join(hub, 'room-1', { ...owner.credentials, clusterId: 'cluster-0' })
    const found = await TestClient.join(hub, 'room-1', { clusterId: 'cluster-0' })
    expect([lost.goodbye, found.welcome?.clusterId]).toEqual(['E_SESSION_UNKNOWN', 'cluster-1'])
  })

  test('with other labels is served by those, and known under them', async () => {
    const { hub, log, member } = makeHouse()
    const overlays = [{ file: 'room@zone=bj.yaml', when: { zone: 'bj' } }]
    log.publish({ 'push/room': { overlays, variants: [{ value: 'all' }, { overlays: [0], value: 'bj' }] } })
    const before = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    const identity = room('room-1', { zone: 'bj' })
    const after = await TestClient.join(hub, 'room-1', {
      ...before.credentials,
      identity,
      subscriptions: ['push/room'],
    })
    expect([before.values, after.values]).toEqual([[['push/room="all"']], [['push/room="bj"']]])
    const kv = member.store.get('system', recordKey('default', 'instance', 'push', 'room', 'room-1'))
    expect(kv && decodeRecord('instance', kv.value).identity.labels).toEqual({ zone: 'bj' })
  })
})

describe('an older stream', () => {
  test('is fenced by a newer one of its session, and its acks count for nothing', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const old = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    const next = await TestClient.join(hub, 'room-1', { ...old.credentials, subscriptions: ['push/room'] })
    expect([old.goodbye, old.connection.ended, next.goodbye]).toEqual(['E_FENCED', true, undefined])
    old.ack(old.pushes[0])
    expect(hub.ledger({ name: 'push/room' })).toMatchObject([{ state: 'sent', current: false }])
    expect(hub.stats().acksIgnored).toBe(1)
  })

  test('is fenced when the newer one came to another member', async () => {
    const { hub, log, clock } = makeHouse({}, ['n1', 'n2'])
    const [, second] = log.members
    if (!second) throw new Error('two members')
    const hub2 = makeHub(second, clock)
    log.publish({ 'push/room': { value: 1 } })
    const old = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    const next = await TestClient.join(hub2, 'room-1', { ...old.credentials, subscriptions: ['push/room'] })
    expect([old.goodbye, next.welcome?.resumed]).toEqual(['E_FENCED', true])
    expect([hub.sessionCount, hub2.sessionCount]).toEqual([0, 1])
    expect(hub.ledger({ name: 'push/room' })).toMatchObject([{ state: 'unknown', member: 2, connected: false }])
  })

  test('of two that race only the later lives', async () => {
    const { hub } = makeHouse()
    const owner = await TestClient.join(hub, 'room-1')
    const racers = [new TestClient(hub), new TestClient(hub)]
    for (const racer of racers) racer.hello({ identity: room('room-1'), ...owner.credentials })
    await settled()
    expect(racers.filter((racer) => !racer.connection.ended)).toHaveLength(1)
    expect(owner.goodbye).toBe('E_FENCED')
    expect(hub.stats()).toMatchObject({ streams: 1, sessions: 1 })
  })
})

describe('an instance name', () => {
  test('belongs to the newest incarnation: the older is fenced, its last word kept', async () => {
    const { hub, log, member } = makeHouse()
    const revision = log.publish({ 'push/room': { value: 1 } })
    const old = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    old.ack(old.pushes[0])
    const next = await TestClient.join(hub, 'room-1', { identity: { ...room('room-1'), incarnation: 'b' } })
    await settled()
    expect([old.goodbye, next.goodbye, hub.sessionCount]).toEqual(['E_FENCED', undefined, 1])
    expect(lastWord(member, 'room-1')).toMatchObject({
      why: 'replaced',
      applied: { 'push/room': { revision, hash: hashOf(1), state: 'applied' } },
    })
    expect([...member.store.leases('system')]).toHaveLength(1)
  })

  test('is not taken back by the process that lost it', async () => {
    const { hub } = makeHouse()
    const old = await TestClient.join(hub, 'room-1')
    old.disconnect()
    await TestClient.join(hub, 'room-1', { identity: { ...room('room-1'), incarnation: 'b' } })
    const back = await TestClient.join(hub, 'room-1', old.credentials)
    expect(back.goodbye).toBe('E_FENCED')
  })

  test('is not taken back by a process whose session ran out before a newer one took the name', async () => {
    const { hub, log } = makeHouse()
    const old = await TestClient.join(hub, 'room-1')
    log.revokeLease(BigInt(old.welcome?.sessionId ?? 0))
    await settled()
    const next = await TestClient.join(hub, 'room-1', { identity: { ...room('room-1'), incarnation: 'b' } })
    const back = await TestClient.join(hub, 'room-1')
    expect([back.goodbye, next.goodbye]).toEqual(['E_FENCED', undefined])
  })

  test('taken by two in one turn ends with one of them', async () => {
    const { hub, member } = makeHouse()
    const twins = ['a', 'b'].map((incarnation) => {
      const client = new TestClient(hub)
      client.hello({ identity: { ...room('room-1'), incarnation } })
      return client
    })
    await settled()
    expect(twins.map((twin) => twin.goodbye).sort()).toEqual(['E_FENCED', undefined])
    expect([...member.store.leases('system')]).toHaveLength(1)
  })
})

describe('a session ends', () => {
  test('when the log revokes its lease: the stream is told, the last word kept, the row gone', async () => {
    const { hub, log, member } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    log.revokeLease(BigInt(client.welcome?.sessionId ?? 0))
    await settled()
    expect([client.goodbye, client.connection.ended]).toEqual(['E_SESSION_UNKNOWN', true])
    expect(lastWord(member, 'room-1')).toMatchObject({ why: 'expired', applied: { 'push/room': { state: 'sent' } } })
    expect([hub.sessionCount, hub.ledger(), hub.instances()]).toEqual([0, [], []])
  })

  test('when its process leaves: last word, lease and stream, with no goodbye', async () => {
    const { hub, log, member } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    client.ack(client.pushes[0])
    client.say({ leave: { reason: 'deploy' } })
    await settled()
    expect([client.goodbye, client.connection.ended, hub.sessionCount]).toEqual([undefined, true, 0])
    expect(lastWord(member, 'room-1')).toMatchObject({ why: 'left', applied: { 'push/room': { state: 'applied' } } })
    expect([...member.store.leases('system')]).toEqual([])
  })

  test('of a member that is gone: the leader notes it, and the process does not take its name back', async () => {
    const { hub, log, member, clock } = makeHouse({}, ['n1', 'n2'])
    const [, second] = log.members
    if (!second) throw new Error('two members')
    const gone = makeHub(second, clock)
    const paused = await TestClient.join(gone, 'room-1')
    gone.close()
    log.revokeLease(BigInt(paused.welcome?.sessionId ?? 0))
    clock.advance(3_000)
    await settled()
    expect(lastWord(member, 'room-1')).toMatchObject({ why: 'expired', applied: {} })
    await TestClient.join(hub, 'room-1', { identity: { ...room('room-1'), incarnation: 'newer' } })
    expect((await TestClient.join(hub, 'room-1')).goodbye).toBe('E_FENCED')
  })

  test('of a member that lives: what that one writes is not written over', async () => {
    const { hub, log, member, clock } = makeHouse({}, ['n1', 'n2'])
    const [, second] = log.members
    if (!second) throw new Error('two members')
    log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(makeHub(second, clock), 'room-1', { subscriptions: ['push/room'] })
    client.ack(client.pushes[0])
    log.revokeLease(BigInt(client.welcome?.sessionId ?? 0))
    await settled()
    clock.advance(3_000)
    await settled()
    expect(lastWord(member, 'room-1')).toMatchObject({ why: 'expired', applied: { 'push/room': { state: 'applied' } } })
    expect(hub.instances()).toEqual([])
  })

  test('not when its stream is lost before welcome, but nobody is taken for connected', async () => {
    const { hub, log } = makeHouse()
    const client = new TestClient(hub)
    client.hello({ identity: room('room-1') })
    log.beforeNext(() => client.disconnect())
    await settled()
    expect([client.welcome, hub.sessionCount]).toEqual([undefined, 0])
    expect(hub.instances()).toMatchObject([{ identity: { instance: 'room-1' }, connected: false }])
  })

  test('not by a lost connection: it waits, in the ledger, for its time to run out', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    client.ack(client.pushes[0])
    client.disconnect()
    expect(hub.ledger()).toMatchObject([{ state: 'applied', current: true, connected: false }])
    log.publish({ 'push/room': { value: 2 } })
    expect(hub.ledger()).toMatchObject([{ state: 'applied', current: false, connected: false }])
    expect(hub.stats()).toMatchObject({ streams: 0, sessions: 1 })
  })

  test('when a snapshot that replaced the store does not have it', async () => {
    const { hub, log, member } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const gone = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    const kept = await TestClient.join(hub, 'room-2', { subscriptions: ['push/room'] })
    member.silently(() => {
      log.revokeLease(BigInt(gone.welcome?.sessionId ?? 0))
      log.publish({ 'push/room': { value: 2 } })
    })
    expect([gone.goodbye, kept.goodbye]).toEqual(['E_SESSION_UNKNOWN', undefined])
    expect(kept.values).toEqual([['push/room=1'], ['push/room=2']])
    expect(hub.instances()).toMatchObject([{ identity: { instance: 'room-2' }, connected: true }])
    expect(hub.instances()).toHaveLength(1)
  })
})

describe('heartbeats', () => {
  test('are answered, and renew together', async () => {
    const { hub, clock, member } = makeHouse()
    const clients = await Promise.all(['room-1', 'room-2', 'room-3'].map((name) => TestClient.join(hub, name)))
    for (const [at, client] of clients.entries()) client.say({ heartbeat: { sequence: 9, eventLoopLagMs: at * 10 } })
    clock.advance(100)
    expect(clients[1]?.got('heartbeat')).toMatchObject([{ sequence: '9', ttlMs: 15_000 }])
    expect(member.renewed.map((ids) => ids.length)).toEqual([3])
    expect(hub.instances().map(({ lagMs, silentMs }) => [lagMs, silentMs])).toEqual([
      [0, 100],
      [10, 100],
      [20, 100],
    ])
  })

  test('may be acks: a session that only acks is renewed, but not for every one of them', async () => {
    const { hub, clock, log, member } = makeHouse()
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    for (let second = 1; second <= 10; second++) {
      log.publish({ 'push/room': { value: second } })
      client.ack(client.got('push').at(-1))
      clock.advance(1_000)
    }
    expect(member.renewed.length).toBeGreaterThanOrEqual(3)
    expect(member.renewed.length).toBeLessThanOrEqual(5)
  })

  test('of a session that nobody knows any more end it', async () => {
    const { hub, clock, log, member } = makeHouse()
    const client = await TestClient.join(hub, 'room-1')
    client.say({ heartbeat: { sequence: 1 } })
    hub.close()
    log.revokeLease(BigInt(client.welcome?.sessionId ?? 0))
    clock.advance(100)
    await settled()
    expect(member.renewed).toHaveLength(1)
    expect(hub.sessionCount).toBe(0)
  })
})

test('a member that lags behind what a process has seen catches up before it speaks', async () => {
  const { hub, log, member } = makeHouse()
  const first = log.publish({ 'push/room': { value: 1 } })
  let asked = 0
  member.linearizableRead = async () => {
    asked++
    log.publish({ 'push/room': { value: 2 } })
  }
  const client = await TestClient.join(hub, 'room-1', {
    subscriptions: ['push/room'],
    clusterId: 'cluster-1',
    held: [holding('push/room', first + 1, hashOf(2))],
  })
  expect([asked, client.welcome?.current, client.pushes]).toEqual([1, ['push/room'], []])
})

describe('a keeper that stops', () => {
  test('sends everyone away with a time of their own, takes no more, and keeps their sessions', async () => {
    const { hub, member } = makeHouse()
    const clients = await Promise.all(['room-1', 'room-2', 'room-3'].map((name) => TestClient.join(hub, name)))
    hub.drain({ reconnectAfterMs: 1000 })
    const late = new TestClient(hub)
    expect([...clients, late].map((client) => client.goodbye)).toEqual(Array(4).fill('E_STOPPED'))
    const waits = clients.map((client) => client.got('goodbye')[0]?.reconnectAfterMs ?? 0)
    expect(new Set(waits).size).toBe(3)
    for (const wait of waits) expect(Math.abs(wait - 1000)).toBeLessThanOrEqual(500)
    expect([...member.store.leases('system')]).toHaveLength(3)
    expect(hub.stats().streams).toBe(0)
  })

  test('and comes back knows its processes as unknown, until they say what they hold', async () => {
    const { hub, log, member, clock } = makeHouse()
    const revision = log.publish({ 'push/room': { value: 1 } })
    const before = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    before.ack(before.pushes[0])
    hub.close()
    const reborn = makeHub(member, clock)
    expect(reborn.ledger({ name: 'push/room' })).toMatchObject([
      { instance: 'room-1', state: 'unknown', current: false, wantedRevision: revision, wantedHash: hashOf(1) },
    ])
    expect(reborn.summary('push/room')).toMatchObject({ processes: 1, current: 0, unknown: 1 })
    const held = [holding('push/room', revision, hashOf(1))]
    await TestClient.join(reborn, 'room-1', { ...before.credentials, subscriptions: ['push/room'], held })
    expect(reborn.ledger({ name: 'push/room' })).toMatchObject([{ state: 'applied', current: true, connected: true }])
    expect(reborn.instances()).toHaveLength(1)
  })
})
