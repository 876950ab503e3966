import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'
import { freeAddress, KeeperCluster } from '../harness/keeper-cluster.js'
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
  const to = endpoints.length > 0 ? ['--endpoints', endpoints.join(',')] : []
  const ended = await keeperCommand([...args, ...to])
  expect(ended.code, ended.stderr).toBe(0)
  return ended.stdout.trim()
}
const statusOf = async ({ endpoint }: KeeperProcess) => JSON.parse(await run([endpoint], 'status', '--output', 'json'))
const rolesAt = async ({ endpoint }: KeeperProcess) =>
  (await run([endpoint], 'member', 'list', '--output', 'json')).split('\n').map((line) => JSON.parse(line).role)

async function start(name: string, dataDir: string, listenPeer: string, ...more: string[]): Promise<KeeperProcess> {
  const process = await KeeperProcess.start({ dataDir: at(dataDir), listenPeer, extra: ['--name', name, ...more] })
  others.push(process)
  return process
}

test('a snapshot restored to three folders is one cluster of the next epoch, which goes on and comes back', async () => {
  await run(cluster.endpoints, 'kv', 'put', 'a', '1')
  await run(cluster.endpoints, 'snapshot', 'save', at('file'))
  await cluster.end()
  const seats = await Promise.all(['n1', 'n2', 'n3'].map(async (name) => ({ name, peer: await freeAddress() })))
  const list = seats.map(({ name, peer }) => `${name}=${peer}`).join(',')
  const restore = ({ name }: { name: string }) => {
    const where = ['--data-dir', at(`new-${name}`), '--name', name, '--initial-cluster', list]
    return run([], 'snapshot', 'restore', at('file'), ...where)
  }
  await Promise.all(seats.map(restore))
  const startAll = () => Promise.all(seats.map(({ name, peer }) => start(name, `new-${name}`, peer)))
  const fresh = await startAll()
  for (const keeper of fresh) expect(await run([keeper.endpoint], 'kv', 'get', 'a')).toBe('1')
  for (const [index, keeper] of fresh.entries()) await run([keeper.endpoint], 'kv', 'put', `b${index}`, '2')
  const said = await Promise.all(fresh.map(statusOf))
  expect(new Set(said.map(({ clusterId, storeEpoch }) => `${clusterId} ${storeEpoch}`)).size).toBe(1)
  expect(Number(said[0].storeEpoch)).toBe(2)
  await Promise.all(fresh.map((keeper) => keeper.kill('SIGKILL')))
  for (const keeper of await startAll()) expect(await run([keeper.endpoint], 'kv', 'get', 'b2')).toBe('2')
}, 60_000)

test('one of three survives: it goes on alone, takes new members in, and the old ones are of another cluster', async () => {
  await run(cluster.endpoints, 'kv', 'put', 'a', '1')
  // until all have it
  for (const endpoint of cluster.endpoints) expect(await run([endpoint], 'kv', 'get', 'a')).toBe('1')
  await cluster.end()
  await run([], 'member', 'recover-quorum', '--data-dir', cluster.dataDirOf('n2'), '--to', at('alone'), '--yes')
  const peer = await freeAddress()
  const alone = await start('n2', 'alone', peer)
  expect(await run([alone.endpoint], 'kv', 'get', 'a')).toBe('1')
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
  await run([alone.endpoint], 'kv', 'put', 'b', '2')
  await alone.kill('SIGKILL')
  const rest = others.slice(1).map(({ endpoint }) => endpoint)
  expect(await run(rest, 'kv', 'get', 'b')).toBe('2')
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
  await run([again.endpoint], 'kv', 'put', 'k', 'v')
}, 60_000)
