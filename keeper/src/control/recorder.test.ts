import { describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import { silentLogger } from '../base/logger.js'
import type { ProcessIdentity } from '../store/process-records.js'
import { encodeRecord, recordKey, revisionSuffix } from '../store/records.js'
import { Recorder } from './recorder.js'
import { RefusalNotes } from './refusal-notes.js'
import { Sweeper } from './sweeper.js'
import { makeShop, put, type Shop } from './testing/shop.js'
import { eventsAfter, startOfLast } from './timeline.js'
import { readRecords } from './view.js'

const recorderOf = ({ member }: Shop, memberName = 'n1') =>
  new Recorder({ member, memberName, clock: systemClock, logger: silentLogger })

const entries = ({ member }: Shop, after = 0) =>
  eventsAfter(member.store, 'default', after).flatMap(({ record }) => record.entries)
const texts = (shop: Shop, after = 0) => entries(shop, after).map(({ text }) => text)
const kinds = (shop: Shop) => entries(shop).map(({ kind }) => kind)

function leave(shop: Shop, instance: string, why: 'left' | 'expired' | 'replaced'): void {
  const who = { cluster: 'push', role: 'room', instance, labels: {} }
  const identity: ProcessIdentity = { ...who, incarnation: 'i', addresses: {}, host: 'h', pid: 1, sdk: 'test' }
  const record = encodeRecord('lastword', { v: 1, identity, endedWallMs: 1, why, applied: {} })
  put(shop.log, recordKey('default', 'lastword', 'push', 'room', instance), record)
}

describe('the recorder', () => {
  test('tells who leads, who came and who left, each once', async () => {
    const shop = makeShop()
    const recorder = recorderOf(shop)
    shop.enter('push', 'room', 'room-1')
    await recorder.round(1)
    leave(shop, 'room-1', 'expired')
    await recorder.round(1)
    await recorder.round(1)
    expect(texts(shop)).toEqual([
      'room-1 of push/room joined',
      'n1 leads, in term 1',
      'room-1 of push/room fell silent',
    ])
  })

  test('goes on where the last leader stopped: nothing twice, nothing left out', async () => {
    const shop = makeShop()
    await recorderOf(shop, 'n1').round(1)
    // What happens while nobody records is told by the next.
    shop.enter('push', 'room', 'room-1')
    leave(shop, 'room-1', 'left')
    shop.enter('push', 'register', 'register-1')
    await recorderOf(shop, 'n2').round(1)
    await recorderOf(shop, 'n3').round(1)
    expect(texts(shop)).toEqual([
      ...['n1 leads, in term 1', 'room-1 of push/room joined', 'room-1 of push/room left'],
      'register-1 of push/register joined',
    ])
  })

  test('that does not lead in the term writes nothing', async () => {
    const shop = makeShop()
    shop.enter('push', 'room', 'room-1')
    await recorderOf(shop).round(7)
    expect(entries(shop)).toEqual([])
    await recorderOf(shop).round(1)
    expect(kinds(shop)).toEqual(['joined', 'leader'])
  })

  test('tells thousands that come at once in one line', async () => {
    const shop = makeShop()
    for (let at = 0; at < 300; at++) shop.enter('push', 'room', `room-${at}`)
    shop.enter('push', 'register', 'register-1')
    await recorderOf(shop).round(1)
    expect(texts(shop)).toEqual([
      '300 of push/room joined: room-0, room-1, room-2, room-3, room-4 and 295 more',
      ...['register-1 of push/register joined', 'n1 leads, in term 1'],
    ])
  })

  test('says what it cannot know when history was compacted before it was told', async () => {
    const shop = makeShop()
    shop.enter('push', 'room', 'room-1')
    shop.enter('push', 'room', 'room-2')
    const revision = shop.member.store.revision('system')
    shop.log.apply([{ principal: 'test', body: { kind: 'compact', keyspace: 'system', revision } }])
    await recorderOf(shop).round(1)
    expect(kinds(shop)).toEqual(['gap', 'joined', 'leader'])
    expect(texts(shop)[1]).toBe('room-2 of push/room joined')
  })

  test('needs no history for what it told: that survives compaction', async () => {
    const shop = makeShop()
    shop.enter('push', 'room', 'room-1')
    await recorderOf(shop).round(1)
    const revision = shop.member.store.revision('system')
    shop.log.apply([{ principal: 'test', body: { kind: 'compact', keyspace: 'system', revision } }])
    shop.enter('push', 'room', 'room-2')
    await recorderOf(shop).round(1)
    expect(kinds(shop)).toEqual(['joined', 'leader', 'joined'])
  })
})

describe('the timeline', () => {
  test('has what people do in the same step as its effect, in the order of the log', async () => {
    const shop = makeShop()
    const room = (max: number) => ({ 'push/room.yaml': `max: ${max}\n` })
    await shop.publish(room(1), { reason: 'begin' })
    await shop.publish(room(2))
    const back = await shop.publisher.rollback({ name: 'push/room', stepsBack: 1, author: 'oncall', reason: 'slow' })
    await shop.publisher.release({ name: 'push/room', author: 'ann' })
    expect(kinds(shop)).toEqual(['published', 'published', 'published', 'held', 'released'])
    expect(eventsAfter(shop.member.store, 'default', back.revision - 1)[0]).toMatchObject({
      revision: back.revision,
      record: { entries: [{ author: 'oncall', reason: 'slow', names: ['push/room'] }, { kind: 'held' }] },
    })
  })

  test('is read from a revision on, or from the last few', async () => {
    const shop = makeShop()
    for (const max of [1, 2, 3]) await shop.publish({ 'push/room.yaml': `max: ${max}\n` })
    const all = eventsAfter(shop.member.store, 'default', 0).map(({ revision }) => revision)
    expect(eventsAfter(shop.member.store, 'default', all[0] ?? 0).map(({ revision }) => revision)).toEqual(all.slice(1))
    expect(startOfLast(shop.member.store, 'default', 2)).toBe(all[0])
    expect(startOfLast(shop.member.store, 'default', 99)).toBe(0)
  })

  test('is kept by number and by age', async () => {
    const shop = makeShop()
    const at = (revision: number) => recordKey('default', 'event', revisionSuffix(revision))
    const entry = (wallMs: number) => encodeRecord('event', { v: 1, wallMs, entries: [{ kind: 'left', text: 't' }] })
    const now = systemClock.wall()
    for (let old = 1; old <= 3; old++) put(shop.log, at(old), entry(now - limits.eventAgeMs - 1))
    put(shop.log, at(4), entry(now))
    const sweeper = new Sweeper({ member: shop.member, clock: systemClock, logger: silentLogger })
    expect(await sweeper.round(1)).toBe(3)
    expect(eventsAfter(shop.member.store, 'default', 0).map(({ revision }) => revision)).toEqual([4])
    for (let more = 5; more <= limits.eventsMax + 5; more++) put(shop.log, at(more), entry(now))
    expect(await sweeper.round(1)).toBe(2)
    expect(eventsAfter(shop.member.store, 'default', 0)[0]?.revision).toBe(6)
  })

  test('says which parked change set nobody decided about', async () => {
    const shop = makeShop()
    await shop.publish({ 'push/room.json': '{"a":1}' })
    await shop.publish({ 'push/room.json': '{}' })
    const parked = () => readRecords(shop.member.store, 'default', 'pending').map(({ record }) => record)
    const [record] = parked()
    if (!record) throw new Error('nothing is parked')
    const old = encodeRecord('pending', { ...record, wallMs: record.wallMs - limits.pendingAgeMs - 1 })
    put(shop.log, recordKey('default', 'pending', record.id), old)
    const sweeper = new Sweeper({ member: shop.member, clock: systemClock, logger: silentLogger })
    expect(await sweeper.round(2)).toBe(0)
    expect(await sweeper.round(1)).toBe(1)
    expect(parked()).toEqual([])
    expect(kinds(shop)).toEqual(['published', 'parked', 'expired'])
  })

  test('has what processes refuse, one line for a revision, so many lines at most', async () => {
    const shop = makeShop()
    const notes = new RefusalNotes({ member: shop.member, clock: systemClock, intervalMs: 1 })
    const fact = { namespace: 'default', state: 'rejected', of: 'push/room', reason: 'port must be positive' } as const
    for (let at = 0; at < 7; at++) notes.note({ ...fact, name: 'push/room', revision: 12, instance: `room-${at}` })
    for (let at = 0; at < 9; at++) notes.note({ ...fact, name: `push/c${at}`, revision: 13, instance: 'room-1' })
    await expect.poll(() => entries(shop).length).toBe(limits.rejectionsPerSecond + 1)
    expect(texts(shop)[0]).toBe(
      'room-0, room-1, room-2, room-3, room-4 and 2 more rejected push/room r12: port must be positive',
    )
    expect(texts(shop).at(-1)).toBe('and 5 more refusals: keeper ledger')
    notes.close()
  })
})
