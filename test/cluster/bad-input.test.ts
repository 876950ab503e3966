import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freeAddress } from '../../keeper/src/transport/testing/free-address.js'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'

/** What the command line says to a start that makes no sense, beside three keepers that go on. */

let folder = ''
let cluster: KeeperCluster
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-bad-input-'))
  cluster = await KeeperCluster.begin(folder)
}, 30_000)
afterAll(async () => {
  await cluster.end()
  await rm(folder, { recursive: true })
})

const ports = ['--listen-client', '127.0.0.1:0', '--listen-http', '127.0.0.1:0']
const serve = (...args: string[]) => keeperCommand(['serve', '--output', 'json', ...ports, ...args])

/** All three answer, and a write through each is taken. */
async function allGoOn(): Promise<void> {
  for (const endpoint of cluster.running) {
    const put = await keeperCommand(['kv', 'put', 'k', endpoint, '--endpoints', endpoint])
    expect(put.code, put.stderr).toBe(0)
  }
  expect(cluster.running).toHaveLength(3)
}

describe('a keeper ends with a code and what to do about it', () => {
  test.each<[string, () => Promise<string[]>, string]>([
    [
      'on the data folder of one that runs',
      async () => ['--name', 'n1', '--data-dir', cluster.dataDirOf('n1'), '--listen-peer', '127.0.0.1:0'],
      'E_DATA_LOCKED',
    ],
    [
      'under a name that the cluster does not have',
      async () => {
        const peer = await freeAddress()
        const list = `${cluster.founders},n9=${peer}`
        return ['--name', 'n9', '--data-dir', join(folder, 'n9'), '--listen-peer', peer, '--initial-cluster', list]
      },
      'E_MEMBER_UNKNOWN',
    ],
    [
      'whose --initial-cluster does not name it',
      async () => {
        const about = ['--name', 'n8', '--data-dir', join(folder, 'n8'), '--listen-peer', await freeAddress()]
        return [...about, '--initial-cluster', cluster.founders]
      },
      'E_INVALID_ARGUMENT',
    ],
    [
      'on a port that is taken',
      async () => ['--name', 'n7', '--data-dir', join(folder, 'n7'), '--listen-peer', cluster.peerOf('n1')],
      'E_ADDRESS_IN_USE',
    ],
    [
      'that joins without having been added',
      async () => {
        const about = ['--name', 'n6', '--data-dir', join(folder, 'n6'), '--listen-peer', await freeAddress()]
        return [...about, '--join', cluster.peerOf('n1')]
      },
      'E_MEMBER_UNKNOWN',
    ],
  ])('%s', async (_what, args, code) => {
    const ended = await serve(...(await args()))
    expect(ended.code).toBeGreaterThan(0)
    expect(ended.stdout + ended.stderr).toContain(code)
    await allGoOn()
  })

  test('on the data folder of another member', async () => {
    const dataDir = cluster.dataDirOf('n3')
    await cluster.kill('n3', 'SIGTERM')
    const foreign = await serve('--name', 'n2', '--data-dir', dataDir, '--listen-peer', '127.0.0.1:0')
    expect(foreign.stdout + foreign.stderr).toContain('E_DATA_FOREIGN')
    await cluster.start('n3')
    await allGoOn()
  })
})

describe('the peer port of a running keeper', () => {
  test.each([
    ['nothing but noise', Buffer.alloc(100_000, 0xa7)],
    ['a request of the web', Buffer.from('GET /metrics HTTP/1.1\r\nHost: n1\r\n\r\n')],
    ['a frame that announces 4 GiB', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1])],
  ])('hears %s and goes on', async (_what, bytes) => {
    const [host, port] = cluster.peerOf('n1').split(':')
    const heard = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), host, () => socket.write(bytes))
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(text))
    })
    expect(heard).toMatch(/E_TOO_LARGE|E_FRAME_GARBAGE/)
    await allGoOn()
  })
})
