import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followCommand, keeperCommand } from '../harness/command-line.js'
import { Counter } from '../harness/counter.js'
import { until } from '../harness/keeper-process.js'
import { onTerminal } from '../harness/terminal.js'

/** The commands of every day, as ops type them: one keeper, a push cluster of its own for each test. */

let counter: Counter
let folder: string
let env: Record<string, string>

beforeAll(async () => {
  counter = await Counter.open((own) => ({ KEEPER_AUTHOR: 'ann', TMPDIR: own }))
  ;({ folder, env } = counter)
})
afterAll(() => counter.close())

const run = (...args: string[]) => counter.run(...args)
const directory = (name: string, files: Record<string, string>) => counter.directory(name, files)

async function process_(cluster: string, instance: string, { labels = {}, max = 1_000 } = {}): Promise<void> {
  const joined = await counter.join({ cluster, instance, labels })
  await joined.config(`${cluster}/room`, {
    validate: (value) => {
      if ((value as { max: number }).max > max) throw new Error(`more than ${max}`)
    },
  })
}

/** An editor that is a program: it changes the file it is given by a line of sed, through no shell of ours. */
async function editor(name: string, script: string): Promise<Record<string, string>> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return { ...env, VISUAL: path }
}

test('plan shows what changes for whom; what it kept is applied, or refused once live has moved', async () => {
  const dir = await directory('p', {
    'p/room.yaml': 'max: 1\n',
    'p/room@zone=bj.yaml': 'max: 7\n',
    'p/old.yaml': 'a: 1\n',
  })
  await run('apply', dir)
  await process_('p', 'room-1')
  await process_('p', 'room-2', { labels: { zone: 'bj' } })
  await rm(join(dir, 'p/old.yaml'))
  await writeFile(join(dir, 'p/room.yaml'), 'max: 2\nmore: true\n')
  const plan = join(folder, 'p.plan')
  const shown = await run('plan', dir, '--out', plan)
  expect(shown.code).toBe(0)
  expect(shown.stdout.replaceAll(/r\d+/g, 'rN').split('\n')).toEqual([
    `plan of ${dir} on rN: 1 changed, 1 removed · 2 of 2 processes affected`,
    '~ p/room  rN',
    '    /max 1 → 2',
    '    /more (none) → true',
    '    changes for 1 process: room-1',
    '    room@zone=bj.yaml: changes for 1 process: room-2',
    '      /more (none) → true',
    '- p/old  rN',
    '    removed, the last value stays for no live process',
    `kept in ${plan}: keeper apply ${plan}`,
    '',
  ])
  const json = JSON.parse((await run('plan', dir, '--output', 'json')).stdout)
  expect(json).toMatchObject({ affected: 2, unknown: 0, configs: [{ name: 'p/room', types: [] }, { kind: 'removed' }] })
  // What the folder says by now does not matter: the plan has its own files.
  await writeFile(join(dir, 'p/room.yaml'), 'max: 9\n')
  expect(await run('apply', plan, '--wait', '100%')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2/2 applied\n'),
  })
  expect((await run('get', 'p/room')).stdout).toBe('{"max":2,"more":true}\n')
  const stale = await run('apply', plan)
  expect(stale).toMatchObject({ code: 4, stderr: expect.stringMatching(/p\/room was r\d+ and is r\d+ now.*E_MOVED/) })
  await writeFile(plan, (await readFile(plan, 'utf8')).replace('room', 'moor'))
  expect(await run('apply', plan)).toMatchObject({ code: 2, stderr: expect.stringContaining('was changed') })
})

