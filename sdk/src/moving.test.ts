import { describe, expect, test } from 'vitest'
import { Backoff } from './core/backoff.js'
import { KeeperClientError } from './errors.js'
import { limits } from './limits.js'
import { ScriptedKeeper } from './testing/scripted-keeper.js'

const resumed = { resumed: true, sessionSecret: Buffer.alloc(0) }
const three = ['a:1', 'b:1', 'c:1']

/** A process that is welcomed by one of three keepers, with what it was told of the others. */
async function living(welcome: object = {}, endpoints: readonly string[] = three) {
  const keeper = new ScriptedKeeper({ endpoints })
  await keeper.welcomed({ silenceMs: 750, reconnectDelayMs: 50, ...welcome })
  const home = keeper.now.endpoint
  /** Lets time pass until the process has tried `count` times, and says how long that took. */
  const triedAfterMs = async (count: number) => {
    let ms = 0
    while (keeper.attempts.length < count) {
      await keeper.runtime.advance(10)
      ms += 10
    }
    return ms
  }
  return { keeper, home, triedAfterMs, others: endpoints.filter((endpoint) => endpoint !== home) }
}

describe('a process whose keeper dies', () => {
  test('is at another one within 100 ms, and goes round all of them before it waits', async () => {
    const { keeper, home, others, triedAfterMs } = await living()
    for (const endpoint of three) keeper.down.add(endpoint)
    await keeper.runtime.advance(limits.stableAfterMs)
    await keeper.send({ heartbeat: { sequence: 1 } })
    await keeper.breakStream()
    expect(await triedAfterMs(2)).toBeLessThanOrEqual(100)
    expect(await triedAfterMs(4)).toBeLessThanOrEqual(200)
    const [first, second, last] = keeper.attempts.slice(1).map(({ endpoint }) => endpoint)
    expect([[first, second].toSorted(), last]).toEqual([others, home])
  })

  test('by silence is at another one less than a second after a beat that nobody answered', async () => {
    const { keeper, home, triedAfterMs } = await living({ heartbeatIntervalMs: 1_000 })
    await keeper.runtime.advance(1_000)
    expect(keeper.sent('heartbeat')).toHaveLength(1)
    expect(await triedAfterMs(2)).toBeLessThanOrEqual(750 + 100)
    expect(keeper.now.endpoint).not.toBe(home)
  })

  test('by silence while a call waits does not wait for the next beat', async () => {
    const { keeper, triedAfterMs } = await living({ heartbeatIntervalMs: 5_000, ttlMs: 15_000 })
    void keeper.keeper.kv.put('a', '1')
    expect(await triedAfterMs(2)).toBeLessThanOrEqual(limits.slowAfterMs + 750 + 100)
  })

  test('by one silence after the other waits longer each time: keepers with too much to do are not asked for more', async () => {
    const { keeper, triedAfterMs } = await living({ heartbeatIntervalMs: 1_000 })
    void keeper.keeper.kv.put('a', '1', { timeoutMs: 60_000 })
    const waits: number[] = []
    for (let lives = 1; lives <= 4; lives++) {
      waits.push(await triedAfterMs(lives + 1))
      await keeper.runtime.advance(limits.quickMoveMs)
      await keeper.welcome({ ...resumed, heartbeatIntervalMs: 1_000, silenceMs: 750, reconnectDelayMs: 1 })
    }
    for (const [at, wait] of waits.slice(1).entries()) expect(wait).toBeGreaterThan(1.5 * (waits[at] ?? 0))
    expect(waits.at(-1)).toBeLessThan(9_000)
  })

  test('by silence while a call waits is not held up by the silences before it, when another keeper had time at once', async () => {
    const { keeper, triedAfterMs } = await living({ heartbeatIntervalMs: 5_000, ttlMs: 15_000 })
    void keeper.keeper.kv.put('a', '1', { timeoutMs: 60_000 })
    for (let lives = 1; lives <= 4; lives++) {
      expect(await triedAfterMs(lives + 1)).toBeLessThanOrEqual(
        limits.slowAfterMs + 750 + 2 * limits.backoffAskingMaxMs,
      )
      await keeper.welcome({ ...resumed, heartbeatIntervalMs: 5_000, silenceMs: 750, reconnectDelayMs: 1 })
    }
  })

  test('by silence while nobody waits counts each of them, however soon it is elsewhere', async () => {
    const { keeper, triedAfterMs } = await living({ heartbeatIntervalMs: 1_000 })
    const waits: number[] = []
    for (let lives = 1; lives <= 3; lives++) {
      waits.push((await triedAfterMs(lives + 1)) - 1_000)
      await keeper.welcome({ ...resumed, heartbeatIntervalMs: 1_000, silenceMs: 750, reconnectDelayMs: 1 })
    }
    for (const [at, wait] of waits.slice(1).entries()) expect(wait).toBeGreaterThan(1.5 * (waits[at] ?? 0))
  })

  test('stays with one that answers heartbeats, however long a call takes', async () => {
    const { keeper } = await living({ heartbeatIntervalMs: 1_000 })
    void keeper.keeper.kv.put('a', '1', { timeoutMs: 60_000 })
    for (let beats = 0; beats < 40; beats = keeper.sent('heartbeat').length) {
      await keeper.runtime.advance(250)
      await keeper.send({ heartbeat: { sequence: keeper.sent('heartbeat').length } })
    }
    expect(keeper.attempts).toHaveLength(1)
  })

  test('does not wait long for another that takes the connection and says nothing', async () => {
    const { keeper, triedAfterMs } = await living()
    await keeper.breakStream()
    await triedAfterMs(2)
    expect(await triedAfterMs(3)).toBeLessThanOrEqual(limits.connectFirstTimeoutMs + 100)
    // nor for the third, only because the second said nothing either
    expect(await triedAfterMs(4)).toBeLessThanOrEqual(limits.connectFirstTimeoutMs + 200)
  })
})

