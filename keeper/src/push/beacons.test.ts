import { expect, test } from 'vitest'
import { makeHouse } from './testing/house.js'
import { settled, TestClient } from './testing/test-client.js'

const features = '4'

async function pass(clock: { advance(ms: number): void }, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 5) clock.advance(5)
  await settled()
}

const beacons = (client: TestClient) => client.got('heartbeat').filter(({ sequence }) => Number(sequence) === 0)

test('every process that listens hears four times a second that the member lives, and needs few heartbeats', async () => {
  const { hub, clock } = makeHouse()
  const clients: TestClient[] = []
  for (let at = 0; at < 30; at++) clients.push(await TestClient.join(hub, `room-${at}`, { features }))
  expect(clients[0]?.welcome).toMatchObject({ beaconMs: 250, heartbeatIntervalMs: 5_000 })
  await pass(clock, 2_000)
  for (const client of clients) expect(beacons(client).length).toBeGreaterThanOrEqual(7)
  for (const client of clients) expect(beacons(client).length).toBeLessThanOrEqual(9)
})

test('one that does not listen hears none, and asks more often', async () => {
  const { hub, clock } = makeHouse()
  const client = await TestClient.join(hub, 'room-1')
  await TestClient.join(hub, 'room-2', { features })
  await pass(clock, 1_000)
  expect(client.welcome).toMatchObject({ beaconMs: 0, heartbeatIntervalMs: 1_000 })
  expect(client.got('heartbeat')).toEqual([])
})

test('many hear it as often as is affordable, and are told how often that is', async () => {
  const { hub, clock } = makeHouse({ limits: { beaconsPerSecond: 20 } })
  const clients: TestClient[] = []
  for (let at = 0; at < 40; at++) clients.push(await TestClient.join(hub, `room-${at}`, { features }))
  await pass(clock, 4_000)
  const heard = clients.map((client) => beacons(client).length)
  expect([Math.min(...heard), Math.max(...heard)]).toEqual([2, 2])
  expect(clients.every((client) => beacons(client).every(({ beaconMs }) => beaconMs === 2_000))).toBe(true)
})

test('one that does not read costs nothing, and one that left is forgotten', async () => {
  const { hub, clock } = makeHouse()
  const [stalled, gone] = [
    await TestClient.join(hub, 'room-1', { features }),
    await TestClient.join(hub, 'room-2', { features }),
  ]
  stalled.connection.stalled = true
  gone.connection.end()
  gone.disconnect()
  await pass(clock, 3_000)
  expect(beacons(stalled).length).toBeLessThanOrEqual(1)
  expect(beacons(gone)).toEqual([])
})

test('a member that stood still says it to each once, not as often as it would have', async () => {
  const { hub, clock } = makeHouse()
  const client = await TestClient.join(hub, 'room-1', { features })
  await pass(clock, 500)
  const before = beacons(client).length
  clock.advance(10_000)
  await settled()
  expect(beacons(client).length - before).toBe(1)
})
