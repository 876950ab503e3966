import { describe, expect, test } from 'vitest'
import { reviewPublish } from './review.js'
import type { LiveProcess } from './review-types.js'
import { compiled, type Files, makeShop, type Shop } from './testing/shop.js'
import type { PublishOptions } from './types.js'
import { viewOf } from './view.js'

const live = (instance: string, labels = {}, state: LiveProcess['state'] = 'connected'): LiveProcess => ({
  instance,
  labels: { cluster: 'push', role: 'room', instance, ...labels },
  state,
})

const options: PublishOptions = {
  source: 'dir:a',
  author: 'ops',
  reason: '',
  action: 'apply',
  takeover: false,
  release: [],
  changeSet: '',
  wallMs: 0,
  gitCommit: '',
}

const review = (shop: Shop, files: Files, processes: LiveProcess[] = [], more: Partial<PublishOptions> = {}) =>
  reviewPublish(viewOf(shop.member.store, 'default'), compiled(files), { ...options, ...more }, processes)

const room = (max: number): Files => ({ 'push/room.yaml': `max: ${max}\n` })
const bj: Files = { 'push/room@zone=bj.yaml': 'max: 7\n' }

describe('a review', () => {
  test('tells each distinct value apart, and who gets it', async () => {
    const shop = makeShop()
    await shop.publish({ ...room(1), ...bj, 'push/room@zone=sh.yaml': 'a: 1\n' })
    const processes = [live('room-1'), live('room-2'), live('room-3', { zone: 'bj' }), live('room-4', { zone: 'sh' })]
    const { configs, affected } = review(shop, { ...room(2), ...bj, 'push/room@zone=sh.yaml': 'a: 2\n' }, processes)
    expect(affected).toBe(3)
    const outcomes = configs[0]?.outcomes.map(({ overlays, changed, paths, instances }) => ({
      files: overlays.map((path) => path.split('/')[1]),
      changed,
      paths: paths.map(({ pointer, before, after }) => `${pointer} ${before} → ${after}`),
      instances,
    }))
    expect(outcomes).toEqual([
      { files: [], changed: true, paths: ['/max 1 → 2'], instances: ['room-1', 'room-2'] },
      { files: ['room@zone=bj.yaml'], changed: false, paths: [], instances: ['room-3'] },
      { files: ['room@zone=sh.yaml'], changed: true, paths: ['/a 1 → 2', '/max 1 → 2'], instances: ['room-4'] },
    ])
  })

  test('shows a change that no live process gets, once for equal values', async () => {
    const shop = makeShop()
    await shop.publish({ ...room(1), ...bj })
    const { configs, affected } = review(shop, { ...room(1), 'push/room@zone=bj.yaml': 'max: 8\n' }, [live('room-1')])
    expect(affected).toBe(0)
    expect(
      configs[0]?.outcomes.map(({ processes, paths }) => [processes, paths.map(({ pointer }) => pointer)]),
    ).toEqual([
      [1, []],
      [0, ['/max']],
    ])
  })

  test('shows who leaves the audience of an overlay when that goes, and whom a removal leaves behind', async () => {
    const shop = makeShop()
    await shop.publish({ ...room(1), ...bj, 'push/common.yaml': 'a: 1\n' })
    const processes = [live('room-1'), live('room-3', { zone: 'bj' }), live('reg-1', { role: 'register' })]
    const { configs, affected } = review(shop, room(1), processes)
    const [changed, removed] = configs
    expect(affected).toBe(3)
    expect(changed?.outcomes[1]).toMatchObject({
      overlays: [],
      overlaysBefore: ['push/room@zone=bj.yaml'],
      paths: [{ pointer: '/max', before: '7', after: '1' }],
      instances: ['room-3'],
    })
    expect(removed).toMatchObject({ name: 'push/common', kind: 'removed', digest: '', processes: 3, affected: 3 })
    expect(removed?.outcomes[0]).toMatchObject({ hadValue: true, hasValue: false, processes: 3 })
  })

  test('counts those of whom nobody says how they are, and those that are away', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    const processes = [live('room-1', {}, 'unknown'), live('room-2', {}, 'away'), live('room-3')]
    const found = review(shop, room(2), processes)
    expect(found).toMatchObject({ affected: 3, unknown: 1, processes: 3 })
    expect(found.configs[0]?.outcomes[0]).toMatchObject({ processes: 3, away: 1, unknown: 1 })
  })

  test('finds values that change their type, but not where a schema says what is right', async () => {
    const shop = makeShop()
    const schema = { 'push/x.schema.json': '{}' }
    await shop.publish({ ...room(1), ...schema, 'push/x.yaml': 'max: 1\n' })
    const { configs } = review(shop, { 'push/room.yaml': 'max: lots\n', ...schema, 'push/x.yaml': 'max: lots\n' })
    expect(configs.map(({ name, types }) => [name, types])).toEqual([
      ['push/room', [{ pointer: '/max', before: 'number', after: 'string', overlays: [] }]],
      ['push/x', []],
    ])
  })

  test('leaves out what is held, looks behind another owner, and says that they are in the way', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    await shop.publish(room(2))
    await shop.publisher.rollback({ name: 'push/room', stepsBack: 1, author: 'ann', reason: 'too many' })
    const held = review(shop, room(3))
    expect(held.configs).toEqual([])
    expect(held.holds).toMatchObject([{ name: 'push/room', author: 'ann', reason: 'too many' }])
    expect(review(shop, room(3), [], { release: ['push/room'] }).configs).toMatchObject([{ kind: 'changed' }])
    const foreign = review(shop, room(3), [], { source: 'dir:b', release: ['push/room'] })
    expect(foreign.refusals.map(({ code }) => code)).toEqual(['E_NOT_OWNER'])
    expect(foreign.configs).toHaveLength(1)
  })

  test('of files that do not compile has nothing but the refusal', () => {
    const { refusals, configs } = review(makeShop(), { 'push/room.yaml': 'a: [\n' })
    expect([refusals.map(({ code }) => code), configs]).toEqual([['E_INVALID_CONFIG'], []])
  })
})

