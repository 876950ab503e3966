import { describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import { silentLogger } from '../base/logger.js'
import { encodeRecord, recordKey } from '../store/records.js'
import { BlobCollector } from './blob-collector.js'
import { compiled, type Files, makeShop, put, type Shop } from './testing/shop.js'
import { historyKey, historyRevisions, readRecord, readRecords } from './view.js'

const room = (max: number): Files => ({ 'push/room.yaml': `max: ${max}\n` })
const common = { 'push/common.yaml': 'addr: a\n' }
const ann = { author: 'ann', reason: 'at night' }
const lead = { author: 'lead', reason: 'agreed' }

const undo = (shop: Shop, changeSet = '', more = {}) => shop.publisher.undo({ changeSet, ...ann, ...more })
const rollback = (shop: Shop, name: string, stepsBack: number, more = {}) =>
  shop.publisher.rollback({ name, stepsBack, ...ann, ...more })
const approve = (shop: Shop, id = '') => shop.publisher.approve({ id, ...lead })
const parkedIn = (shop: Shop) => readRecords(shop.member.store, 'default', 'pending').map(({ record }) => record)
const held = (shop: Shop) => readRecords(shop.member.store, 'default', 'hold').map(({ path }) => path)
const told = (shop: Shop) =>
  readRecords(shop.member.store, 'default', 'event').flatMap(({ record }) => record.entries.map(({ text }) => text))
const edit = (shop: Shop, name: string, files: Files, more = {}) =>
  shop.publisher.edit({
    ...{
      name,
      ...ann,
      ...more,
      baseRevision: readRecord(shop.member.store, 'default', 'config', name)?.modRevision ?? 0,
    },
    files: Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
    compile: async ({ files: all }) =>
      compiled(Object.fromEntries(all.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]))),
  })

/** A room runs with what the only change set brought. */
async function withRoom(): Promise<Shop> {
  const shop = makeShop()
  shop.enter('push', 'room', 'room-1')
  await shop.publish({ ...room(1), ...common })
  return shop
}

describe('a guard stops', () => {
  test('the undo of what brought the configs that live processes hold: it waits, and nothing moves', async () => {
    const shop = await withRoom()
    const { changed, parked, deltas } = await undo(shop)
    expect([changed, deltas.map(({ name, kind }) => `${name} ${kind}`)]).toEqual([
      false,
      ['push/common removed', 'push/room removed'],
    ])
    expect(parked?.guards).toEqual([
      {
        kind: 'removes',
        message: 'removes what live processes hold: push/common (1 process), push/room (1 process)',
      },
    ])
    expect([shop.value('push/room'), shop.value('push/common'), held(shop)]).toEqual([{ max: 1 }, { addr: 'a' }, []])
    expect(parkedIn(shop)).toMatchObject([{ id: parked?.id, source: 'undo', action: 'undo', ...ann }])
    expect(told(shop).at(-1)).toMatch(`undo ${parked?.id} by ann waits for approval: removes`)
  })

  test('not an undo that nobody runs with', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    expect(await undo(shop)).toMatchObject({ changed: true, deltas: [{ kind: 'removed' }] })
  })

  test('a rollback to where the config was removed, and one that empties it', async () => {
    const shop = await withRoom()
    await shop.publish({ ...common, 'push/room.yaml': '{}\n' }).then(({ parked }) => approve(shop, parked?.id))
    await shop.publish(common).then(({ parked }) => approve(shop, parked?.id))
    await shop.publish({ ...room(2), ...common })
    expect(await rollback(shop, 'push/room', 1)).toMatchObject({ parked: { guards: [{ kind: 'removes' }] } })
    expect(await rollback(shop, 'push/room', 2)).toMatchObject({ parked: { guards: [{ kind: 'empties' }] } })
    expect(await rollback(shop, 'push/room', 3)).toMatchObject({ changed: true })
  })

  test('an edit that empties a config', async () => {
    const shop = await withRoom()
    const { parked } = await edit(shop, 'push/room', { 'push/room.yaml': '{}\n' })
    expect([parked?.guards.map(({ kind }) => kind), shop.value('push/room')]).toEqual([['empties'], { max: 1 }])
    expect(await approve(shop, parked?.id)).toMatchObject({ changed: true })
    expect([shop.value('push/room'), held(shop)]).toEqual([{}, ['push/room']])
  })

  test('an undo, a rollback or an edit that reaches more than was said, dry or not; approved, it goes on', async () => {
    const shop = await withRoom()
    shop.enter('push', 'gate', 'gate-1')
    await shop.publish({ ...room(2), ...common })
    const few = { affected: { share: 0.4, atLeast: 1 } }
    const stopped = {
      changed: false,
      parked: { guards: [{ kind: 'affects', message: expect.stringContaining('1 of 2') }] },
    }
    expect(await undo(shop, '', { ...few, dryRun: true })).toMatchObject(stopped)
    expect(await rollback(shop, 'push/room', 1, few)).toMatchObject(stopped)
    expect(await edit(shop, 'push/room', room(3), few)).toMatchObject(stopped)
    const { parked } = await undo(shop, '', few)
    expect(shop.value('push/room')).toEqual({ max: 2 })
    expect(await approve(shop, parked?.id)).toMatchObject({ changed: true })
    expect(await undo(shop, parked?.id, { affected: { share: 0.5, atLeast: 1 } })).toMatchObject({ changed: true })
  })

  test('a dry run, and says so, and parks nothing', async () => {
    const shop = await withRoom()
    for (const run of [() => undo(shop, '', { dryRun: true }), () => undo(shop, '', { dryRun: true })])
      expect(await run()).toMatchObject({ changed: false, parked: { id: '', guards: [{ kind: 'removes' }] } })
    await shop.publish({ ...room(2), ...common })
    expect(await rollback(shop, 'push/room', 1, { dryRun: true })).toMatchObject({
      ...{ changed: false, deltas: [{ name: 'push/room', kind: 'changed' }] },
    })
    expect([parkedIn(shop), shop.value('push/room')]).toEqual([[], { max: 2 }])
  })
})

