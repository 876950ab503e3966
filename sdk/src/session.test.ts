import { type Push, type PushChunk, push, type ServerFrame } from '@keeper/proto/wire'
import { describe, expect, test } from 'vitest'
import { Backoff } from './core/backoff.js'
import { EndpointRing } from './core/endpoints.js'
import type { Held } from './core/held.js'
import { freezeValue, hashOf } from './core/values.js'
import { limits } from './limits.js'
import { changeOf, ScriptedKeeper } from './testing/scripted-keeper.js'

const resumed = { resumed: true, sessionSecret: Buffer.alloc(0) }

function goodOf(name: string, revision: number, value: unknown): Held {
  const bytes = Buffer.from(JSON.stringify(value))
  return { name, clusterId: 'c1', storeEpoch: 1, revision, hash: hashOf(bytes), value: freezeValue(value), bytes }
}

const memoryOf = (...good: Held[]) => ({
  clusterId: 'c1',
  endpoint: undefined,
  good: new Map(good.map((held) => [held.name, held])),
})

describe('hello', () => {
  test('comes first and says who the process is; a new process asks for a new session', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    expect(keeper.hello).toMatchObject({
      protocol: 1,
      identity: { cluster: 'push', role: 'room', instance: 'room-7', incarnation: 'i1' },
      sessionId: '0',
      subscriptions: [],
    })
  })

  test('after a lost stream takes the session up again and says what is held and how it went', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    const room = await keeper.config('push/room', 4, 4)
    room.onUpdate(() => {
      throw new Error('no redis')
    })
    await keeper.push(5, { 'push/room': 5 })
    await keeper.breakStream()
    await keeper.runtime.advance(1_000)
    expect(keeper.hello).toMatchObject({
      sessionId: '77',
      sessionSecret: Buffer.alloc(16, 7),
      clusterId: 'c1',
      subscriptions: ['push/room'],
      held: [{ name: 'push/room', revision: '5', state: 'ACK_STATE_FAILED', reason: 'no redis', storeEpoch: '1' }],
    })
  })

  test('to another cluster claims nothing of the one before, also for a config that is asked for later', async () => {
    const good = { ...goodOf('push/room', 61, 4), clusterId: 'c0' }
    const keeper = await new ScriptedKeeper({
      memory: { clusterId: 'c0', endpoint: undefined, good: new Map([['push/room', good]]) },
    }).welcomed()
    void keeper.keeper.config('push/room')
    await keeper.runtime.advance(1)
    expect(keeper.sent('subscribe')).toMatchObject([{ names: ['push/room'], held: [] }])
    await keeper.push(2, { 'push/room': 4 })
    expect(keeper.keeper.status.revision).toBe(2)
  })

  test('asks for a new session when the keepers no longer know the old one', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    await keeper.breakStream()
    await keeper.runtime.advance(1_000)
    await keeper.send({ goodbye: { status: { code: 'E_SESSION_UNKNOWN', message: 'it expired' } } })
    await keeper.runtime.advance(1_000)
    expect(keeper.hello.sessionId).toBe('0')
  })
})

