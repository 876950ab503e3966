import { expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import type { Command } from '../store/types.js'
import { Publisher } from './publisher.js'
import { compiled, makeShop, type Shop } from './testing/shop.js'
import { historyAt, historyRevisions, readRecord } from './view.js'

const room = (max: number) => ({ 'push/room.yaml': `maxConnections: ${max}\n` })
const both = (max: number, addr: string) => ({ ...room(max), 'push/common.yaml': `addr: ${addr}\n` })

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: KeeperError) => error.code,
  )
const config = (shop: Shop, name: string) => readRecord(shop.member.store, 'default', 'config', name)

test('a directory is one change set: one revision, one change set record, a history record for each', async () => {
  const shop = makeShop()
  const result = await shop.publish(both(1000, 'a'))
  expect(result).toMatchObject({ changed: true, changeSet: expect.stringMatching(/^[0-9a-f]{16}$/) })
  expect(result.deltas.map(({ name, kind }) => [name, kind])).toEqual([
    ['push/common', 'added'],
    ['push/room', 'added'],
  ])
  const { store } = shop.member
  for (const name of ['push/room', 'push/common']) {
    expect(config(shop, name)?.modRevision).toBe(result.revision)
    expect(historyRevisions(store, 'default', name)).toEqual([result.revision])
  }
  expect(historyAt(store, 'default', 'push/room', result.revision)).toMatchObject({
    author: 'ops',
    reason: 'because',
    source: 'dir:a',
    action: 'apply',
  })
})

test('nothing changed, no revision', async () => {
  const shop = makeShop()
  const first = await shop.publish(room(1))
  const second = await shop.publish(room(1))
  expect(second).toMatchObject({ changed: false, revision: first.revision, changeSet: '', deltas: [] })
  expect(shop.member.store.revision('system')).toBe(first.revision)
})

test('what changed, path by path, and how many live processes it reaches', async () => {
  const shop = makeShop()
  shop.enter('push', 'room', 'room-1')
  shop.enter('push', 'room', 'room-2', { zone: 'bj' })
  shop.enter('push', 'register', 'register-1')
  const files = { ...both(1000, 'a'), 'push/room@zone=bj.yaml': 'maxConnections: 5\n' }
  await shop.publish(files)
  const result = await shop.publish({ ...files, ...room(2000) })
  expect(result.deltas).toEqual([
    {
      name: 'push/room',
      kind: 'changed',
      fromRevision: expect.any(Number),
      paths: [{ pointer: '/maxConnections', before: '1000', after: '2000' }],
      reaches: 1,
    },
  ])
})

test('a variant keeps its revision while its value is the same; the record has the new one', async () => {
  const shop = makeShop()
  const overlay = { 'push/room@zone=bj.yaml': 'maxConnections: 5\n' }
  const first = await shop.publish({ ...room(1), ...overlay })
  const second = await shop.publish({ ...room(2), ...overlay })
  expect(config(shop, 'push/room')?.record.variants.map(({ overlays, revision }) => [overlays, revision])).toEqual([
    [[], 0],
    [[0], first.revision],
  ])
  expect(second.revision).toBeGreaterThan(first.revision)
})

test('a comment changes the files of a config and nobody’s value', async () => {
  const shop = makeShop()
  shop.enter('push', 'room', 'room-1')
  const first = await shop.publish(room(1))
  const second = await shop.publish({ 'push/room.yaml': '# why\nmaxConnections: 1\n' })
  expect(second.deltas).toMatchObject([{ kind: 'changed', paths: [], reaches: 0 }])
  expect(config(shop, 'push/room')?.record.variants[0]?.revision).toBe(first.revision)
})

test('a name that the source drops becomes a removed record, and can come back', async () => {
  const shop = makeShop()
  shop.enter('push', 'room', 'room-1')
  await shop.publish(both(1, 'a'))
  // A live process holds it: somebody has to say so twice.
  const { parked } = await shop.publish({ 'push/common.yaml': 'addr: a\n' })
  const removal = await shop.publisher.approve({ id: parked?.id ?? '', author: 'lead', reason: '' })
  expect(removal.deltas).toMatchObject([{ name: 'push/room', kind: 'removed', reaches: 1 }])
  expect(config(shop, 'push/room')?.record).toMatchObject({ removed: true, variants: [] })
  const back = await shop.publish(both(1, 'a'))
  expect(back.deltas).toMatchObject([{ name: 'push/room', kind: 'added', reaches: 1 }])
  expect(config(shop, 'push/room')?.record.variants[0]?.revision).toBe(0)
})