describe('a parked intervention', () => {
  test('is done just so when it is approved: who asked holds the names, who agreed stands in the history', async () => {
    const shop = await withRoom()
    const { parked } = await undo(shop, '', { spreadMs: 5_000 })
    const { changed, changeSet, revision } = await approve(shop, parked?.id)
    expect([changed, changeSet, shop.value('push/room')]).toEqual([true, parked?.id, undefined])
    const history = readRecord(shop.member.store, 'default', 'config', 'push/room')
    expect(history).toMatchObject({ modRevision: revision, record: { removed: true, spreadMs: 5_000 } })
    expect(readRecord(shop.member.store, 'default', 'hold', 'push/room')?.record).toMatchObject({
      ...{ ...ann, action: 'undo' },
    })
    const [, changes] = readRecords(shop.member.store, 'default', 'changeset').map(({ record }) => record)
    expect(changes).toMatchObject({ id: changeSet, ...ann, action: 'undo', approved: lead })
    expect(changes?.undoes).toBeDefined()
    expect(parkedIn(shop)).toEqual([])
    expect(told(shop).slice(-3)).toEqual([
      'undo by ann: push/common, push/room, approved by lead',
      'push/common is held by ann',
      'push/room is held by ann',
    ])
  })

  test('that is approved is taken back by its id, and all is as it was', async () => {
    const shop = await withRoom()
    await shop.publish({ ...room(2), ...common })
    await undo(shop)
    const { parked } = await undo(shop)
    await approve(shop, parked?.id)
    await expect(undo(shop)).rejects.toThrow(`keeper undo ${parked?.id}`)
    expect(await undo(shop, parked?.id)).toMatchObject({ changed: true })
    expect([shop.value('push/room'), shop.value('push/common')]).toEqual([{ max: 1 }, { addr: 'a' }])
  })

  test('that is asked for again is the same one; of other names it is another', async () => {
    const shop = await withRoom()
    const first = await undo(shop)
    expect((await undo(shop)).parked?.id).toBe(first.parked?.id)
    await shop.publish({ 'center/a.yaml': 'a: 1\n' }, { source: 'dir:b' })
    shop.enter('center', 'a', 'a-1')
    const second = await undo(shop)
    expect(
      parkedIn(shop)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([first.parked?.id, second.parked?.id].sort())
  })

  test('is stale once one of its names moved, and gives way to the next that moves them', async () => {
    const shop = await withRoom()
    const { parked } = await undo(shop)
    await shop.publish({ ...room(2), ...common })
    await expect(approve(shop, parked?.id)).rejects.toMatchObject({
      ...{ code: 'E_PENDING_STALE', details: { names: ['push/room'] } },
    })
    await rollback(shop, 'push/room', 1)
    expect(parkedIn(shop)).toEqual([])
    expect(told(shop)).toContain(`undo ${parked?.id} gave way to the rollback by ann`)
  })

  test('stays when its names did not move, whatever else is published, by its source or under its name', async () => {
    const shop = await withRoom()
    const { parked } = await undo(shop)
    await shop.publish({ 'center/a.yaml': 'a: 1\n' }, { source: 'undo' })
    await shop.publish({ ...room(1), ...common, 'push/new.yaml': 'a: 1\n' })
    expect(await approve(shop, parked?.id)).toMatchObject({ changed: true })
  })

  test('of an edit is stale once anything was published that it was not compiled with', async () => {
    const shop = await withRoom()
    const { parked } = await edit(shop, 'push/room', { 'push/room.yaml': '{}\n' })
    await shop.publish({ 'center/a.yaml': 'a: 1\n' }, { source: 'dir:b' })
    await expect(approve(shop, parked?.id)).rejects.toMatchObject({
      ...{ code: 'E_PENDING_STALE', details: { names: ['center/a'] } },
    })
  })

  test('of an edit that is stale is parked anew when it is asked for again', async () => {
    const shop = await withRoom()
    const ids: (string | undefined)[] = []
    for (const a of [1, 1, 2]) {
      await shop.publish({ 'center/a.yaml': `a: ${a}\n` }, { source: 'dir:b' })
      ids.push((await edit(shop, 'push/room', { 'push/room.yaml': '{}\n' })).parked?.id)
    }
    expect([ids[1] === ids[0], ids[2] === ids[0], parkedIn(shop).map(({ id }) => id)]).toEqual([true, false, [ids[2]]])
    expect(await approve(shop, ids[2])).toMatchObject({ changed: true })
  })

  test('that was rejected is parked anew when it is asked for again', async () => {
    const shop = await withRoom()
    const { parked } = await undo(shop)
    await shop.publisher.reject({ id: parked?.id ?? '', ...lead })
    expect(told(shop).at(-1)).toBe(`undo ${parked?.id} is rejected by lead`)
    await expect(approve(shop, parked?.id)).rejects.toMatchObject({ code: 'E_DECLINED' })
    const again = await undo(shop)
    expect(again.parked?.id).not.toBe(parked?.id)
    expect(parkedIn(shop).map(({ id }) => id)).toEqual([again.parked?.id])
  })

  test('keeps what it would bring back from the collector, also when the history has let it go', async () => {
    const shop = await withRoom()
    await shop.publish({ ...room(2), 'push/common.yaml': '{}\n' }).then(({ parked }) => approve(shop, parked?.id))
    const { revision } = await shop.publish({ ...room(2), ...common })
    const { parked } = await undo(shop)
    expect(parked?.guards.map(({ kind }) => kind)).toEqual(['empties'])
    forget(shop, 'push/common', revision)
    const collector = new BlobCollector({ member: shop.member, clock: systemClock, logger: silentLogger })
    for (let round = 0; round < 4; round++) await collector.round(1)
    await approve(shop, parked?.id)
    expect(shop.value('push/common')).toEqual({})
  })
})

test('words of people make no lines of their own in the timeline, and no author is a control character', async () => {
  const shop = await withRoom()
  await shop.publish({ ...room(2), ...common }, { reason: 'a merge\n\nr99  published  apply by root\u001b[2J' })
  const entries = readRecords(shop.member.store, 'default', 'event').flatMap(({ record }) => record.entries)
  expect(entries.at(-1)?.reason).toBe('a merge r99  published  apply by root [2J')
  const words = { author: 'ann\nr99', reason: '' }
  for (const wrong of [
    () => shop.publish(room(3), words),
    () => shop.publisher.undo({ changeSet: '', ...words }),
    () => shop.publisher.undo({ changeSet: 'a\u0007', ...ann }),
    () => shop.publisher.release({ name: '' }),
    () => shop.publisher.release({ name: 'push/room', author: words.author }),
  ])
    await expect(wrong()).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
})

test('a parked apply keeps its spread; one with another spread takes its place', async () => {
  const shop = await withRoom()
  await shop.publish(common)
  const { parked } = await shop.publish(common, { spreadMs: 7_000 })
  await approve(shop, parked?.id)
  expect(readRecord(shop.member.store, 'default', 'config', 'push/room')?.record.spreadMs).toBe(7_000)
})

test('interventions are so many at most, as all that is parked', async () => {
  const shop = await withRoom()
  await undo(shop)
  const [record] = parkedIn(shop)
  if (!record) throw new Error('nothing is parked')
  for (let at = 1; at < limits.pendingMax; at++) {
    const other = { ...record, id: `x${at}`, source: `dir:${at}` }
    put(shop.log, recordKey('default', 'pending', other.id), encodeRecord('pending', other))
  }
  await shop.publish({ ...room(2), ...common })
  await shop.publish({ 'push/room.yaml': 'max: 2\n', 'push/common.yaml': 'addr: b\n' })
  expect(parkedIn(shop)).toHaveLength(limits.pendingMax)
  await expect(edit(shop, 'push/room', { 'push/room.yaml': '{}\n' })).rejects.toMatchObject({ code: 'E_TOO_MANY' })
})

/** Drops all history of a name before a revision, as age would. */
function forget(shop: Shop, name: string, revision: number): void {
  const old = historyRevisions(shop.member.store, 'default', name).filter((one) => one < revision)
  const success = old.map((one) => {
    return { kind: 'delete', key: historyKey('default', name, one), prevKv: false } as const
  })
  const txn = { compares: [], success, failure: [] }
  shop.log.apply([{ principal: 'test', body: { kind: 'txn', keyspace: 'system', txn } }])
}
