import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Keeper, silentLogger } from '@keeper/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperProcess, until } from '../harness/keeper-process.js'

let folder: string
let dir: string
let keeper: KeeperProcess
const processes: Keeper[] = []

const ref = (to: string) => `$\{ref:${to}}`

/** As an editor saves: the file is there whole, or as it was. */
async function save(path: string, text: string): Promise<void> {
  const file = join(dir, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}~`, text)
  await rename(`${file}~`, file)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-road-'))
  dir = join(folder, 'config')
  await save(
    '_keeper/settings.yaml',
    'environments: [prod, dev]\naudiences:\n  push/both: {cluster: push, role: [room, gate]}\n',
  )
  await save('_shared/redis.ini', '[main]\nhost = 10.0.0.1\nport = 6379\n')
  await save('_shared/redis.schema.json', '{"properties": {"main": {"properties": {"port": {"type": "integer"}}}}}')
  await save('_shared/redis@env=prod.env', 'NAME="redis of prod"\n')
  await save('push/common.yaml', 'limits: {rate: 100}\n')
  await save('push/common@zone=bj.toml', '[limits]\nrate = 200\n')
  await save(
    'push/room.yaml',
    `redis: "${ref('_shared/redis#/main')}"\nurl: "redis://${ref('_shared/redis#/main/host')}"\nrate: "${ref('push/common#/limits/rate')}"\nmax: 1\n`,
  )
  await save('push/room.overlays.yaml', '- when: {zone: bj, track: canary}\n  set: {max: 3, url: {$delete: true}}\n')
  await save('push/both.properties', 'a.b=1\n')
  keeper = await KeeperProcess.start({ dataDir: join(folder, 'data'), configDir: dir, extra: ['--label', 'env=prod'] })
})

afterAll(async () => {
  for (const one of processes) await one.leave()
  await keeper.kill('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => keeperCommand(args, { KEEPER_ENDPOINTS: keeper.endpoint })

async function join_(instance: string, role: string, labels: Record<string, string>): Promise<Keeper> {
  const identity = { cluster: 'push', role, instance, labels }
  const joined = await Keeper.join({ ...identity, endpoints: [keeper.endpoint], stateDir: false, logger: silentLogger })
  processes.push(joined)
  return joined
}

test('references, overlays with several labels, audiences and environments reach the processes they are meant for', async () => {
  await until('push/room is published', async () => (await run('get', 'push/room')).code === 0)
  const bj = await (await join_('room-1', 'room', { zone: 'bj', track: 'canary' })).config('push/room')
  const sh = await (await join_('room-2', 'room', { zone: 'sh' })).config('push/room')
  const redis = { host: '10.0.0.1', port: 6379 }
  expect(bj.value).toEqual({ redis, rate: 200, max: 3 })
  expect(sh.value).toEqual({ redis, url: 'redis://10.0.0.1', rate: 100, max: 1 })
  const gate = await join_('gate-1', 'gate', {})
  expect((await gate.config('push/both')).value).toEqual({ a: { b: '1' } })
  await expect(gate.config('push/room')).rejects.toMatchObject({ code: 'E_NOT_IN_AUDIENCE' })

  const before = { bj: bj.status.revision, sh: sh.status.revision }
  await save('push/common@zone=bj.toml', '[limits]\nrate = 300\n')
  await until('the overlay reaches who refers', async () => (bj.value as { rate: number }).rate === 300)
  expect(bj.status.revision).toBeGreaterThan(before.bj)
  expect(sh.status.revision, 'who does not match the overlay gets nothing').toBe(before.sh)

  await save('_shared/redis.ini', '[main]\nhost = 10.0.0.2\nport = 6379\n')
  await until(
    'the shared config reaches who refers',
    async () => (sh.value as { url: string }).url === 'redis://10.0.0.2',
  )
  const got = await run('get', 'push/room', '--as', 'room-1', '--path', '/redis/host', '--raw')
  expect(got).toMatchObject({ code: 0, stdout: '10.0.0.2\n' })
  const asked = await run('get', 'push/room', '--as', 'cluster=push,role=room,zone=bj', '--path', '/rate')
  expect(asked.stdout).toBe('300\n')
  expect((await run('get', '_shared/redis', '--path', '/NAME', '--raw')).stdout).toBe('redis of prod\n')
})

test('what is wrong is told at once with its places, and nothing moves', async () => {
  const good = (await run('get', 'push/room')).stdout
  await save('push/gate.yaml', `rate: "${ref('push/room#/rate')}"\nb: "${ref('push/nowhere#/x')}"\n`)
  await save('push/common.yaml', `limits: {rate: "${ref('push/common#/x')}"}\n`)
  const checked = await run('check', dir, '--label', 'env=prod')
  expect(checked.code).toBe(3)
  for (const line of [
    'push/common.yaml:1:16: error: push/common refers to itself: repeat the value, or move it to a config of its own',
    'push/gate.yaml:1:7: error: push/gate may not take from push/room: it is for cluster=push role=gate, and push/room is only for cluster=push role=room',
    'push/gate.yaml:2:4: error: there is no config push/nowhere in this directory',
  ])
    expect(checked.stdout + checked.stderr).toContain(line.split(': ').at(-1))
  expect((await run('apply', dir)).code).toBe(3)
  expect((await run('get', 'push/room')).stdout).toBe(good)
})
