import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { compileTree } from '../../compile/compiler.js'
import { readTree } from '../../compile/read-tree.js'
import type { ImportBounds } from './config-writer.js'
import { type Found, isSkipped } from './item.js'
import { type Imported, runImport } from './run-import.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-import-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const signal = new AbortController().signal

/** Imports `values` by path, in their order. */
function imported(
  values: Record<string, string | Uint8Array> | Iterable<Found>,
  bounds: ImportBounds = limits,
): Promise<Imported> {
  const found =
    Symbol.iterator in values
      ? values
      : Object.entries(values).map(([path, bytes]): Found => ({ path: path.split('/'), bytes: Buffer.from(bytes) }))
  const source = {
    title: 'test',
    async *items() {
      yield* found
    },
    close: () => {},
  }
  return runImport(source, { out: join(folder, 'out'), cluster: 'imported', bounds, signal, progress: () => {} })
}

const compiled = async () => compileTree(await readTree(join(folder, 'out')))
const text = (path: string) => readFile(join(folder, 'out', path), 'utf8')
const skipped = async () =>
  (await text('_import/skipped.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; reason: string })

test('structured values become files, the plain ones of a folder one file, and the directory compiles', async () => {
  const { counts } = await imported({
    'push/common': '{"redis": {"addr": "a:1"}}',
    'push/room': 'max: 1\n',
    'push/room/limits': '{"a": [1]}',
    'push/room/timeout': '300',
    'push/register/addr': '10.0.0.1:6379',
    'push/register/version': '1.10',
    lonely: '{"a": 1}',
  })
  expect(await text('push/common.json')).toBe('{"redis": {"addr": "a:1"}}')
  expect(await text('push/room.yaml')).toBe('max: 1\n')
  expect(await text('push/room/values.yaml')).toBe('timeout: 300\n')
  expect(await text('push/register.yaml')).toBe('addr: 10.0.0.1:6379\nversion: "1.10"\n')
  expect(await text('imported/lonely.json')).toBe('{"a": 1}')
  expect(counts).toEqual({ items: 7, plain: 3, files: 6, skipped: 0 })
  const { ok, configs } = await compiled()
  expect([ok, configs.length]).toEqual([true, 6])
})

test('plain values of a cluster’s own folder are for all of its roles', async () => {
  await imported({ 'push/debug': 'true' })
  expect(await text('push/common.yaml')).toBe('debug: true\n')
})

test('a name that has its extension already keeps it once', async () => {
  await imported({ 'push/room.json': '{}' })
  expect(await text('push/room.json')).toBe('{}')
})

test.each([
  ['push/../../etc/passwd', 'a path with empty or ".." parts'],
  ['push/./room', 'a name that is no file name'],
  ['push/.hidden', 'its name begins with a dot'],
  ['push/_private', 'its name begins with an underscore'],
  ['_keeper/settings', 'a name that means something here'],
  ['push/room@zone=bj', 'a name with @, \\ or :'],
  ['push/a\\b', 'a name with @, \\ or :'],
  ['push/room.yaml/inner', 'a folder that is named like a config file'],
  ['push/room.schema.json', 'a name that means something here'],
  ['push/a\nb', 'a name with control characters, or not UTF-8'],
  [`push/${'x'.repeat(200)}`, 'file or folder name longer than 128 bytes'],
])('%j is left out: %s', async (path, reason) => {
  const { counts } = await imported({ [path]: '{"a": 1}', 'push/zz': '{}' })
  expect([counts.skipped, (await compiled()).ok]).toEqual([1, true])
  expect(await skipped()).toEqual([{ path, reason }])
  expect((await readdir(folder, { recursive: true })).sort()).toEqual([
    ...['out', 'out/_import', 'out/_import/skipped.jsonl', 'out/push', 'out/push/zz.json'],
  ])
})

test('binary values and twins by case are listed, and the rest goes on', async () => {
  await imported({
    'push/blob': Buffer.of(0xca, 0xfe, 0xba, 0xbe),
    'push/Room': '{"a": 1}',
    'push/room': '{"a": 2}',
    'push/x/a': '{"a": 3}',
    'push/X/b': '{"a": 4}',
    'push/z': '{"a": 5}',
  })
  expect((await compiled()).ok).toBe(true)
  expect((await skipped()).map(({ path }) => path)).toEqual(['push/blob', 'push/room', 'push/X/b'])
  expect(await text('push/z.json')).toBe('{"a": 5}')
})

test('what a source leaves out is listed beside what the directory cannot hold', async () => {
  const { examples } = await imported([{ path: '/a', reason: 'no permission' }])
  expect(examples.every(isSkipped)).toBe(true)
  expect(await skipped()).toEqual([{ path: '/a', reason: 'no permission' }])
})

test('a directory that is not empty is left alone', async () => {
  await writeFile(join(folder, 'out'), 'a file')
  await expect(imported({})).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
  await rm(join(folder, 'out'))
  await imported({ 'a/b': '{}' })
  await expect(imported({})).rejects.toMatchObject({ code: 'E_DATA_EXISTS' })
})

test('a hundred thousand values are some files and a list, and little memory', async () => {
  function* many(): Iterable<Found> {
    const bytes = Buffer.from('10.0.0.1:6379')
    for (let role = 0; role < 100; role++)
      for (let at = 0; at < 1_000; at++)
        yield { path: ['push', `role-${String(role).padStart(3, '0')}`, `v${at}`], bytes }
  }
  const before = process.memoryUsage().heapUsed
  const { counts } = await imported(many())
  expect(counts).toEqual({ items: 100_000, plain: 100_000, files: 100, skipped: 0 })
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024)
})

test('one folder with too many plain values keeps those that fit and lists the others', async () => {
  function* many(): Iterable<Found> {
    const bytes = Buffer.alloc(1024 * 1024, 'x')
    for (let at = 0; at < 10; at++) yield { path: ['push', 'room', `v${at}`], bytes }
  }
  const { counts } = await imported(many())
  expect(counts).toMatchObject({ plain: 7, files: 1, skipped: 3 })
})

test('what is written is never more than a keeper takes, files and folders together; what is left out is listed', async () => {
  const values = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`push/f${Math.floor(at / 4)}/node-${at}`, `{"port": ${at}}`]),
  )
  const { counts } = await imported(values, { ...limits, treeFilesMax: 20 })
  const entries = await readdir(join(folder, 'out'), { recursive: true })
  // the folder of the list counts, what is in it does not
  expect(entries.filter((path) => !path.startsWith('_import/'))).toHaveLength(20)
  expect(counts.files + counts.skipped).toBe(40)
  expect((await skipped()).at(-1)?.reason).toContain('at most 20 files and folders: import a part of it')
})

test('plain values count once their file is written, and bytes have an end, too', async () => {
  const long = 'x'.repeat(100)
  const { counts } = await imported({ 'push/a/one': long, 'push/b/two': long }, { ...limits, treeBytesMax: 150 })
  expect(counts).toMatchObject({ plain: 1, files: 1, skipped: 1 })
})

/** Gives these, then fails. */
function* failing(values: readonly Found[]): Generator<Found> {
  yield* values
  throw new KeeperError('E_CONNECTION', 'nobody answers')
}

test('an import that fails before it wrote anything leaves no directory behind, one that wrote some leaves those', async () => {
  await expect(imported(failing([]))).rejects.toMatchObject({ code: 'E_CONNECTION' })
  expect(await readdir(folder)).toEqual([])
  await expect(imported(failing([{ path: ['push', 'room'], bytes: Buffer.from('{"a": 1}') }]))).rejects.toThrow()
  expect(await text('push/room.json')).toBe('{"a": 1}')
})

test('a directory that was there before a failed import stays', async () => {
  await mkdir(join(folder, 'out'))
  await expect(imported(failing([]))).rejects.toMatchObject({ code: 'E_CONNECTION' })
  expect(await readdir(folder)).toEqual(['out'])
})
