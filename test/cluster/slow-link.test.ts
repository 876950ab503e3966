import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keeper } from '@keeper/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperProcess } from '../harness/keeper-process.js'
import { writeTree } from '../harness/tree.js'

const silent = { info() {}, warn() {} }
let folder: string
let keeper: KeeperProcess
let link: Server
const sockets: Socket[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-slow-link-'))
  keeper = await KeeperProcess.start({ dataDir: join(folder, 'data') })
  link = slowLink(keeper.endpoint, 128 * 1024)
  await once(link.listen(0, '127.0.0.1'), 'listening')
}, 60_000)
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  link.close()
  await keeper.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** Passes on what comes from `endpoint` at this pace, and what goes there at once. */
function slowLink(endpoint: string, bytesPerSecond: number): Server {
  const [host = '', port] = endpoint.split(':')
  return createServer((near) => {
    const far = connect(Number(port), host)
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => {}).on('close', () => near.destroy() && far.destroy())
    near.pipe(far)
    far.on('data', (bytes) => {
      far.pause()
      near.write(bytes)
      setTimeout(() => far.resume(), (1_000 * bytes.length) / bytesPerSecond)
    })
  })
}

test('an idle process whose link takes seconds for a large value stays with its keeper all the while', async () => {
  const text = (letter: string, bytes: number) => ({ 'push/room.yaml': `text: ${letter.repeat(bytes)}\n` })
  const publish = async (files: Record<string, string>) => {
    await writeTree(join(folder, 'config'), files)
    expect(await keeperCommand(['apply', join(folder, 'config'), '--endpoints', keeper.endpoint])).toMatchObject({
      code: 0,
    })
  }
  await publish(text('a', 10))
  const { port } = link.address() as AddressInfo
  const about = { cluster: 'push', role: 'room', instance: 'room-1', stateDir: false as const, logger: silent }
  const process = await Keeper.join({ ...about, endpoints: [`127.0.0.1:${port}`] })
  const room = await process.config<{ text: string }>('push/room')
  const lost: string[] = []
  process.onConnection(({ state }) => void lost.push(state))
  const came = new Promise<number>((resolve) => room.onUpdate(({ text: { length } }) => resolve(length)))
  await publish(text('b', 600_000))
  expect([await came, lost]).toEqual([600_000, []])
  await process.leave()
}, 60_000)
