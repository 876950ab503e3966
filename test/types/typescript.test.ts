import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileTree } from '../../keeper/src/compile/compiler.js'
import { tree } from '../../keeper/src/compile/testing/tree.js'
import { typesOf } from '../../keeper/src/compile/typescript.js'

const root = resolve(import.meta.dirname, '../..')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-types-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const schema = JSON.stringify({
  type: 'object',
  required: ['maxConnections', 'mode'],
  additionalProperties: false,
  properties: {
    maxConnections: { type: 'integer' },
    mode: { enum: ['fast', 'safe'] },
    redis: { type: 'object', properties: { addr: { type: 'string' } }, additionalProperties: false },
  },
})

/** The module that `keeper types` writes for two configs. */
function generated(): string {
  const source = tree({
    'push/room.yaml': 'maxConnections: 1\nmode: fast\n',
    'push/room.schema.json': schema,
    'push/common.yaml': 'hosts: [a, b]\n',
  })
  return typesOf(compileTree(source), source).text
}

/** What the TypeScript compiler says of a program, as `file:line code`. */
async function compile(files: Record<string, string>, type: 'module' | 'commonjs' = 'module'): Promise<string[]> {
  const all: Record<string, string> = { ...files, 'package.json': JSON.stringify({ type }) }
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023', '--types', '']
  const sources = Object.keys(files).map((path) => join(folder, path))
  const args = [join(root, 'node_modules/typescript/bin/tsc'), ...flags, '--skipLibCheck', ...sources]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch((thrown) => thrown)
  return [...String(stdout).matchAll(/^(\S+)\((\d+),\d+\): error (TS\d+)/gm)].map(
    ([, file, line, code]) => `${file}:${line} ${code}`,
  )
}

const right = `import { Keeper, type Config, type DeepReadonly } from '@keeper/sdk'
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <T extends true>(): T | void => {}
async function main(name: string) {
  const keeper = await Keeper.join({ cluster: 'push', role: 'room' })
  const room = await keeper.config('push/room', { validate: (value) => value.maxConnections > 0 })
  is<Same<typeof room.value.maxConnections, number>>()
  is<Same<typeof room.value.mode, 'fast' | 'safe'>>()
  is<Same<typeof room.value.redis, { readonly addr?: string } | undefined>>()
  room.onUpdate((next, previous) => [next.maxConnections, previous?.mode])
  keeper.onChange(['push/room', 'push/common'], ({ values }) => values['push/common']?.hosts.join())
  const cast = await keeper.config<{ a: number }>(name)
  is<Same<typeof cast, Config<{ a: number }>>>()
  const given = await keeper.config('push/other', { validate: (value: { b: string }) => value.b })
  is<Same<typeof given.value, DeepReadonly<{ b: string }>>>()
}
`

const wrong = `import type { Keeper } from '@keeper/sdk'
export async function main(keeper: Keeper, name: string) {
  const room = await keeper.config('push/room')
  room.value.maxConections
  const text: string = room.value.maxConnections
  room.value.maxConnections = 3
  room.value.mode === 'slow'
  await keeper.config('push/rom')
  await keeper.config(name)
  await keeper.config('push/room', { validate: (value) => value.port })
  keeper.onChange(['push/room', 'push/comon'], () => {})
}
`

test('with the module, a config is typed with no cast; a wrong field or name does not compile', async () => {
  expect(await compile({ 'keeper-configs.d.ts': generated(), 'right.ts': right, 'wrong.ts': wrong })).toEqual([
    'wrong.ts:4 TS2551',
    'wrong.ts:5 TS2322',
    'wrong.ts:6 TS2540',
    'wrong.ts:7 TS2367',
    'wrong.ts:8 TS2769',
    'wrong.ts:9 TS2769',
    'wrong.ts:10 TS2339',
    'wrong.ts:11 TS2820',
  ])
})

test('a CommonJS service has the same', async () => {
  const files = { 'keeper-configs.d.ts': generated(), 'right.ts': right }
  expect(await compile({ ...files, 'wrong.ts': wrong }, 'commonjs')).toHaveLength(8)
})

test('without the module any name may be asked for, and its value is unknown', async () => {
  const untyped = `import type { Keeper } from '@keeper/sdk'
export async function main(keeper: Keeper, name: string) {
  const one = await keeper.config('push/anything', { validate: (value) => value === 1 })
  const two: unknown = (await keeper.config(name)).value
  keeper.onChange(['a/b', name], ({ values }) => values['a/b'])
  return [one.value.field, two]
}
`
  expect(await compile({ 'untyped.ts': untyped })).toEqual(['untyped.ts:6 TS18046'])
})
