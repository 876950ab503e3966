import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'

const bin = join(import.meta.dirname, '../../keeper/bin/keeper.js')
const anyPorts = ['--listen-client', '127.0.0.1:0', '--listen-http', '127.0.0.1:0']
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-serve-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** `keeper …` as a child, its standard error gathered. */
function keeper(args: readonly string[], wrap: readonly string[] = []) {
  const [command = '', ...rest] = [...wrap, process.execPath, bin, ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += String(chunk)
  })
  return { child, closed: once(child, 'close'), errors: () => text }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

test('a SIGTERM while the keeper starts ends it as soon as it stands', async () => {
  const options = join(folder, 'options.yaml')
  execFileSync('mkfifo', [options])
  const { child, closed } = keeper(['serve', '--data-dir', join(folder, 'data'), '-f', options, ...anyPorts])
  // opens when the keeper has begun to read: its handlers are set, nothing is started
  const pipe = await open(options, 'w')
  child.kill('SIGTERM')
  await pipe.writeFile('logLevel: warn\n')
  await pipe.close()
  expect(await closed).toEqual([0, null])
}, 20_000)

/** A program with a keeper in it that closes while it writes without a pause. */
const closesWhileWriting = `
  import { startKeeper } from '@keeper/server/main'
  const address = { host: '127.0.0.1', port: 0 }
  const keeper = await startKeeper({ name: 'n1', dataDir: process.argv[1], listenClient: address, listenPeer: address, listenHttp: address })
  const txn = { compares: [], success: [], failure: [] }
  const write = () => keeper.member.propose({ principal: 'test', body: { kind: 'txn', keyspace: 'user', txn } })
  const writeOn = () => write().then(writeOn, () => {})
  void writeOn()
  await write()
  await keeper.close()
  console.error('closed')
`

test('a keeper that closes while writes are under way closes to the end', async () => {
  const args = ['--input-type=module', '--eval', closesWhileWriting, join(folder, 'data')]
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  expect(await once(child, 'close')).toEqual([0, null])
  expect(errors).toBe('closed\n')
})

test('a keeper serves on when nobody reads its output any more', async () => {
  const port = await freePort()
  const address = ['--listen-client', `127.0.0.1:${port}`, '--listen-http', '127.0.0.1:0']
  const { child, closed, errors } = keeper(['serve', '--data-dir', join(folder, 'data'), ...address])
  child.stdout.destroy()
  while (!errors().includes('leads')) await once(child.stderr, 'data')
  const status = () => keeperCommand(['--endpoints', `127.0.0.1:${port}`, 'status'])
  while ((await status()).code !== 0) expect(child.exitCode).toBeNull()
  child.kill('SIGTERM')
  expect(await closed).toEqual([0, null])
}, 20_000)

test('a command whose output nobody reads ends without a word', async () => {
  const { child, closed, errors } = keeper(['--help'])
  child.stdout.destroy()
  expect(await closed).toEqual([0, null])
  expect(errors()).toBe('')
})

test.runIf(process.getuid?.() === 0)('a user without a name may serve a directory, as containers do', async () => {
  await chmod(folder, 0o777)
  await mkdir(join(folder, 'config/push'), { recursive: true })
  await writeFile(join(folder, 'config/push/room.yaml'), 'a: 1\n')
  const directories = ['--data-dir', join(folder, 'data'), '--config-dir', join(folder, 'config')]
  const asNobody = ['setpriv', '--reuid', '54321', '--clear-groups']
  const { child, closed, errors } = keeper(['serve', ...directories, ...anyPorts], asNobody)
  while (!errors().includes('published r') && child.exitCode === null)
    await Promise.race([once(child.stderr, 'data'), closed])
  child.kill('SIGTERM')
  expect(await closed).toEqual([0, null])
})

const wrongOptions: readonly (readonly [string, string])[] = [
  ['logLevel: loud', 'logLevel: expected debug, info, warn, error, got "loud"'],
  ['name: 5', 'name: expected a string, got 5'],
  ['name: ""', 'name: expected something, got nothing'],
  ['name: a/b', 'name: expected no slash or control character, got "a/b"'],
  ['insecure: "no"', 'insecure: expected a boolean, got no'],
  ['name: [', 'cannot read'],
  ['nme: n1', 'unknown option "nme"'],
]
test.each(wrongOptions)('an options file with %s is refused as wrong usage', async (text, message) => {
  const file = join(folder, 'options.yaml')
  await writeFile(file, `${text}\n`)
  const ended = await keeperCommand(['serve', '--data-dir', join(folder, 'data'), '-f', file])
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})
