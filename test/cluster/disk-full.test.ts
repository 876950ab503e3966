import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InstancesResponse__Output, KvTxnResponse__Output, StatusResponse__Output } from '@keeper/proto'
import { Keeper } from '@keeper/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KeeperError } from '../../keeper/src/base/errors.js'
import { KeeperClient } from '../../keeper/src/cli/client.js'
import { writeAheadBytes } from '../../keeper/src/storage/level-db.js'
import { followCommand } from '../harness/command-line.js'
import { KeeperProcess, until } from '../harness/keeper-process.js'
import { mayMount, SmallDisk } from '../harness/small-disk.js'
import { missing, type Written } from './kill-loop.js'

/** A real keeper on a small file system that fills up: by somebody else's file, and by its own writes. */

let folder: string
let disk: SmallDisk
let dataDir: string
let keeper: KeeperProcess
let client: KeeperClient
const acknowledged = new Map<string, Written>()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-full-'))
  disk = await SmallDisk.mount(join(folder, 'disk'), 96)
  dataDir = join(disk.path, 'data')
  acknowledged.clear()
  await start()
})
afterEach(async () => {
  client.close()
  await keeper.kill('SIGKILL')
  disk.unmount()
  await rm(folder, { recursive: true, force: true })
})

async function start(): Promise<void> {
  keeper = await KeeperProcess.start({ dataDir })
  client = new KeeperClient([keeper.endpoint])
}

/** The code of what came of it; empty when it was acknowledged. */
async function put(key: string, value = 'v'): Promise<string> {
  try {
    const txn = { success: [{ put: { key: Buffer.from(key), value: Buffer.from(value) } }] }
    const { revision } = await client.call<KvTxnResponse__Output>('kv', 'Txn', { txn })
    acknowledged.set(key, { revision: Number(revision), value })
    return ''
  } catch (thrown) {
    return (thrown as KeeperError).code
  }
}

async function remove(key: string): Promise<void> {
  await client.call('kv', 'Txn', { txn: { success: [{ delete: { key: Buffer.from(key) } }] } })
  acknowledged.delete(key)
}

const status = () => client.call<StatusResponse__Output>('cluster', 'Status', {})

async function restart(signal: NodeJS.Signals): Promise<number | null> {
  client.close()
  const code = await keeper.kill(signal)
  await start()
  return code
}

describe.skipIf(!mayMount)('a full disk (needs root, for a small file system)', () => {
  test('filled by somebody else: what grows is refused, all else goes on, and so does that once there is space', async () => {
    const process = await Keeper.join({ cluster: 'push', role: 'room', instance: 'a', endpoints: [keeper.endpoint] })
    const watch = followCommand(['--endpoints', keeper.endpoint, 'kv', 'watch', 'k/', '--prefix', '--output', 'json'])
    for (let at = 0; at < 200; at++) expect(await put(`k/${at}`)).toBe('')
    await until('the watch', () => watch.lines.length >= 1)
    await disk.fill()
    await until('the refusal', async () => (await put('k/more')) === 'E_NO_SPACE')
    expect((await status()).alarms).toEqual(['disk-low'])
    expect(await missing(client, acknowledged)).toEqual([])
    const seen = watch.lines.length
    await remove('k/7')
    await until('the delete at the watch', () => watch.lines.length > seen)
    const { instances } = await client.call<InstancesResponse__Output>('cluster', 'Instances', {})
    expect(instances.map(({ identity, connected }) => [identity?.instance, connected])).toEqual([['a', true]])
    await disk.free()
    await until('space', async () => (await put('k/again')) === '')
    await until('no alarm', async () => (await status()).alarms.length === 0)
    await until('ballast', async () => (await readdir(dataDir)).includes('ballast'))
    await process.leave()
    await watch.end()
    await restart('SIGKILL')
    expect(await missing(client, acknowledged)).toEqual([])
  }, 90_000)

  test('filled by its own writes, and stopped and started while it is: nothing is lost', async () => {
    const value = 'x'.repeat(100_000)
    const fill = async (prefix: string) => {
      let refused = ''
      for (let at = 0; at < 5_000 && refused === ''; at++) refused = await put(`${prefix}/${at}`, value)
      expect(refused).toBe('E_NO_SPACE')
    }
    await fill('k')
    expect(await missing(client, acknowledged)).toEqual([])
    expect(await restart('SIGTERM')).toBe(0)
    expect(await missing(client, acknowledged)).toEqual([])
    // a start lets go of what it had written twice
    await fill('l')
    await remove('k/0')
    expect(await missing(client, acknowledged)).toEqual([])
    disk.grow(256)
    await until('space', async () => (await put('k/again', value)) === '')
    await restart('SIGKILL')
    expect(await missing(client, acknowledged)).toEqual([])
  }, 90_000)

  test('filled by somebody else, and killed while it is: it starts with all that was acknowledged', async () => {
    // no compression makes the tables smaller that opening has to make of this
    for (let at = 0; at < 100; at++) await put(`k/${at}`, randomBytes(75_000).toString('base64'))
    await until('a flush', async () => (await writeAheadBytes(join(dataDir, 'state'))) > 7_000_000)
    await disk.fill()
    await until('the refusal', async () => (await put('k/more')) === 'E_NO_SPACE')
    await disk.fill()
    await restart('SIGKILL')
    expect(await missing(client, acknowledged)).toEqual([])
    // opening removes what a compaction that was killed had begun to write, and that may be enough to go on
    await disk.fill()
    await until('the refusal again', async () => (await put('k/more')) === 'E_NO_SPACE')
    await disk.free()
    await until('space', async () => (await put('k/again')) === '')
  }, 90_000)
})
