import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkTargets, parseTargets, rendered, writeAll } from './targets.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-render-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const target = (text: string) => parseTargets([text])[0] ?? expect.unreachable()

test('a target names a config, perhaps a part of it, and a file', () => {
  expect(parseTargets(['push/room=/a.json', 'push/room#/redis/addr=/b=c'])).toEqual([
    { name: 'push/room', pointer: '', file: '/a.json' },
    { name: 'push/room', pointer: '/redis/addr', file: '/b=c' },
  ])
})

test.each(['push/room', '=x', 'push/room=', 'push/room#redis=x'])('%j is wrong usage', (text) => {
  expect(() => parseTargets([text])).toThrow(expect.objectContaining({ code: 'E_INVALID_ARGUMENT' }))
})

test('one file cannot show two configs', () => {
  expect(() => parseTargets(['a=/x/../y', 'b=/y'])).toThrow(expect.objectContaining({ code: 'E_INVALID_ARGUMENT' }))
})

test.each([
  ['/nowhere/at/all/room.json', 'its folder does not exist'],
  ['/sys/room.json', 'no permission to write in its folder'],
  ['/etc/hostname/room.json', 'its folder is a file'],
  ['/tmp', 'it is a folder'],
])('%s is refused before anything starts: %s', async (file, why) => {
  await expect(checkTargets(parseTargets([`a=${file}`]))).rejects.toMatchObject({
    code: 'E_RENDER_TARGET',
    message: expect.stringContaining(why),
  })
})

test('a folder that can be written to is left as it was', async () => {
  await checkTargets([target(`a=${folder}/room.json`)])
  expect(await readdir(folder)).toEqual([])
})

test('a part of a value is shown in the file’s own format, and one that is not there is told', () => {
  const value = { redis: { addr: 'a:1' } }
  expect(rendered(target('room#/redis=/x.env'), value)).toBe('ADDR=a:1\n')
  expect(rendered(target('room#/redis/addr=/x'), value)).toBe('a:1')
  expect(() => rendered(target('room#/kafka=/x.env'), value)).toThrow(expect.objectContaining({ code: 'E_NOT_FOUND' }))
})

test('a file that holds secrets is its user’s alone, or what was asked for, and never everybody’s', async () => {
  const [fresh, asked, old] = ['fresh', 'asked', 'old'].map((name) => join(folder, name)) as [string, string, string]
  await writeFile(old, 'before', { mode: 0o644 })
  await writeAll(
    [fresh, old].map((file) => ({ file, text: 'x', isSecret: true })),
    0o644,
  )
  await writeAll([{ file: asked, text: 'x', isSecret: true }], 0o664)
  const modes = await Promise.all([fresh, asked, old].map(async (file) => (await stat(file)).mode & 0o777))
  expect(modes).toEqual([0o600, 0o660, 0o640])
})

test('a new file gets the mode, an old one keeps its own', async () => {
  const [old, fresh] = [join(folder, 'old'), join(folder, 'fresh')]
  await writeFile(old, 'before')
  await chmod(old, 0o600)
  await writeAll(
    [old, fresh].map((file) => ({ file, text: 'after' })),
    0o664,
  )
  expect([(await stat(old)).mode & 0o777, (await stat(fresh)).mode & 0o777]).toEqual([0o600, 0o664])
  expect(await readFile(old, 'utf8')).toBe('after')
})

test('when one file cannot be written none is changed, and nothing is left beside them', async () => {
  const [one, gone] = [join(folder, 'one'), join(folder, 'gone/two')]
  await writeFile(one, 'before')
  const writing = writeAll(
    [one, gone].map((file) => ({ file, text: 'after' })),
    0o644,
  )
  await expect(writing).rejects.toMatchObject({ code: 'E_RENDER_TARGET' })
  expect([await readFile(one, 'utf8'), await readdir(folder)]).toEqual(['before', ['one']])
})
