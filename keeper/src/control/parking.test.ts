import { describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import { silentLogger } from '../base/logger.js'
import { seededRandom, systemRandom } from '../base/random.js'
import { newSealingKey, readSealingKeys } from '../base/sealing.js'
import { encodeRecord, recordKey } from '../store/records.js'
import { BlobCollector } from './blob-collector.js'
import { pendingDeltas } from './parking.js'
import { Publisher } from './publisher.js'
import { Secrets } from './secrets.js'
import { makeShop, put, type Shop } from './testing/shop.js'
import { historyAt, readRecord, readRecords, viewOf } from './view.js'

const room = (max: number) => ({ 'push/room.yaml': `max: ${max}\n` })
const common = { 'push/common.yaml': 'addr: a\n' }
const lead = { author: 'lead', reason: 'agreed' }

const parkedIn = (shop: Shop) => readRecords(shop.member.store, 'default', 'pending').map(({ record }) => record)
const told = (shop: Shop) =>
  readRecords(shop.member.store, 'default', 'event').flatMap(({ record }) => record.entries.map(({ kind }) => kind))

/** A shop whose removal of push/room is parked. */
async function withRemoval(): Promise<{ shop: Shop; id: string }> {
  const shop = makeShop()
  shop.enter('push', 'room', 'room-1')
  await shop.publish({ ...room(1), ...common })
  const { parked } = await shop.publish(common, { reason: 'rooms are gone', gitCommit: 'c1' })
  return { shop, id: parked?.id ?? '' }
}

describe('a guard stops', () => {
  test('the removal of what a live process holds, and nothing moves', async () => {
    const { shop, id } = await withRemoval()
    expect(shop.value('push/room')).toEqual({ max: 1 })
    expect(parkedIn(shop)).toMatchObject([
      {
        ...{ id, source: 'dir:a', author: 'ops', reason: 'rooms are gone', gitCommit: 'c1' },
        changes: [{ name: 'push/room', kind: 'removed' }],
        guards: [{ kind: 'removes', message: 'removes what live processes hold: push/room (1 process)' }],
      },
    ])
  })

  test('a change of audience that takes a config from a live process; not one that gives it to more', async () => {
    const shop = makeShop()
    shop.enter('push', 'room', 'room-1')
    await shop.publish({ ...room(1), ...common })
    const audience = (to: string) => ({
      ...room(1),
      ...common,
      '_keeper/settings.yaml': `audiences:\n  push/room: ${to}\n`,
    })
    expect(await shop.publish(audience('{cluster: push, role: gate}'))).toMatchObject({
      parked: { guards: [{ message: 'removes what live processes hold: push/room (1 process)' }] },
    })
    expect(await shop.publish(audience('{cluster: push}'))).toMatchObject({ changed: true })
  })

  test('not the removal of what nobody holds', async () => {
    const shop = makeShop()
    await shop.publish({ ...room(1), ...common })
    expect(await shop.publish(common)).toMatchObject({ changed: true, deltas: [{ kind: 'removed' }] })
  })

  test.each(['{}', '[]'])('a config that becomes %s', async (text) => {
    const shop = makeShop()
    await shop.publish({ 'push/room.json': '{"max":1}' })
    expect(await shop.publish({ 'push/room.json': text })).toMatchObject({ parked: { guards: [{ kind: 'empties' }] } })
    expect(shop.value('push/room')).toEqual({ max: 1 })
  })

  test('more processes than were allowed, of all that live', async () => {
    const shop = makeShop()
    for (let at = 0; at < 4; at++) shop.enter('push', at < 2 ? 'room' : 'register', `p-${at}`)
    const quarter = { affected: { share: 0.25, atLeast: 1 } }
    const { parked } = await shop.publish(room(1), quarter)
    expect(parked?.guards).toEqual([
      { kind: 'affects', message: 'reaches 2 of 4 live processes (50 %), more than 25 %' },
    ])
    expect(await shop.publish(room(1), { affected: { share: 0.5, atLeast: 1 } })).toMatchObject({ changed: true })
    // So few are never too many, where a floor is set.
    expect(await shop.publish(room(2), { affected: { share: 0.25, atLeast: 3 } })).toMatchObject({ changed: true })
  })
})

describe('a parked change set', () => {
  test('is published just so when it is approved, with who asked and who agreed in the history', async () => {
    const { shop, id } = await withRemoval()
    const result = await shop.publisher.approve({ id: id.slice(0, 4), ...lead })
    expect(result).toMatchObject({ changed: true, changeSet: id, deltas: [{ name: 'push/room', kind: 'removed' }] })
    expect(historyAt(shop.member.store, 'default', 'push/room', result.revision)).toMatchObject({
      ...{ author: 'ops', reason: 'rooms are gone', source: 'dir:a @ c1', approved: lead },
    })
    expect(parkedIn(shop)).toEqual([])
    expect(await shop.publish(common)).toMatchObject({ changed: false })
  })

  test('that two approve at once is published once', async () => {
    const { shop, id } = await withRemoval()
    const other = new Publisher({ member: shop.member, clock: systemClock, random: seededRandom(2) })
    const both = await Promise.allSettled([shop.publisher, other].map((one) => one.approve({ id, ...lead })))
    expect(both.map((one) => (one.status === 'rejected' ? one.reason.code : 'done')).sort()).toEqual([
      'E_NOT_FOUND',
      'done',
    ])
  })

  test('is stale once live moved, and says what', async () => {
    const { shop, id } = await withRemoval()
    put(shop.log, recordKey('default', 'config', 'push/room'), configBytes(shop))
    await expect(shop.publisher.approve({ id, ...lead })).rejects.toMatchObject({
      ...{ code: 'E_PENDING_STALE', details: { names: ['push/room'] } },
    })
  })

  test('is stale once another source took its names over', async () => {
    const { shop, id } = await withRemoval()
    await shop.publish({ ...room(1), ...common }, { source: 'dir:b', takeover: true })
    await expect(shop.publisher.approve({ id, ...lead })).rejects.toMatchObject({ code: 'E_PENDING_STALE' })
    expect(shop.value('push/room')).toEqual({ max: 1 })
  })

  test('is too old after a while', async () => {
    const { shop, id } = await withRemoval()
    const [record] = parkedIn(shop)
    if (!record) throw new Error('nothing is parked')
    const old = { ...record, wallMs: record.wallMs - limits.pendingAgeMs - 1 }
    put(shop.log, recordKey('default', 'pending', id), encodeRecord('pending', old))
    await expect(shop.publisher.approve({ id, ...lead })).rejects.toMatchObject({ code: 'E_PENDING_STALE' })
  })

  test('gives way to the next of its source, parked or not, and is told so', async () => {
    const { shop, id } = await withRemoval()
    const { parked } = await shop.publish({ 'push/common.yaml': 'addr: b\n' })
    expect(parkedIn(shop).map((one) => one.id)).toEqual([parked?.id])
    await expect(shop.publisher.approve({ id, ...lead })).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
    await shop.publish({ ...room(1), ...common })
    expect(parkedIn(shop)).toEqual([])
    expect(told(shop)).toEqual(['published', 'parked', 'parked', 'superseded'])
  })

  test('that is asked for again is the same one', async () => {
    const { shop, id } = await withRemoval()
    expect(await shop.publish(common)).toMatchObject({ parked: { id } })
    expect(parkedIn(shop)).toHaveLength(1)
  })

  test('that was rejected cannot be approved', async () => {
    const { shop, id } = await withRemoval()
    await shop.publisher.reject({ id, author: 'lead', reason: 'never' })
    await expect(shop.publisher.approve({ id, ...lead })).rejects.toMatchObject({ code: 'E_DECLINED' })
    await expect(shop.publisher.reject({ id, ...lead })).rejects.toMatchObject({ code: 'E_DECLINED' })
    expect(shop.value('push/room')).toEqual({ max: 1 })
    expect(told(shop)).toEqual(['published', 'parked', 'rejected'])
  })

  test('keeps its values from the collector', async () => {
    const shop = makeShop()
    shop.enter('push', 'room', 'room-1')
    await shop.publish(room(1))
    const { parked } = await shop.publish(room(7), { affected: { share: 0.5, atLeast: 1 } })
    const collector = new BlobCollector({ member: shop.member, clock: systemClock, logger: silentLogger })
    for (let round = 0; round < 4; round++) await collector.round(1)
    await shop.publisher.approve({ id: parked?.id ?? '', ...lead })
    expect(shop.value('push/room')).toEqual({ max: 7 })
  })

  test('whose secret was removed meanwhile can be approved once that is put again, or rejected, and moves nothing', async () => {
    const shop = makeShop()
    const { member } = shop
    const keys = readSealingKeys(newSealingKey(systemRandom), systemRandom)
    const secrets = new Secrets({ member, clock: systemClock, random: systemRandom, keys })
    const by = { namespace: 'default', principal: 'ops', author: 'ops', reason: '' }
    shop.enter('push', 'room', 'room-1')
    await shop.publish(room(1))
    await secrets.put('pw', Buffer.from('a'), by)
    const wanted = { 'push/room.yaml': 'pw: ${secret:pw}\n' }
    const { parked } = await shop.publish(wanted, { affected: { share: 0.5, atLeast: 1 } })
    const id = parked?.id ?? ''
    await secrets.remove('pw', by)
    const lacks = {
      code: 'E_SECRET_UNKNOWN',
      message: `${id} cannot be approved: push/room names the secret pw, which is not there; put it again (\`keeper secret put pw\`), or \`keeper reject ${id}\``,
    }
    const [pending] = parkedIn(shop)
    expect(pending?.secrets).toEqual(['pw'])
    expect(() => pending && pendingDeltas(viewOf(member.store, 'default'), pending)).toThrow(
      expect.objectContaining(lacks),
    )
    await expect(shop.publisher.approve({ id, ...lead })).rejects.toMatchObject(lacks)
    expect([shop.value('push/room'), parkedIn(shop).map((one) => one.id)]).toEqual([{ max: 1 }, [id]])
    await secrets.put('pw', Buffer.from('b'), by)
    expect(await shop.publisher.approve({ id, ...lead })).toMatchObject({ changed: true })
    await secrets.put('other', Buffer.from('c'), by)
    const second = { 'push/room.yaml': 'pw: ${secret:other}\n' }
    const { parked: other } = await shop.publish(second, { affected: { share: 0.5, atLeast: 1 } })
    await secrets.remove('other', by)
    expect(await shop.publisher.reject({ id: other?.id ?? '', ...lead })).toMatchObject({ id: other?.id })
  })

  test('is one of so many at most', async () => {
    const { shop, id } = await withRemoval()
    const record = readRecord(shop.member.store, 'default', 'pending', id)?.record
    if (!record) throw new Error('nothing is parked')
    for (let at = 1; at < limits.pendingMax; at++) {
      const other = { ...record, id: `x${at}`, source: `dir:${at}` }
      put(shop.log, recordKey('default', 'pending', other.id), encodeRecord('pending', other))
    }
    const other = { source: 'dir:new' }
    await shop.publish({ 'center/a.json': '{"a":1}' }, other)
    await expect(shop.publish({ 'center/a.json': '{}' }, other)).rejects.toMatchObject({ code: 'E_TOO_MANY' })
    expect(shop.value('center/a')).toEqual({ a: 1 })
  })
})

/** The record of push/room as it is, for writing it once more. */
const configBytes = (shop: Shop): Uint8Array => {
  const stored = readRecord(shop.member.store, 'default', 'config', 'push/room')
  if (!stored) throw new Error('no push/room')
  return encodeRecord('config', stored.record)
}
