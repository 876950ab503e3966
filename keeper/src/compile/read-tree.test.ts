import { execFileSync, fork } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeText } from '../base/codec.js'
import { type Reading, readTree, TreeReader } from './read-tree.js'
import { formatDiagnostic } from './testing/tree.js'
import type { SourceTree } from './types.js'

let home: string
let dir: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'keeper-read-'))
  dir = join(home, 'config')
  write('push/room.yaml', 'a: 1')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function write(path: string, text: string): string {
  const file = join(dir, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

const paths = ({ files }: SourceTree) => files.map(({ path }) => path)
const said = async () => (await readTree(dir)).problems.map(formatDiagnostic)

test('files come sorted, with their bytes; what is no config is noted and not read', async () => {
  write('push/common.toml', 'b = 1')
  write('push/README.md', '')
  write('.git/objects/x', '')
  write('_keeper/settings.yaml', '{}')
  write('_keeper/tests/room.yaml', '')
  const tree = await readTree(dir)
  expect(tree.files.map(({ path, bytes }) => [path, decodeText(bytes)])).toEqual([
    ['_keeper/settings.yaml', '{}'],
    ['push/common.toml', 'b = 1'],
    ['push/room.yaml', 'a: 1'],
  ])
  expect(tree.problems.map(formatDiagnostic)).toEqual([
    'note .git: no config: its name begins with a dot',
    'note push/README.md: no config: its extension is none of .yaml, .yml, .json, .jsonc, .toml, .properties, .env, .ini, .csv',
  ])
})

test("Kubernetes' mounts are followed, without a word", async () => {
  write('push/..2026_01/room.yaml', 'a: 2')
  symlinkSync('..2026_01', join(dir, 'push/..data'))
  rmSync(join(dir, 'push/room.yaml'))
  symlinkSync('..data/room.yaml', join(dir, 'push/room.yaml'))
  const tree = await readTree(dir)
  expect(tree.files.map(({ path, bytes }) => [path, decodeText(bytes)])).toEqual([['push/room.yaml', 'a: 2']])
  expect(tree.problems).toEqual([])
})

test('symlinks out of the directory, in a circle, or to nowhere', async () => {
  writeFileSync(join(home, 'secret.yaml'), 'a: 1')
  symlinkSync('../../secret.yaml', join(dir, 'push/out.yaml'))
  symlinkSync(home, join(dir, 'push/outside'))
  symlinkSync('b.yaml', join(dir, 'push/a.yaml'))
  symlinkSync('a.yaml', join(dir, 'push/b.yaml'))
  symlinkSync('.', join(dir, 'push/self'))
  symlinkSync('gone.yaml', join(dir, 'push/nowhere.yaml'))
  expect(await said()).toEqual([
    'error push/a.yaml: a symlink that leads in a circle',
    'error push/b.yaml: a symlink that leads in a circle',
    'error push/nowhere.yaml: a symlink that leads nowhere',
    'error push/out.yaml: a symlink that leads out of the directory',
    'error push/outside: a symlink that leads out of the directory',
    'error push/self: a symlink that leads in a circle',
  ])
})

test('a file of 100 MB is refused and not read', async () => {
  truncateSync(write('push/big.yaml', ''), 100 * 1024 * 1024)
  const before = process.memoryUsage().arrayBuffers
  expect(await said()).toEqual(['error push/big.yaml: file of 104857600 bytes; at most 16777216 are allowed'])
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 1024 * 1024)
})

test('a directory named like a file, even an empty one', async () => {
  mkdirSync(join(dir, 'push/register.yaml'))
  expect(await said()).toEqual(['error push/register.yaml: register.yaml is a directory, not a file: rename it'])
})

test('pipes and sockets are refused, and hold nobody up', async () => {
  execFileSync('mkfifo', [join(dir, 'push/pipe.yaml')])
  const server = createServer().listen(join(dir, 'push/socket.json'))
  await new Promise((resolve) => server.once('listening', resolve))
  expect(await said()).toEqual(['error push/pipe.yaml: no regular file', 'error push/socket.json: no regular file'])
  await new Promise((resolve) => server.close(resolve))
})

test('names that are not UTF-8, have control characters, or are too long', async () => {
  writeFileSync(Buffer.concat([Buffer.from(join(dir, 'push/')), Buffer.from([0xff]), Buffer.from('.yaml')]), 'a: 1')
  write('push/a\nb.yaml', 'a: 1')
  write(`push/${'n'.repeat(200)}.yaml`, 'a: 1')
  let deep = 'push'
  while (deep.length < 4096 - 200) deep += `/${'d'.repeat(100)}`
  execFileSync('mkdir', ['-p', deep], { cwd: dir })
  expect(await said()).toEqual([
    expect.stringMatching(/^error push\/a\\u000ab\.yaml: a name with control characters/),
    expect.stringMatching(/^error push\/d+\/.*: path longer than 512 bytes$/),
    expect.stringMatching(/^error push\/n+….*: file or folder name longer than 128 bytes$/),
    expect.stringMatching(/^error push\/.\.yaml: a name that is not UTF-8$/),
  ])
})

test('a directory that is none', async () => {
  await expect(readTree(join(home, 'nothing'))).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(readTree(join(dir, 'push/room.yaml'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test('an unreadable file and an unreadable folder, as a user without rights sees them', async () => {
  chmodSync(write('push/locked.yaml', 'a: 1'), 0o000)
  write('push/closed/x.yaml', 'a: 1')
  chmodSync(join(dir, 'push/closed'), 0o000)
  chmodSync(home, 0o755)
  const reader = fileURLToPath(new URL('./testing/read-as-nobody.js', import.meta.url))
  const built = fileURLToPath(new URL('../../dist/compile/read-tree.js', import.meta.url))
  const child = fork(reader, [built, dir], { execArgv: [] })
  const tree = await new Promise<SourceTree>((resolve) =>
    child.once('message', (message) => resolve(message as SourceTree)),
  )
  expect(tree.problems.map(formatDiagnostic)).toEqual([
    'error push/closed: cannot read the folder: EACCES',
    'error push/locked.yaml: cannot be read: permission denied (EACCES)',
  ])
  chmodSync(join(dir, 'push/closed'), 0o755)
})

test('the next reading opens only what changed', async () => {
  for (let at = 0; at < 100; at++) write(`push/r${at}.yaml`, 'a: 1')
  const reader = new TreeReader(dir)
  const first = await reader.read()
  expect(first.filesRead).toBe(101)
  write('push/r7.yaml', 'a: 2')
  const second = await reader.read()
  expect(second.filesRead).toBe(1)
  expect(second.tree.files.filter((file, at) => file !== first.tree.files[at]).map(({ path }) => path)).toEqual([
    'push/r7.yaml',
  ])
  write('push/r8.yaml', 'a: 3')
  const third = await reader.update(new Set(['push/r8.yaml']))
  expect(third.filesRead).toBe(1)
  expect(decodeText(third.tree.files.find(({ path }) => path === 'push/r8.yaml')?.bytes ?? new Uint8Array())).toBe(
    'a: 3',
  )
})

describe('a large file that changes', () => {
  const large = (word: string) => JSON.stringify(Array.from({ length: 200_000 }, () => word))
  const wordIn = ({ tree }: Reading) => decodeText(tree.files.at(-1)?.bytes.subarray(0, 12) ?? new Uint8Array())

  test('is told of before it is read, and is in the next tree as it is then', async () => {
    write('push/zlist.json', large('before'))
    const told: string[] = []
    const reader = new TreeReader(dir, { onOutdated: async (path) => void told.push(path) })
    await reader.read()
    write('push/room.yaml', 'a: 2')
    await reader.update(new Set(['push/room.yaml']))
    expect(told).toEqual([])
    write('push/zlist.json', large('after!'))
    expect(wordIn(await reader.update(new Set(['push/zlist.json'])))).toBe('["after!","a')
    write('push/zlist.json', large('later!'))
    expect(wordIn(await reader.read())).toBe('["later!","l')
    expect(told).toEqual(['push/zlist.json', 'push/zlist.json'])
  })

  test('and cannot be read then is looked for again with all the others, and never empty', async () => {
    write('push/zlist.json', large('before'))
    let isGone = false
    const reader = new TreeReader(dir, {
      onOutdated: async () => {
        if (!isGone) rmSync(join(dir, 'push/zlist.json'))
        isGone = true
      },
    })
    const before = await reader.read()
    write('push/zlist.json', large('after!'))
    const without = await reader.update(new Set(['push/zlist.json']))
    expect(paths(without.tree)).toEqual(paths(before.tree).filter((path) => path !== 'push/zlist.json'))
    write('push/zlist.json', large('again!'))
    expect(wordIn(await reader.read())).toBe('["again!","a')
  })

  test('while the directory is away is read anew when it is back, whatever else is asked for then', async () => {
    write('push/zlist.json', large('before'))
    const reader = new TreeReader(dir, { onOutdated: async () => renameSync(dir, `${dir}-away`) })
    await reader.read()
    write('push/zlist.json', large('after!'))
    await reader.update(new Set(['push/zlist.json'])).catch(() => {})
    renameSync(`${dir}-away`, dir)
    write('push/room.yaml', 'a: 7')
    const { tree } = await reader.update(new Set(['push/room.yaml']))
    expect(tree.files.map(({ bytes }) => bytes.length)).not.toContain(0)
    expect(tree.files.at(-1)?.bytes.length).toBe(large('after!').length)
  })
})

describe('a large file that is left on the disk', () => {
  const large = (word: string) => JSON.stringify(Array.from({ length: 200_000 }, () => word))
  const read = async () => (await new TreeReader(dir, { leavesLarge: () => true }).read()).tree.files.at(-1)

  test('is read there, as a whole or in parts, and small ones are in memory', async () => {
    write('push/zlist.json', large('before'))
    const reader = new TreeReader(dir, { leavesLarge: () => true })
    const { files } = (await reader.read()).tree
    expect(files.map(({ onDisk }) => onDisk !== undefined)).toEqual([false, true])
    expect(decodeText(files[1]?.bytes ?? new Uint8Array())).toBe(large('before'))
    expect(decodeText(files[1]?.onDisk?.read(2, 8) ?? new Uint8Array())).toBe('before')
    const memory = Buffer.alloc(10)
    expect(files[1]?.onDisk?.read(2, 8, memory).buffer).toBe(memory.buffer)
    expect((await reader.read()).tree.files[1], 'as long as it is the same').toBe(files[1])
  })

  test.each([
    ['written', (file: string) => writeFileSync(file, large('after!'))],
    ['written in part', (file: string) => writeSync(openSync(file, 'r+'), 'x', 100)],
    ['made shorter', (file: string) => truncateSync(file, 1_000)],
    ['replaced', (file: string) => renameSync(write('push/.saving', large('after!')), file)],
    ['gone', (file: string) => rmSync(file)],
    ['now a pipe', (file: string) => execFileSync('sh', ['-c', 'rm "$1" && mkfifo "$1"', 'sh', file])],
    ['now a link', (file: string) => execFileSync('ln', ['-sfn', 'room.yaml', file])],
  ])('and is %s since gives nothing: E_FILE_CHANGED', async (_how, change) => {
    const file = write('push/zlist.json', large('before'))
    // what is written in the same tick of the file system's clock has the same times
    utimesSync(file, 1, 1)
    const found = await read()
    change(file)
    expect(() => found?.bytes).toThrow(expect.objectContaining({ code: 'E_FILE_CHANGED' }))
    expect(() => found?.onDisk?.read(0, 10)).toThrow(expect.objectContaining({ code: 'E_FILE_CHANGED' }))
  })
})

test('a large file whose folder was renamed is read where it lies now', async () => {
  const large = JSON.stringify(Array.from({ length: 200_000 }, () => 'word'))
  write('push/zlist.json', large)
  renameSync(dir, join(home, 'v1'))
  symlinkSync('v1', dir)
  const reader = new TreeReader(dir, { leavesLarge: () => true })
  await reader.read()
  renameSync(join(home, 'v1'), join(home, 'v2'))
  rmSync(dir)
  symlinkSync('v2', dir)
  const { tree } = await reader.read()
  expect(tree.files.at(-1)?.bytes.length).toBe(large.length)
})

test('a large file that is not what its times say is looked at anew, and read into memory where it does not hold still', async () => {
  let isStill = true
  write('push/zlist.json', JSON.stringify(Array.from({ length: 200_000 }, () => 'word')))
  const reader = new TreeReader(dir, { leavesLarge: () => isStill })
  const [before, again] = [(await reader.read()).tree.files.at(-1), (await reader.read()).tree.files.at(-1)]
  expect(again).toBe(before)
  reader.doubt()
  const { tree } = await reader.update(new Set(['push/room.yaml']))
  expect(tree.files.at(-1)?.onDisk).toBeDefined()
  expect(tree.files.at(-1)).not.toBe(before)
  isStill = false
  reader.doubt()
  expect((await reader.read()).tree.files.at(-1)?.onDisk).toBeUndefined()
})

test('an update for a file that came or went looks at everything', async () => {
  const reader = new TreeReader(dir)
  await reader.read()
  write('push/new.yaml', 'a: 1')
  rmSync(join(dir, 'push/room.yaml'))
  expect(paths((await reader.update(new Set(['push/room.yaml']))).tree)).toEqual(['push/new.yaml'])
})

test('a tree with more entries than the limit is refused, and what is said of it stays short', async () => {
  for (let at = 0; at < 250; at++) write(`push/many/${at}.txt`, '')
  for (let at = 0; at < 200; at++) symlinkSync('many', join(dir, `push/link${at}`))
  const { problems } = await readTree(dir)
  expect(problems.filter(({ severity }) => severity === 'error').map(formatDiagnostic)).toEqual([
    expect.stringMatching(/^error : more than 50000 files and folders in the directory: keep several directories/),
  ])
  expect(problems.length).toBeLessThan(1_010)
})

test('a large directory says now and then how far the reading is', async () => {
  for (let at = 0; at < 450; at++) write(`push/c${at}.yaml`, 'a: 1')
  const said: number[] = []
  await readTree(dir, (files) => said.push(files))
  expect(said).toEqual([200, 400])
})
