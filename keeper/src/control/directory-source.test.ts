import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { silentLogger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import { compileTree } from '../compile/compiler.js'
import { tree } from '../compile/testing/tree.js'
import type { SourceTree } from '../compile/types.js'
import { type WatchOptions, watchTree } from '../compile/watcher.js'
import { recordKey } from '../store/records.js'
import { DirectorySource, type DirectorySourceOptions } from './directory-source.js'
import { Publisher } from './publisher.js'
import { watchRecords } from './record-watch.js'
import { makeShop, put, type Shop } from './testing/shop.js'
import type { SourceOutcome } from './types.js'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** A source whose directory is the test's hand: `show` gives it a tree. */
function makeSource(shop: Shop, options: Partial<DirectorySourceOptions> = {}) {
  const outcomes: SourceOutcome[] = []
  let watch: WatchOptions | undefined
  let doubts = 0
  const source = new DirectorySource({
    directory: 'config',
    source: 'dir:config',
    watch: (_directory, watchOptions) => {
      watch = watchOptions
      return { close: async () => {}, doubt: () => doubts++ }
    },
    compiler: { compile: async (files) => compileTree(files) },
    publisher: shop.publisher,
    records: (listener) => watchRecords(shop.member, 'default', ['hold', 'pending', 'source'], listener),
    logger: silentLogger,
    clock: systemClock,
    onOutcome: (outcome) => outcomes.push(outcome),
    ...options,
  })
  source.start()
  cleanups.push(() => source.close())
  const told = (count: number) => expect.poll(() => outcomes.length, { timeout: 10_000 }).toBe(count)
  return {
    source,
    outcomes,
    told,
    show: (files: Record<string, string>) => watch?.onTree(tree(files)),
    trouble: (error: KeeperError) => watch?.onProblem(error),
    back: () => watch?.onBack?.(),
    leavesLarge: () => watch?.leavesLarge?.(),
    doubts: () => doubts,
  }
}

const room = (max: number | string) => ({ 'push/room.yaml': `max: ${max}\n` })
const schema = { 'push/room.schema.json': '{"type":"object","properties":{"max":{"type":"integer"}}}' }

test('each tree is published, and its outcome told', async () => {
  const shop = makeShop()
  const { source, outcomes, show, told } = makeSource(shop)
  show(room(1))
  await told(1)
  show(room(1))
  await told(2)
  show(room(2))
  await told(3)
  expect(outcomes).toMatchObject([
    { kind: 'published', result: { deltas: [{ name: 'push/room', kind: 'added' }] } },
    { kind: 'unchanged' },
    { kind: 'published', result: { deltas: [{ paths: [{ pointer: '/max', before: '1', after: '2' }] }] } },
  ])
  const last = outcomes[2]
  expect(source.state()).toMatchObject({
    source: 'dir:config',
    lastError: '',
    lastPublishedRevision: last?.kind === 'published' ? last.result.revision : -1,
  })
})

test('what is refused stays in the state with its diagnostics, and the last good stays live', async () => {
  const shop = makeShop()
  const { source, outcomes, show, told } = makeSource(shop)
  show({ ...schema, ...room(1) })
  await told(1)
  show({ ...schema, ...room('lots') })
  await told(2)
  expect(outcomes[1]).toMatchObject({
    kind: 'refused',
    error: { code: 'E_INVALID_CONFIG' },
    diagnostics: [{ file: 'push/room.yaml', line: 1, column: 6, pointer: '/max' }],
  })
  expect(source.state().lastError).not.toBe('')
  expect(shop.value('push/room')).toEqual({ max: 1 })
  show({ ...schema, ...room(2) })
  await told(3)
  expect(source.state()).toMatchObject({ lastError: '', diagnostics: [] })
})

test('while one tree is under way only the newest of those that follow is taken', async () => {
  const shop = makeShop()
  const gates: (() => void)[] = []
  const compile = async (files: SourceTree) => {
    await new Promise<void>((resolve) => gates.push(resolve))
    return compileTree(files)
  }
  const { outcomes, show, told } = makeSource(shop, { compiler: { compile } })
  for (const max of [1, 2, 3, 4]) show(room(max))
  await expect.poll(() => gates.length).toBe(1)
  gates[0]?.()
  await expect.poll(() => gates.length).toBe(2)
  gates[1]?.()
  await told(2)
  expect(outcomes).toMatchObject([{ kind: 'published' }, { kind: 'published' }])
  expect(shop.value('push/room')).toEqual({ max: 4 })
})

test('a keeper that cannot write yet is asked again, and the tree is not lost', async () => {
  const shop = makeShop()
  shop.member.refuse = new KeeperError('E_UNAVAILABLE', 'no leader')
  const { source, outcomes, show, told } = makeSource(shop)
  show(room(1))
  await expect.poll(() => source.state().lastError).toBe('no leader')
  expect(outcomes).toEqual([])
  shop.member.refuse = undefined
  await told(1)
  expect(shop.value('push/room')).toEqual({ max: 1 })
})

test('a newer tree takes the place of one that waits for the keeper', async () => {
  const shop = makeShop()
  shop.member.refuse = new KeeperError('E_UNAVAILABLE', 'no leader')
  const { source, outcomes, show, told } = makeSource(shop)
  show(room(1))
  await expect.poll(() => source.state().lastError).toBe('no leader')
  show(room(2))
  shop.member.refuse = undefined
  await told(1)
  expect(outcomes).toMatchObject([{ kind: 'published' }])
  expect(shop.value('push/room')).toEqual({ max: 2 })
})

test('a held name stays as it is, everything else goes on, and the edit is tried again once it is released', async () => {
  const shop = makeShop()
  const { source, outcomes, show, told } = makeSource(shop)
  const files = (max: number, addr: string) => ({ ...room(max), 'push/common.yaml': `addr: ${addr}\n` })
  show(files(1, 'a'))
  await told(1)
  show(files(2, 'a'))
  await told(2)
  await shop.publisher.rollback({ name: 'push/room', stepsBack: 1, author: 'oncall', reason: '' })
  show(files(3, 'b'))
  await told(3)
  expect(outcomes[2]).toMatchObject({ kind: 'published', result: { deltas: [{ name: 'push/common' }] } })
  expect(source.state().held).toEqual(['push/room'])
  expect([shop.value('push/room'), shop.value('push/common')]).toEqual([{ max: 1 }, { addr: 'b' }])
  await shop.publisher.release({ name: 'push/room' })
  await told(4)
  expect(outcomes[3]).toMatchObject({ kind: 'published', result: { deltas: [{ name: 'push/room' }], held: [] } })
  expect(shop.value('push/room')).toEqual({ max: 3 })
  expect(source.state().held).toEqual([])
})

test('what a guard parked is refused until it is approved, and then is well without an edit', async () => {
  const shop = makeShop()
  const { source, show, told } = makeSource(shop)
  shop.enter('push', 'room', 'room-1')
  show({ ...room(1), 'push/common.yaml': 'addr: a\n' })
  await told(1)
  show({ 'push/common.yaml': 'addr: a\n' })
  await told(2)
  expect(source.state()).toMatchObject({ lastErrorCode: 'E_PARKED' })
  expect(shop.value('push/room')).toEqual({ max: 1 })
  const id = /^[0-9a-f]{16}/.exec(source.state().lastError)?.[0] ?? ''
  await shop.publisher.approve({ id, author: 'lead', reason: 'agreed' })
  await expect.poll(() => source.state().lastErrorCode).toBe('')
  expect(shop.value('push/room')).toBeUndefined()
})

test('a folder whose prefix was taken over says so without an edit, and insists once at most', async () => {
  const shop = makeShop()
  const { source, show, told } = makeSource(shop, { takeover: true })
  await shop.publish(room(9), { source: 'dir:z' })
  show(room(1))
  await told(1)
  expect(shop.value('push/room')).toEqual({ max: 1 })
  await shop.publish(room(2), { source: 'dir:z', takeover: true })
  await expect.poll(() => source.state().lastErrorCode).toBe('E_NOT_OWNER')
  expect(shop.value('push/room')).toEqual({ max: 2 })
})

test('what was rejected is not parked again by the same folder; by an edit or by hand it is', async () => {
  const shop = makeShop()
  shop.enter('push', 'room', 'room-1')
  const { source, show, told } = makeSource(shop)
  show({ ...room(1), 'push/common.yaml': 'addr: a\n' })
  await told(1)
  const without = { 'push/common.yaml': 'addr: a\n' }
  show(without)
  await told(2)
  const id = /^[0-9a-f]{16}/.exec(source.state().lastError)?.[0] ?? ''
  await shop.publisher.reject({ id, author: 'lead', reason: 'not now' })
  await expect.poll(() => source.state().lastErrorCode).toBe('E_DECLINED')
  expect(source.state().lastError).toContain('not now')
  expect(await shop.publish(without, { source: 'dir:config' })).toMatchObject({
    parked: { guards: [{ kind: 'removes' }] },
  })
})

test('a directory that vanished stands in the state until it is back', async () => {
  const shop = makeShop()
  const { source, outcomes, trouble, back } = makeSource(shop)
  trouble(new KeeperError('E_NOT_FOUND', 'config is gone'))
  expect(outcomes).toMatchObject([{ kind: 'refused', error: { code: 'E_NOT_FOUND' } }])
  expect(source.state().lastError).toBe('config is gone')
  back()
  expect(source.state().lastError).toBe('')
})

test('a real directory: from the edit of a file to the value in the store', async () => {
  const shop = makeShop()
  const folder = await mkdtemp(join(tmpdir(), 'keeper-source-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const file = join(folder, 'push/room.yaml')
  await mkdir(join(folder, 'push'))
  await writeFile(file, 'max: 1\n')
  const { told } = makeSource(shop, { directory: folder, watch: watchTree })
  await told(1)
  await writeFile(file, 'max: 2\n')
  await told(2)
  expect(shop.value('push/room')).toEqual({ max: 2 })
})

test('a directory whose keeper has other labels than most is refused, and tried again when members say other things', async () => {
  const shop = makeShop()
  let refusal: KeeperError | undefined = new KeeperError('E_SETTINGS_DIFFER', 'n2 and n3 have env=prod')
  const publisher = new Publisher({
    ...{ member: shop.member, clock: systemClock, random: systemRandom },
    refusedHere: () => refusal,
  })
  const records: DirectorySourceOptions['records'] = (listener) =>
    watchRecords(shop.member, 'default', ['member'], listener)
  const { source, outcomes, show, told } = makeSource(shop, { publisher, records })
  show(room(1))
  await told(1)
  expect(source.state().lastErrorCode).toBe('E_SETTINGS_DIFFER')
  refusal = undefined
  put(shop.log, recordKey('default', 'member', '2'), Buffer.from('{"v":1}'))
  await told(2)
  expect(outcomes).toMatchObject([{ kind: 'refused' }, { kind: 'published' }])
})

test('a large file that is written while it is compiled, or while it is published, is looked at anew, and the tree with it is published', async () => {
  const shop = await makeShop()
  const changed = () => new KeeperError('E_FILE_CHANGED', 'push/room.yaml was written while it was read')
  let [compiles, publishes, doubted] = [0, 0, 0]
  const { outcomes, told, show, doubts } = makeSource(shop, {
    compiler: {
      compile: async (files) => {
        if (++compiles === 1) throw changed()
        return compileTree(files)
      },
      doubt: () => doubted++,
    },
    publisher: {
      publish: async (request) => {
        if (++publishes === 1) throw changed()
        return shop.publisher.publish(request)
      },
      noteRefusal: (request, error) => shop.publisher.noteRefusal(request, error),
    },
  })
  for (const times of [1, 2]) {
    show(room(times))
    await expect.poll(doubts).toBe(times)
  }
  show(room(3))
  await told(1)
  expect(outcomes).toMatchObject([{ kind: 'published' }])
  expect([compiles, publishes, doubted]).toEqual([3, 2, 2])
})

test('a large file that is written faster than it is published comes into memory, until it was published', async () => {
  const shop = await makeShop()
  let isWritten = true
  const { told, show, leavesLarge, doubts } = makeSource(shop, {
    compiler: {
      compile: async (files) => {
        if (isWritten) throw new KeeperError('E_FILE_CHANGED', 'push/room.yaml was written while it was read')
        return compileTree(files)
      },
    },
  })
  for (const times of [1, 2, 3]) {
    expect(leavesLarge()).toBe(true)
    show(room(times))
    await expect.poll(doubts).toBe(times)
  }
  expect(leavesLarge()).toBe(false)
  isWritten = false
  show(room(4))
  await told(1)
  expect(leavesLarge()).toBe(true)
})
