import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keeper, silentLogger } from '@keeper/sdk'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { recoverQuorum, restoreSnapshot } from '../../keeper/src/main.js'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperProcess } from '../harness/keeper-process.js'

let folder: string
let keeper: KeeperProcess | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-snapshot-'))
})
afterEach(async () => {
  await keeper?.kill('SIGKILL')
  keeper = undefined
  await rm(folder, { recursive: true })
})

const at = (name: string) => join(folder, name)
const extra = ['--listen-peer', '127.0.0.1:0']

async function start(dataDir: string): Promise<KeeperProcess> {
  await keeper?.kill('SIGTERM')
  keeper = await KeeperProcess.start({ dataDir: at(dataDir), extra })
  return keeper
}

const run = (...argv: string[]) => keeperCommand([...argv, ...(keeper ? ['--endpoints', keeper.endpoint] : [])])
async function json(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run(...argv, '--output', 'json')
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout)
}
const valueAt = async (key: string) => (await run('kv', 'get', key)).stdout.trim()

async function savedWith(...pairs: [string, string][]): Promise<string> {
  await start('old')
  for (const [key, value] of pairs) await run('kv', 'put', key, value)
  const file = at('file.snapshot')
  await json('snapshot', 'save', file)
  return file
}

describe('a snapshot', () => {
  test('comes back as a new cluster of the next epoch, where revisions go on', async () => {
    const file = await savedWith(['a', '1'], ['b', '2'])
    const before = await json('status')
    await run('kv', 'put', 'a', 'too late')
    expect(await json('snapshot', 'status', file)).toMatchObject({ clusterId: before.clusterId, userRevision: 3 })
    await json('snapshot', 'restore', file, '--data-dir', at('new'), '--name', 'n1')
    await start('new')
    expect([await valueAt('a'), await valueAt('b')]).toEqual(['1', '2'])
    const after = await json('status')
    expect(after.clusterId).not.toBe(before.clusterId)
    expect([before.storeEpoch, after.storeEpoch].map(Number)).toEqual([1, 2])
    await run('kv', 'put', 'c', '3')
    expect(Number((await json('status')).userRevision)).toBe(4)
    await json('snapshot', 'save', at('second.snapshot'))
    expect(await json('snapshot', 'status', at('second.snapshot'))).toMatchObject({ storeEpoch: 2, userRevision: 4 })
  })

  test('an older one is taken by a running process that had seen more of the cluster before', async () => {
    await start('old')
    const publish = async (max: number) => {
      await mkdir(at('config/push'), { recursive: true })
      await writeFile(at('config/push/room.yaml'), `max: ${max}\n`)
      expect((await run('apply', at('config'))).code).toBe(0)
    }
    await publish(1)
    const file = at('file.snapshot')
    await json('snapshot', 'save', file)
    for (const max of [2, 3, 4]) await publish(max)
    const listenClient = keeper?.endpoint as string
    const joined = await Keeper.join({
      ...{ cluster: 'push', role: 'room', instance: 'a', stateDir: at('process'), endpoints: [listenClient] },
      logger: silentLogger,
    })
    try {
      const room = await joined.config<{ max: number }>('push/room')
      await joined.ready()
      expect(room.value.max).toBe(4)
      const newest = room.status.revision
      await json('snapshot', 'restore', file, '--data-dir', at('new'))
      await keeper?.kill('SIGKILL')
      keeper = await KeeperProcess.start({ dataDir: at('new'), listenClient, extra })
      await vi.waitFor(() => expect(room.value.max).toBe(1), { timeout: 20_000 })
      expect(room.status.revision).toBeLessThan(newest)
      await publish(7)
      await vi.waitFor(() => expect(room.value.max).toBe(7), { timeout: 20_000 })
    } finally {
      await joined.leave()
    }
  })

  test('restored on several machines is one cluster; with other members it is another', async () => {
    const file = await savedWith(['a', '1'])
    const seats = ['n1', 'n2'].map((name, i) => ({ name, peer: `127.0.0.1:${7401 + i}` }))
    const one = await restoreSnapshot({ file, dataDir: at('r1'), name: 'n1', seats })
    const two = await restoreSnapshot({ file, dataDir: at('r2'), name: 'n2', seats: [...seats].reverse() })
    const alone = await restoreSnapshot({ file, dataDir: at('r3'), name: 'n1' })
    expect(two.clusterId).toBe(one.clusterId)
    expect(alone.clusterId).not.toBe(one.clusterId)
    // the first cluster of the file has run and is lost, too
    const again = await restoreSnapshot({ file, dataDir: at('r5'), name: 'n1', seats, epoch: 3 })
    expect([one.storeEpoch, again.storeEpoch]).toEqual([2, 3])
    expect(again.clusterId).not.toBe(one.clusterId)
    await expect(restoreSnapshot({ file, dataDir: at('r4'), name: 'n9', seats })).rejects.toMatchObject({
      code: 'E_INVALID_ARGUMENT',
    })
    const { code, stderr } = await run('snapshot', 'restore', file, '--data-dir', at('r6'), '--epoch', '1')
    expect([code, stderr]).toEqual([2, expect.stringContaining('give a whole number above 1')])
  })

  test('that is damaged, none, or would overwrite something is refused, and nothing is left behind', async () => {
    const file = await savedWith(['a', '1'])
    const { length } = await readFile(file)
    await copyFile(file, at('short'))
    await truncate(at('short'), length - 1)
    const refusals: [string, string, string][] = [
      [at('short'), 'x1', 'E_BAD_SNAPSHOT'],
      [at('nothing'), 'x2', 'E_NOT_FOUND'],
      [file, 'old', 'E_DATA_EXISTS'],
    ]
    for (const [from, dataDir, expected] of refusals) {
      const { code, stderr } = await run('snapshot', 'restore', from, '--data-dir', at(dataDir))
      expect([code, stderr]).toEqual([1, expect.stringContaining(expected)])
    }
    expect((await run('snapshot', 'save', file)).stderr).toContain('E_DATA_EXISTS')
    await expect(readFile(at('x1/member.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('a lost quorum', () => {
  test('a survivor goes on alone, once somebody has read what may be lost', async () => {
    await start('old')
    await run('kv', 'put', 'a', '1')
    const before = await json('status')
    await keeper?.kill('SIGKILL')
    keeper = undefined
    const flags = ['member', 'recover-quorum', '--data-dir', at('old'), '--to', at('new')]
    const warned = await run(...flags)
    expect(warned.code).toBe(2)
    expect(warned.stdout).toMatch(/its log ends at entry \d+ of term 1 .*\n.*lost: every write that the others/)
    await expect(readFile(at('new/member.json'))).rejects.toMatchObject({ code: 'ENOENT' })
    const done = await run(...flags, '--yes')
    expect(done.code).toBe(0)
    await start('new')
    expect(await valueAt('a')).toBe('1')
    const after = await json('status')
    expect(after.clusterId).not.toBe(before.clusterId)
    expect(Number(after.storeEpoch)).toBeGreaterThan(2)
    expect(done.stdout).toContain(`restore FILE --epoch ${Number(after.storeEpoch) + 1}`)
    // a watch knows clusters by their epochs: of two that are made of the same remains each has its own
    expect((await recoverQuorum(at('old'), at('other'))).storeEpoch).not.toBe(Number(after.storeEpoch))
  })

  test('a folder that is in use, or is none, is refused', async () => {
    await start('old')
    await expect(recoverQuorum(at('old'), at('new'))).rejects.toMatchObject({ code: 'E_DATA_LOCKED' })
    await expect(recoverQuorum(at('nowhere'), at('new'))).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
  })
})