test('apply --wait shows its way on a terminal, and says who is missing and why', async () => {
  const dir = await directory('w', { 'w/room.yaml': 'max: 1\n' })
  await run('apply', dir)
  for (const at of [1, 2, 3])
    await process_('w', `room-${at}`, { labels: { zone: at < 3 ? 'bj' : 'sh' }, max: at === 3 ? 1 : 9 })
  await writeFile(join(dir, 'w/room.yaml'), 'max: 2\n')
  const { code, shown } = await onTerminal(['apply', dir, '--wait', '100%'], env)
  expect(code).toBe(5)
  expect(shown).toMatch(/\[█+×+\] 2\/3 applied, 1 rejected/)
  expect(shown).toMatch(/room-3 {2}w\/room {2}.*rejected.*: w\/room: more than 1 · runs r\d+/)
  await writeFile(join(dir, 'w/room.yaml'), 'max: 3\n')
  const some = await run('apply', dir, '--wait', '2', '--selector', 'zone=bj')
  expect(some).toMatchObject({ code: 0, stdout: expect.stringContaining('2/2 applied\n') })
  await writeFile(join(dir, 'w/room.yaml'), 'max: 1\n')
  const late = await run('apply', dir, '--wait', '4', '--timeout', '300ms')
  const back = await run('rollback', 'w/room', '--to', '~1', '--wait', '2', '--selector', 'zone=bj', '--reason', 'slow')
  expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('2/2 applied\n') })
  expect(late).toMatchObject({ code: 6, stdout: expect.stringContaining('3/3 applied') })
  for (const wrong of ['0', '101%', 'all']) expect((await run('apply', dir, '--wait', wrong)).code).toBe(2)
})

test('a spread change comes to each in its turn, the ledger shows who is to come, and an undo ends it', async () => {
  const dir = await directory('s', { 's/room.yaml': 'max: 1\n' })
  await run('apply', dir)
  for (const at of [1, 2, 3, 4]) await process_('s', `room-${at}`)
  await writeFile(join(dir, 's/room.yaml'), 'max: 2\n')
  await run('apply', dir, '--spread', '10m')
  const { stdout } = await run('ledger', 's/room')
  expect(stdout).toMatch(/room-1 .* waiting \(in \d+ s\)/)
  await run('undo', '--wait', '100%')
  expect((await run('ledger', 's/room')).stdout).toContain('4/4 applied')
  await run('release', 's/room')
  await writeFile(join(dir, 's/room.yaml'), 'max: 3\n')
  const done = await run('apply', dir, '--spread', '1s', '--wait', '100%')
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('4/4 applied\n') })
})

test('an apply asks before a value gets another type; piped, it is refused unless told', async () => {
  const dir = await directory('t', { 't/room.yaml': 'max: 1\n' })
  await run('apply', dir)
  await writeFile(join(dir, 't/room.yaml'), 'max: lots\n')
  expect(await run('apply', dir)).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/t\/room#\/max number → string.*E_TYPE_CHANGED.*\n.*--accept-types/),
  })
  const asked = (typed: string) => onTerminal(['apply', dir], env, { prompt: '[y/N]', typed })
  expect((await asked('n\n')).code).toBe(4)
  expect((await run('get', 't/room')).stdout).toBe('{"max":1}\n')
  expect((await asked('y\n')).code).toBe(0)
  expect((await run('get', 't/room')).stdout).toBe('{"max":"lots"}\n')
})

test('edit opens the live text, shows what is wrong above it, publishes and holds', async () => {
  const schema = JSON.stringify({ type: 'object', properties: { max: { type: 'integer' } } })
  const dir = await directory('e', { 'e/room.yaml': '# why: 1 is enough\nmax: 1\n', 'e/room.schema.json': schema })
  await run('apply', dir)
  const second = await editor(
    'second-thoughts',
    `tee -a "${folder}/seen" < "$1"\ngrep -q lots "$1" && sed -i 's/lots/2/' "$1" || sed -i 's/max: 1/max: lots/' "$1"`,
  )
  const { code, shown } = await onTerminal(['edit', 'e/room', '--reason', 'two at night'], second)
  expect(code).toBe(0)
  expect(shown).toContain('not taken: 1 error in the files; first: e/room.yaml:2:6: expected integer, got "lots"')
  expect(await readFile(join(folder, 'seen'), 'utf8')).toMatch(
    /^# keeper: e\/room\.yaml.*\n# keeper: .*\n# why: 1 is enough\nmax: 1\n# keeper: .*\n# keeper: .*\n# keeper: ERROR line 5:6 \/max: expected integer, got "lots"\n# why/,
  )
  expect((await run('get', 'e/room')).stdout).toBe('{"max":2}\n')
  expect((await run('history', 'e/room', '--limit', '1')).stdout).toMatch(/edit +ann .*two at night/)
  await writeFile(join(dir, 'e/room.yaml'), 'max: 3\n')
  expect(await run('apply', dir)).toMatchObject({ code: 4, stderr: expect.stringContaining('E_HELD') })
  expect((await run('pull', 'e/room', '-o', join(dir, 'e/room.yaml'))).code).toBe(0)
  expect(await readFile(join(dir, 'e/room.yaml'), 'utf8')).toBe('# why: 1 is enough\nmax: 2\n')
})

