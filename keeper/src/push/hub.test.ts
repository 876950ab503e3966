import { describe, expect, test } from 'vitest'
import { makeHouse } from './testing/house.js'
import { hashOf } from './testing/shared-log.js'
import { holding, room, settled, TestClient } from './testing/test-client.js'

describe('a process that says hello', () => {
  test('is welcomed with a session, and pushed what it lacks in one push', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: { a: 1 } }, 'push/common': { value: 'c' } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room', 'push/common'] })
    expect(client.welcome).toMatchObject({ pending: 2, resumed: false, clusterId: 'cluster-1', memberName: 'n1' })
    expect(client.welcome?.sessionSecret).toHaveLength(16)
    expect(client.values).toEqual([['push/common="c"', 'push/room={"a":1}']])
  })

  test('gets nothing of what it holds already: equal hash, equal value', async () => {
    const { hub, log } = makeHouse()
    const revision = log.publish({ 'push/room': { value: { a: 1 } } })
    const client = await TestClient.join(hub, 'room-1', {
      subscriptions: ['push/room'],
      held: [holding('push/room', revision, hashOf({ a: 1 }))],
    })
    expect(client.welcome).toMatchObject({ pending: 0, current: ['push/room'] })
    expect(client.pushes).toEqual([])
    expect(hub.summary('push/room')).toMatchObject({ processes: 1, current: 1 })
  })

  test('is told that a config is absent, and pushed it when it appears', async () => {
    const { hub, log } = makeHouse()
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    expect(client.welcome).toMatchObject({ absent: ['push/room'], pending: 0 })
    log.publish({ 'push/room': { value: 1 } })
    expect(client.values).toEqual([['push/room=1']])
  })
})

describe('a change', () => {
  test('comes as one push with all that one revision changes', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room', 'push/common'] })
    const revision = log.publish({ 'push/room': { value: 2 }, 'push/common': { value: 2 } })
    expect(client.values[1]).toEqual(['push/common=2', 'push/room=2'])
    expect(client.pushes[1]).toMatchObject({ revision: String(revision), storeEpoch: '1' })
  })

  test('is told to nobody whose value stays the same', async () => {
    const { hub, log } = makeHouse()
    const overlays = [{ file: 'room@zone=bj.yaml', when: { zone: 'bj' } }]
    const variants = (base: number) => [{ value: base }, { overlays: [0], value: 'bj' }]
    log.publish({ 'push/room': { overlays, variants: variants(1) } })
    const identity = room('room-1', { zone: 'bj' })
    const client = await TestClient.join(hub, 'room-1', { identity, subscriptions: ['push/room'] })
    log.publish({ 'push/room': { overlays, variants: variants(2) } })
    expect(client.values).toEqual([['push/room="bj"']])
  })

  test('reaches the ledger: sent, applied, current', async () => {
    const { hub, log } = makeHouse()
    const revision = log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
    expect(hub.ledger({ name: 'push/room' })).toMatchObject([{ state: 'sent', current: false, connected: true }])
    client.ack(client.pushes[0])
    await settled()
    expect(hub.ledger({ name: 'push/room' })).toMatchObject([
      { instance: 'room-1', state: 'applied', current: true, revision, wantedRevision: revision, hash: hashOf(1) },
    ])
  })
})
