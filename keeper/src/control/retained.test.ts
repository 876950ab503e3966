import { expect, test, vi } from 'vitest'
import { seededRandom } from '../base/random.js'
import { makeShop, type Shop } from './testing/shop.js'
import { historyRevisions } from './view.js'

/** Room for six revisions of a value of 10 KB, whose file has the very same bytes. */
vi.mock('../base/limits.js', async (original) => {
  const { limits } = await original<typeof import('../base/limits.js')>()
  return { limits: { ...limits, historyBytesPerConfig: 64 * 1024 } }
})

const random = seededRandom(3)
const words = (count: number) =>
  Array.from({ length: count }, () => Buffer.from(random.bytes(25)).toString('hex')).join('-')

const kept = (shop: Shop, name: string) => historyRevisions(shop.member.store, 'default', name).length

test('of a large value as many revisions are kept as fit, of a small one beside it all', async () => {
  const shop = makeShop()
  for (let revision = 0; revision < 10; revision++)
    await shop.publish({ 'push/room.json': JSON.stringify([words(200)]), 'push/common.json': `[${revision}]` })
  expect(kept(shop, 'push/room')).toBe(6)
  expect(kept(shop, 'push/common')).toBe(10)
})
