import { describe, expect, test } from 'vitest'
import { makeHouse } from './testing/house.js'
import { hashOf } from './testing/shared-log.js'
import { holding, TestClient } from './testing/test-client.js'
import type { LedgerChange } from './types.js'

const subscriptions = ['push/room']

async function processWith(value: unknown) {
  const house = makeHouse()
  const revision = house.log.publish({ 'push/room': { value } })
  const client = await TestClient.join(house.hub, 'room-1', { subscriptions })
  const row = () => house.hub.ledger({ name: 'push/room' })[0]
  return { ...house, revision, client, row }
}

describe('an ack', () => {
  test('tells each step: received, applied', async () => {
    const { client, row } = await processWith(1)
    client.ack(client.pushes[0], { state: 'ACK_STATE_RECEIVED' })
    expect(row()).toMatchObject({ state: 'received', hash: '', current: false })
    client.ack(client.pushes[0])
    expect(row()).toMatchObject({ state: 'applied', hash: hashOf(1), current: true, atUnixMs: 5 })
  })

  test('of a process that rejects names what it runs with, and why', async () => {
    const { client, row, log, revision } = await processWith(1)
    client.ack(client.pushes[0])
    const next = log.publish({ 'push/room': { value: 'bad' } })
    client.ack(client.pushes[1], { state: 'ACK_STATE_REJECTED', reason: 'not a number' })
    const rejected = { state: 'rejected', reason: 'not a number', revision, hash: hashOf(1), wantedRevision: next }
    expect(row()).toMatchObject({ ...rejected, current: false })
  })

  test('of a new incarnation that starts with its last good one corrects what the keeper cannot know', async () => {
    const { client, row } = await processWith('bad')
    const configs = [holding('push/room', 1, hashOf('good'), { state: 'ACK_STATE_REJECTED', reason: 'no' })]
    client.ack(client.pushes[0], { state: 'ACK_STATE_REJECTED', reason: 'set refused', configs })
    expect(row()).toMatchObject({ state: 'rejected', reason: 'no', revision: 1, hash: hashOf('good') })
  })

  test('of a callback that threw says that the value is live, and failed', async () => {
    const { client, row, hub } = await processWith(1)
    client.ack(client.pushes[0], { state: 'ACK_STATE_FAILED', reason: 'boom' })
    expect(row()).toMatchObject({ state: 'failed', reason: 'boom', hash: hashOf(1), current: false })
    expect(hub.summary('push/room')).toEqual({
      name: 'push/room',
      processes: 1,
      connected: 1,
      current: 0,
      rejected: 0,
      failed: 1,
      unknown: 0,
    })
  })

  test('of a whole set counts for every config in it', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room', 'push/common'] })
    client.ack(client.pushes[0])
    expect(hub.ledger().map(({ name, state }) => [name, state])).toEqual([
      ['push/common', 'applied'],
      ['push/room', 'applied'],
    ])
  })

  test('of a config that was withheld with its set, and taken up with a later push, ends its rejection', async () => {
    const { hub, log } = makeHouse()
    const together = log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 'good' } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room', 'push/common'] })
    client.ack(client.pushes[0], { state: 'ACK_STATE_REJECTED', reason: 'room is bad' })
    log.publish({ 'push/room': { value: 2 } })
    client.ack(client.pushes[1], { configs: [holding('push/common', together, hashOf('good'))] })
    expect(hub.ledger()).toMatchObject([
      { name: 'push/common', state: 'applied', reason: '', revision: together, current: true },
      { name: 'push/room', state: 'applied', current: true },
    ])
  })

  test('of a callback that fails after the answer is believed, and one of an older value is not', async () => {
    const { client, row, log, revision } = await processWith(1)
    client.ack(client.pushes[0])
    const failed = holding('push/room', revision, hashOf(1), { state: 'ACK_STATE_FAILED', reason: 'boom' })
    client.ack(client.pushes[0], { state: 'ACK_STATE_FAILED', reason: 'boom', configs: [failed] })
    expect(row()).toMatchObject({ state: 'failed', reason: 'boom', hash: hashOf(1), current: false })
    log.publish({ 'push/room': { value: 2 } })
    client.ack(client.pushes[1])
    client.ack(client.pushes[0], { state: 'ACK_STATE_FAILED', reason: 'boom', configs: [failed] })
    expect(row()).toMatchObject({ state: 'applied', hash: hashOf(2), current: true })
  })

  test('of two pushes with one revision counts for the older first', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions })
    client.say({ subscribe: { id: 1, names: ['push/common'] } })
    const states = () => hub.ledger().map(({ name, state }) => `${name} ${state}`)
    client.ack(client.pushes[0])
    expect(states()).toEqual(['push/common sent', 'push/room applied'])
    client.ack(client.pushes[1])
    expect(states()).toEqual(['push/common applied', 'push/room applied'])
  })

  const strange = {
    'a revision never sent': { revision: 999 },
    'another epoch': { storeEpoch: 2 },
    'no state': { state: 'ACK_STATE_UNSPECIFIED' as const },
    'a state that is none': { state: 77 as 1 },
    'a revision never sent, with a reason': { revision: 999, reason: 'x' },
  }
  test.each(Object.entries(strange))('of %s is ignored and counted', async (_what, ack) => {
    const { client, row, hub } = await processWith(1)
    client.ack(client.pushes[0], ack)
    expect(row()).toMatchObject({ state: 'sent' })
    expect(hub.stats().acksIgnored).toBe(1)
    expect(client.connection.ended).toBe(false)
  })

  test('cannot undo an answer, nor come after a newer push', async () => {
    const { client, row, hub, log } = await processWith(1)
    client.ack(client.pushes[0])
    client.ack(client.pushes[0], { state: 'ACK_STATE_REJECTED' })
    expect(row()).toMatchObject({ state: 'applied' })
    log.publish({ 'push/room': { value: 2 } })
    client.ack(client.pushes[0])
    expect(row()).toMatchObject({ state: 'sent', hash: hashOf(1) })
    expect(hub.stats().acksIgnored).toBe(2)
  })

  test('with an endless reason keeps its beginning', async () => {
    const { client, row } = await processWith(1)
    client.ack(client.pushes[0], { state: 'ACK_STATE_REJECTED', reason: 'ä'.repeat(5000) })
    expect(row()?.reason).toBe('ä'.repeat(2048))
  })
})

