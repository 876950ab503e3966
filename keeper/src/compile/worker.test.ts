import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../base/clock.js'
import { decodeText, encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { compileTree } from './compiler.js'
import { fileChanged } from './file-changed.js'
import { TreeReader, tooLargeRule } from './read-tree.js'
import { formatDiagnostic, tree } from './testing/tree.js'
import type { SourceFile, SourceTree } from './types.js'
import { CompileWorker, type CompileWorkerOptions } from './worker.js'

const open: CompileWorker[] = []
const worker = (options: CompileWorkerOptions = {}): CompileWorker => {
  const made = new CompileWorker(options)
  open.push(made)
  return made
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const good = tree({ 'push/room.yaml': 'a: 1', 'push/room@zone=bj.yaml': 'a: 2', 'push/common.toml': 'b = 1' })

test('the thread gives what compileTree gives', async () => {
  expect(await worker().compile(good)).toEqual(compileTree(good))
})

test('the next compile sends only what changed, and still gives the whole', async () => {
  const compiler = worker()
  await compiler.compile(good)
  const changed = { ...good, files: good.files.map((file) => (file.path === 'push/common.toml' ? other : file)) }
  expect(await compiler.compile(changed)).toEqual(compileTree(changed))
  expect(await compiler.compile(tree({ 'push/room.yaml': 'a: [' }))).toMatchObject({ ok: false })
  expect(await compiler.compile(changed)).toEqual(compileTree(changed))
})

test('files that come and go between compiles leave nothing and nobody behind', async () => {
  const compiler = worker()
  const among = (files: Record<string, string>) => ({
    files: [...good.files, ...tree(files).files].sort((a, b) => (a.path < b.path ? -1 : 1)),
    problems: [],
  })
  for (const more of [{}, { 'push/a.yaml': 'a: 1' }, { 'push/z.yaml': 'z: 1', 'push/n.yaml': 'n: 1' }, {}]) {
    const files = among(more as Record<string, string>)
    expect(await compiler.compile(files)).toEqual(compileTree(files))
  }
})

const other = { path: 'push/common.toml', bytes: encodeText('b = 2') }

test('a schema with a catastrophic pattern ends at the deadline, is named, and the next compile works', async () => {
  const compiler = worker({ deadlineMs: 1_000 })
  const output = await compiler.compile(
    tree({
      'push/common.yaml': 'a: 1',
      'push/room.yaml': `name: ${'a'.repeat(50)}!`,
      'push/room.schema.json': JSON.stringify({ properties: { name: { pattern: '^(a+)+$' } } }),
    }),
  )
  expect(output).toMatchObject({ ok: false, code: 'E_COMPILE_TIMEOUT', configs: [] })
  expect(output.diagnostics.map(formatDiagnostic)).toEqual([
    'error push/room.yaml: compiling it takes more than 1000 ms: is there a catastrophic pattern in its schema?',
  ])
  expect(await compiler.compile(good)).toMatchObject({ ok: true })
})

test('what takes too much memory ends, is named, and the next compile works', async () => {
  const compiler = worker({ heapMegabytes: 64, deadlineMs: 25_000 })
  const rows = Array.from({ length: 200_000 }, (_, at) => `- {id: ${at}, name: row ${at}}`).join('\n')
  const output = await compiler.compile(tree({ 'push/big.yaml': rows, 'push/common.yaml': 'a: 1' }))
  expect(output).toMatchObject({ ok: false, code: 'E_TOO_LARGE', diagnostics: [{ file: 'push/big.yaml' }] })
  expect(await compiler.compile(good)).toMatchObject({ ok: true })
})

test('after large files and a rest the thread is given up, and the next compile begins with a fresh one', async () => {
  const timers: { ms: number; fire: () => void }[] = []
  const setTimer: Clock['setTimer'] = (ms, fire) => {
    timers.push({ ms, fire })
    return () => {}
  }
  const due = (ms: number) => timers.findLast((timer) => timer.ms === ms)
  let [rests, collections] = [0, 0]
  const onHeavy = () => collections++
  const compiler = worker({ clock: { ...systemClock, setTimer }, onRest: () => rests++, onHeavy })
  const large = (word: string) =>
    tree({ 'push/room.json': JSON.stringify(Array.from({ length: 100_000 }, () => `${word}-of-a-hundred`)) })
  expect((await compiler.compile(large('first'))).ok).toBe(true)
  await expect.poll(() => due(limits.compileRestMs)).toBeDefined()
  due(limits.compileRestMs)?.fire()
  await expect.poll(() => due(limits.compileCollectMs)).toBeDefined()
  due(limits.compileCollectMs)?.fire()
  expect(rests).toBe(1)
  collections = 0
  await compiler.forget()
  expect(collections, 'what the keeper itself had of them goes all the same').toBe(1)
  const { configs, blobs, ok } = await compiler.compile(large('second'))
  expect(ok).toBe(true)
  expect(blobs.has(configs[0]?.variants[0]?.hash ?? '')).toBe(true)
})

const aTurn = () => new Promise((resolve) => setImmediate(resolve))

test('what is known of large files is forgotten when they are about to come anew: the next tree is compiled as if it were the first', async () => {
  let said = 0
  const compiler = worker({ onHeavy: () => said++ })
  const large = (word: string) =>
    tree({
      'push/list.json': JSON.stringify(Array(40_000).fill(`${word} of some thirty letters`)),
      'push/a.yaml': 'a: 1',
    })
  await compiler.compile(good)
  await compiler.forget()
  expect(said, 'of small ones everything stays').toBe(0)
  for (const word of ['first', 'first', 'second']) {
    const { configs, blobs, ok } = await compiler.compile(large(word))
    expect([ok, configs.map(({ name }) => name)]).toEqual([true, ['push/a', 'push/list']])
    for (const { variants } of configs) expect(blobs.has(variants[0]?.hash ?? '')).toBe(true)
    await aTurn()
    const [forgot, next] = [compiler.forget(), compiler.compile(large('meanwhile'))]
    await forgot
    expect((await next).configs).toHaveLength(2)
    await aTurn()
    await compiler.forget()
  }
  expect(said).toBe(12)
})

describe('large files that lie on the disk', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'keeper-worker-'))
    mkdirSync(join(dir, 'push'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const words = (word: string) => Array.from({ length: 60_000 }, (_, at) => `${word}-${at}-of-twenty`)
  const list = (word: string) =>
    words(word)
      .map((one) => `- ${one}\n`)
      .join('')
  const onDisk = async (files: Record<string, string>): Promise<SourceTree> => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
    return (await new TreeReader(dir, { leavesLarge: () => true }).read()).tree
  }

  test('are compiled to what they would be in memory, and nothing of them comes into the keeper', async () => {
    const compiler = worker()
    const files = {
      'push/list.yaml': list('a'),
      'push/spaced.json': JSON.stringify({ users: words('b') }, null, 2),
      'push/value.json': JSON.stringify(words('c')),
      'push/other.toml': `users = [\n${words('d')
        .map((one) => `"${one}"`)
        .join(',\n')}\n]\n`,
    }
    const source = await onDisk(files)
    for (const round of [1, 2]) {
      const output = await compiler.compile(source)
      const inMemory = compileTree(tree(files))
      expect(output.configs, `round ${round}`).toEqual(inMemory.configs)
      const hashes = output.configs.flatMap(({ variants, files }) => [...variants, ...files].map(({ hash }) => hash))
      for (const hash of hashes)
        expect(Buffer.compare(output.blobs.get(hash) as Uint8Array, inMemory.blobs.get(hash) as Uint8Array)).toBe(0)
      expect(hashes.filter((hash) => output.blobs.large?.(hash))).toHaveLength(6)
    }
  })

  /** As if it were written just when it is read. */
  const failing = (file: SourceFile, fails: () => boolean): SourceFile => ({
    path: file.path,
    ...(file.onDisk && { onDisk: file.onDisk }),
    get bytes() {
      if (fails()) throw fileChanged(file.path)
      return file.bytes
    },
  })

  test('and cannot be read when their configs arrive leave nothing behind of the compile', async () => {
    const compiler = worker()
    const schema = { 'push/list.schema.json': '{"type":"array"}' }
    await compiler.compile(await onDisk({ 'push/list.yaml': list('a'), 'push/small.yaml': 'n: 1\n', ...schema }))
    const next = await onDisk({ 'push/list.yaml': list('b'), 'push/small.yaml': 'n: 2\n' })
    let reads = 0
    const unreadable = {
      ...next,
      files: next.files.map((file) => (file.onDisk ? failing(file, () => reads++ === 0) : file)),
    }
    await expect(compiler.compile(unreadable)).rejects.toMatchObject({ code: 'E_FILE_CHANGED' })
    const { configs, blobs } = await compiler.compile(unreadable)
    const values = configs.map(({ variants }) => decodeText(blobs.get(variants[0]?.hash ?? '') as Uint8Array))
    expect(values).toEqual([JSON.stringify(words('b')), '{"n":2}'])
  })

  test('and were written since they were looked at are refused, and the next tree is compiled as ever', async () => {
    const compiler = worker()
    const outdated = await onDisk({ 'push/list.yaml': list('a'), 'push/small.yaml': 'a: 1\n' })
    const next = await onDisk({ 'push/list.yaml': list('b') })
    await expect(compiler.compile(outdated)).rejects.toMatchObject({ code: 'E_FILE_CHANGED' })
    const { configs, blobs } = await compiler.compile(next)
    expect(configs.map(({ name }) => name)).toEqual(['push/list', 'push/small'])
    expect(decodeText(blobs.get(configs[0]?.variants[0]?.hash ?? '') as Uint8Array)).toBe(JSON.stringify(words('b')))
  })
})

