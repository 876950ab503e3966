import { expect, test } from 'vitest'
import { recordKey } from '../store/records.js'
import { ProcessLabels } from './process-labels.js'
import { makeShop, type Shop } from './testing/shop.js'

function leave(shop: Shop, instance: string): void {
  const operation = {
    kind: 'delete',
    key: recordKey('default', 'instance', 'push', 'room', instance),
    prevKv: false,
  } as const
  const txn = { compares: [], success: [operation], failure: [] }
  shop.log.apply([{ principal: 'test', body: { kind: 'txn', keyspace: 'system', txn } }])
}

test('processes that come, move and go are seen, and one that stays is not read again', () => {
  const shop = makeShop()
  const labels = new ProcessLabels()
  const read = () => labels.read(shop.member.store, 'default')
  const zones = () => read().map(({ instance, zone }) => `${instance}:${zone}`)
  shop.enter('push', 'room', 'room-1', { zone: 'bj' })
  shop.enter('push', 'room', 'room-2', { zone: 'sh' })
  expect(zones()).toEqual(['room-1:bj', 'room-2:sh'])
  const [first] = read()
  shop.enter('push', 'room', 'room-2', { zone: 'gz' })
  expect(zones()).toEqual(['room-1:bj', 'room-2:gz'])
  expect(read()[0]).toBe(first)
  leave(shop, 'room-1')
  expect(zones()).toEqual(['room-2:gz'])
})
