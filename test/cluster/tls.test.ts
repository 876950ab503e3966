import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keeper, silentLogger } from '@keeper/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noCertificates, TestAuthority } from '../harness/certificates.js'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { KeeperProcess, until } from '../harness/keeper-process.js'

/** Keepers that speak TLS to each other and to their clients, and ask both for certificates. */

const missing = noCertificates()
let folder = ''
let house: TestAuthority
let strangers: TestAuthority
let cluster: KeeperCluster
let client: string[] = []
const serverFlags = (authority: TestAuthority, name: string): string[] => {
  const { cert, key } = authority.sign(name)
  const forClients = ['--cert-file', cert, '--key-file', key, '--trusted-ca-file', house.ca, '--client-cert-auth']
  return [...forClients, '--peer-cert-file', cert, '--peer-key-file', key, '--peer-trusted-ca-file', house.ca]
}
beforeAll(async () => {
  if (missing) return
  folder = await mkdtemp(join(tmpdir(), 'keeper-tls-'))
  house = new TestAuthority(folder, 'house')
  strangers = new TestAuthority(folder, 'strangers')
  const { cert, key } = house.sign('client')
  client = ['--cacert', house.ca, '--cert', cert, '--key', key]
  cluster = await KeeperCluster.begin(folder, 3, serverFlags(house, 'keeper'), { tls: { ca: house.ca, cert, key } })
}, 60_000)
afterAll(async () => {
  if (missing) return
  await cluster.end()
  await rm(folder, { recursive: true })
})

const put = (...flags: string[]) =>
  keeperCommand(['kv', 'put', 'k', 'v', '--endpoints', cluster.endpoints[0] as string, ...flags])

describe.skipIf(missing)(`keepers with TLS${missing ? ` (${missing})` : ''}`, () => {
  test('form a cluster and serve the command line and processes that show a certificate', async () => {
    expect(await put(...client)).toMatchObject({ code: 0, stderr: '' })
    const [, ca, , cert, , key] = client as [string, string, string, string, string, string]
    const who = { cluster: 'push', role: 'room', instance: 'room-7', logger: silentLogger, stateDir: false } as const
    const joined = await Keeper.join({ ...who, endpoints: cluster.endpoints, tls: { ca, cert, key } })
    expect((await joined.kv.get('k'))?.value.toString()).toBe('v')
    await joined.leave()
    const env = { KEEPER_CACERT: ca, KEEPER_CERT: cert, KEEPER_KEY: key, KEEPER_ENDPOINTS: cluster.endpoints.join(',') }
    expect(await keeperCommand(['kv', 'get', 'k'], env)).toMatchObject({ code: 0, stdout: 'v\n' })
  })

  test('refuse a client without TLS, with another authority, or without a certificate of theirs, and say why', async () => {
    const { cert, key } = strangers.sign('intruder')
    const wrong: [string[], string][] = [
      [[], 'speaks TLS'],
      [['--cacert', strangers.ca], 'is not trusted'],
      [['--cacert', house.ca], 'does not take the client’s certificate: none was shown'],
      [['--cacert', house.ca, '--cert', cert, '--key', key], 'does not take the client’s certificate'],
    ]
    const ended = await Promise.all(wrong.map(([flags]) => put(...flags)))
    for (const [at, [, reason]] of wrong.entries()) {
      expect(ended[at]).toMatchObject({ code: 1, stderr: expect.stringContaining('E_TLS') })
      expect(ended[at]?.stderr).toContain(reason)
    }
    expect((await put(...client)).code).toBe(0)
  })

  test('a process that does not trust them is told so when it has looked long enough', async () => {
    const who = { cluster: 'push', role: 'room', instance: 'room-8', logger: silentLogger, stateDir: false } as const
    const join = (tls?: { ca: string }) =>
      Keeper.join({ ...who, endpoints: cluster.endpoints, joinTimeoutMs: 1_500, ...(tls && { tls }) })
    await Promise.all([
      expect(join()).rejects.toMatchObject({ code: 'E_TLS', message: expect.stringContaining('speaks TLS') }),
      expect(join({ ca: strangers.ca })).rejects.toMatchObject({ code: 'E_TLS' }),
      expect(join({ ca: 'nowhere' })).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' }),
    ])
  })

  test('a keeper that comes without TLS, or with certificates of others, is told so and ends; they go on', async () => {
    const serve = (name: string, flags: string[]) => {
      const ports = ['client', 'peer', 'http'].flatMap((port) => [`--listen-${port}`, '127.0.0.1:0'])
      const about = ['--name', name, '--data-dir', join(folder, name), '--join', cluster.peerOf('n1')]
      return keeperCommand(['serve', ...about, ...ports, ...flags])
    }
    const { cert, key } = strangers.sign('keeper')
    const theirs = ['--peer-cert-file', cert, '--peer-key-file', key, '--peer-trusted-ca-file']
    const ended = await Promise.all([
      serve('n7', []),
      serve('n8', [...theirs, strangers.ca]),
      serve('n9', [...theirs, house.ca]),
    ])
    for (const { code, stderr } of ended) expect([code, stderr]).toEqual([1, expect.stringContaining('E_TLS')])
    expect((await put(...client)).code).toBe(0)
  })

  test('HTTP tells everybody whether a keeper is well, and the rest to those who show a certificate', async () => {
    const { http } = cluster.process('n1').ready
    const status = (path: string) =>
      new Promise((resolve) => {
        request(`https://${http}${path}`, { rejectUnauthorized: false }, ({ statusCode }) => resolve(statusCode)).end()
      })
    expect([await status('/healthz'), await status('/readyz'), await status('/metrics')]).toEqual([200, 200, 401])
  })

  test('a key of another certificate, and half of what TLS needs, are refused before anything is opened', async () => {
    const serve = (...flags: string[]) => keeperCommand(['serve', '--data-dir', join(folder, 'never'), ...flags])
    const [{ cert }, { key }] = [house.sign('half'), house.sign('other')]
    const [wrong, open] = await Promise.all([
      serve('--cert-file', cert, '--key-file', key),
      serve('--peer-cert-file', cert),
    ])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining(`${key}: no certificate or key to use`) })
    expect(open).toMatchObject({ code: 2, stderr: expect.stringContaining('--peer-key-file') })
  })
})

test('a keeper that listens on all addresses tells others where it is reached, and nothing where it was not told', async () => {
  const here = await mkdtemp(join(tmpdir(), 'keeper-advertised-'))
  const listens = { listenClient: '0.0.0.0:0', listenPeer: '0.0.0.0:0', dataDir: join(here, 'n1') }
  const told = async (clients: string[], extra: string[]) => {
    const keeper = await KeeperProcess.start({ ...listens, extra: ['--insecure', ...extra] })
    const endpoint = keeper.endpoint.replace('0.0.0.0', '127.0.0.1')
    const list = () => keeperCommand(['member', 'list', '--output', 'json', '--endpoints', endpoint])
    const record = await until('its record', async () => {
      const found = JSON.parse((await list()).stdout)
      return found.version !== '' && found.clients.join() === clients.join() && found
    })
    await keeper.kill('SIGTERM')
    return record.peer
  }
  const given = ['--advertise-client', 'keeper.example:7400', '--advertise-peer', 'keeper.example:7401']
  expect(await told(['keeper.example:7400'], given)).toBe('keeper.example:7401')
  expect(await told([], [])).toBe('keeper.example:7401')
  await rm(here, { recursive: true })
})