describe('the stream', () => {
  test('carries the heartbeat at the negotiated pace, with the event loop’s lag', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    keeper.runtime.lagMs = 42
    await keeper.runtime.advance(3_000)
    expect(keeper.sent('heartbeat')).toEqual([{ sequence: '1', eventLoopLagMs: 42 }])
  })

  test('that is silent for the TTL is given up for another', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    const first = keeper.now
    await keeper.runtime.advance(8_999)
    expect(keeper.keeper.status.state).toBe('live')
    await keeper.runtime.advance(1_000)
    expect([keeper.attempts.length > 1, first.closed]).toEqual([true, true])
  })

  test('whose answer was only read late, behind a busy turn, stays and beats on', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    await keeper.runtime.advance(3_000)
    keeper.runtime.block(8_000)
    await keeper.runtime.advance(1)
    await keeper.send({ heartbeat: { sequence: 2, ttlMs: 9_000 } })
    const before = keeper.sent('heartbeat').length
    await keeper.runtime.advance(6_000)
    expect([keeper.attempts.length, keeper.sent('heartbeat').length > before]).toEqual([1, true])
  })

  test('whose heartbeats are answered stays', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    for (let sequence = 1; sequence <= 6; sequence++) {
      await keeper.runtime.advance(3_000)
      await keeper.send({ heartbeat: { sequence, ttlMs: 9_000 } })
    }
    expect(keeper.attempts).toHaveLength(1)
  })

  test('with acks on it needs few heartbeats, and is not silent while updates come', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    await keeper.config('push/room', 4, 4)
    for (let revision = 5; revision <= 22; revision++) {
      await keeper.push(revision, { 'push/room': revision })
      await keeper.runtime.advance(1_000)
    }
    expect(keeper.attempts).toHaveLength(1)
    expect(keeper.sent('heartbeat').length).toBeGreaterThan(0)
    expect(keeper.sent('heartbeat').length).toBeLessThanOrEqual(2)
  })

  test('that a newer incarnation fences is not opened again, and the values stay', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    const room = await keeper.config('push/room', 4, 4)
    await keeper.send({ goodbye: { status: { code: 'E_FENCED', message: 'room-7 was started again' } } })
    await keeper.runtime.advance(60_000)
    expect(keeper.keeper.status).toMatchObject({ state: 'fenced', error: { code: 'E_FENCED' } })
    expect([keeper.attempts.length, room.value, keeper.client.fencedOut]).toEqual([1, 4, true])
    await expect(keeper.keeper.kv.get('a')).rejects.toMatchObject({ code: 'E_FENCED' })
  })

  test('says away and back, once each, with the revision that runs', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    const states: string[] = []
    keeper.keeper.onConnection(({ state, revision }) => states.push(`${state} r${revision}`))
    await keeper.config('push/room', 4, 4)
    await keeper.breakStream()
    await keeper.runtime.advance(1_000)
    await keeper.welcome(resumed)
    expect(states).toEqual(['away r4', 'live r4'])
  })

  test('survives a listener that throws', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    keeper.keeper.onConnection(() => {
      throw new Error('mine')
    })
    await keeper.breakStream()
    expect(keeper.lines).toContain('a connection callback failed: mine')
  })

  test.each<[string, ServerFrame]>([
    ['a frame before welcome', { heartbeat: { sequence: 1 } }],
    ['numbers past 2^53', { welcome: { sessionId: 1, clusterId: 'c' } }],
  ])('with %s costs no process', async (what, frame) => {
    const keeper = new ScriptedKeeper()
    keeper.client.start()
    await keeper.runtime.settle()
    await keeper.send(frame)
    if (what.startsWith('numbers')) await keeper.send({ push: { revision: '18446744073709551615', changes: [] } })
    expect(keeper.now.closed).toBe(true)
    await keeper.runtime.advance(1_000)
    await keeper.welcome()
    expect(keeper.keeper.status.state).toBe('live')
  })
})

describe('a push in pieces', () => {
  function piecesOf(whole: Push, size: number): PushChunk[] {
    const bytes = push.encode(whole)
    const offsets = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => at * size)
    return offsets.map((offset) => ({ totalBytes: bytes.length, offset, bytes: bytes.subarray(offset, offset + size) }))
  }

  async function withRoom() {
    const keeper = await new ScriptedKeeper().welcomed()
    return { keeper, room: await keeper.config('push/room', 4, 'small') }
  }
  const large = { storeEpoch: 1, revision: 5, changes: [changeOf('push/room', 5, 'x'.repeat(1_000))] }

  test('is put together; heartbeats may come between, and a new push takes the place of a broken off one', async () => {
    const { keeper, room } = await withRoom()
    const pieces = piecesOf(large, 300)
    await keeper.send({ chunk: pieces[0] ?? {} })
    for (const chunk of pieces) {
      await keeper.send({ chunk })
      await keeper.send({ heartbeat: { sequence: 0 } })
    }
    expect(room.value).toBe('x'.repeat(1_000))
  })

  test.each<[string, PushChunk[]]>([
    ['with a gap', piecesOf(large, 300).toSpliced(1, 1)],
    ['that begins in the middle', piecesOf(large, 300).slice(1)],
    ['longer than it said', [{ totalBytes: 2, offset: 0, bytes: Buffer.from('abc') }]],
    ['with an empty piece', [{ totalBytes: 2, offset: 0, bytes: Buffer.alloc(0) }]],
    ['larger than may be', [{ totalBytes: limits.pushBytesMax + 1, offset: 0, bytes: Buffer.from('a') }]],
    ['that is no push', [{ totalBytes: 3, offset: 0, bytes: Buffer.from([0x1a, 0xff, 0xff]) }]],
  ])('%s costs the stream, and the value stays', async (_what, chunks) => {
    const { keeper, room } = await withRoom()
    for (const chunk of chunks) await keeper.send({ chunk })
    expect([room.value, keeper.now.closed, keeper.keeper.status.state]).toEqual(['small', true, 'away'])
  })
})

