import { describe, expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { Gate } from './gate.js'
import { makeHouse, makeHub } from './testing/house.js'
import { ManualClock } from './testing/manual-clock.js'
import { room, settled, TestClient } from './testing/test-client.js'

describe('the gate', () => {
  const made = () => {
    const clock = new ManualClock()
    const gate = new Gate({ clock, perSecond: 1_000, burst: 10, queueMs: 100 })
    const entered: number[] = []
    const come = (count: number) => Array.from({ length: count }, (_, at) => gate.pass(() => void entered.push(at)))
    return { clock, gate, entered, come }
  }

  test('lets a few in at once and the next ones in their order, at the rate', () => {
    const { clock, entered, come } = made()
    expect(new Set(come(60))).toEqual(new Set([0]))
    expect(entered).toHaveLength(10)
    for (let ms = 0; ms < 50; ms += 10) clock.advance(10)
    expect(entered).toEqual(Array.from({ length: 60 }, (_, at) => at))
  })

  test('tells each of the rest a time of its own, as far apart as the rate', () => {
    const { come } = made()
    const waits = come(3_110).slice(110)
    expect([waits[0], waits.at(-1)]).toEqual([101, 3_100])
    expect(new Set(waits).size).toBe(3_000)
  })

  test('so that three thousand who came at once are all in after as long as the rate allows', () => {
    const { clock, entered, come } = made()
    let later = come(3_000).filter((wait) => wait > 0)
    let ms = 0
    for (; entered.length < 3_000; ms += 10) {
      clock.advance(10)
      const now = later.filter((wait) => wait <= ms + 10)
      later = [
        ...later.filter((wait) => wait > ms + 10),
        ...come(now.length).flatMap((w) => (w > 0 ? [ms + 10 + w] : [])),
      ]
    }
    expect(ms).toBeLessThanOrEqual(3_500)
  })
})

describe('processes that come back together', () => {
  test('share entries of the log, and those over the rate are sent away politely with a time each', async () => {
    const { hub, log, member, clock } = makeHouse({
      limits: { hellosPerSecond: 1_000, hellosBurst: 50, helloQueueMs: 50 },
    })
    log.announce(1, '10.0.0.1:7400')
    const before = member.store.appliedIndex
    const clients = Array.from({ length: 200 }, (_, at) => {
      const client = new TestClient(hub)
      client.hello({ identity: room(`room-${at}`) })
      return client
    })
    await settled()
    const welcomed = () => clients.filter((client) => client.welcome).length
    expect([welcomed(), member.store.appliedIndex - before]).toEqual([50, 1])
    for (let turn = 0; turn < 5; turn++) {
      clock.advance(10)
      await settled()
    }
    expect([welcomed(), member.store.appliedIndex - before]).toEqual([100, 6])
    const away = clients.filter((client) => !client.welcome)
    expect(new Set(away.map((client) => client.goodbye))).toEqual(new Set(['E_UNAVAILABLE']))
    expect(away.every((client) => client.connection.error === undefined)).toBe(true)
    expect(new Set(away.map((client) => client.got('goodbye')[0]?.reconnectAfterMs)).size).toBe(100)
  })

  test('are told to wait as long as it takes to take them all in, and to beat as often as that is affordable', async () => {
    const { hub } = makeHouse({ limits: { hellosPerSecond: 100, heartbeatsPerSecond: 20 } })
    const first = await TestClient.join(hub, 'room-0')
    for (let at = 1; at < 40; at++) await TestClient.join(hub, `room-${at}`)
    first.say({ heartbeat: { sequence: 1 } })
    await settled()
    expect(first.welcome).toMatchObject({ heartbeatIntervalMs: 1_000, silenceMs: 600, reconnectDelayMs: 50 })
    expect(first.got('heartbeat')).toMatchObject([{ heartbeatIntervalMs: 2_000, reconnectDelayMs: 200 }])
  })
})

describe('an attachment under a change of leadership', () => {
  test('is made all the same, and the process knows of nothing', async () => {
    const { hub, member } = makeHouse()
    const propose = member.propose.bind(member)
    const refusals = ['E_PROPOSAL_DROPPED', 'E_UNCERTAIN'] as const
    let asked = 0
    member.propose = async (command) => {
      const refusal = refusals[asked++]
      if (refusal === 'E_UNCERTAIN') await propose(command)
      if (refusal) throw new KeeperError(refusal, 'leadership changed')
      return propose(command)
    }
    const client = await TestClient.join(hub, 'room-1')
    expect([client.goodbye, asked, hub.instances().length]).toEqual([undefined, 3, 1])
    expect([...member.store.leases('system')].map(({ id }) => String(id))).toEqual([client.welcome?.sessionId])
  })

  test('is not made for a stream that is gone', async () => {
    const { hub, member, log } = makeHouse()
    const client = new TestClient(hub)
    const propose = member.propose.bind(member)
    member.propose = async (command) => {
      member.propose = propose
      client.disconnect()
      throw new KeeperError('E_PROPOSAL_DROPPED', command.principal)
    }
    client.hello({ identity: room('room-1') })
    await settled()
    log.flush()
    expect([...member.store.leases('system')]).toEqual([])
  })

  test('that was delayed does not fence a newer one of the same process', async () => {
    const { hub, log, clock } = makeHouse({}, ['n1', 'n2'])
    const [, second] = log.members
    if (!second) throw new Error('two members')
    const before = await TestClient.join(hub, 'room-1', { attempt: 1 })
    before.disconnect()
    const newest = await TestClient.join(hub, 'room-1', { ...before.credentials, attempt: 3 })
    const delayed = await TestClient.join(makeHub(second, clock), 'room-1', { ...before.credentials, attempt: 2 })
    expect([newest.goodbye, delayed.goodbye]).toEqual([undefined, 'E_FENCED'])
    expect(delayed.got('goodbye')[0]?.status?.detailsJson).toBe('{"by":"attachment"}')
  })
})

describe('endpoints', () => {
  test('of all members come with the welcome, those of the others with a goodbye, as the log has them now', async () => {
    const { hub, log } = makeHouse({}, ['n1', 'n2', 'n3'])
    log.announce(1, '10.0.0.1:7400')
    log.announce(2, '10.0.0.2:7400')
    const client = await TestClient.join(hub, 'room-1')
    expect(client.welcome?.endpoints).toEqual(['10.0.0.1:7400', '10.0.0.2:7400'])
    log.announce(2)
    log.announce(3, '10.0.0.3:7400', '192.168.0.3:7400')
    hub.drain({ reconnectAfterMs: 1_000 })
    expect(client.got('goodbye')).toMatchObject([{ endpoints: ['10.0.0.3:7400', '192.168.0.3:7400'] }])
    expect(client.got('goodbye')[0]?.reconnectAfterMs).toBeLessThan(10)
  })
})

describe('a keeper that stops', () => {
  const ask = (client: TestClient, sequence: number) =>
    client.say({ requests: { requests: [{ sequence, range: {} }] } })

  test('answers what was asked before it says goodbye, and takes nothing new', async () => {
    const asked: (() => void)[] = []
    const { hub } = makeHouse({
      executeRequests: (_session, { requests }) =>
        new Promise((resolve) => asked.push(() => resolve(requests.map(({ sequence }) => ({ sequence }))))),
    })
    const client = await TestClient.join(hub, 'room-1')
    ask(client, 1)
    hub.drain({ reconnectAfterMs: 1_000 })
    ask(client, 2)
    await settled()
    expect([client.goodbye, asked.length]).toEqual([undefined, 1])
    asked[0]?.()
    await settled()
    expect(client.frames.map(({ kind }) => kind)).toEqual(['welcome', 'replies', 'goodbye'])
  })

  test('does not wait for an answer for ever', async () => {
    const { hub, clock } = makeHouse({ executeRequests: () => new Promise(() => {}) })
    const client = await TestClient.join(hub, 'room-1')
    ask(client, 1)
    hub.drain({ reconnectAfterMs: 1_000 })
    clock.advance(1_000)
    expect(client.goodbye).toBe('E_STOPPED')
  })
})

test('a member that knows no leader says for how long', async () => {
  const { hub, member, clock } = makeHouse()
  const client = await TestClient.join(hub, 'room-1')
  const status = member.status.bind(member)
  const beat = (leader: number) => {
    member.status = () => ({ ...status(), leader })
    client.say({ heartbeat: { sequence: 1 } })
    clock.advance(700)
  }
  for (const leader of [1, 0, 0, 1, 0]) beat(leader)
  await settled()
  expect(client.got('heartbeat').map(({ leaderlessMs }) => leaderlessMs)).toEqual([0, 0, 700, 0, 0])
})