describe('a change set that was planned', () => {
  const planned = (shop: Shop, files: Files) =>
    review(shop, files).configs.map(({ name, fromRevision, digest }) => ({ name, fromRevision, digest }))

  test('happens as long as nothing that the plan showed has moved', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    const plan = planned(shop, room(2))
    await shop.publish({ 'other/x.yaml': 'a: 1\n' }, { source: 'dir:b' })
    expect(await shop.publish(room(2), { planned: plan })).toMatchObject({ changed: true })
  })

  test.each<[string, (shop: Shop) => Promise<unknown>, Files, RegExp]>([
    ['the config was changed', (shop) => shop.publish(room(9)), room(2), /push\/room was r\d+ and is r\d+ now/],
    ['it was published already', (shop) => shop.publish(room(2)), room(2), /push\/room was r\d+ and is r\d+ now/],
    ['the files are others', async () => {}, room(3), /push\/room would become something else/],
    ['there is more to do', async () => {}, { ...room(2), ...bj, 'push/x.yaml': 'a: 1\n' }, /push\/x would change now/],
  ])('is refused when %s', async (_what, meanwhile, files, words) => {
    const shop = makeShop()
    await shop.publish(room(1))
    const plan = planned(shop, room(2))
    await meanwhile(shop)
    const refused = shop.publish(files, { planned: plan })
    await expect(refused).rejects.toMatchObject({ code: 'E_MOVED', kind: { exit: 4 } })
    await expect(refused).rejects.toThrow(words)
  })

  test('without anything in it is refused when there is something to do now', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    expect(planned(shop, room(1))).toEqual([])
    await expect(shop.publish(room(2), { planned: [] })).rejects.toMatchObject({ code: 'E_MOVED' })
    expect(shop.value('push/room')).toEqual({ max: 1 })
  })
})

test('an apply by hand is refused when the type of a value without a schema changes', async () => {
  const shop = makeShop()
  await shop.publish(room(1), { refuseTypeChanges: true })
  const lots = { 'push/room.yaml': 'max: lots\n' }
  await expect(shop.publish(lots, { refuseTypeChanges: true })).rejects.toMatchObject({ code: 'E_TYPE_CHANGED' })
  expect(shop.value('push/room')).toEqual({ max: 1 })
  expect(await shop.publish(lots)).toMatchObject({ changed: true })
})
