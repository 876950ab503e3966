import { expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import { silentLogger } from '../base/logger.js'
import { encodeRecord, recordKey, revisionSuffix } from '../store/records.js'
import { Sweeper } from './sweeper.js'
import { makeShop, put, type Shop } from './testing/shop.js'
import { eventsAfter } from './timeline.js'
import { historyAt, historyRevisions, readNamespaces, readRecords } from './view.js'

const sweeperOf = ({ member }: Shop) => new Sweeper({ member, clock: systemClock, logger: silentLogger })
const room = (max: number) => ({ 'push/room.yaml': `max: ${max}\n` })

/** Makes the history of a config older than it is, but for its newest `young` revisions. */
function age(shop: Shop, namespace: string, name: string, young: number): void {
  const { store } = shop.member
  const revisions = historyRevisions(store, namespace, name)
  for (const revision of revisions.slice(0, revisions.length - young)) {
    const record = historyAt(store, namespace, name, revision)
    if (!record) throw new Error(`no r${revision}`)
    const old = { ...record, wallMs: record.wallMs - limits.historyAgeMs - 60_000 }
    put(shop.log, recordKey(namespace, 'history', name, revisionSuffix(revision)), encodeRecord('history', old))
  }
}

test('what is too old goes in every namespace: parked change sets, the timeline, the history', async () => {
  const shop = makeShop()
  const { store } = shop.member
  for (const namespace of ['default', 'staging']) {
    for (const max of [1, 2, 3, 4]) await shop.publish(room(max), { namespace })
    await shop.publish({ 'push/room.yaml': '{}\n' }, { namespace })
    const [parked] = readRecords(store, namespace, 'pending')
    if (!parked) throw new Error('nothing is parked')
    const record = { ...parked.record, wallMs: parked.record.wallMs - limits.pendingAgeMs - 1 }
    put(shop.log, recordKey(namespace, 'pending', record.id), encodeRecord('pending', record))
    const event = { v: 1, wallMs: systemClock.wall() - limits.eventAgeMs - 1, entries: [] } as const
    put(shop.log, recordKey(namespace, 'event', revisionSuffix(1)), encodeRecord('event', event))
    age(shop, namespace, 'push/room', 1)
  }
  expect(readNamespaces(store)).toEqual(['default', 'staging'])
  const sweeper = sweeperOf(shop)
  expect(await sweeper.round(1)).toBe(4)
  expect(await sweeper.historyRound(1)).toBe(4)
  for (const namespace of ['default', 'staging']) {
    expect(readRecords(store, namespace, 'pending')).toEqual([])
    expect(eventsAfter(store, namespace, 0).map(({ revision }) => revision)).not.toContain(1)
    expect(historyRevisions(store, namespace, 'push/room')).toHaveLength(2)
  }
})

test('what is live and the value before it stay however old they are, of each name apart', async () => {
  const shop = makeShop()
  for (const max of [1, 2, 3]) await shop.publish({ ...room(max), 'push/room/deep.yaml': `max: ${max}\n` })
  for (const name of ['push/room', 'push/room/deep']) age(shop, 'default', name, 0)
  const live = shop.member.store.get('system', recordKey('default', 'config', 'push/room'))?.modRevision
  expect(await sweeperOf(shop).historyRound(1)).toBe(2)
  const kept = historyRevisions(shop.member.store, 'default', 'push/room')
  expect([kept.length, kept.at(-1)]).toEqual([2, live])
})

test('a leader of a former term takes nothing away', async () => {
  const shop = makeShop()
  for (const max of [1, 2, 3]) await shop.publish(room(max))
  age(shop, 'default', 'push/room', 0)
  expect(await sweeperOf(shop).historyRound(2)).toBe(0)
  expect(historyRevisions(shop.member.store, 'default', 'push/room')).toHaveLength(3)
})

test('more history than one page is swept page by page', async () => {
  const shop = makeShop()
  await shop.publish(room(1))
  const [revision = 0] = historyRevisions(shop.member.store, 'default', 'push/room')
  const record = historyAt(shop.member.store, 'default', 'push/room', revision)
  if (!record) throw new Error('no history')
  for (let at = 1; at <= 1_200; at++) shop.remember('push/other', at, { ...record, wallMs: 1 })
  expect(await sweeperOf(shop).historyRound(1)).toBe(1_198)
})