test('another source may not publish the same name, unless it takes it over; then the first may not', async () => {
  const shop = makeShop()
  await shop.publish(both(1, 'a'))
  const other = { source: 'dir:b' }
  await expect(shop.publish(room(2), other)).rejects.toMatchObject({
    code: 'E_NOT_OWNER',
    details: { owner: 'dir:a', names: ['push/room'] },
  })
  expect(shop.value('push/room')).toEqual({ maxConnections: 1 })
  await shop.publish(room(2), { ...other, takeover: true })
  expect(shop.value('push/room')).toEqual({ maxConnections: 2 })
  expect(await codeOf(shop.publish(both(3, 'a')))).toBe('E_NOT_OWNER')
  // A source that lost a prefix removes nothing below it.
  await shop.publish({ 'register/common.yaml': 'addr: b\n' })
  expect(shop.value('push/room')).toEqual({ maxConnections: 2 })
  expect(shop.value('push/common')).toEqual({ addr: 'a' })
})

test('two sources with the same text of a name: the second is refused all the same', async () => {
  const shop = makeShop()
  await shop.publish(room(1))
  expect(await codeOf(shop.publish(room(1), { source: 'dir:b' }))).toBe('E_NOT_OWNER')
})

test('a rollback writes the old value as a new revision and holds the name', async () => {
  const shop = makeShop()
  const first = await shop.publish(both(1, 'a'))
  await shop.publish(both(2, 'a'))
  const back = await shop.publisher.rollback({ name: 'push/room', stepsBack: 1, author: 'oncall', reason: 'too many' })
  expect(back).toMatchObject({ changed: true, deltas: [{ paths: [{ before: '2', after: '1' }] }] })
  expect(shop.value('push/room')).toEqual({ maxConnections: 1 })
  expect(historyAt(shop.member.store, 'default', 'push/room', back.revision)).toMatchObject({ action: 'rollback' })
  // The folder did not change: the rollback stays. Its next change of the name is refused; other names go on.
  expect(await shop.publish(both(2, 'a'))).toMatchObject({ changed: false, held: [] })
  const held = [{ name: 'push/room', author: 'oncall', reason: 'too many', action: 'rollback' }]
  expect(await shop.publish(both(3, 'b'))).toMatchObject({ deltas: [{ name: 'push/common' }], held })
  expect(shop.value('push/common')).toEqual({ addr: 'b' })
  expect(shop.value('push/room')).toEqual({ maxConnections: 1 })
  expect(back.revision).toBeGreaterThan(first.revision)
})

test('a held name is free again once released, by itself or with the change set', async () => {
  const shop = makeShop()
  const rollback = () => shop.publisher.rollback({ name: 'push/room', stepsBack: 1, author: 'o', reason: '' })
  await shop.publish(room(1))
  await shop.publish(room(2))
  await rollback()
  expect(await shop.publisher.release({ name: 'push/room' })).toBe(true)
  expect(await shop.publisher.release({ name: 'push/room' })).toBe(false)
  await shop.publish(room(3))
  await rollback()
  expect(await shop.publish(room(4))).toMatchObject({ changed: false, held: [{ name: 'push/room' }] })
  await shop.publish(room(4), { release: ['push/room'] })
  expect(shop.value('push/room')).toEqual({ maxConnections: 4 })
  expect(readRecord(shop.member.store, 'default', 'hold', 'push/room')).toBeUndefined()
})

test('a release of a name that nobody holds is said to have nothing to end', async () => {
  const shop = makeShop()
  await shop.publish(room(1))
  const { changed, diagnostics } = await shop.publish(room(2), { release: ['push/romo', 'push/romo'] })
  expect(changed).toBe(true)
  expect(diagnostics).toMatchObject([{ severity: 'warning', rule: 'release/not-held', file: '' }])
  expect(diagnostics[0]?.message).toContain('push/romo: nobody holds it')
})

