import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MembersResponse__Output } from '@keeper/proto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { KeeperClient } from '../../keeper/src/cli/client.js'
import { recoverQuorum, restoreSnapshot } from '../../keeper/src/main.js'
import { freeAddress } from '../../keeper/src/transport/testing/free-address.js'
import { asking, putAt, statusAt, valueAt } from '../harness/asking.js'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { KeeperProcess } from '../harness/keeper-process.js'

/** Clusters out of what is left of others: several members' snapshots, survivors and newcomers. */

let folder: string
let cluster: KeeperCluster
const others: KeeperProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-rebuilt-'))
  cluster = await KeeperCluster.begin(folder)
})
afterEach(async () => {
  await Promise.all(others.splice(0).map((process) => process.kill('SIGKILL')))
  await cluster.end()
  await rm(folder, { recursive: true })
})

const at = (name: string) => join(folder, name)
const run = async (endpoints: readonly string[], ...args: string[]) => {
  const { code, stdout, stderr } = await keeperCommand([...args, '--endpoints', endpoints.join(',')])
  expect(code, stderr).toBe(0)
  return stdout.trim()
}
const rolesAt = async ({ endpoint }: KeeperProcess) => {
  const list = (client: KeeperClient) => client.call<MembersResponse__Output>('members', 'List', {})
  return (await asking(endpoint, list)).members.map(({ role }) => role)
}

async function start(name: string, dataDir: string, listenPeer: string, ...more: string[]): Promise<KeeperProcess> {
  const process = await KeeperProcess.start({ dataDir: at(dataDir), listenPeer, extra: ['--name', name, ...more] })
  others.push(process)
  return process
}

test('a snapshot restored to three folders is one cluster of the next epoch, which goes on and comes back', async () => {
  await putAt(cluster.endpoints[0] as string, 'a', '1')
  await run(cluster.endpoints, 'snapshot', 'save', at('file'))
  await cluster.end()
  const seats = await Promise.all(['n1', 'n2', 'n3'].map(async (name) => ({ name, peer: await freeAddress() })))
  for (const { name } of seats) await restoreSnapshot({ file: at('file'), dataDir: at(`new-${name}`), name, seats })
  const startAll = () => Promise.all(seats.map(({ name, peer }) => start(name, `new-${name}`, peer)))
  const fresh = await startAll()
  for (const { endpoint } of fresh) expect(await valueAt(endpoint, 'a')).toBe('1')
  for (const [index, { endpoint }] of fresh.entries()) await putAt(endpoint, `b${index}`, '2')
  const said = await Promise.all(fresh.map(({ endpoint }) => statusAt(endpoint)))
  expect(new Set(said.map(({ clusterId, storeEpoch }) => `${clusterId} ${storeEpoch}`)).size).toBe(1)
  expect(Number(said[0]?.storeEpoch)).toBe(2)
  await Promise.all(fresh.map((keeper) => keeper.kill('SIGKILL')))
  for (const { endpoint } of await startAll()) expect(await valueAt(endpoint, 'b2')).toBe('2')
}, 60_000)

test('one of three survives: it goes on alone, takes new members in, and the old ones are of another cluster', async () => {
  await putAt(cluster.endpoints[0] as string, 'a', '1')
  // until all have it
  for (const endpoint of cluster.endpoints) expect(await valueAt(endpoint, 'a')).toBe('1')
  await cluster.end()
  await recoverQuorum(cluster.dataDirOf('n2'), at('alone'))
  const peer = await freeAddress()
  const alone = await start('n2', 'alone', peer)
  expect(await valueAt(alone.endpoint, 'a')).toBe('1')
  expect(await rolesAt(alone)).toEqual(['leader'])
  for (const name of ['n1', 'n3']) {
    const listens = await freeAddress()
    await run([alone.endpoint], 'member', 'add', `${name}=${listens}`)
    await start(name, `again-${name}`, listens, '--join', peer)
    await vi.waitFor(
      async () =>
        expect((await rolesAt(alone)).filter((role) => role !== 'learner').length).toBe(name === 'n1' ? 2 : 3),
      { timeout: 20_000, interval: 200 },
    )
  }
  await putAt(alone.endpoint, 'b', '2')
  await alone.kill('SIGKILL')
  for (const { endpoint } of others.slice(1)) expect(await valueAt(endpoint, 'b')).toBe('2')
  const listens = ['client', 'peer', 'http'].flatMap((port) => [`--listen-${port}`, '127.0.0.1:0'])
  const old = ['serve', '--name', 'n1', '--data-dir', at('mixed'), '--initial-cluster']
  const mixed = await keeperCommand([...old, `n1=${cluster.peerOf('n1')},n2=${others[1]?.ready.peer}`, ...listens])
  expect([mixed.code, mixed.stderr]).toEqual([1, expect.stringMatching(/E_MEMBER_|E_CLUSTER_/)])
}, 90_000)

test('a newcomer that is killed before it has flushed anything comes back by itself, although it knew the founders only', async () => {
  const [by] = cluster.names.map((name) => cluster.peerOf(name))
  const [peer, peer5] = [await freeAddress(), await freeAddress()]
  await run(cluster.endpoints, 'member', 'add', `n4=${peer}`)
  const fourth = await start('n4', 'n4', peer, '--join', by as string)
  await fourth.kill('SIGKILL')
  // the others change meanwhile
  await run(cluster.endpoints, 'member', 'add', `n5=${peer5}`)
  await start('n5', 'n5', peer5, '--join', by as string)
  const again = await start('n4', 'n4', peer)
  await vi.waitFor(async () => expect((await rolesAt(again)).filter((role) => role === 'follower').length).toBe(4), {
    timeout: 20_000,
    interval: 200,
  })
  await putAt(again.endpoint, 'k', 'v')
}, 60_000)
