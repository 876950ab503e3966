import { describe, expect, test } from 'vitest'
import { shareOf } from './spread.js'
import { makeHouse } from './testing/house.js'
import { TestClient } from './testing/test-client.js'

const subscriptions = ['push/room', 'push/common']
const windowMs = 10_000

/** So many processes that run value 1, and value 2 for all of them within ten seconds. */
async function spreading(processes: number) {
  const house = makeHouse()
  house.log.publish({ 'push/room': { value: 1 }, 'push/common': { value: 1 } })
  const clients: TestClient[] = []
  for (let at = 0; at < processes; at++) {
    clients.push(await TestClient.join(house.hub, `room-${at}`, { subscriptions }))
    // More than so many at once are sent away for a while.
    if (at % 100 === 99) house.clock.advance(1_000)
  }
  for (const client of clients) client.ack(client.pushes[0])
  house.clock.advance(1)
  house.log.publish({ 'push/room': { value: 2, spreadMs: windowMs } })
  // Welcome, the first push, and then the one that is spread.
  const told = () => clients.filter(({ connection }) => connection.sent.length > 2).length
  return { ...house, clients, told }
}

describe('a change that is spread', () => {
  test('reaches processes evenly within its time, and all of them at its end', async () => {
    const { clock, told, clients } = await spreading(500)
    expect(told()).toBe(0)
    for (let tenth = 1; tenth <= 10; tenth++) {
      for (let step = 0; step < 100; step++) clock.advance(windowMs / 1_000)
      expect(Math.abs(told() - tenth * 50)).toBeLessThan(25)
    }
    clock.advance(20)
    expect(told()).toBe(500)
    expect(new Set(clients.map(({ values }) => JSON.stringify(values.slice(1))))).toEqual(
      new Set(['[["push/room=2"]]']),
    )
  })

  test('comes to each process at the same moment of the window, whichever member has it', () => {
    const shares = Array.from({ length: 10_000 }, (_, at) => shareOf(`push/room/room-${at}`))
    expect(shares.every((share) => share >= 0 && share < 1)).toBe(true)
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => shares.filter((one) => Math.floor(one * 10) === tenth).length,
    )
    expect(Math.min(...tenths)).toBeGreaterThan(900)
    expect(shareOf('push/room/room-7')).toBe(shareOf('push/room/room-7'))
  })

  test('shows in the ledger who is still to come, and when', async () => {
    const { hub, clock } = await spreading(1)
    const [row] = hub.ledger({ name: 'push/room' })
    expect(row).toMatchObject({ state: 'applied', current: false, lacking: true })
    const share = shareOf('push/room/room-0')
    expect(row?.dueUnixMs).toBeCloseTo(clock.wall() + windowMs * share, -1)
    for (let step = 0; step < 1_000; step++) clock.advance(windowMs / 1_000 + 1)
    expect(hub.ledger({ name: 'push/room' })[0]).toMatchObject({ state: 'sent', current: false })
    expect(hub.ledger({ name: 'push/room' })[0]?.lacking).toBeUndefined()
  })

  test('ends with a later change of the same config, and with one of another that the process has', async () => {
    const same = await spreading(20)
    same.log.publish({ 'push/room': { value: 3 } })
    expect(same.told()).toBe(20)
    expect(same.clients[0]?.values.at(-1)).toEqual(['push/room=3'])
    const other = await spreading(20)
    other.log.publish({ 'push/common': { value: 'c' } })
    expect(other.clients[0]?.values.at(-1)).toEqual(['push/common="c"', 'push/room=2'])
  })

  test('that is taken back in time never reaches those whose turn had not come', async () => {
    const { log, told, clock } = await spreading(20)
    log.publish({ 'push/room': { value: 1 } })
    for (let step = 0; step < 1_000; step++) clock.advance(windowMs / 500)
    expect(told()).toBe(0)
  })

  test('does not keep a process waiting that comes back, or comes anew', async () => {
    const { hub, clients, clock } = await spreading(1)
    clock.advance(1)
    const [before] = clients
    if (!before) throw new Error('no process')
    before.disconnect()
    const back = await TestClient.join(hub, 'room-0', { subscriptions, ...before.credentials })
    const anew = await TestClient.join(hub, 'room-x', { subscriptions })
    for (const client of [back, anew]) expect(client.values[0]).toContain('push/room=2')
  })

  test('does not keep a config waiting that a process asks for now', async () => {
    const { hub, clock, log } = await spreading(1)
    const late = await TestClient.join(hub, 'room-late', { subscriptions: ['push/common'] })
    clock.advance(1)
    log.publish({ 'push/room': { value: 3, spreadMs: windowMs } })
    late.say({ subscribe: { id: 1, names: ['push/room'] } })
    expect(late.values.at(-1)).toEqual(['push/room=3'])
  })

  test('leaves no timer behind once the hub is closed', async () => {
    const { hub, clock } = await spreading(5)
    hub.close()
    const before = clock.pending
    clock.advance(windowMs)
    expect(clock.pending).toBeLessThanOrEqual(before)
  })
})