test('a release with an unchanged folder puts the folder’s value back', async () => {
  const shop = makeShop()
  await shop.publish(room(1))
  await shop.publish(room(2))
  await shop.publisher.rollback({ name: 'push/room', stepsBack: 1, author: 'o', reason: '' })
  await shop.publish(room(2), { release: ['push/room'] })
  expect(shop.value('push/room')).toEqual({ maxConnections: 2 })
})

test('a rollback to what is live changes nothing and holds nothing', async () => {
  const shop = makeShop()
  const { revision } = await shop.publish(room(1))
  const back = await shop.publisher.rollback({ name: 'push/room', toRevision: revision, author: 'o', reason: '' })
  expect(back).toMatchObject({ changed: false, revision })
  expect(readRecord(shop.member.store, 'default', 'hold', 'push/room')).toBeUndefined()
})

test.each([
  [{ name: 'push/nope', toRevision: 1 }, 'E_NOT_FOUND'],
  [{ name: 'push/room', toRevision: 999 }, 'E_NOT_FOUND'],
  [{ name: 'push/room', stepsBack: 7 }, 'E_NOT_FOUND'],
  [{ name: 'push/room' }, 'E_INVALID_ARGUMENT'],
  [{ name: '', stepsBack: 1 }, 'E_INVALID_ARGUMENT'],
])('a rollback to %j is refused', async (target, code) => {
  const shop = makeShop()
  await shop.publish(room(1))
  expect(await codeOf(shop.publisher.rollback({ ...target, author: 'o', reason: '' }))).toBe(code)
})

test('files with errors change nothing', async () => {
  const shop = makeShop()
  await shop.publish(room(1))
  await expect(shop.publish({ 'push/room.yaml': 'a: [' })).rejects.toMatchObject({ code: 'E_INVALID_CONFIG' })
  expect(shop.value('push/room')).toEqual({ maxConnections: 1 })
})

test.each([
  ['source', { source: '' }],
  ['source', { source: 'a\nb' }],
  ['author', { author: 'x'.repeat(limits.nameBytesMax + 1) }],
  ['reason', { reason: 'x'.repeat(limits.reasonBytesMax + 1) }],
])('a bad %s is refused', async (_what, request) => {
  expect(await codeOf(makeShop().publish(room(1), request))).toBe('E_INVALID_ARGUMENT')
})

test('a dry run says what would change and changes nothing', async () => {
  const shop = makeShop()
  const result = await shop.publish(room(1), { dryRun: true })
  expect(result).toMatchObject({ changed: false, deltas: [{ name: 'push/room', kind: 'added' }] })
  expect(shop.value('push/room')).toBeUndefined()
  expect([...shop.member.store.blobHashes()]).toEqual([])
})

/** Lets `act` happen just before the first transaction of the next publish. */
function meanwhile(shop: Shop, act: () => Promise<unknown>, times = 1): void {
  const propose = shop.member.propose.bind(shop.member)
  let left = times
  shop.member.propose = async (command: Command) => {
    if (command.body.kind === 'txn' && left > 0) {
      left--
      shop.member.propose = propose
      await act()
      if (left > 0) meanwhile(shop, act, left)
    }
    return propose(command)
  }
}

test('somebody is quicker: it plans again and keeps both changes', async () => {
  const shop = makeShop()
  await shop.publish(both(1, 'a'))
  const other = makeRival(shop)
  meanwhile(shop, () => other.publish({ source: 'dir:z', output: compiled({ 'center/z.yaml': 'a: 1' }), ...who }))
  expect(await shop.publish(both(2, 'a'))).toMatchObject({ changed: true })
  expect(shop.value('center/z')).toEqual({ a: 1 })
  expect(shop.value('push/room')).toEqual({ maxConnections: 2 })
})

const who = { author: 'o', reason: '', action: 'apply' }

