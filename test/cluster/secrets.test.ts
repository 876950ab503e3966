import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Keeper, type Logger, silentLogger } from '@keeper/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Ended, keeperCommand } from '../harness/command-line.js'
import { KeeperProcess, until } from '../harness/keeper-process.js'

/** Secrets of one run, of forms that no other text has. */
const [first, second] = ['s3cret-"one"-Zw9', 's3cret-"two"-Qx7'] as const
/** Every form in which their bytes could stand in a file or an answer. */
const forms = [first, second].flatMap((secret) => [
  secret.slice(0, 7) + secret.slice(8, 11),
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('hex'),
  ...[0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + secret)
      .toString('base64')
      .slice(4, -4),
  ),
])

// Many commands, one after the other: on a busy machine each takes its time.
vi.setConfig({ testTimeout: 90_000 })

let folder: string
let work: string
let keeper: KeeperProcess
/** All that was printed, answered or logged. */
const seen: string[] = []
const processes: Keeper[] = []

const key = () => join(folder, 'secret.key')
const config = () => join(work, 'config')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-secrets-'))
  work = join(folder, 'work')
  await mkdir(work)
  await writeFile(join(folder, 'one.txt'), `${first}\n`)
  await writeFile(join(folder, 'two.txt'), second)
})

afterAll(async () => {
  for (const one of processes) await one.leave()
  await keeper?.kill('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

async function run(...args: string[]): Promise<Ended> {
  const ended = await keeperCommand(args, { KEEPER_ENDPOINTS: keeper?.endpoint ?? '127.0.0.1:1' })
  seen.push(ended.stdout, ended.stderr)
  return ended
}

const start = () =>
  KeeperProcess.start({
    dataDir: join(work, 'data'),
    extra: ['--secret-key-file', key(), '--log-level', 'debug'],
  })

async function files(texts: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(config(), path)), { recursive: true })
    await writeFile(join(config(), path), text)
  }
}

async function join_(role: string, instance: string, logger?: Logger): Promise<Keeper> {
  const note = (_fields: object, line: string) => void seen.push(line)
  const joined = await Keeper.join({
    ...{ cluster: 'push', role, instance, endpoints: [keeper.endpoint], stateDir: join(work, 'state') },
    logger: logger ?? { info: note, warn: note },
  })
  processes.push(joined)
  return joined
}

/** Files below the folder of the run that hold one of the forms. */
async function filesWithSecrets(): Promise<string[]> {
  const entries = await readdir(work, { recursive: true, withFileTypes: true })
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        const bytes = await readFile(path)
        return forms.some((form) => bytes.includes(form)) ? [path] : []
      }),
  )
  return found.flat()
}