describe('a process that dials a host which is gone', () => {
  /** Two of three are gone, and the keeper it was at ends the stream; a call waits, or none. */
  async function cutOff({ asks }: { asks: boolean }) {
    const patient = { ttlMs: 180_000, heartbeatIntervalMs: 60_000, silenceMs: 60_000 }
    const { keeper, home, triedAfterMs, others } = await living(patient)
    const put = asks ? keeper.keeper.kv.put('a', '1', { timeoutMs: 60_000 }) : undefined
    for (const endpoint of others) keeper.unplugged.add(endpoint)
    await keeper.runtime.advance(limits.stableAfterMs)
    await keeper.breakStream()
    await triedAfterMs(2)
    return { keeper, home, triedAfterMs, put }
  }

  test('and has calls that wait, dials the next ones beside it, and asks the first that takes the connection', async () => {
    const { keeper, home, triedAfterMs, put } = await cutOff({ asks: true })
    expect(await triedAfterMs(3)).toBeLessThanOrEqual(limits.dialNextAfterMs + 10)
    expect(keeper.attempts[1]?.closed).toBe(false)
    expect(keeper.now.frames).toEqual([])
    expect(await triedAfterMs(4)).toBeLessThanOrEqual(limits.dialNextAfterMs + 10)
    await keeper.runtime.settle()
    expect(keeper.now.endpoint).toBe(home)
    expect(keeper.attempts.slice(1).map(({ closed }) => closed)).toEqual([true, true, false])
    await keeper.welcome(resumed)
    expect([keeper.hello.attempt, keeper.sent('requests').length]).toEqual(['3', 1])
    await keeper.send({ replies: { replies: [{ sequence: 1, revision: 7, txn: { succeeded: true } }] } })
    expect((await put)?.revision).toBe(7)
  })

  test('goes on with that one when it was only slow', async () => {
    const { keeper, triedAfterMs } = await cutOff({ asks: true })
    await triedAfterMs(3)
    const [, slow, beside] = keeper.attempts
    const session = { sessionId: '77', clusterId: 'c1', storeEpoch: 1 }
    slow?.peer.send({ welcome: { ...session, ...resumed, ttlMs: 60_000, heartbeatIntervalMs: 20_000 } })
    await keeper.runtime.advance(limits.connectFirstTimeoutMs)
    expect([keeper.keeper.status.endpoint, slow?.closed, beside?.closed]).toEqual([slow?.endpoint, false, true])
    expect(keeper.attempts).toHaveLength(3)
  })

  test('goes on with one beside it when it is refused', async () => {
    const { keeper, triedAfterMs } = await cutOff({ asks: true })
    await triedAfterMs(3)
    const [, first, beside] = keeper.attempts
    first?.peer.end(new KeeperClientError('E_CONNECTION', 'no route to host'))
    await keeper.runtime.settle()
    expect(beside?.frames.map(({ hello }) => hello?.attempt)).toEqual(['3'])
  })

  test('waits for it where nobody waits for an answer: many that come back at once dial one keeper each', async () => {
    const { keeper, triedAfterMs } = await cutOff({ asks: false })
    expect(await triedAfterMs(3)).toBeGreaterThanOrEqual(limits.connectFirstTimeoutMs)
    expect(keeper.attempts[1]?.closed).toBe(true)
  })
})