test('a hold set meanwhile is respected', async () => {
  const shop = makeShop()
  await shop.publish(room(1))
  await shop.publish(room(2))
  const rival = makeRival(shop)
  meanwhile(shop, () => rival.rollback({ name: 'push/room', stepsBack: 1, author: 'o', reason: '' }))
  expect(await shop.publish(room(3))).toMatchObject({ changed: false, held: [{ name: 'push/room' }] })
  expect(shop.value('push/room')).toEqual({ maxConnections: 1 })
})

test('an outcome that was not known is found, not repeated', async () => {
  const shop = makeShop()
  const propose = shop.member.propose.bind(shop.member)
  let lost = true
  shop.member.propose = async (command: Command) => {
    const result = await propose(command)
    if (command.body.kind !== 'txn' || !lost) return result
    lost = false
    throw new KeeperError('E_UNCERTAIN', 'the leader went away')
  }
  const result = await shop.publish(room(1))
  expect(result).toMatchObject({ changed: true, revision: config(shop, 'push/room')?.modRevision })
  expect(historyRevisions(shop.member.store, 'default', 'push/room')).toHaveLength(1)
})

test.each(['blobPut', 'txn'])('a %s that was dropped because the leader changed is proposed again', async (kind) => {
  const shop = makeShop()
  const propose = shop.member.propose.bind(shop.member)
  let isDropped = false
  shop.member.propose = async (command: Command) => {
    if (command.body.kind !== kind || isDropped) return propose(command)
    isDropped = true
    throw new KeeperError('E_PROPOSAL_DROPPED', 'no longer the leader')
  }
  expect(await shop.publish(room(1))).toMatchObject({ changed: true })
  expect(isDropped).toBe(true)
  expect(shop.value('push/room')).toEqual({ maxConnections: 1 })
  expect(historyRevisions(shop.member.store, 'default', 'push/room')).toHaveLength(1)
})

test('many publishes at once all happen, one after the other', async () => {
  const shop = makeShop()
  const numbers = Array.from({ length: 20 }, (_, at) => at)
  const results = await Promise.all(numbers.map((at) => shop.publish(room(at), { source: 'dir:a' })))
  expect(new Set(results.map(({ revision }) => revision)).size).toBe(20)
  expect(shop.value('push/room')).toEqual({ maxConnections: 19 })
})

test('history is kept by number: the oldest go with each publish', async () => {
  const shop = makeShop()
  const { revision } = await shop.publish(room(1))
  const first = historyAt(shop.member.store, 'default', 'push/room', revision)
  if (!first) throw new Error('no history')
  for (let old = 1; old < revision; old++) shop.remember('push/room', old, first)
  const many = limits.historyRevisionsPerConfig
  for (let later = revision + 1; later < revision + many; later++) shop.remember('push/room', later, first)
  const next = await shop.publish(room(2))
  const kept = historyRevisions(shop.member.store, 'default', 'push/room')
  expect(kept).toHaveLength(many)
  expect(kept).toContain(next.revision)
  expect(kept[0]).toBeGreaterThan(revision)
})

test('history is kept by age: what is too old goes, but never what was live last', async () => {
  const shop = makeShop()
  const { revision } = await shop.publish(room(1))
  const first = historyAt(shop.member.store, 'default', 'push/room', revision)
  if (!first) throw new Error('no history')
  const wallMs = first.wallMs - limits.historyAgeMs - 1
  for (const old of [1, 2]) shop.remember('push/room', old, { ...first, wallMs })
  const next = await shop.publish(room(2))
  expect(historyRevisions(shop.member.store, 'default', 'push/room')).toEqual([revision, next.revision])
})

test('two thousand configs are one change set', async () => {
  const shop = makeShop()
  const files = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`push/c${at}.json`, `{"at":${at}}`]))
  const { deltas, revision } = await shop.publish(files)
  expect(deltas).toHaveLength(2_000)
  expect(config(shop, 'push/c1999')?.modRevision).toBe(revision)
})

/** Another keeper's publisher on the same store. */
const makeRival = (shop: Shop): Publisher =>
  new Publisher({ member: shop.member, clock: systemClock, random: seededRandom(2) })
