import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProgram } from '../../keeper/src/cli/program.js'
import { followCommand, keeperCommand } from '../harness/command-line.js'
import { Counter } from '../harness/counter.js'
import { until } from '../harness/keeper-process.js'

let counter: Counter
let folder: string
let env: Record<string, string>

beforeAll(async () => {
  counter = await Counter.open()
  ;({ folder, env } = counter)
})
afterAll(() => counter.close())

const run = (...args: string[]) => counter.run(...args)
const directory = (name: string, files: Record<string, string>) => counter.directory(name, files)
const join_ = (role: string, instance: string, cluster: string) => counter.join({ role, instance, cluster })

const integer = JSON.stringify({ type: 'object', properties: { max: { type: 'integer' } } })

test('apply publishes a directory, waits for its processes, and everything about it can be asked', async () => {
  const dir = await directory('one', { 'one/room.yaml': 'max: 1\n', 'one/room@zone=bj.yaml': 'max: 7\n' })
  const first = await run('apply', dir, '--reason', 'first')
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^r\d+ one\/room {2}added {2}0 processes\n$/) })
  const process1 = await join_('room', 'room-1', 'one')
  const room = await process1.config('one/room')
  await writeFile(join(dir, 'one/room.yaml'), 'max: 2\n')
  expect((await run('apply', dir, '--dry-run')).stdout).toBe('would change one/room  /max 1 → 2  1 process\n')
  expect((await run('get', 'one/room')).stdout).toBe('{"max":1}\n')
  const second = await run('apply', dir, '--wait', '100%', '--reason', 'second')
  expect(second).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/one\/room {2}\/max 1 → 2 {2}1 process\n1\/1 applied\n$/),
  })
  expect(room.value).toEqual({ max: 2 })

  expect((await run('apply', dir)).stdout).toBe('nothing to change\n')
  expect((await run('get', 'one/room')).stdout).toBe('{"max":2}\n')
  expect((await run('get', 'one/room', '--as', 'room-1', '--path', '/max')).stdout).toBe('2\n')
  expect((await run('get', 'one/room', '--as', 'cluster=one,role=room,zone=bj')).stdout).toBe('{"max":7}\n')
  expect((await run('get', 'one/room', '--revision', '~1')).stdout).toBe('{"max":1}\n')
  expect((await run('history', 'one/room')).stdout).toMatch(
    /REVISION.*\nr\d+ .* apply .* second\nr\d+ .* apply .* first\n/,
  )
  expect((await run('ledger', 'one/room')).stdout).toMatch(/room-1 +one\/room +r(\d+) +r\1 +applied .*\n1\/1 applied/)
  expect((await run('instances', '--cluster', 'one')).stdout).toMatch(/room-1 +one +room +connected +1\/1/)
  const status = await run('status')
  expect(status.stdout).toMatch(/keeper n1 .* leader of term \d+ · clean/)
  expect(status.stdout).toMatch(/one\/room +r\d+ +live +1\/1 +cluster=one,role=room/)
})

test('rollback brings an earlier value back and holds the name until it is released', async () => {
  const dir = await directory('two', { 'two/room.yaml': 'max: 1\n' })
  await run('apply', dir)
  await writeFile(join(dir, 'two/room.yaml'), 'max: 2\n')
  await run('apply', dir)
  const back = await run('rollback', 'two/room', '--to', '~1', '--reason', 'too many')
  expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('two/room  /max 2 → 1') })
  await writeFile(join(dir, 'two/room.yaml'), 'max: 3\n')
  expect(await run('apply', dir)).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/E_HELD.*\n.*keeper release/),
  })
  expect((await run('get', 'two/room')).stdout).toBe('{"max":1}\n')
  expect((await run('release', 'two/room')).stdout).toContain('released')
  expect((await run('apply', dir)).code).toBe(0)
  expect((await run('get', 'two/room')).stdout).toBe('{"max":3}\n')
  const held = await run('events', '--kind', 'held', '--last', '1')
  expect(held.stdout).toMatch(/^\S+ {2}r\d+ {2}held .*\n$/)
  expect((await run('events', '--last', '0')).stdout).toBe('')
})

test('files with mistakes are refused with every place, by check and by apply, and nothing moves', async () => {
  const dir = await directory('three', {
    'three/a.yaml': 'max: 1\n',
    'three/a.schema.json': integer,
    'three/b.json': '{"x": 1}',
  })
  expect((await run('check', dir)).stdout).toBe('ok · 2 configs\n')
  await run('apply', dir)
  await writeFile(join(dir, 'three/a.yaml'), 'max: lots\n')
  await writeFile(join(dir, 'three/b.json'), '{"x": 1,}')
  for (const command of ['check', 'apply']) {
    const refused = await run(command, dir)
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(`${dir}/three/a.yaml:1:6 /max: expected integer, got "lots"`)
    expect(refused.stderr).toContain(`${dir}/three/b.json:1:9`)
  }
  expect((await run('get', 'three/a')).stdout).toBe('{"max":1}\n')
})

test('apply --wait says who refused and ends with 5, and with 6 when somebody does not answer', async () => {
  const dir = await directory('four', { 'four/room.yaml': 'max: 1\n' })
  await run('apply', dir)
  const stubborn = await join_('room', 'room-4', 'four')
  await stubborn.config('four/room', {
    validate: (value) => {
      if ((value as { max: number }).max > 1) throw new Error('too many for me')
    },
  })
  await writeFile(join(dir, 'four/room.yaml'), 'max: 2\n')
  const rejected = await run('apply', dir, '--wait', '100%')
  expect(rejected).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/room-4 {2}four\/room {2}rejected: .*too many for me/),
  })
  expect((await run('ledger', 'four/room')).stdout).toMatch(/rejected .*too many for me/)

  const slow = await join_('room', 'room-5', 'four')
  const config = await slow.config('four/room')
  let goOn = () => {}
  config.onUpdate(
    () =>
      new Promise<void>((resolve) => {
        goOn = resolve
      }),
  )
  await stubborn.leave()
  await writeFile(join(dir, 'four/room.yaml'), 'max: 3\n')
  expect(await run('apply', dir, '--wait', '100%', '--timeout', '300ms')).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('room-5'),
  })
  goOn()
})

