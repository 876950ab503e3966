import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { IncomingFiles } from '../compile/read-tree-incoming.js'
import { TreeGatherer } from './tree-gatherer.js'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'keeper-incoming-')), 'incoming')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

const large = Buffer.from(JSON.stringify(Array.from({ length: 60_000 }, (_, at) => `user-${at}-of-twenty`)))

/** Sends a file in pieces of some 100 kB. */
function send(gatherer: TreeGatherer, path: string, bytes: Uint8Array, length = bytes.length): void {
  for (let at = 0; at < bytes.length; at += 100_000)
    gatherer.piece({ path, bytes: bytes.subarray(at, at + 100_000), last: at + 100_000 >= bytes.length, length })
}

test('a large file lies on the disk until it is released, a small one is in memory', () => {
  const gatherer = new TreeGatherer(limits, new IncomingFiles(folder))
  send(gatherer, 'push/room.json', large)
  send(gatherer, 'push/common.json', Buffer.from('{}'))
  const [common, room] = gatherer.tree().files
  expect(readdirSync(folder)).toEqual(['0'])
  expect(statSync(join(folder, '0')).mode & 0o777).toBe(0o600)
  expect([common?.path, common?.onDisk]).toEqual(['push/common.json', undefined])
  expect([room?.path, room?.onDisk?.length]).toEqual(['push/room.json', large.length])
  expect(Buffer.compare(room?.bytes as Uint8Array, large)).toBe(0)
  gatherer.release()
  expect(readdirSync(folder)).toEqual([])
  expect(() => room?.bytes).toThrow(expect.objectContaining({ code: 'E_FILE_CHANGED' }))
})

test('what came in part is gone, too, when it is released', () => {
  const gatherer = new TreeGatherer(limits, new IncomingFiles(folder))
  gatherer.piece({ path: 'a.json', bytes: large.subarray(0, 1_000), last: false, length: large.length })
  expect(() => gatherer.tree()).toThrow(expect.objectContaining({ code: 'E_FRAME_ORDER' }))
  gatherer.release()
  expect(readdirSync(folder)).toEqual([])
})

test.each([
  ['more', large.length - 1],
  ['fewer', large.length + 1],
])('%s bytes than were said are refused', (_which, length) => {
  const gatherer = new TreeGatherer(limits, new IncomingFiles(folder))
  expect(() => send(gatherer, 'a.json', large, length)).toThrow(expect.objectContaining({ code: 'E_INVALID_ARGUMENT' }))
})

test('what a keeper before left there goes, and where there can be no folder files are in memory', () => {
  const first = new TreeGatherer(limits, new IncomingFiles(folder))
  send(first, 'a.json', large)
  const next = new TreeGatherer(limits, new IncomingFiles(folder))
  send(next, 'b.json', large)
  expect(readdirSync(folder)).toEqual(['0'])
  next.release()
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file')
  const inMemory = new TreeGatherer(limits, new IncomingFiles(join(folder, 'below')))
  send(inMemory, 'a.json', large)
  const [file] = inMemory.tree().files
  expect(file?.onDisk).toBeUndefined()
  expect(decodeText(file?.bytes as Uint8Array)).toBe(large.toString())
})