test('an edit that is left as it is, empty, wrong for good, or without an editor does nothing, and loses no text', async () => {
  await run('apply', await directory('f', { 'f/room.json': '{"max": 1}\n' }))
  const edit = (more: Record<string, string>) =>
    keeperCommand(['edit', 'f/room', '--reason', 'why'], { ...env, ...more })
  expect(await edit({ VISUAL: '', EDITOR: 'true' })).toMatchObject({ code: 0, stdout: 'unchanged: nothing was done\n' })
  expect(await edit(await editor('empty', ': > "$1"'))).toMatchObject({
    code: 0,
    stdout: 'empty: nothing was changed\n',
  })
  expect(await edit({ VISUAL: 'false' })).toMatchObject({ code: 1, stderr: expect.stringContaining('E_EDITOR') })
  expect(await edit({ VISUAL: '/no/such "editor x"' })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('cannot be started'),
  })
  const mangled = await edit(await editor('mangled', `printf '{"max": "\\377"}' > "$1"`))
  expect(mangled).toMatchObject({ code: 2, stderr: expect.stringContaining('is no UTF-8') })
  await rm(/kept in (.*)\/room.json/.exec(mangled.stderr)?.[1] ?? '', { recursive: true })
  const stubborn = await edit(await editor('stubborn', `sed -i 's/1}/1/' "$1"`))
  expect(stubborn).toMatchObject({ code: 3, stderr: expect.stringContaining('still not valid') })
  const kept = /kept in (\S+)/.exec(stubborn.stderr)?.[1] ?? ''
  expect(await readFile(kept, 'utf8')).toBe('{"max": 1\n')
  expect(await keeperCommand(['edit', 'f/none', '--reason', 'x'], env)).toMatchObject({ code: 1 })
  expect((await readdir(folder)).filter((name) => name.startsWith('keeper-edit-'))).toHaveLength(1)
})

test('undo, diff, explain and pull tell the same story', async () => {
  const ref = '${' + 'ref:u/limits#/max}'
  const dir = await directory('u', {
    'u/room.yaml': `max: "${ref}"\nname: a\n`,
    'u/room@zone=bj.yaml': 'name: b\n',
    'u/limits.yaml': '# at most\nmax: 1\n',
    '_keeper/settings.yaml': 'audiences:\n  u/limits: {cluster: u}\n',
  })
  expect(await run('apply', dir, '--reason', 'first')).toMatchObject({ code: 0 })
  await writeFile(join(dir, 'u/limits.yaml'), '# at most\nmax: 2\n')
  await run('apply', dir, '--reason', 'second')
  expect((await run('diff', 'u/room')).stdout).toMatch(/^u\/room r\d+ → r\d+\n {4}\/max 1 → 2\n/)
  const explained = await run('explain', 'u/room', '--as', 'cluster=u,role=room,zone=bj')
  expect(explained.stdout.split('\n')).toEqual([
    '/max 2',
    `  from u/room.yaml:1:6 /max  "${ref}"`,
    '    u/limits#/max 2',
    '      from u/limits.yaml:2:6 /max  2',
    '/name "b"',
    '  from u/room@zone=bj.yaml:1:7 /name  overlay zone=bj · "b"',
    '  over u/room.yaml:2:7 /name  "a"',
    expect.stringMatching(/^u\/room r\d+ since .* · apply by ann: second/),
    '',
  ])
  const undone = await run('undo', '--reason', 'too many')
  expect(undone.stdout).toMatch(/u\/limits {2}\/max 2 → 1.*\n.*u\/room {2}\/max 2 → 1.*\nheld: u\/limits, u\/room/)
  expect((await run('diff', 'u/limits', '--live', dir)).stdout).toMatch(/live r\d+ → .*\n {4}\/max 1 → 2\n/)
  expect((await run('pull', '--all', join(dir, 'out'))).code).toBe(0)
  expect(await readFile(join(dir, 'out/u/limits.yaml'), 'utf8')).toBe('# at most\nmax: 1\n')
  expect(await run('undo', 'r1')).toMatchObject({ code: 1, stderr: expect.stringContaining('no change set r1') })
})

