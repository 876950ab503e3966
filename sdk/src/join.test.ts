import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultStateDir, refuseForeign } from './edge/last-good-store.js'
import { type JoinOptions, Keeper, silentLogger } from './index.js'
import { limits } from './limits.js'
import type { Logger } from './logger.js'
import { resolveOptions } from './options.js'
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

describe('with every keeper down', () => {
  async function ranOnce(): Promise<void> {
    keeper.publish({ 'push/room': { maxConnections: 1000 }, 'push/common': 'c' })
    const joined = await joinHere()
    await Promise.all([joined.config('push/room'), joined.config('push/common')])
    await joined.leave()
    server.close()
  }

  const fileHere = async () =>
    join(stateDir, (await readdir(stateDir)).find((name) => name.endsWith('last-good')) ?? '')

  test('a process starts with its last good values, says so, and comes back when a keeper does', async () => {
    await ranOnce()
    const lines: string[] = []
    const write = (_fields: object, message: string) => void lines.push(message)
    const logger: Logger = { info: write, warn: write }
    const joined = await joinHere({ logger })
    expect(joined.status).toMatchObject({ state: 'away', revision: 1 })
    const room = await joined.config('push/room')
    expect([room.value, room.status.from]).toEqual([{ maxConnections: 1000 }, 'last-good'])
    const back = new Promise<void>((resolve) => joined.onConnection(({ state }) => state === 'live' && resolve()))
    server = await wireServer((peer) => keeper.attach(peer), Number(server.endpoint.split(':')[1]))
    await back
    expect(room.status.from).toBe('live')
    expect(lines).toEqual(['keeper away, running on r1', 'keeper back, running on r1'])
  })

  test('and no last good values it does not start, and says what it tried', async () => {
    server.close()
    const joining = joinHere({ joinTimeoutMs: 300 })
    await expect(joining).rejects.toMatchObject({ code: 'E_CONNECTION' })
    await expect(joining).rejects.toThrow(/no keeper answered within 300 ms, and there are no last good values.*ECONN/)
  })

  test.each<[string, (text: string) => string]>([
    ['a flipped byte', (text) => text.replace('1000', '9000')],
    ['its end missing', (text) => text.slice(0, -10)],
    ['nothing in it', () => ''],
    ['something else in it', () => '{"hello":"world"}'],
  ])('a last-good file with %s is ignored with a warning', async (_what, spoil) => {
    await ranOnce()
    const file = await fileHere()
    await writeFile(file, spoil(await readFile(file, 'utf8')))
    const lines: string[] = []
    const logger: Logger = { info() {}, warn: (_fields, message) => void lines.push(message) }
    await expect(joinHere({ joinTimeoutMs: 200, logger })).rejects.toMatchObject({ code: 'E_CONNECTION' })
    expect(lines[0]).toBe(`keeper: ignoring the last-good file ${file}: its checksum does not match`)
  })

  test('another instance has a file of its own', async () => {
    await ranOnce()
    await expect(joinHere({ joinTimeoutMs: 200, instance: 'room-8' })).rejects.toMatchObject({ code: 'E_CONNECTION' })
  })

  test('the file is readable by its user alone, and no draft is left beside it', async () => {
    await ranOnce()
    expect((await stat(await fileHere())).mode & 0o777).toBe(0o600)
    expect(await readdir(stateDir)).toHaveLength(1)
  })
})