test('a call goes through although keeper after keeper dies as soon as it has welcomed its process', async () => {
  const { keeper, triedAfterMs } = await living()
  const put = keeper.keeper.kv.put('a', '1')
  put.catch(() => {})
  const waits: number[] = []
  for (let lives = 1; lives < 9; lives++) {
    await keeper.breakStream()
    waits.push(await triedAfterMs(lives + 1))
    await keeper.welcome({ ...resumed, reconnectDelayMs: 50 })
  }
  expect(Math.max(...waits)).toBeLessThanOrEqual(2 * limits.backoffAskingMaxMs)
})

describe('a process whose keeper says goodbye', () => {
  const stops = { status: { code: 'E_STOPPED', message: 'keeper n1 stops' }, endpoints: ['d:1'] }

  test('goes at once, to another one, which may be one it was just told of', async () => {
    const { keeper, home, triedAfterMs } = await living({}, ['a:1'])
    await keeper.send({ goodbye: stops })
    expect(await triedAfterMs(2)).toBeLessThanOrEqual(100)
    expect([home, keeper.now.endpoint]).toEqual(['a:1', 'd:1'])
  })

  test('comes back exactly when it was told to', async () => {
    const { keeper, triedAfterMs } = await living()
    await keeper.send({ goodbye: { ...stops, reconnectAfterMs: 700 } })
    expect(await triedAfterMs(2)).toBe(700)
  })

  test('learns from a welcome all that there are', async () => {
    const { keeper } = await living({ endpoints: ['a:1', 'b:1', 'c:1'] }, ['a:1'])
    keeper.down.add('a:1').add('b:1').add('c:1')
    await keeper.breakStream()
    await keeper.runtime.advance(2_000)
    expect(new Set(keeper.attempts.map(({ endpoint }) => endpoint))).toEqual(new Set(three))
  })
})

describe('keepers that take a process and lose it again', () => {
  test('are tried ever more slowly', async () => {
    const { keeper, triedAfterMs } = await living()
    const waits: number[] = []
    for (let lives = 1; lives < 6; lives++) {
      await keeper.breakStream()
      waits.push(await triedAfterMs(lives + 1))
      await keeper.welcome(resumed)
    }
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    expect(waits.at(-1)).toBeGreaterThan(8 * (waits[0] ?? 0))
  })
})

describe('a keeper without a leader', () => {
  const leaderless = (keeper: ScriptedKeeper, leaderlessMs: number) =>
    keeper.send({ heartbeat: { sequence: keeper.sent('heartbeat').length, leaderlessMs } })

  test('is left for another as soon as a call waits for it', async () => {
    const { keeper } = await living({ heartbeatIntervalMs: 1_000 })
    await leaderless(keeper, limits.moveAfterMs)
    expect(keeper.attempts).toHaveLength(1)
    void keeper.keeper.kv.put('a', '1')
    await keeper.runtime.settle()
    await leaderless(keeper, limits.moveAfterMs)
    await keeper.runtime.advance(200)
    expect(keeper.attempts).toHaveLength(2)
  })

  test('is left after a while when no call waits, and never when there is no other', async () => {
    const [some, alone] = [await living(), await living({}, ['a:1'])]
    for (const { keeper } of [some, alone]) {
      await leaderless(keeper, limits.moveIdleAfterMs)
      await keeper.runtime.advance(200)
    }
    expect([some.keeper.attempts.length, alone.keeper.attempts.length]).toEqual([2, 1])
  })

  test('or with a broken disk, that refuses every call, is left, and the call is put again under its number', async () => {
    const { keeper, home } = await living({ heartbeatIntervalMs: 1_000 })
    const put = keeper.keeper.kv.put('a', '1')
    const refuse = { replies: { replies: [{ sequence: 1, error: { code: 'E_DISK', message: 'halted' } }] } }
    while (keeper.attempts.length === 1) {
      await keeper.send(refuse)
      await keeper.runtime.advance(100)
    }
    await keeper.welcome(resumed)
    expect(keeper.now.endpoint).not.toBe(home)
    expect(keeper.sent('requests')[0]?.requests.map(({ sequence }) => sequence)).toEqual(['1'])
    await keeper.send({ replies: { replies: [{ sequence: 1, revision: 7, txn: { succeeded: true } }] } })
    expect((await put).revision).toBe(7)
  })
})

