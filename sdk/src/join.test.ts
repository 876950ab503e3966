import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type JoinOptions, Keeper, silentLogger } from './index.js'
import { MemoryKeeper } from './testing/memory-keeper.js'
import { type WireServer, wireServer } from './testing/wire-server.js'

let stateDir: string
let keeper: MemoryKeeper
let server: WireServer
const leaving: Keeper[] = []

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'keeper-sdk-'))
  keeper = new MemoryKeeper()
  server = await wireServer((peer) => keeper.attach(peer))
})

afterEach(async () => {
  await Promise.all(leaving.splice(0).map((one) => one.leave()))
  server.close()
  await rm(stateDir, { recursive: true })
})

const who = { cluster: 'push', role: 'room', instance: 'room-7', logger: silentLogger }

async function joinHere(options: JoinOptions = {}): Promise<Keeper> {
  const joined = await Keeper.join({ ...who, endpoints: [server.endpoint], stateDir, ...options })
  leaving.push(joined)
  return joined
}

test('a process joins over gRPC, gets its config, and an update reaches its callback and the ledger', async () => {
  keeper.publish({ 'push/room': { maxConnections: 1000 } })
  const room = await (await joinHere()).config<{ maxConnections: number }>('push/room')
  expect(room.value).toEqual({ maxConnections: 1000 })
  const update = new Promise((resolve) => {
    room.onUpdate((next, previous, { revision }) => resolve({ next, previous, revision }))
  })
  const revision = keeper.publish({ 'push/room': { maxConnections: 2000 } })
  expect(await update).toEqual({ next: { maxConnections: 2000 }, previous: { maxConnections: 1000 }, revision: 2 })
  expect(await keeper.settled(['push/room'], revision)).toMatchObject([{ instance: 'room-7', state: 'applied' }])
  expect(room.status).toEqual({ revision: 2, from: 'live', removed: false })
})
