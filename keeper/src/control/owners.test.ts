import { describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { seededRandom } from '../base/random.js'
import { Publisher } from './publisher.js'
import { compiled, makeShop, type Shop } from './testing/shop.js'
import type { PublishRequest } from './types.js'
import { readRecord } from './view.js'

const room = (max: number) => ({ 'push/room.yaml': `max: ${max}\n` })
const common = (addr: string) => ({ 'push/common.yaml': `addr: ${addr}\n` })

const errorOf = (promise: Promise<unknown>): Promise<KeeperError | undefined> =>
  promise.then(
    () => undefined,
    (error) => (error instanceof KeeperError ? error : Promise.reject(error)),
  )

/** Another keeper's publisher on the same store. */
const otherKeeper = (shop: Shop): Publisher =>
  new Publisher({ member: shop.member, clock: systemClock, random: seededRandom(2) })

const request = (
  source: string,
  files: Record<string, string>,
  rest: Partial<PublishRequest> = {},
): PublishRequest => ({
  ...{ source, output: compiled(files), author: `${source}-ops`, reason: '', action: 'apply' },
  ...rest,
})

describe('a prefix', () => {
  test('has one owner: another source is told who, since when, and of what', async () => {
    const shop = makeShop()
    await shop.publish(room(1), { author: 'ann' })
    const error = await errorOf(shop.publish(common('a'), { source: 'dir:b' }))
    expect(error).toMatchObject({ code: 'E_NOT_OWNER', details: { owner: 'dir:a', author: 'ann', prefixes: ['push'] } })
    expect(error?.details.since).toMatch(/^\d{4}-/)
    expect(error?.message).toContain('source dir:a publishes push/ since')
  })

  test('keeps its time while its owner publishes on', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    const since = () => readRecord(shop.member.store, 'default', 'source', 'dir:a')?.record.since
    const first = since()
    await shop.publish(room(2), { author: 'bob' })
    expect(since()).toEqual(first)
  })

  test('is free once its owner publishes nothing there any more', async () => {
    const shop = makeShop()
    await shop.publish({ ...room(1), 'center/common.yaml': 'a: 1\n' })
    await shop.publish({ 'center/common.yaml': 'a: 1\n' })
    expect(await shop.publish(room(2), { source: 'dir:b' })).toMatchObject({ changed: true })
  })

  test('that is taken over by two at once goes to one; the other is told by whom it was beaten', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    const takeovers = ['dir:b', 'dir:c'].map((source, at) =>
      (at === 0 ? shop.publisher : otherKeeper(shop)).publish(request(source, room(at + 2), { takeover: true })),
    )
    const [b, c] = await Promise.allSettled(takeovers)
    const outcomes = [b, c].map((one) => (one?.status === 'rejected' ? one.reason.code : 'won')).sort()
    expect(outcomes).toEqual(['E_TAKEN_OVER', 'won'])
    const winner = b?.status === 'fulfilled' ? { source: 'dir:b', max: 2 } : { source: 'dir:c', max: 3 }
    expect(shop.value('push/room')).toEqual({ max: winner.max })
    const loser = [b, c].find((one) => one?.status === 'rejected')
    expect(loser?.status === 'rejected' && loser.reason.details).toMatchObject({
      owner: winner.source,
      prefixes: ['push'],
    })
  })

  test('that two take over through the same keeper at once goes to one, too', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    const takeovers = ['dir:b', 'dir:c'].map((source) =>
      errorOf(shop.publisher.publish(request(source, room(2), { takeover: true }))),
    )
    expect((await Promise.all(takeovers)).map((error) => error?.code ?? 'won').sort()).toEqual(['E_TAKEN_OVER', 'won'])
  })

  test('can be taken over again by somebody who has seen who has it now', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    for (const source of ['dir:b', 'dir:a']) await shop.publish(room(1), { source, takeover: true })
    expect(await shop.publish(room(2))).toMatchObject({ changed: true })
  })
})

describe('a folder of the same source at another place', () => {
  const here = { place: 'laptop-1:/config' }
  const there = { place: 'laptop-2:/config' }

  test('that has an older text of a name is stale, and says where the newest came from', async () => {
    const shop = makeShop()
    await shop.publish({ ...room(1), ...common('a') }, here)
    await shop.publish({ ...room(2), ...common('a') }, here)
    const error = await errorOf(shop.publish({ ...room(1), ...common('b') }, there))
    expect(error).toMatchObject({ code: 'E_STALE_SOURCE', details: { place: here.place, author: 'ops' } })
    expect(shop.value('push/room')).toEqual({ max: 2 })
    expect(await shop.publish({ ...room(1), ...common('b') }, { ...there, takeover: true })).toMatchObject({
      changed: true,
    })
  })

  test('that lacks what was added since is stale', async () => {
    const shop = makeShop()
    await shop.publish(room(1), here)
    await shop.publish({ ...room(1), ...common('a') }, here)
    expect((await errorOf(shop.publish(room(1), there)))?.code).toBe('E_STALE_SOURCE')
  })

  test('with a commit that was published before the newest is stale, whatever was edited on top of it', async () => {
    const shop = makeShop()
    await shop.publish(room(1), { ...here, gitCommit: 'c1' })
    await shop.publish(room(2), { ...here, gitCommit: 'c2' })
    expect((await errorOf(shop.publish(room(9), { ...there, gitCommit: 'c1' })))?.code).toBe('E_STALE_SOURCE')
  })

  test('with a newer commit may go back to an older text: a revert is no stale folder', async () => {
    const shop = makeShop()
    await shop.publish(room(1), { ...here, gitCommit: 'c1' })
    await shop.publish(room(2), { ...here, gitCommit: 'c2' })
    await shop.publish(room(1), { ...there, gitCommit: 'c3' })
    expect(shop.value('push/room')).toEqual({ max: 1 })
  })

  test('that is up to date goes on; so does the old place, once it has caught up', async () => {
    const shop = makeShop()
    await shop.publish(room(1), here)
    await shop.publish(room(2), there)
    expect((await errorOf(shop.publish(room(1), here)))?.code).toBe('E_STALE_SOURCE')
    expect(await shop.publish(room(2), here)).toMatchObject({ changed: false })
    await shop.publish(room(3), here)
    expect(shop.value('push/room')).toEqual({ max: 3 })
  })

  test('and the same folder may take its own edit back', async () => {
    const shop = makeShop()
    for (const max of [1, 2, 1]) await shop.publish(room(max), here)
    expect(shop.value('push/room')).toEqual({ max: 1 })
  })

  test('two stale folders that insist at once: one wins, the other is told', async () => {
    const shop = makeShop()
    for (const max of [1, 2]) await shop.publish(room(max), here)
    const insist = (publisher: Publisher, place: string, max: number) =>
      errorOf(publisher.publish(request('dir:a', room(max), { takeover: true, place })))
    const errors = await Promise.all([insist(shop.publisher, 'x:/c', 1), insist(otherKeeper(shop), 'y:/c', 5)])
    expect(errors.map((error) => error?.code ?? 'won').sort()).toEqual(['E_TAKEN_OVER', 'won'])
  })
})