describe('a process with two streams on their way', () => {
  test('numbers its attempts, and comes back when an older one of its own has fenced it', async () => {
    const { keeper, triedAfterMs } = await living()
    expect(keeper.hello.attempt).toBe('1')
    const status = { code: 'E_FENCED', message: 'a newer stream took over', detailsJson: '{"by":"attachment"}' }
    await keeper.send({ goodbye: { status } })
    await triedAfterMs(2)
    expect([keeper.hello.attempt, keeper.hello.sessionId]).toEqual(['2', '77'])
  })
})

test('too much to do is waited for, and a call that ends says what the keepers said', async () => {
  const { keeper } = await living()
  const put = expect(keeper.keeper.kv.put('a', '1', { timeoutMs: 900 })).rejects.toMatchObject({
    code: 'E_TIMEOUT',
    details: { refused: 'E_TOO_MANY' },
  })
  await keeper.runtime.settle()
  await keeper.send({ replies: { replies: [{ sequence: 1, error: { code: 'E_TOO_MANY', message: 'busy' } }] } })
  await keeper.runtime.advance(100)
  expect(keeper.sent('requests')).toHaveLength(2)
  await keeper.runtime.advance(900)
  await put
})

test('the first wait grows with what the keeper says, the ceiling too', () => {
  const backoff = new Backoff(() => 0.5)
  backoff.setFirstMean(400)
  expect([backoff.next(true), backoff.next(true), backoff.next(), backoff.next()]).toEqual([400, 400, 400, 800])
})

describe('a process whose keeper says all the time that it lives', () => {
  const beaconing = (more: object = {}) =>
    living({ beaconMs: 250, silenceMs: 600, heartbeatIntervalMs: 5_000, ttlMs: 15_000, ...more })

  test('is at another one less than a second after the keeper hangs, although it asks for nothing itself', async () => {
    const { keeper, home, triedAfterMs } = await beaconing()
    for (let beacons = 0; beacons < 15; beacons++) {
      await keeper.runtime.advance(250)
      await keeper.send({ heartbeat: { sequence: 0, beaconMs: 250 } })
    }
    expect([keeper.attempts.length, keeper.sent('heartbeat').length]).toEqual([1, 0])
    expect(await triedAfterMs(2)).toBeLessThanOrEqual(250 + 600 + 100)
    expect(keeper.now.endpoint).not.toBe(home)
  })

  test('stays when the keeper does not come to say anything for half a second, again and again', async () => {
    const { keeper } = await beaconing()
    for (let pauses = 0; pauses < 20; pauses++) {
      await keeper.runtime.advance(250 + 500)
      await keeper.send({ heartbeat: { sequence: 0, beaconMs: 250 } })
    }
    expect(keeper.attempts).toHaveLength(1)
  })

  test('stays when it was busy itself: what was said meanwhile is read first', async () => {
    const { keeper } = await beaconing()
    for (let turns = 0; turns < 10; turns++) {
      keeper.runtime.block(2_000)
      await keeper.runtime.advance(20)
      await keeper.send({ heartbeat: { sequence: 0, beaconMs: 250 } })
      await keeper.runtime.advance(60)
    }
    expect(keeper.attempts).toHaveLength(1)
  })

  test('stays although it is busy turn upon turn, and looks into its socket only in between', async () => {
    const { keeper } = await beaconing()
    for (let turns = 0; turns < 10; turns++) {
      keeper.runtime.block(2_000)
      await keeper.runtime.advance(0)
      await keeper.send({ heartbeat: { sequence: 0, beaconMs: 250 } })
      await keeper.runtime.advance(1)
    }
    expect(keeper.attempts).toHaveLength(1)
  })

  test('waits longer for one that says it less often', async () => {
    const { keeper, triedAfterMs } = await beaconing()
    await keeper.send({ heartbeat: { sequence: 0, beaconMs: 2_000 } })
    await keeper.runtime.advance(2_400)
    expect(keeper.attempts).toHaveLength(1)
    expect(await triedAfterMs(2)).toBeLessThanOrEqual(300)
  })
})
