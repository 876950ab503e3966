import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keeper } from '@keeper/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'

const silent = { info() {}, warn() {} }

let folder = ''
let cluster: KeeperCluster
const keepers: Keeper[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-everywhere-'))
  await mkdir(join(folder, 'config/push'), { recursive: true })
  cluster = await KeeperCluster.begin(folder)
  await publish(1)
  // Each knows of one keeper alone, its own.
  for (const [at, endpoint] of cluster.endpoints.entries()) {
    const about = { cluster: 'push', role: 'room', instance: `room-${at + 1}`, stateDir: false as const }
    const keeper = await Keeper.join({ ...about, endpoints: [endpoint], logger: silent })
    keepers.push(keeper)
    await keeper.config('push/room')
  }
}, 60_000)

afterAll(async () => {
  await Promise.all(keepers.map((keeper) => keeper.leave()))
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** Publishes by way of the first keeper and waits for all processes; gives the command's exit code. */
async function publish(value: number): Promise<number | null> {
  await writeFile(join(folder, 'config/push/room.json'), JSON.stringify({ value }))
  const args = ['apply', join(folder, 'config'), '--endpoints', cluster.endpoints[0] ?? '']
  return (await keeperCommand([...args, '--wait', '100%', '--timeout', '10s', '--reason', 'test'])).code
}

async function rows(): Promise<{ instance: string; state: string; current: boolean; member: string }[]> {
  const args = ['ledger', 'push/room', '--endpoints', cluster.endpoints[0] ?? '', '--output', 'json']
  const { stdout } = await keeperCommand(args)
  const lines = stdout.trim().split('\n')
  const parsed = lines.flatMap((line) => {
    const value = JSON.parse(line)
    return value.rows ?? [value]
  })
  return parsed.toSorted((a, b) => (a.instance < b.instance ? -1 : 1))
}

test('one keeper tells of the processes of all, and an apply waits for them', async () => {
  expect(await publish(2)).toBe(0)
  const seen = (await rows()).map(({ instance, member, current }) => [instance, member, current])
  expect(seen).toEqual([
    ['room-1', 'n1', true],
    ['room-2', 'n2', true],
    ['room-3', 'n3', true],
  ])
  const { stdout } = await keeperCommand(['status', '--endpoints', cluster.endpoints[0] ?? '', '--output', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({ sessions: 3, sessionsHere: 1 })
})

test('a process that knew one keeper goes to the others when that one dies, and counts again', async () => {
  await cluster.kill('n3', 'SIGKILL')
  await until('room-3 to be elsewhere', () => {
    const { state, endpoint } = keepers[2]?.status ?? {}
    return state === 'live' && endpoint !== cluster.endpoints[2]
  })
  expect(await publish(3)).toBe(0)
  expect((await rows()).map(({ current, member }) => [current, member === 'n3'])).toEqual(Array(3).fill([true, false]))
}, 30_000)
