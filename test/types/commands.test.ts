import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'

let folder: string
let config: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-schema-'))
  config = join(folder, 'config')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function files(texts: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

test('from values to a schema, from the schema to the editor, in two commands that overwrite nothing', async () => {
  await files({
    'config/push/room.yaml': 'max: 1\nredis: {addr: a}\n',
    '.vscode/settings.json': '{\n  // ours\n  "editor.tabSize": 4,\n}\n',
  })
  expect(await keeperCommand(['schema', 'init', config])).toMatchObject({
    code: 0,
    stdout: `${config}/push/room.schema.json: to review\n`,
  })
  const schema = await readFile(join(config, 'push/room.schema.json'), 'utf8')
  expect(JSON.parse(schema).properties.max).toEqual({ type: 'integer' })
  expect(await keeperCommand(['schema', 'init', config, 'push/room'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('room.schema.json exists (E_DATA_EXISTS)'),
  })
  expect(await readFile(join(config, 'push/room.schema.json'), 'utf8')).toBe(schema)
  expect(await keeperCommand(['schema', 'export', config])).toMatchObject({
    code: 0,
    stdout: `${folder}/.vscode/settings.json: schemas of 1 config\n`,
  })
  const settings = await readFile(join(folder, '.vscode/settings.json'), 'utf8')
  for (const part of [
    '// ours',
    '"editor.tabSize": 4',
    '"/config/push/room.json"',
    '"config/push/room@*.yaml"',
    '"config/_keeper/tests/*.yaml"',
  ])
    expect(settings).toContain(part)
  expect((await readdir(join(folder, '.vscode/keeper/config/push'))).sort()).toEqual([
    'room.overlay.schema.json',
    'room.overlays.schema.json',
    'room.schema.json',
  ])
  await writeFile(join(folder, '.vscode/settings.json'), '[]')
  expect(await keeperCommand(['schema', 'export', config])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('settings.json is no JSON object'),
  })
  expect(await readFile(join(folder, '.vscode/settings.json'), 'utf8')).toBe('[]')
})

test('check runs the tests of a directory and says where one fails', async () => {
  const one = '- config: push/room\n  as: {cluster: push, role: room}\n  expect: {/max: 1}\n'
  await files({ 'config/push/room.yaml': 'max: 1\n', 'config/_keeper/tests/room.yaml': one })
  expect(await keeperCommand(['check', config])).toMatchObject({ code: 0, stdout: 'ok · 1 config · 1 test\n' })
  await files({ 'config/push/room.yaml': 'max: 2\n' })
  expect(await keeperCommand(['check', config])).toMatchObject({
    code: 3,
    stdout: 'invalid · 1 error\n',
    stderr: expect.stringContaining(
      `${config}/_keeper/tests/room.yaml:3:18 /0/expect/~1max: push/room: /max: expected 1, got 2`,
    ),
  })
})
