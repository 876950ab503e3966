import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { decodeText } from '../base/codec.js'
import type { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { SourceTree } from './types.js'
import { type TreeWatch, type WatchOptions, watchTree } from './watcher.js'

let dir: string
let watches: TreeWatch[]
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'keeper-watch-')), 'config')
  watches = []
})
afterEach(async () => {
  for (const watch of watches) await watch.close()
  rmSync(dirname(dir), { recursive: true, force: true })
})

const write = (path: string, text: string, root = dir) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

interface Seen {
  readonly trees: Record<string, string>[]
  readonly problems: KeeperError[]
  readonly watch: TreeWatch
  /** Waits until the newest tree is `expected`. */
  shows(expected: Record<string, string>): Promise<void>
}

const contents = (tree: SourceTree | undefined): Record<string, string> =>
  Object.fromEntries((tree?.files ?? []).map(({ path, bytes }) => [path, decodeText(bytes)]))

function start(options: Partial<WatchOptions> = {}): Seen {
  const trees: Record<string, string>[] = []
  const problems: KeeperError[] = []
  const watch = watchTree(dir, {
    onTree: (tree) => void trees.push(contents(tree)),
    onProblem: (problem) => void problems.push(problem),
    rootCheckMs: 50,
    ...options,
  })
  watches.push(watch)
  const shows = (expected: Record<string, string>) =>
    vi.waitFor(() => expect(trees.at(-1)).toEqual(expected), { timeout: 10_000, interval: 10 })
  return { trees, problems, watch, shows }
}

test('the first call gives the tree as it is, and each change another', async () => {
  write('push/room.yaml', 'a: 1')
  const seen = start()
  await seen.shows({ 'push/room.yaml': 'a: 1' })
  write('push/room.yaml', 'a: 2')
  await seen.shows({ 'push/room.yaml': 'a: 2' })
  write('push/deep/new.yaml', 'b: 1')
  await seen.shows({ 'push/room.yaml': 'a: 2', 'push/deep/new.yaml': 'b: 1' })
  unlinkSync(join(dir, 'push/room.yaml'))
  await seen.shows({ 'push/deep/new.yaml': 'b: 1' })
  expect(seen.trees).toHaveLength(4)
})

test('editors that save by rename are heard, every time', async () => {
  write('push/room.yaml', 'a: 0')
  const seen = start()
  await seen.shows({ 'push/room.yaml': 'a: 0' })
  for (let save = 1; save <= 10; save++) {
    write('push/.room.yaml.swp', 'swap')
    write('push/4913', '')
    unlinkSync(join(dir, 'push/4913'))
    renameSync(join(dir, 'push/room.yaml'), join(dir, 'push/room.yaml~'))
    write('push/room.yaml.tmp', `a: ${save}`)
    renameSync(join(dir, 'push/room.yaml.tmp'), join(dir, 'push/room.yaml'))
    unlinkSync(join(dir, 'push/room.yaml~'))
    await seen.shows({ 'push/room.yaml': `a: ${save}` })
  }
  expect(seen.trees).toHaveLength(11)
})

test('a file that is half written is not given before the rest is there', async () => {
  write('push/room.yaml', 'a: 1')
  const seen = start({ settleOneMs: 500 })
  await seen.shows({ 'push/room.yaml': 'a: 1' })
  const file = await open(join(dir, 'push/room.yaml'), 'w')
  for (const part of ['a: 2\n', 'b: 3\n', 'c: 4\n']) {
    await file.write(part)
    await file.sync()
  }
  await file.close()
  await seen.shows({ 'push/room.yaml': 'a: 2\nb: 3\nc: 4\n' })
  expect(seen.trees).toHaveLength(2)
})

test('a git checkout of 500 files is one change set', async () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { stdio: 'pipe' })
  const files = (value: number) =>
    Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`push/role${at}/c.yaml`, `a: ${value}`]))
  const commit = (value: number) => {
    for (const [path, text] of Object.entries(files(value))) write(path, text)
    git('add', '-A')
    git('commit', '-qm', `value ${value}`)
  }
  mkdirSync(dir)
  git('init', '-q', '-b', 'main')
  commit(1)
  commit(2)
  const seen = start()
  await seen.shows(files(2))
  git('checkout', '-q', 'HEAD~1')
  await seen.shows(files(1))
  expect(seen.trees).toHaveLength(2)
})