test('undo, undo: what live processes hold waits for a word; approved by another, and taken back, all is as it was', async () => {
  const dir = await directory('n', { 'n/room.yaml': 'max: 1\n' })
  await run('apply', dir)
  await process_('n', 'room-1')
  await writeFile(join(dir, 'n/room.yaml'), 'max: 2\n')
  await run('apply', dir)
  expect(await run('undo')).toMatchObject({ code: 0 })
  const stopped = await run('undo', '--reason', 'at night')
  expect(stopped).toMatchObject({ code: 4, stdout: expect.stringMatching(/waits n\/room {2}removed/) })
  const [, id = ''] = /keeper approve (\w+)/.exec(stopped.stderr) ?? []
  expect((await run('pending')).stdout).toMatch(
    new RegExp(`${id} +waits .* ann +undo +n/room +removes what live processes hold: n/room \\(1 process\\)`),
  )
  expect((await run('get', 'n/room')).stdout).toBe('{"max":1}\n')
  const approved = await keeperCommand(['approve', id, '--wait', '100%'], { ...env, KEEPER_AUTHOR: 'lead' })
  expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining(`keeper undo ${id}`) })
  expect(await run('undo', id, '--dry-run')).toMatchObject({ stdout: expect.stringContaining('would change n/room') })
  expect(await run('undo', id, '--wait', '100%')).toMatchObject({ code: 0 })
  expect((await run('get', 'n/room')).stdout).toBe('{"max":1}\n')
  expect((await run('history', 'n/room')).stdout).toMatch(/removed +ann .*at night · approved by lead/)
})

test('watch says when it waits for a name that is not there, and prints it once it is', async () => {
  const dir = await directory('w', { 'w/room.yaml': 'max: 1\n' })
  await run('apply', dir)
  const watch = followCommand(['watch', 'w/hall'], env)
  await until('a word', () => watch.errors() === 'no config w/hall yet: waiting for it; there is w/room\n')
  await writeFile(join(dir, 'w/hall.yaml'), 'max: 2\n')
  await run('apply', dir)
  await until('the value', () => watch.lines.length > 0)
  expect(JSON.parse(watch.lines[0] ?? '')).toMatchObject({ name: 'w/hall', value: { max: 2 } })
  expect(await watch.end()).toBe(0)
})

test('pull writes nothing outside the folder, not even through a link', async () => {
  await run('apply', await directory('l', { 'l/room.yaml': 'max: 1\n' }))
  const out = join(folder, 'linked')
  await mkdir(out)
  await mkdir(join(folder, 'elsewhere'))
  await symlink(join(folder, 'elsewhere'), join(out, 'l'))
  expect(await run('pull', 'l/room', '-o', out)).toMatchObject({ code: 2, stderr: expect.stringContaining('outside') })
  expect(await readdir(join(folder, 'elsewhere'))).toEqual([])
})