test('a key file that others can read is refused before anything is served', async () => {
  expect(await keeperCommand(['secret', 'keygen', key()])).toMatchObject({ code: 0 })
  await chmod(key(), 0o644)
  const serve = ['serve', '--data-dir', join(work, 'data'), '--listen-client', '127.0.0.1:0']
  expect(await keeperCommand([...serve, '--secret-key-file', key()])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${key()} can be read by others: chmod 600 ${key()} (E_SECRET_KEY)`),
  })
  await chmod(key(), 0o600)
})

test('a secret reaches the processes whose config names it, again when it changes, and stands nowhere else', async () => {
  keeper = await start()
  await files({
    'push/room.yaml':
      'redis: {url: "redis://:${secret:redis/password}@10.0.0.1", pw: "${secret:redis/password}"}\nmax: 1\n',
    'push/common.yaml': 'a: 1\n',
  })
  expect(await run('apply', config())).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('push/room names the secret redis/password, which is not there (E_SECRET_UNKNOWN)'),
  })
  expect((await run('secret', 'put', 'redis/password', '--from-file', join(folder, 'one.txt'))).stdout).toMatch(
    /^r\d+ redis\/password {2}version 1 {2}no config uses it yet\n$/,
  )
  expect(await run('apply', config(), '--reason', 'with a secret')).toMatchObject({ code: 0 })

  const member = await join_('room', 'room-1')
  const room = await member.config<{ redis: { url: string; pw: string }; max: number }>('push/room')
  expect(room.value.redis).toEqual({ url: `redis://:${first}@10.0.0.1`, pw: first })
  const outsider = await join_('register', 'register-1')
  await expect(outsider.config('push/room')).rejects.toThrow(expect.objectContaining({ code: 'E_NOT_IN_AUDIENCE' }))
  // What a service says of its own values in its own log is its own.
  const critic = await join_('room', 'room-2', silentLogger)
  await critic.config('push/room', {
    validate: ({ max, redis }: { max: number; redis: unknown }) => {
      if (max > 1) throw new Error(`cannot use ${JSON.stringify(redis)}`)
    },
  })

  const rotated = await run('secret', 'rotate', 'redis/password', '--from-file', join(folder, 'two.txt'))
  expect(rotated.stdout).toMatch(/version 2 {2}used by push\/room\n$/)
  await until('the new secret', () => room.value.redis.pw === second)
  expect(room.status.revision).toBe(Number(/^r(\d+)/.exec(rotated.stdout)?.[1]))
})

test('no command, answer, log or file has its bytes', async () => {
  await files({ 'push/room.yaml': 'redis: {url: "redis://${secret:redis/password}"}\nmax: 2\n' })
  expect(await run('apply', config(), '--output', 'json')).toMatchObject({ code: 0 })
  const rejected = await until('the refusal', async () => {
    const { stdout } = await run('ledger', 'push/room')
    return /room-2.*rejected.*/.exec(stdout)?.[0]
  })
  expect(rejected).toMatch(/cannot use {"url":"redis:\/\/\*\*\*"}/)
  const asked = await Promise.all([
    run('plan', config()),
    run('get', 'push/room', '--as', 'room-1'),
    run('diff', 'push/room', '~1'),
    run('history', 'push/room', '--output', 'json'),
    run('ledger', 'push/room', '--output', 'json'),
    run('status', '--output', 'json'),
    run('instances', '--output', 'json'),
    run('secret', 'list'),
    run('snapshot', 'save', join(work, 'snapshot')),
    run('get', 'push/room', '--path', '/redis/url', '--raw'),
    run('history', 'push/room', '--diff'),
    run('events', '--output', 'json'),
    run('explain', 'push/room#/redis', '--as', 'room-1'),
    run('pull', 'push/room', '--output', 'json'),
  ])
  expect(asked.map(({ code }) => code)).toEqual(asked.map(() => 0))
  const got = asked[1]
  expect(got?.stdout).toContain('redis://${secret:redis/password}')
  for (const path of [
    '/v1/configs/push/room',
    '/v1/configs/push/room?as=cluster=push,role=room',
    '/metrics',
    '/healthz',
  ])
    seen.push(await (await fetch(`http://${keeper.ready.http}${path}`)).text())
  expect(await run('secret', 'rm', 'redis/password')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('push/room names redis/password (E_SECRET_IN_USE)'),
  })
  for (const one of processes.splice(0)) await one.leave()
  await keeper.kill('SIGTERM')
  seen.push(keeper.errorOutput)
  expect(seen.join('\n')).toContain('the last good value of push/room holds secrets and is not kept')
  expect(seen.filter((text) => forms.some((form) => text.includes(form)))).toEqual([])
  expect(await filesWithSecrets()).toEqual([])
  // It would be found.
  await writeFile(join(work, 'leak'), `{"pw":${JSON.stringify(second)}}`)
  expect(await filesWithSecrets()).toEqual([join(work, 'leak')])
})

test('after a restart it is there again; sealed with a newer key, the older one is not needed any more', async () => {
  expect((await keeperCommand(['secret', 'keygen', key()])).stdout).toContain('in front of the others')
  keeper = await start()
  const room = await (await join_('room', 'room-1')).config<{ redis: { url: string } }>('push/room')
  expect(room.value.redis.url).toBe(`redis://${second}`)
  expect((await run('secret', 'rotate')).stdout).toBe('1 sealed with the newest key, 0 were already\n')
  await keeper.kill('SIGKILL')
  const [newest = ''] = (await readFile(key(), 'utf8')).split('\n')
  await writeFile(key(), `${newest}\n`)
  keeper = await start()
  const again = await (await join_('room', 'room-3')).config<{ redis: { url: string } }>('push/room')
  expect(again.value).toEqual(room.value)
})