describe('trying again', () => {
  test('waits at most twice a mean that doubles up to its limit', () => {
    const most = new Backoff(() => 0.999_999)
    const waits = Array.from({ length: 10 }, () => Math.ceil(most.next()))
    expect(waits.slice(0, 4)).toEqual([200, 400, 800, 1_600])
    expect(Math.max(...waits)).toBe(2 * limits.backoffMaxMs)
    expect(new Backoff(() => 0).next()).toBe(0)
  })

  test('takes the keeper’s mean, within bounds', () => {
    const backoff = new Backoff(() => 0.5)
    backoff.setFirstMean(1_500)
    expect(backoff.next()).toBe(1_500)
    backoff.askOnce(10 ** 9)
    expect(backoff.next()).toBe(limits.backoffServerMaxMs)
    expect(backoff.next()).toBe(limits.backoffMaxMs)
  })

  test('is soon while somebody waits for an answer, however often it was in vain', () => {
    const backoff = new Backoff(() => 0.999_999)
    const waits = Array.from({ length: 10 }, () => Math.ceil(backoff.next(false, true)))
    expect(Math.max(...waits)).toBe(2 * limits.backoffAskingMaxMs)
  })

  test('goes round every endpoint, the last good one first', async () => {
    const keeper = new ScriptedKeeper({ endpoints: ['a:1', 'b:1', 'c:1'], memory: { ...memoryOf(), endpoint: 'b:1' } })
    for (const endpoint of ['a:1', 'b:1', 'c:1']) keeper.down.add(endpoint)
    keeper.client.start()
    await keeper.runtime.advance(60_000)
    const tried = keeper.attempts.map(({ endpoint }) => endpoint)
    expect(tried[0]).toBe('b:1')
    expect(tried.slice(0, 3).toSorted()).toEqual(['a:1', 'b:1', 'c:1'])
    expect(tried.slice(3, 6).toSorted()).toEqual(['a:1', 'b:1', 'c:1'])
  })

  test('leaves a keeper that said goodbye for last, and learns the others from it', () => {
    const ring = new EndpointRing(['a:1', 'b:1'], undefined, () => 0)
    ring.succeeded('a:1')
    ring.learn(['c:1'])
    ring.leaving('a:1')
    expect([ring.next(), ring.next(), ring.next()]).toEqual(['b:1', 'c:1', 'a:1'])
  })

  test('gives up on a keeper that takes the connection and says nothing', async () => {
    const keeper = new ScriptedKeeper({ endpoints: ['a:1', 'b:1'] })
    keeper.client.start()
    await keeper.runtime.advance(limits.connectTimeoutMs + 1_000)
    expect(keeper.attempts.length).toBeGreaterThan(1)
    expect(keeper.attempts[0]?.closed).toBe(true)
  })
})

describe('leaving', () => {
  test('says what is still to be said, then leave, then ends the stream and every timer', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    const room = await keeper.config('push/room', 4, 4)
    let aborted = false
    room.onUpdate(
      (_next, _previous, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true
            resolve(undefined)
          })
        }),
    )
    await keeper.push(5, { 'push/room': 5 })
    const left = keeper.keeper.leave('done')
    await keeper.runtime.settle()
    await left
    expect(keeper.sent('leave')).toEqual([{ reason: 'done' }])
    expect([aborted, keeper.now.closed, keeper.runtime.nextTimerMs]).toEqual([true, true, undefined])
    await expect(keeper.keeper.config('push/room')).rejects.toMatchObject({ code: 'E_STOPPED' })
  })

  test('while trying again ends at once, and tries no more', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    await keeper.breakStream()
    await keeper.keeper.leave()
    await keeper.runtime.advance(60_000)
    expect([keeper.attempts.length, keeper.keeper.status.state]).toEqual([1, 'left'])
  })

  test('while a stream is being opened drops it', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    await keeper.breakStream()
    await keeper.runtime.advance(200)
    expect(keeper.attempts).toHaveLength(2)
    await keeper.keeper.leave()
    await keeper.runtime.settle()
    expect(keeper.now.closed).toBe(true)
  })
})