test('a Kubernetes mount that swaps its ..data link is one change set', async () => {
  const mount = (version: string, value: number) => {
    write(`..${version}/room.yaml`, `a: ${value}`, join(dir, 'push'))
    write(`..${version}/common.yaml`, `b: ${value}`, join(dir, 'push'))
    symlinkSync(`..${version}`, join(dir, 'push/..data_tmp'))
    renameSync(join(dir, 'push/..data_tmp'), join(dir, 'push/..data'))
  }
  mount('2026_1', 1)
  symlinkSync('..data/room.yaml', join(dir, 'push/room.yaml'))
  symlinkSync('..data/common.yaml', join(dir, 'push/common.yaml'))
  const seen = start()
  await seen.shows({ 'push/room.yaml': 'a: 1', 'push/common.yaml': 'b: 1' })
  mount('2026_2', 2)
  rmSync(join(dir, 'push/..2026_1'), { recursive: true })
  await seen.shows({ 'push/room.yaml': 'a: 2', 'push/common.yaml': 'b: 2' })
  mount('2026_3', 3)
  await seen.shows({ 'push/room.yaml': 'a: 3', 'push/common.yaml': 'b: 3' })
  expect(seen.trees).toHaveLength(3)
})

test('a directory that is not there at first, and then is empty, says nothing until it has files', async () => {
  const seen = start()
  await vi.waitFor(() => expect(seen.problems).toMatchObject([{ code: 'E_NOT_FOUND' }]))
  mkdirSync(dir)
  await seen.watch.flush()
  write('push/room.yaml', 'a: 1')
  await seen.shows({ 'push/room.yaml': 'a: 1' })
  expect(seen.trees).toHaveLength(1)
  rmSync(join(dir, 'push'), { recursive: true })
  await seen.shows({})
})

test('a directory that vanishes keeps the last tree, says so once, and is watched again when it returns', async () => {
  write('push/room.yaml', 'a: 1')
  const onBack = vi.fn()
  const seen = start({ onBack })
  await seen.shows({ 'push/room.yaml': 'a: 1' })
  renameSync(dir, `${dir}.away`)
  await vi.waitFor(() => expect(seen.problems).toHaveLength(1))
  await seen.watch.flush()
  expect(seen.problems.map(({ code }) => code)).toEqual(['E_NOT_FOUND'])
  mkdirSync(dir)
  await seen.watch.flush()
  expect(seen.trees).toHaveLength(1)
  write('push/room.yaml', 'a: 2')
  await seen.shows({ 'push/room.yaml': 'a: 2' })
  write('push/room.yaml', 'a: 3')
  await seen.shows({ 'push/room.yaml': 'a: 3' })
  expect(seen.trees).toHaveLength(3)
  expect(onBack).toHaveBeenCalledOnce()
})

test('a directory that is deleted file by file never shows as emptied', async () => {
  for (let at = 0; at < 50; at++) write(`push/r${at}.yaml`, 'a: 1')
  const seen = start()
  await vi.waitFor(() => expect(seen.trees).toHaveLength(1))
  rmSync(dir, { recursive: true })
  await vi.waitFor(() => expect(seen.problems).toHaveLength(1), { timeout: 10_000 })
  await seen.watch.flush()
  expect(seen.trees).toHaveLength(1)
})

test('a symlink as the directory may be pointed elsewhere', async () => {
  const release = (name: string) => join(dirname(dir), name)
  write('push/room.yaml', 'a: 1', release('r1'))
  write('push/room.yaml', 'a: 2', release('r2'))
  symlinkSync('r1', dir)
  const seen = start()
  await seen.shows({ 'push/room.yaml': 'a: 1' })
  symlinkSync('r2', `${dir}.next`)
  renameSync(`${dir}.next`, dir)
  await seen.shows({ 'push/room.yaml': 'a: 2' })
  write('push/room.yaml', 'a: 3', release('r2'))
  await seen.shows({ 'push/room.yaml': 'a: 3' })
})

test('a directory that comes later is waited for', async () => {
  const seen = start()
  await vi.waitFor(() => expect(seen.problems).toHaveLength(1))
  write('push/room.yaml', 'a: 1')
  await seen.shows({ 'push/room.yaml': 'a: 1' })
})

test('files that are touched but not changed, and files that are no configs, give no tree', async () => {
  write('push/room.yaml', 'a: 1')
  const seen = start()
  await seen.shows({ 'push/room.yaml': 'a: 1' })
  write('push/room.yaml', 'a: 1')
  write('push/.room.yaml.swp', 'x')
  await seen.watch.flush()
  write('push/common.yaml', 'b: 1')
  await seen.shows({ 'push/room.yaml': 'a: 1', 'push/common.yaml': 'b: 1' })
  expect(seen.trees).toHaveLength(2)
})

test('a large file that is emptied is in the next tree as it is then', async () => {
  write('push/list.json', JSON.stringify('a'.repeat(limits.compileHeavyBytes)))
  const seen = start()
  await vi.waitFor(() => expect(seen.trees).toHaveLength(1))
  write('push/list.json', '')
  await vi.waitFor(() => expect(seen.trees.at(-1)?.['push/list.json']).toHaveLength(0), { timeout: 10_000 })
})
