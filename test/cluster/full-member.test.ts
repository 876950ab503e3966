import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asKeeperError } from '../../keeper/src/base/errors.js'
import { asking, putAt, statusAt, valueAt } from '../harness/asking.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'
import { mayMount, SmallDisk } from '../harness/small-disk.js'

/** Three keepers of which one, then a majority, has a small file system that somebody else fills up. */

const small = ['n2', 'n3']
let folder: string
let cluster: KeeperCluster
const acknowledged: string[] = []
const disks = new Map<string, SmallDisk>()

beforeAll(async () => {
  if (!mayMount) return
  folder = await mkdtemp(join(tmpdir(), 'keeper-full-member-'))
  for (const name of small) disks.set(name, await SmallDisk.mount(join(folder, name), 96))
  cluster = await KeeperCluster.begin(folder)
}, 60_000)
afterAll(async () => {
  if (!mayMount) return
  await cluster.end()
  for (const disk of disks.values()) disk.unmount()
  await rm(folder, { recursive: true, force: true })
})

/** The code of what came of a put through a keeper; empty when it was acknowledged. */
async function put(name: string, key: string): Promise<string> {
  try {
    await putAt(cluster.process(name).endpoint, key, key)
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

const found = (name: string, key: string) => valueAt(cluster.process(name).endpoint, key)
const alarmsOf = async (name: string) => (await statusAt(cluster.process(name).endpoint)).alarms

const fill = (name: string) => disks.get(name)?.fill()
const free = (name: string) => disks.get(name)?.free()

describe.skipIf(!mayMount)('three keepers, two of them on small disks (needs root, for small file systems)', () => {
  test('one full disk, also the leader’s, costs writes for a moment only', async () => {
    await asking(cluster.endpoints[0] as string, (client) => client.call('members', 'TransferLeadership', { to: 'n3' }))
    await until('n3 to lead', async () => (await cluster.leader()) === 'n3')
    await fill('n3')
    await until('the alarm', async () => (await alarmsOf('n3')).includes('disk-low'))
    await until('another to lead', async () => (await cluster.leader()) !== 'n3', 20_000)
    for (const name of cluster.names)
      await until(`a write through ${name}`, async () => (await put(name, `one/${name}`)) === '')
    for (const key of acknowledged) expect(await found('n3', key)).toBe(key)
  }, 60_000)

  test('two full disks refuse what grows, and nothing else, until there is space', async () => {
    await fill('n2')
    for (const name of cluster.names)
      await until(`${name} to refuse`, async () => (await put(name, 'two')) === 'E_NO_SPACE')
    for (const name of cluster.names) expect(await found(name, 'one/n1')).toBe('one/n1')
    await remove('n1', 'one/n2')
    expect(await found('n2', 'one/n2')).toBeUndefined()
    await free('n2')
    await until('space', async () => (await put('n2', 'two/again')) === '', 20_000)
    await free('n3')
    await until('no alarm', async () => (await alarmsOf('n3')).length === 0)
    for (const name of cluster.names)
      await until(`a write through ${name}`, async () => (await put(name, `after/${name}`)) === '')
  }, 60_000)

  test('and comes back after a kill with all that was acknowledged', async () => {
    await cluster.kill('n3', 'SIGKILL')
    await cluster.start('n3')
    for (const key of acknowledged.filter((one) => one !== 'one/n2')) expect(await found('n3', key)).toBe(key)
  }, 60_000)
})