describe('last good values', () => {
  test('are taken up while no keeper answers, and the first hello offers them', async () => {
    const keeper = new ScriptedKeeper({ memory: memoryOf(goodOf('push/room', 4, { a: 4 })) })
    keeper.client.start()
    keeper.client.startAway()
    const room = await keeper.keeper.config('push/room')
    expect([room.value, room.status]).toEqual([{ a: 4 }, { revision: 4, from: 'last-good', removed: false }])
    await keeper.runtime.settle()
    await keeper.breakStream()
    await keeper.runtime.advance(1_000)
    expect(keeper.hello.held).toMatchObject([{ name: 'push/room', revision: '4' }])
    await keeper.welcome({ current: ['push/room'] })
    expect(room.status.from).toBe('live')
  })

  test('are offered with a later subscription, and taken up when the keeper says they are current', async () => {
    const keeper = new ScriptedKeeper({ memory: memoryOf(goodOf('push/room', 4, 4)) })
    await keeper.welcomed()
    const asked = keeper.keeper.config('push/room')
    await keeper.runtime.settle()
    expect(keeper.sent('subscribe')[0]?.held).toMatchObject([{ name: 'push/room', revision: '4' }])
    await keeper.send({ subscribed: { id: 1, current: ['push/room'] } })
    expect((await asked).status).toEqual({ revision: 4, from: 'live', removed: false })
  })

  test('are what a new incarnation starts with when it rejects the current revision, and it says so', async () => {
    const keeper = new ScriptedKeeper({ memory: memoryOf(goodOf('push/room', 4, 4)) })
    await keeper.welcomed()
    const validate = (value: unknown) => {
      if (value === 5) throw new Error('five will not do')
    }
    const asked = keeper.keeper.config('push/room', { validate })
    await keeper.runtime.settle()
    await keeper.push(5, { 'push/room': 5 })
    const room = await asked
    expect([room.value, room.status.from]).toEqual([4, 'last-good'])
    expect(keeper.acks).toEqual(['r5 REJECTED push/room: five will not do'])
    expect(keeper.sent('acks')[0]?.acks[0]?.configs).toMatchObject([{ name: 'push/room', revision: '4' }])
  })

  test('that validate no longer takes are not started from', async () => {
    const keeper = new ScriptedKeeper({ memory: memoryOf(goodOf('push/room', 4, 4)) })
    await keeper.welcomed()
    const validate = () => {
      throw new Error('nothing will do')
    }
    const asked = expect(keeper.keeper.config('push/room', { validate })).rejects.toMatchObject({ code: 'E_REJECTED' })
    await keeper.runtime.settle()
    await keeper.push(5, { 'push/room': 5 })
    await asked
  })

  test('are run on while a keeper cannot open a secret of the newest', async () => {
    const keeper = new ScriptedKeeper({ memory: memoryOf(goodOf('push/room', 4, 4)) })
    await keeper.welcomed()
    const asked = keeper.keeper.config('push/room')
    await keeper.runtime.settle()
    const status = { code: 'E_SECRET_KEY', message: 'no key here' }
    await keeper.send({ subscribed: { id: 1, refused: [{ name: 'push/room', status }] } })
    const room = await asked
    expect([room.value, room.status.from]).toEqual([4, 'last-good'])
    await keeper.push(5, { 'push/room': 5 })
    expect([room.value, room.status.from]).toEqual([5, 'live'])
  })

  test('are flagged when the keepers say that the config is gone', async () => {
    const keeper = new ScriptedKeeper({ memory: memoryOf(goodOf('push/room', 4, 4)) })
    await keeper.welcomed()
    const asked = keeper.keeper.config('push/room')
    await keeper.runtime.settle()
    await keeper.send({ subscribed: { id: 1, absent: ['push/room'] } })
    expect((await asked).status).toMatchObject({ from: 'last-good', removed: true })
  })

  test('are the ones before, when the callbacks of the newest failed', async () => {
    const keeper = await new ScriptedKeeper().welcomed()
    const room = await keeper.config('push/room', 4, 4)
    room.onUpdate(() => {
      throw new Error('no redis')
    })
    await keeper.push(5, { 'push/room': 5 })
    expect(keeper.client.memory.good.get('push/room')?.revision).toBe(4)
  })
})