describe('joining', () => {
  test('goes on to the next endpoint when one refuses', async () => {
    const joined = await joinHere({ endpoints: ['127.0.0.1:1', server.endpoint], stateDir: false })
    expect(joined.status).toMatchObject({ state: 'live', endpoint: server.endpoint })
  })

  test('ends with its signal, and leaves nobody attached', async () => {
    const controller = new AbortController()
    const silent = await wireServer(() => ({ onFrame: () => controller.abort(new Error('enough')), onClosed() {} }))
    await expect(joinHere({ endpoints: [silent.endpoint], signal: controller.signal })).rejects.toThrow('enough')
    silent.close()
  })

  test('of a second incarnation fences the first, which keeps its values', async () => {
    keeper.publish({ 'push/room': 1 })
    const first = await joinHere()
    const room = await first.config('push/room')
    const fenced = new Promise((resolve) => first.onConnection((now) => now.state === 'fenced' && resolve(now.error)))
    const second = await joinHere()
    expect(await fenced).toMatchObject({ code: 'E_FENCED' })
    expect([second.status.state, room.value]).toEqual(['live', 1])
  })

  test.each<[string, JoinOptions]>([
    ['no role', { role: '' }],
    ['a cluster with a slash', { cluster: 'push/x' }],
    ['an instance with a line break', { instance: 'a\nb' }],
    ['an endpoint without a port', { endpoints: ['keeper'] }],
    ['a time that is none', { joinTimeoutMs: Number.NaN }],
  ])('with %s is wrong use', async (_what, options) => {
    await expect(joinHere(options)).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
  })

  test('takes what is not given from the environment', () => {
    const env = {
      KEEPER_CLUSTER: 'push',
      KEEPER_ROLE: 'room',
      KEEPER_INSTANCE: 'room-1',
      KEEPER_LABELS: 'zone=bj, track=canary',
      KEEPER_ADDRESSES: 'tcp=10.0.0.7:443',
      KEEPER_ENDPOINTS: 'k1:7400,k2:7400',
      KEEPER_STATE_DIR: '/var/lib/x',
      KEEPER_JOIN_TIMEOUT_MS: '250',
    }
    expect(resolveOptions({ instance: 'room-7' }, env)).toMatchObject({
      cluster: 'push',
      role: 'room',
      instance: 'room-7',
      labels: { zone: 'bj', track: 'canary' },
      addresses: { tcp: '10.0.0.7:443' },
      endpoints: ['k1:7400', 'k2:7400'],
      stateDir: '/var/lib/x',
      joinTimeoutMs: 250,
    })
    expect(resolveOptions({}, { ...env, KEEPER_ENDPOINTS: '' }).endpoints).toEqual(['127.0.0.1:7400'])
  })

  test('goes on without last good values where they cannot be kept', async () => {
    keeper.publish({ 'push/room': 1 })
    const file = join(stateDir, 'file')
    await writeFile(file, '')
    const lines: string[] = []
    const logger: Logger = { info() {}, warn: (_fields, message) => void lines.push(message) }
    const joined = await joinHere({ stateDir: join(file, 'below'), logger })
    await joined.config('push/room')
    await joined.leave()
    expect(lines.at(-1)).toMatch(/^keeper: last good values not saved: ENOTDIR/)
  })
})

test('a frame that is garbage costs the stream, and the process joins elsewhere', async () => {
  const garbage = await wireServer((peer) => ({ onFrame: () => peer.garbage(), onClosed() {} }))
  const joined = await joinHere({ endpoints: [garbage.endpoint, server.endpoint] })
  expect(joined.status.endpoint).toBe(server.endpoint)
  garbage.close()
})

test('a value near the largest message arrives', async () => {
  const text = 'x'.repeat(limits.frameBytesMax - 1_000)
  keeper.publish({ 'push/room': text })
  expect((await (await joinHere()).config('push/room')).value).toBe(text)
})

test('the folder when none is given is the user’s, or one of ours that nobody else may write', async () => {
  expect(await defaultStateDir({ XDG_STATE_HOME: stateDir })).toBe(join(stateDir, 'keeper'))
  expect((await stat(join(stateDir, 'keeper'))).mode & 0o777).toBe(0o700)
  expect(await defaultStateDir({ STATE_DIRECTORY: `${stateDir}/a:/b` })).toBe(join(stateDir, 'a', 'keeper'))
  await chmod(stateDir, 0o777)
  await expect(refuseForeign(stateDir)).rejects.toMatchObject({ code: 'E_PERMISSION' })
})

test('a user without a home, as in a container, still has a folder', async () => {
  const homeless = () => {
    throw new Error('uv_os_homedir returned ENOENT')
  }
  vi.stubEnv('TMPDIR', stateDir)
  expect(await defaultStateDir({}, homeless)).toBe(join(stateDir, `keeper-${process.getuid?.()}`))
  vi.unstubAllEnvs()
})
