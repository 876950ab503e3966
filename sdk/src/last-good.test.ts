import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Memory } from './core/client.js'
import { hashOf } from './core/values.js'
import { parseLastGoodKey, readLastGoodKey } from './edge/last-good-seal.js'
import { fileStore } from './edge/last-good-store.js'
import { resolveOptions } from './options.js'

const identity = { namespace: '', cluster: 'push', role: 'room', instance: 'room-1' }
const key = randomBytes(32)
let folder: string
let lines: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-last-good-'))
  lines = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const note = (_fields: object, line: string) => void lines.push(line)
const log = { debug: note, info: note, warn: note, error: note }
const store = (withKey?: Uint8Array) => fileStore(folder, identity, log, withKey)
const text = async () => readFile(join(folder, (await readdir(folder))[0] ?? ''), 'utf8')

const held = (name: string, json: string, secret: boolean) => {
  const bytes = Buffer.from(json)
  const place = { clusterId: 'c', storeEpoch: 1, revision: 7, hash: hashOf(bytes) }
  return [name, { name, ...place, bytes, value: JSON.parse(json), secret }] as const
}
const memory: Memory = {
  clusterId: 'c',
  endpoint: 'h:1',
  good: new Map([held('push/room', '{"pw":"hunter2"} \t\n', true), held('push/common', '{"a":1}', false)]),
}

describe('last good values with secrets', () => {
  test('are not kept without a key, which is said once for each; the others are', async () => {
    const open = store()
    await open.save(memory)
    await open.save(memory)
    expect(await text()).not.toContain('hunter2')
    expect([...((await store().load())?.good.keys() ?? [])]).toEqual(['push/common'])
    expect(lines).toEqual([
      'keeper: the last good value of push/room holds secrets and is not kept: set KEEPER_LAST_GOOD_KEY',
    ])
  })

  test('are kept sealed with a key, and come back exactly', async () => {
    await store(key).save(memory)
    for (const form of ['hunter2', 'push/room', Buffer.from('hunter2').toString('base64').slice(0, 8)])
      expect(await text()).not.toContain(form)
    const loaded = await store(key).load()
    expect(loaded?.good.get('push/room')).toEqual(memory.good.get('push/room'))
    await store().save(loaded ?? memory)
    expect(await text()).not.toContain('hunter2')
  })

  test('do not open without the key, with another, or when a byte changed: the process starts without them', async () => {
    await store(key).save(memory)
    expect(await store().load()).toBeUndefined()
    expect(await store(randomBytes(32)).load()).toBeUndefined()
    const file = join(folder, (await readdir(folder))[0] ?? '')
    const sealed = await readFile(file, 'utf8')
    const at = sealed.length - 20
    await writeFile(file, sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1))
    expect(await store(key).load()).toBeUndefined()
    expect(lines.map((line) => line.replace(/^.*last-good: /, ''))).toEqual([
      'it is sealed, and this process has no KEEPER_LAST_GOOD_KEY',
      'it does not open: another key sealed it, or it was changed',
      'it does not open: another key sealed it, or it was changed',
    ])
  })

  test('a file in the clear is read with a key, too, and sealed at the next save', async () => {
    await store().save({ ...memory, good: new Map([held('push/common', '{"a":1}', false)]) })
    const loaded = await store(key).load()
    expect(loaded?.good.get('push/common')?.value).toEqual({ a: 1 })
    await store(key).save(loaded ?? memory)
    expect(await text()).not.toContain('push/common')
  })
})

describe('the key', () => {
  const names = { KEEPER_CLUSTER: 'c', KEEPER_ROLE: 'r', KEEPER_INSTANCE: 'i' }
  const invalid = expect.objectContaining({ code: 'E_INVALID_ARGUMENT' })

  test('comes from an option, the environment, or a file that only its user can read', async () => {
    const base64 = key.toString('base64')
    expect(resolveOptions({ lastGoodKey: base64 }, names).lastGoodKey).toEqual(key)
    expect(resolveOptions({}, { ...names, KEEPER_LAST_GOOD_KEY: base64 }).lastGoodKey).toEqual(key)
    const file = join(folder, 'key')
    await writeFile(file, `${base64}\n`, { mode: 0o600 })
    expect(resolveOptions({}, { ...names, KEEPER_LAST_GOOD_KEY_FILE: file }).lastGoodKeyFile).toBe(file)
    expect(await readLastGoodKey(file)).toEqual(key)
    await chmod(file, 0o640)
    await expect(readLastGoodKey(file)).rejects.toThrow(invalid)
    await expect(readLastGoodKey(join(folder, 'none'))).rejects.toThrow(invalid)
  })

  test('that is none is refused, and not quoted', () => {
    for (const wrong of ['', 'hunter2', randomBytes(16).toString('base64')]) {
      const read = () => parseLastGoodKey(wrong, 'KEEPER_LAST_GOOD_KEY')
      expect(read).toThrow(invalid)
      if (wrong !== '') expect(read).not.toThrow(expect.objectContaining({ message: expect.stringContaining(wrong) }))
    }
  })
})
