import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { freeAddress } from '../../keeper/src/transport/testing/free-address.js'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { KeeperProcess } from '../harness/keeper-process.js'

let folder: string
let cluster: KeeperCluster
const joined: KeeperProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-members-'))
  cluster = await KeeperCluster.begin(folder)
})
afterEach(async () => {
  await Promise.all(joined.splice(0).map((process) => process.kill('SIGKILL')))
  await cluster.end()
  await rm(folder, { recursive: true })
})

const run = (...argv: string[]) => keeperCommand([...argv, '--endpoints', cluster.running.join(',')])

interface Row {
  name: string
  role: string
  peer: string
  active: boolean
}
async function members(): Promise<Row[]> {
  const { code, stdout, stderr } = await run('member', 'list', '--output', 'json')
  expect(code, stderr).toBe(0)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
const roleOf = async (name: string) => (await members()).find((one) => one.name === name)?.role

async function joins(name: string, dataDir: string, listenPeer: string, by: string): Promise<KeeperProcess> {
  const extra = ['--name', name, '--join', by]
  const process = await KeeperProcess.start({ dataDir: join(folder, dataDir), listenPeer, extra })
  joined.push(process)
  return process
}

test('a member is added, becomes a voter, comes back after a kill, leads, is removed and ends with that word', async () => {
  await run('kv', 'put', 'k', 'v')
  const [first] = await members()
  const peer = await freeAddress()
  expect((await run('member', 'add', `n4=${peer}`)).stdout).toContain(`--name n4 --listen-peer ${peer} --join`)
  expect((await run('member', 'add', `n4=${peer}`)).code).toBe(4)
  const fourth = await joins('n4', 'n4', peer, first?.peer ?? '')
  await vi.waitFor(async () => expect(await roleOf('n4')).toBe('follower'), { timeout: 20_000, interval: 200 })
  expect((await keeperCommand(['kv', 'get', 'k', '--endpoints', fourth.endpoint])).stdout.trim()).toBe('v')

  await fourth.kill('SIGKILL')
  const again = await joins('n4', 'n4', peer, first?.peer ?? '')
  expect((await keeperCommand(['kv', 'get', 'k', '--endpoints', again.endpoint])).stdout.trim()).toBe('v')

  await vi.waitFor(async () => expect((await run('leader', 'transfer', 'n4')).code).toBe(0), { timeout: 20_000 })
  expect(await roleOf('n4')).toBe('leader')
  expect((await run('member', 'remove', 'n4')).stdout).toContain('n4 removed')
  expect(await again.ended()).toBe(1)
  expect(again.errorOutput).toContain('E_MEMBER_REMOVED')
  expect((await members()).map(({ name }) => name)).toEqual(['n1', 'n2', 'n3'])
})

test('a dead member is replaced while the cluster goes on', async () => {
  await cluster.kill('n3', 'SIGKILL')
  const isThere = async (name: string) => (await members()).find((one) => one.name === name)?.active
  await vi.waitFor(async () => expect(await isThere('n3')).toBe(false), { timeout: 20_000, interval: 200 })
  expect((await run('member', 'add', 'n4=127.0.0.1:1')).stderr).toContain('E_QUORUM_AT_RISK')
  const other = (await members()).find(({ name }) => name !== 'n3')
  expect((await run('member', 'remove', 'n3')).code).toBe(0)
  const peer = await freeAddress()
  expect((await run('member', 'add', `n3=${peer}`)).code).toBe(0)
  await joins('n3', 'n3-new', peer, other?.peer ?? '')
  await vi.waitFor(async () => expect(await roleOf('n3')).toMatch(/follower|leader/), { timeout: 20_000 })
  expect((await run('kv', 'put', 'k', 'v')).code).toBe(0)
})

test('who was not added, and who asks where nobody is, is told so', async () => {
  const [first] = await members()
  const serve = (name: string, by: string) => {
    const listens = ['client', 'peer', 'http'].flatMap((port) => [`--listen-${port}`, '127.0.0.1:0'])
    return keeperCommand(['serve', '--name', name, '--data-dir', join(folder, name), '--join', by, ...listens])
  }
  const [unknown, nobody] = await Promise.all([serve('n8', first?.peer ?? ''), serve('n9', await freeAddress())])
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('keeper member add n8=HOST:PORT')])
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('no member answers there')])
})
