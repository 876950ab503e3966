import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RangeResponse__Output, StatusResponse__Output } from '@keeper/proto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asKeeperError } from '../../keeper/src/base/errors.js'
import { KeeperClient } from '../../keeper/src/cli/client.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'

/** Three keepers of which one, then a majority, has a small file system that somebody else fills up. */

const MEGABYTE = 1024 * 1024
const mayMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0
const small = ['n2', 'n3']
let folder: string
let cluster: KeeperCluster
const acknowledged: string[] = []

const diskOf = (name: string) => join(folder, name)

beforeAll(async () => {
  if (!mayMount) return
  folder = await mkdtemp(join(tmpdir(), 'keeper-full-member-'))
  for (const name of small) {
    await mkdir(diskOf(name))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', diskOf(name)])
  }
  cluster = await KeeperCluster.begin(folder)
}, 60_000)
afterAll(async () => {
  if (!mayMount) return
  await cluster.end()
  for (const name of small) execFileSync('umount', [diskOf(name)])
  await rm(folder, { recursive: true, force: true })
})

async function asking<T>(endpoint: string, ask: (client: KeeperClient) => Promise<T>): Promise<T> {
  const client = new KeeperClient([endpoint])
  return await ask(client).finally(() => client.close())
}

/** The code of what came of a put through a keeper; empty when it was acknowledged. */
async function put(name: string, key: string): Promise<string> {
  const txn = { success: [{ put: { key: Buffer.from(key), value: Buffer.from(key) } }] }
  try {
    await asking(cluster.process(name).endpoint, (client) => client.call('kv', 'Txn', { txn }))
    acknowledged.push(key)
    return ''
  } catch (thrown) {
    return asKeeperError(thrown).code
  }
}

const remove = (name: string, key: string) =>
  asking(cluster.process(name).endpoint, (client) =>
    client.call('kv', 'Txn', { txn: { success: [{ delete: { key: Buffer.from(key) } }] } }),
  )

async function valueAt(name: string, key: string): Promise<string | undefined> {
  const ask = (client: KeeperClient) => client.call<RangeResponse__Output>('kv', 'Range', { key: Buffer.from(key) })
  const { kvs } = await asking(cluster.process(name).endpoint, ask)
  return kvs[0]?.value.toString()
}

const alarmsOf = async (name: string) =>
  (
    await asking(cluster.process(name).endpoint, (client) =>
      client.call<StatusResponse__Output>('cluster', 'Status', {}),
    )
  ).alarms

/** To the last byte, as others do it. */
async function fill(name: string): Promise<void> {
  const file = await open(join(diskOf(name), 'foreign'), 'w')
  for (let chunk = Buffer.alloc(MEGABYTE); chunk.length > 0; ) {
    const { bytesWritten } = await file.write(chunk).catch(() => ({ bytesWritten: 0 }))
    if (bytesWritten === 0) chunk = chunk.subarray(0, chunk.length >>> 1)
  }
  await file.close()
}

const free = (name: string) => rm(join(diskOf(name), 'foreign'))

describe.skipIf(!mayMount)('three keepers, two of them on small disks (needs root, for small file systems)', () => {
  test('one full disk, also the leader’s, costs no write', async () => {
    await asking(cluster.endpoints[0] as string, (client) => client.call('members', 'TransferLeadership', { to: 'n3' }))
    await until('n3 to lead', async () => (await cluster.leader()) === 'n3')
    await fill('n3')
    await until('the alarm', async () => (await alarmsOf('n3')).includes('disk-low'))
    await until('another to lead', async () => (await cluster.leader()) !== 'n3', 20_000)
    for (const name of cluster.names) expect(await put(name, `one/${name}`), `through ${name}`).toBe('')
    for (const key of acknowledged) expect(await valueAt('n3', key)).toBe(key)
  }, 60_000)

  test('two full disks refuse what grows, and nothing else, until there is space', async () => {
    await fill('n2')
    await until('the refusal', async () => (await put('n1', 'two/more')) === 'E_NO_SPACE', 20_000)
    for (const name of cluster.names) expect(await put(name, 'two/other'), `through ${name}`).toBe('E_NO_SPACE')
    for (const name of cluster.names) expect(await valueAt(name, 'one/n1')).toBe('one/n1')
    await remove('n1', 'one/n2')
    expect(await valueAt('n2', 'one/n2')).toBeUndefined()
    await free('n2')
    await until('space', async () => (await put('n2', 'two/again')) === '', 20_000)
    await free('n3')
    await until('no alarm', async () => (await alarmsOf('n3')).length === 0)
    for (const name of cluster.names) expect(await put(name, `after/${name}`)).toBe('')
  }, 60_000)

  test('and comes back after a kill with all that was acknowledged', async () => {
    await cluster.kill('n3', 'SIGKILL')
    await cluster.start('n3')
    for (const key of acknowledged.filter((one) => one !== 'one/n2')) expect(await valueAt('n3', key)).toBe(key)
  }, 60_000)
})