test('however often it is to forget, nothing of that is left', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  const compiler = worker()
  const large = tree({ 'push/list.json': JSON.stringify(Array(40_000).fill('a user of some thirty letters')) })
  for (let times = 0; times < 12; times++) {
    expect((await compiler.compile(large)).ok).toBe(true)
    await aTurn()
    await compiler.forget()
  }
  await aTurn()
  process.off('warning', note)
  expect(warnings).toEqual([])
})

test('when large files were compiled it is said, and only then', async () => {
  let said = 0
  const compiler = worker({ onHeavy: () => said++ })
  const large = tree({ 'push/list.json': JSON.stringify(Array(40_000).fill('a user of some thirty letters')) })
  for (const files of [good, large, large, good]) await compiler.compile(files)
  expect(said).toBe(1)
})

test('compiles wait for each other, and reject when the worker is closed', async () => {
  const compiler = worker()
  const outputs = await Promise.all([compiler.compile(good), compiler.compile(good)])
  expect(outputs.map(({ ok }) => ok)).toEqual([true, true])
  const late = compiler.compile(good)
  const closed = compiler.close()
  await expect(late).rejects.toMatchObject({ code: 'E_STOPPED' })
  await closed
  await expect(compiler.compile(good)).rejects.toMatchObject({ code: 'E_STOPPED' })
})

test('a directory that was read in part only is not compiled: what it refers to would seem to be missing', async () => {
  const problem = { severity: 'error', rule: tooLargeRule, file: '', message: 'more than 50000 files' } as const
  const part = { files: tree({ 'push/room.yaml': 'a: ${ref:push/common#/b}' }).files, problems: [problem] }
  expect(await worker().compile(part)).toMatchObject({ ok: false, code: 'E_TOO_LARGE', diagnostics: [problem] })
})

test('says what it works on while it works', async () => {
  const slow = worker()
  const many = tree(Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`push/c${at}.yaml`, `a: ${at}\n`])))
  const compiling = slow.compile(many)
  await expect.poll(() => slow.worksOn, { interval: 1 }).toMatch(/^push\/c\d+\.yaml$/)
  await compiling
  expect(slow.worksOn).toBe('')
})

test('that a compile begins is told, and that it ended, also where it failed', async () => {
  const told: boolean[] = []
  const compiler = worker({ onWork: (begins) => told.push(begins) })
  await compiler.compile(good)
  await expect.poll(() => told).toEqual([true, false])
  await compiler.compile(tree({ 'push/room.json': '{' }))
  await expect.poll(() => told).toEqual([true, false, true, false])
})
