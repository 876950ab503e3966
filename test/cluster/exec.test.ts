import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperProcess, until } from '../harness/keeper-process.js'
import { RunningCommand } from '../harness/running-command.js'

let folder: string
let config: string
let keeper: KeeperProcess
let env: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-exec-'))
  config = join(folder, 'config')
  await mkdir(join(config, 'push'), { recursive: true })
  await write('max: 1\n')
  await writeFile(join(config, 'push/common.yaml'), 'redis: { addr: "10.0.0.1:6379" }\n')
  keeper = await KeeperProcess.start({ dataDir: join(folder, 'data'), configDir: config })
  env = { KEEPER_ENDPOINTS: keeper.endpoint, KEEPER_STATE_DIR: join(folder, 'state') }
})

afterAll(async () => {
  await keeper.kill('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

const write = (text: string) => writeFile(join(config, 'push/room.yaml'), text)
const render = (instance: string, name: string, file: string) => [
  ...['exec', '--as', `cluster=push,role=room,instance=${instance}`],
  ...['--render', `${name}=${join(folder, file)}`],
]

/** Node as the child: what it prints, it prints at once. */
const script = (code: string) => ['--', process.execPath, '-e', code]

test('a command begins when all its files are there, is signalled when they change, and its exit code is passed on', async () => {
  const code = `
    const { readFileSync } = require('node:fs')
    const show = (word) => console.log(word, readFileSync(${JSON.stringify(join(folder, 'room.json'))}, 'utf8').replace(/\\s/g, ''), readFileSync(${JSON.stringify(join(folder, 'redis.env'))}, 'utf8').trim())
    process.on('SIGUSR2', () => show('again'))
    process.on('SIGTERM', () => process.exit(42))
    show('first')
    setInterval(() => {}, 1000)`
  const files = [
    ...render('room-1', 'push/room', 'room.json'),
    '--render',
    `push/common#/redis=${join(folder, 'redis.env')}`,
  ]
  const child = new RunningCommand([...files, '--signal', 'USR2', ...script(code)], env)
  await child.says('first {"max":1} ADDR=10.0.0.1:6379\n')
  await write('max: 2\n')
  await child.says('again {"max":2} ADDR=10.0.0.1:6379\n')
  const ledger = await until('both are applied', async () => {
    const { stdout } = await keeperCommand(['ledger', 'push/room'], env)
    return stdout.includes('1/1 applied') && stdout
  })
  expect(ledger).toMatch(/room-1 +push\/room +r(\d+) +r\1 +applied/)
  child.signal('SIGTERM')
  expect(await child.ended()).toBe(42)
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
})

test('a command that dies of a change is known as failed, with its exit code', async () => {
  const code = `process.on('SIGHUP', () => process.exit(9)); console.log('up'); setInterval(() => {}, 1000)`
  const child = new RunningCommand(
    [...render('room-2', 'push/room', 'two.json'), '--signal', 'HUP', ...script(code)],
    env,
  )
  await child.says('up\n')
  await write('max: 3\n')
  expect(await child.ended()).toBe(9)
  expect(child.stderr).toMatch(/the command ended with exit code 9 within 500 ms of r\d+/)
})

test('a command that ignores SIGTERM is killed after a while', async () => {
  const code = `process.on('SIGTERM', () => console.log('no')); console.log('up'); setInterval(() => {}, 1000)`
  const child = new RunningCommand(
    [...render('room-3', 'push/room', 'three.json'), '--kill-after', '100ms', ...script(code)],
    env,
  )
  await child.says('up\n')
  child.signal('SIGTERM')
  expect(await child.ended()).toBe(128 + 9)
  expect(child.stdout).toContain('no')
  expect(child.stderr).toContain('did not end within 100 ms of SIGTERM')
})

test.each([
  ['a folder that is not there', ['push/room', 'gone/room.json'], ['--', 'true'], 1, 'E_RENDER_TARGET'],
  ['a command that is not there', ['push/room', 'x.json'], ['--', '/no/such/command'], 1, 'E_CHILD'],
  ['a config that is not there', ['push/none', 'x.json'], ['--timeout', '300ms', '--', 'true'], 1, 'E_NOT_FOUND'],
  ['a config for others', ['push/gate', 'x.json'], ['--', 'true'], 1, 'E_NOT_IN_AUDIENCE'],
  ['a signal that is none', ['push/room', 'x.json'], ['--signal', 'LOUD', '--', 'true'], 2, 'E_INVALID_ARGUMENT'],
] as const)('%s is told before the command runs', async (_what, [name, file], rest, exit, error) => {
  await writeFile(join(config, 'push/gate.yaml'), 'a: 1\n')
  await until('the gate is there', async () => (await keeperCommand(['get', 'push/gate'], env)).code === 0)
  const ended = await keeperCommand([...render('room-4', name, file), ...rest], env)
  expect(ended).toMatchObject({ code: exit, stdout: '', stderr: expect.stringContaining(`(${error})`) })
})

test('keeper dev runs a command beside a keeper of its own, and leaves nothing behind', async () => {
  const dir = join(folder, 'dev')
  await mkdir(join(dir, 'push'), { recursive: true })
  await writeFile(join(dir, 'push/room.yaml'), 'max: 1\n')
  const code = `
    const { KEEPER_CLUSTER, KEEPER_ROLE, KEEPER_INSTANCE, KEEPER_HTTP, KEEPER_STATE_DIR } = process.env
    console.log(KEEPER_CLUSTER, KEEPER_ROLE, KEEPER_INSTANCE, KEEPER_STATE_DIR)
    const get = (query = '') => fetch(KEEPER_HTTP + '/v1/configs/push/room' + query)
    const poll = async () => {
      const first = await get()
      console.log(await first.text())
      const next = await get('?wait=30s&after=' + first.headers.get('keeper-revision'))
      console.log(await next.text())
      process.exit(7)
    }
    poll()`
  const child = new RunningCommand(['dev', dir, ...script(code)], { KEEPER_ENDPOINTS: '127.0.0.1:1' })
  await child.says('{"max":1}\n')
  await writeFile(join(dir, 'push/room.yaml'), 'max: 2\n')
  expect(await child.ended()).toBe(7)
  expect(child.stdout).toContain('{"max":2}\n')
  const [, stateDir = ''] = /^push room dev-1 (.*)\/state$/m.exec(child.stdout) ?? []
  await expect(readFile(stateDir)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('keeper dev says what is wrong with the directory instead of running the command', async () => {
  const dir = join(folder, 'wrong')
  await mkdir(join(dir, 'push'), { recursive: true })
  await writeFile(join(dir, 'push/room.yaml'), 'max: [1\n')
  const ended = await keeperCommand(['dev', dir, '--', 'echo', 'ran'])
  expect(ended).toMatchObject({ code: 3, stdout: '' })
  expect(ended.stderr).toContain(`push/room.yaml:`)
})