test('watch prints a line per update, and kv is a key-value store with a watch without gaps', async () => {
  const dir = await directory('five', { 'five/room.yaml': 'max: 1\n' })
  await run('apply', dir)
  const watch = followCommand(['watch', 'five/room'], env)
  await until('the first line', () => watch.lines.length === 1)
  await writeFile(join(dir, 'five/room.yaml'), 'max: 2\n')
  await run('apply', dir)
  await until('the second line', () => watch.lines.length === 2)
  expect(watch.lines.map((line) => JSON.parse(line))).toEqual([
    { name: 'five/room', revision: expect.any(Number), value: { max: 1 } },
    { name: 'five/room', revision: expect.any(Number), value: { max: 2 } },
  ])
  expect(await watch.end()).toBe(0)

  const put = await run('kv', 'put', 'job/a', '1', '--output', 'json')
  const { revision } = JSON.parse(put.stdout) as { revision: number }
  await run('kv', 'put', 'job/b', '2')
  expect((await run('kv', 'get', 'job/', '--prefix')).stdout).toBe('job/a\t1\njob/b\t2\n')
  const after = ['kv', 'watch', 'job/', '--prefix', '--revision', String(revision), '--epoch']
  expect(await run(...after, '7')).toMatchObject({ code: 1, stderr: expect.stringContaining('E_STORE_EPOCH') })
  const events = followCommand([...after, '1'], env)
  await run('kv', 'del', 'job/a')
  await until('three events', () => events.lines.length === 3)
  expect(events.lines.map((line) => JSON.parse(line).type)).toEqual(['put', 'put', 'delete'])
  expect(JSON.parse(events.lines[0] ?? '')).toMatchObject({ key: 'job/a', epoch: 1, revision })
  await events.end()
  expect((await run('kv', 'get', 'job/a')).code).toBe(1)
})

test('types writes a module that --check finds current, and stale after a change', async () => {
  const dir = await directory('six', { 'six/room.yaml': 'max: 1\n', 'six/room.schema.json': integer })
  const out = join(folder, 'configs.d.ts')
  expect((await run('types', dir, '--out', out)).code).toBe(0)
  expect(await readFile(out, 'utf8')).toContain("'six/room': {")
  expect((await run('types', dir, '--out', out, '--check')).code).toBe(0)
  await writeFile(join(dir, 'six/room.schema.json'), integer.replace('max', 'most'))
  await writeFile(join(dir, 'six/room.yaml'), 'most: 1\n')
  expect(await run('types', dir, '--out', out, '--check')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/configs\.d\.ts is stale: six\/room has changed \(E_STALE\)/),
  })
})

test('what cannot be done is said with a code, a remedy and an exit code', async () => {
  expect(await run('frobnicate')).toMatchObject({ code: 2 })
  expect(await run('apply')).toMatchObject({ code: 2 })
  expect(await run('get', 'no/such')).toMatchObject({ code: 1, stderr: expect.stringContaining('E_NOT_FOUND') })
  expect(await run('get', 'one/room', '--as', 'a=b=c')).toMatchObject({ code: 2 })
  expect(await run('rollback', 'one/room', '--to', 'yesterday')).toMatchObject({ code: 2 })
  for (const unset of [
    ['undo', ''],
    ['apply', ''],
    ['edit', 'one/room', '--reason', ''],
    ['status', '--namespace', ''],
  ])
    expect(await run(...unset)).toMatchObject({ code: 2, stderr: expect.stringContaining('is empty') })
  expect(await run('events', '--kind', 'publish')).toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('there are published, refused,') },
  })
  for (const wrong of ['a/b', '_keeper'])
    expect(await run('apply', folder, '--namespace', wrong)).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('E_BAD_NAME') },
    })
  expect(await run('apply', join(folder, 'nowhere'))).toMatchObject({
    code: expect.not.stringMatching('0'),
    stderr: expect.stringContaining('nowhere'),
  })
  const nobody = await keeperCommand(['status', '--endpoints', '127.0.0.1:1'])
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('E_CONNECTION') })
  expect(await keeperCommand(['status', '--endpoints', 'not an endpoint'])).toMatchObject({ code: 2 })
  const exposed = await keeperCommand(['serve', '--data-dir', join(folder, 'exposed'), '--listen-client', '0.0.0.0:0'])
  expect(exposed).toMatchObject({ code: 2, stderr: expect.stringContaining('E_INSECURE_LISTEN') })
  const second = await keeperCommand([
    'serve',
    '--data-dir',
    join(folder, 'data'),
    '--listen-client',
    '127.0.0.1:0',
    '--listen-http',
    '127.0.0.1:0',
  ])
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('E_DATA_LOCKED') })
})

test('--help of every command ends with an example', async () => {
  const commands = (await createProgram()).commands
  expect(commands.length).toBeGreaterThanOrEqual(12)
  for (const command of commands) {
    let text = ''
    command.configureOutput({
      writeOut: (part) => {
        text += part
      },
    })
    command.outputHelp()
    expect(text, command.name()).toMatch(/Examples?:\n {2}.*keeper /)
  }
})
