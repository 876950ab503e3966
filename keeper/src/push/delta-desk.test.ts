import { describe, expect, test } from 'vitest'
import type { MonotonicMs } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { DeltaDesk } from './delta-desk.js'
import { makeHub } from './testing/house.js'
import { ManualClock } from './testing/manual-clock.js'
import { hashOf, SharedLog } from './testing/shared-log.js'
import { TestClient } from './testing/test-client.js'

/** Whatever is done between two looks at it takes so long. */
class SlowWorld extends ManualClock {
  looks = 0
  msPerLook = 4
  #workedMs = 0
  override monotonic(): MonotonicMs {
    this.looks++
    this.#workedMs += this.msPerLook
    return (super.monotonic() + this.#workedMs) as MonotonicMs
  }
}

const lines = (count: number, word: (at: number) => string) => Array.from({ length: count }, (_, at) => word(at))
/** A list of which every hundredth line is other than the plain one has. */
const changed = (count: number, mark: string) =>
  lines(count, (at) => (at % 100 === 7 ? `${mark}-${at}-of-another-length` : `user-${at}`))
const plain = (count: number) => lines(count, (at) => `user-${at}`)
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))

describe('differences of values that changed all over', () => {
  const target = { name: 'push/room', kind: 'value', revision: 2, hash: 'next', committedUnixMs: 0 } as const
  const blobs: Record<string, Buffer> = {
    base: bytes(plain(50_000)),
    next: bytes(changed(50_000, 'x')),
    small: bytes([]),
  }
  const pieces = (hash: string) => (blobs[hash] ? [{ hash, bytes: blobs[hash].length }] : [])
  const makeDesk = (clock: ManualClock, onReady = () => {}) =>
    new DeltaDesk({
      ...{ clock, sliceMs: 8, valueBytesMin: 1_000, basesMax: 2, onReady },
      pieces,
      blob: (hash) => blobs[hash],
      blobBytes: (hash) => blobs[hash]?.length ?? 0,
    })

  test('are made in slices: none takes longer than a slice may, and all of it is there in the end', () => {
    const clock = new SlowWorld()
    let isReady = false
    const desk = makeDesk(clock, () => {
      isReady = true
    })
    let before = clock.looks
    const looksOfSlice = () => clock.looks - before
    expect(desk.from('base', target)).toBeUndefined()
    let slices = 1
    for (; !isReady; slices++) {
      expect(looksOfSlice()).toBeLessThanOrEqual(limits.deltaSliceMs / clock.msPerLook + 2)
      before = clock.looks
      clock.advance(1)
    }
    expect(slices).toBeGreaterThan(1)
    expect(desk.from('base', target)?.delta?.bytes.length).toBeLessThan(blobs.next?.length as number)
  })

  test('are there at once where the time of a slice is enough', () => {
    expect(makeDesk(new ManualClock()).from('base', target)).toMatchObject({ delta: { baseHash: 'base' } })
  })

  test('are made once for whoever asks, and given up when the config changes again', () => {
    const clock = new SlowWorld()
    const desk = makeDesk(clock)
    for (let ask = 0; ask < 3; ask++) expect(desk.from('base', target)).toBeUndefined()
    desk.clear(new Set(['push/other']))
    expect(clock.pending).toBe(1)
    desk.clear(new Set(['push/room']))
    clock.advance(1)
    expect(clock.pending, 'nothing is left to do').toBe(0)
  })

  test.each(['base', 'next'])('are none where the disk does not give %s now: the value goes as it is', (unread) => {
    const clock = new SlowWorld()
    let told = 0
    const desk = new DeltaDesk({
      ...{ clock, sliceMs: 3, valueBytesMin: 1_000, basesMax: 2, onReady: () => told++ },
      pieces,
      blob: (hash) => {
        if (hash === unread) throw new KeeperError('E_UNAVAILABLE', 'the disk is opened again')
        return blobs[hash]
      },
      blobBytes: (hash) => blobs[hash]?.length ?? 0,
    })
    let made = desk.from('base', target)
    for (let turn = 0; turn < 10 && !made; turn++) {
      clock.advance(1)
      made = desk.from('base', target)
    }
    expect(made).toBe(target)
    expect(told).toBe(unread === 'base' ? 1 : 0)
  })

  test('of small values, of a base that is gone, and from too many bases are none', () => {
    const desk = makeDesk(new ManualClock())
    const small = { ...target, hash: 'small' }
    expect(desk.from('base', small)).toBe(small)
    expect(desk.from('gone', target)).toBe(target)
    desk.from('base', target)
    expect(desk.from('small', target), 'a third base').toBe(target)
  })
})

describe('a session whose difference is being made', () => {
  const subscriptions = ['push/common', 'push/room']
  const size = 20_000
  const world = async () => {
    const clock = new SlowWorld()
    const log = new SharedLog(clock, ['n1'])
    const hub = makeHub(log.members[0] as SharedLog['members'][number], clock)
    log.publish({ 'push/room': { value: plain(size) }, 'push/common': { value: 1 } })
    const client = await TestClient.join(hub, 'room-a', { subscriptions, features: 1 })
    client.ack(client.pushes[0])
    const settle = () => {
      for (let turn = 0; turn < 500; turn++) clock.advance(1)
    }
    return { clock, log, client, settle, last: () => client.pushes.at(-1)?.changes ?? [] }
  }

  test('gets it when it is there, with all that changed meanwhile', async () => {
    const { log, client, settle, last } = await world()
    log.publish({ 'push/room': { value: changed(size, 'x') } })
    expect(client.pushes, 'nothing yet').toHaveLength(1)
    log.publish({ 'push/common': { value: 2 } })
    settle()
    expect(client.pushes).toHaveLength(2)
    expect(last().map(({ name, baseHash }) => [name, baseHash])).toEqual([
      ['push/common', ''],
      ['push/room', hashOf(plain(size))],
    ])
  })

  test('gets the newest when it changed again meanwhile', async () => {
    const { log, client, settle, last } = await world()
    for (const mark of ['x', 'y', 'z']) log.publish({ 'push/room': { value: changed(size, mark) } })
    settle()
    expect(client.pushes).toHaveLength(2)
    expect(last()[0]).toMatchObject({ hash: hashOf(changed(size, 'z')), baseHash: hashOf(plain(size)) })
  })

  test('gets the value whole when it changes again and again before a difference is made', async () => {
    const { clock, log, client, last } = await world()
    clock.msPerLook = limits.deltaPatienceMs / 10
    for (let change = 0; client.pushes.length < 2 && change < 20; change++)
      log.publish({ 'push/room': { value: changed(size, `x${change}`) } })
    expect(last()[0]?.baseHash).toBe('')
  })
})
