import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import { silentLogger } from '../base/logger.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import type { Command } from '../store/types.js'
import { BlobCollector } from './blob-collector.js'
import { DOOMED_KEY, encodeDoomed, readDoomed } from './doomed.js'
import { putBlob } from './propose.js'
import { compiled, makeShop, put, type Shop } from './testing/shop.js'

const collectorOf = (shop: Shop) => new BlobCollector({ member: shop.member, clock: systemClock, logger: silentLogger })

const stray = Buffer.from('"nobody names me"')
const strayHash = createHash('sha256').update(stray).digest('hex')

async function shopWithStray(): Promise<{ shop: Shop; hash: string }> {
  const shop = makeShop()
  await shop.publish({ 'push/room.yaml': 'max: 1\n' })
  await shop.publish({ 'push/room.yaml': 'max: 2\n' })
  await putBlob(shop.member, 'test', strayHash, stray)
  return { shop, hash: strayHash }
}

test('a blob that nothing names goes in the second round; what history names stays', async () => {
  const { shop, hash } = await shopWithStray()
  const collector = collectorOf(shop)
  expect(await collector.round(1)).toBe(0)
  expect(shop.member.store.hasBlob(hash)).toBe(true)
  expect(await collector.round(1)).toBe(1)
  expect(shop.member.store.hasBlob(hash)).toBe(false)
  expect(readDoomed(shop.member.store).modRevision).toBe(0)
  await shop.publisher.rollback({ name: 'push/room', stepsBack: 1, author: 'o', reason: '' })
  expect(shop.value('push/room')).toEqual({ max: 1 })
})

describe('thousands that nothing names, as there are pieces of large values', () => {
  async function shopWithMany(): Promise<{ shop: Shop; collector: BlobCollector }> {
    const { shop } = await shopWithStray()
    for (let at = 0; at < 2_500; at++) {
      const bytes = Buffer.from(`"stray ${at}"`)
      await putBlob(shop.member, 'test', createHash('sha256').update(bytes).digest('hex'), bytes)
    }
    const collector = collectorOf(shop)
    await collector.round(1)
    return { shop, collector }
  }

  test('go in one round', async () => {
    const { shop, collector } = await shopWithMany()
    expect(await collector.round(1)).toBe(2_501)
    expect(readDoomed(shop.member.store).modRevision).toBe(0)
  })

  test('hold nobody up who stops', async () => {
    const { shop, collector } = await shopWithMany()
    const propose = shop.member.propose.bind(shop.member)
    shop.member.propose = (command: Command) => {
      if (command.body.kind === 'blobDelete') void collector.close()
      return propose(command)
    }
    expect(await collector.round(1)).toBeLessThan(2_501)
    expect(readDoomed(shop.member.store).modRevision).toBe(0)
  })
})

test('a deposed leader deletes nothing', async () => {
  const { shop, hash } = await shopWithStray()
  const collector = collectorOf(shop)
  await collector.round(9)
  expect(await collector.round(9)).toBe(0)
  expect(shop.member.store.hasBlob(hash)).toBe(true)
})

test('a value that is published while it is being deleted is written anew', async () => {
  const { shop } = await shopWithStray()
  const wanted = compiled({ 'center/z.yaml': 'a: 1\n' })
  for (const [hash, bytes] of wanted.blobs) await putBlob(shop.member, 'test', hash, bytes)
  const collector = collectorOf(shop)
  await collector.round(1)
  // The list is written; the delete waits until the publisher has met it and looks again.
  const propose = shop.member.propose.bind(shop.member)
  let publishing: Promise<unknown> | undefined
  let looks = 0
  shop.member.linearizableRead = async () => {
    looks++
  }
  shop.member.propose = async (command: Command) => {
    if (command.body.kind === 'blobDelete' && !publishing) {
      publishing = shop.publisher.publish({ source: 's', output: wanted, author: 'o', reason: '', action: 'apply' })
      await expect.poll(() => looks).toBeGreaterThan(1)
    }
    return propose(command)
  }
  expect(await collector.round(1)).toBeGreaterThan(1)
  await publishing
  expect(shop.value('center/z')).toEqual({ a: 1 })
  for (const hash of wanted.configs[0]?.files.map((file) => file.hash) ?? [])
    expect(shop.member.store.hasBlob(hash)).toBe(true)
})

test('a list that another leader left is finished a round later, and spares what is named', async () => {
  const { shop, hash } = await shopWithStray()
  const named = [...shop.member.store.blobHashes()].filter((other) => other !== hash)
  put(shop.log, DOOMED_KEY, encodeDoomed([hash, ...named]))
  const collector = collectorOf(shop)
  expect(await collector.round(1)).toBe(0)
  expect(shop.member.store.hasBlob(hash)).toBe(true)
  expect(await collector.round(1)).toBe(1)
  expect([...shop.member.store.blobHashes()].sort()).toEqual(named.sort())
})

test('rounds run on the leader, each interval', async () => {
  const { shop, hash } = await shopWithStray()
  const clock = new ManualClock()
  const collector = new BlobCollector({ member: shop.member, clock, logger: silentLogger })
  collector.start()
  for (let round = 0; shop.member.store.hasBlob(hash); round++) {
    if (round > 2) throw new Error('never collected')
    clock.advance(limits.blobCollectIntervalMs)
    await expect.poll(() => clock.pending).toBe(1)
  }
  await collector.close()
  expect(clock.pending).toBe(0)
})