describe('what a hello says', () => {
  test('rebuilds the row of a process that rejected, and it is offered the value once more', async () => {
    const { hub, log } = makeHouse()
    const good = log.publish({ 'push/room': { value: 'good' } })
    log.publish({ 'push/room': { value: 'bad' } })
    const held = [holding('push/room', good, hashOf('good'), { state: 'ACK_STATE_REJECTED', reason: 'no' })]
    const client = await TestClient.join(hub, 'room-1', { subscriptions, held })
    expect(client.values).toEqual([['push/room="bad"']])
    expect(hub.ledger({ name: 'push/room' })).toMatchObject([{ state: 'sent', revision: good, hash: hashOf('good') }])
  })

  test('without a state is not taken for success', async () => {
    const { hub, log } = makeHouse()
    const revision = log.publish({ 'push/room': { value: 1 } })
    const held = [holding('push/room', revision, hashOf(1), { state: 'ACK_STATE_UNSPECIFIED' })]
    await TestClient.join(hub, 'room-1', { subscriptions, held })
    expect(hub.ledger({ name: 'push/room' })).toMatchObject([{ state: 'unknown', current: false }])
  })

  test('from an earlier epoch is judged by its bytes', async () => {
    const { hub, log } = makeHouse()
    const revision = log.publish({ 'push/room': { value: 1 } })
    const held = [holding('push/room', 900, hashOf(1), { storeEpoch: 0 })]
    const client = await TestClient.join(hub, 'room-1', { subscriptions, held })
    expect(client.pushes).toEqual([])
    expect(hub.ledger({ name: 'push/room' })).toMatchObject([{ revision, current: true }])
  })
})

describe('listeners', () => {
  test('are told once for all that happens together, and what to look at', async () => {
    const { hub, log, client, clock } = await processWith(1)
    const told: LedgerChange[] = []
    const stop = hub.onLedgerChange((change) => told.push(change))
    client.ack(client.pushes[0])
    log.publish({ 'push/room': { value: 2 } })
    client.ack(client.pushes[1])
    expect(told).toEqual([])
    clock.advance(20)
    expect(told.map(({ names }) => [...names])).toEqual([['push/room']])
    stop()
    client.disconnect()
    clock.advance(20)
    expect([told.length, clock.pending]).toEqual([1, 0])
  })

  test('hear of processes that come and go', async () => {
    const { hub, log, client, clock } = await processWith(1)
    const told: LedgerChange[] = []
    hub.onLedgerChange((change) => told.push(change))
    log.revokeLease(BigInt(client.welcome?.sessionId ?? 0))
    clock.advance(20)
    expect(told).toMatchObject([{ all: true }])
    expect([...(told[0]?.names ?? [])]).toEqual(['push/room'])
  })
})

test('a config that nobody wants has no rows, and a process that waits for one that is not there has none', async () => {
  const { hub, log } = makeHouse()
  log.publish({ 'push/other': { value: 1 } })
  await TestClient.join(hub, 'room-1', { subscriptions: ['push/none'] })
  expect(hub.ledger()).toEqual([])
  expect(hub.summary('push/none')).toMatchObject({ processes: 0 })
})
