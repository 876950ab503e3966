import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ZooKeeperClient } from '../bench/clients/zookeeper.js'
import type { Blueprint } from '../bench/subjects/cluster.js'
import { etcdBlueprint, etcdVersion } from '../bench/subjects/etcd.js'
import { zooKeeperBlueprint, zooKeeperVersion } from '../bench/subjects/zookeeper.js'
import { keeperCommand } from '../harness/command-line.js'
import { until } from '../harness/keeper-process.js'

let folder: string
const running: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-import-'))
})

afterAll(async () => {
  for (const child of running) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
})

/** Starts one server; resolves with its address when it serves. */
async function start(blueprint: Blueprint): Promise<string> {
  const [command = '', ...args] = blueprint.launch(0).argv
  running.push(spawn(command, args, { stdio: 'ignore', cwd: folder }))
  await until(blueprint.title, () => blueprint.probe(0).catch(() => undefined), 25_000)
  return blueprint.endpoints[0] as string
}

async function imported(out: string, ...args: string[]) {
  const ended = await keeperCommand(['import', ...args, '--out', join(folder, out)])
  const names = await readdir(join(folder, out), { recursive: true, withFileTypes: true }).catch(() => [])
  const files = names
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(folder.length + out.length + 2))
  return { ...ended, files: files.sort() }
}

const text = (file: string) => readFile(join(folder, file), 'utf8')

describe.skipIf(!zooKeeperVersion())('a real ZooKeeper (skipped where there is none)', () => {
  let endpoint: string

  beforeAll(async () => {
    endpoint = await start(await zooKeeperBlueprint(folder, 1))
    const client = new ZooKeeperClient([endpoint])
    await client.opened()
    const nodes: Record<string, string | Buffer> = {
      '/push': '',
      '/push/room': '{"maxConnections": 1000}',
      '/push/room/timeouts': 'idle: 30s\nread: 5s\n',
      '/push/register': '',
      '/push/register/redis': '10.0.0.1:6379',
      '/push/register/shards': '16',
      '/push/blob': Buffer.of(0xac, 0xed, 0x00, 0x05),
      '/push/a@b': '{}',
    }
    for (const [path, value] of Object.entries(nodes)) await client.create(path, Buffer.from(value))
    await Promise.all(
      Array.from({ length: 500 }, (_, at) => client.create(`/push/register/list-${at}`, Buffer.from('x'))),
    )
    client.close()
  }, 40_000)

  test('becomes a directory that compiles, with what cannot be a config listed', async () => {
    const { code, stdout, stderr, files } = await imported('zk', 'zookeeper', `${endpoint}/push`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(files).toEqual(['_import/skipped.jsonl', 'push/register.yaml', 'push/room.json', 'push/room/timeouts.yaml'])
    expect(await text('zk/push/register.yaml')).toContain('redis: 10.0.0.1:6379\nshards: 16\n')
    expect(stdout).toContain('push/blob: binary, or not UTF-8')
    expect(stdout).toContain('push/a@b: a name with @')
    expect(stdout).toContain('ok · 3 configs')
    expect((await keeperCommand(['check', join(folder, 'zk')])).code).toBe(0)
  })

  test('with a slash behind the path gives what lies in it', async () => {
    const { files } = await imported('zk-content', 'zookeeper', `${endpoint}/push/`, '--cluster', 'push')
    expect(files).toContain('room/timeouts.yaml')
    expect(files).toContain('push/room.json')
  })

  test('without such a path, or out of reach, is a typed error', async () => {
    expect(await imported('none', 'zookeeper', `${endpoint}/none`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('E_NOT_FOUND'),
    })
    expect(await imported('zk', 'zookeeper', endpoint)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('E_DATA_EXISTS'),
    })
    expect(await imported('away', 'zookeeper', '127.0.0.1:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('E_CONNECTION'),
    })
  })
})

describe.skipIf(!etcdVersion())('a real etcd (skipped where there is none)', () => {
  let endpoint: string

  beforeAll(async () => {
    endpoint = await start(await etcdBlueprint(folder, 1))
    const put = (key: string, value: string, ...more: string[]) =>
      execFileSync('etcdctl', ['--endpoints', endpoint, 'put', key, value, ...more], {
        env: { ...process.env, ETCDCTL_API: '3' },
      })
    put('/push/room', '{"max": 1}')
    put('/push/room-2', '{"max": 2}')
    put('/push/room/limits', 'a: 1\n')
    put('/pushed/x', '{"no": 1}')
    put('/push//odd', '1')
    for (let at = 0; at < 20; at++) put(`/push/flags/f${at}`, String(at))
    const granted = String(
      execFileSync('etcdctl', ['--endpoints', endpoint, 'lease', 'grant', '600'], {
        env: { ...process.env, ETCDCTL_API: '3' },
      }),
    )
    put('/push/live', '{}', `--lease=${granted.split(' ')[1]}`)
  }, 40_000)

  test('becomes a directory that compiles, page by page', async () => {
    const { code, stdout, files } = await imported('etcd', 'etcd', `http://${endpoint}/push`)
    expect(code).toBe(0)
    expect(files).toEqual([
      '_import/skipped.jsonl',
      'push/flags.yaml',
      'push/room-2.json',
      'push/room.json',
      'push/room/limits.yaml',
    ])
    expect(await text('etcd/push/flags.yaml')).toContain('f0: 0\nf1: 1\nf10: 10\n')
    expect(stdout).toContain('/push/live: bound to a lease')
    expect(stdout).toContain('/push//odd: a name with empty parts')
  })

  test('without such a prefix, or out of reach, is a typed error', async () => {
    expect(await imported('none', 'etcd', `${endpoint}/none`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('E_NOT_FOUND'),
    })
    expect(await imported('away', 'etcd', '127.0.0.1:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('E_CONNECTION'),
    })
  })
})
