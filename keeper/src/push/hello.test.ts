import { describe, expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { makeHouse } from './testing/house.js'
import { room, settled, TestClient } from './testing/test-client.js'

/** A house with a witness, who must not notice what others do. */
async function houseWithWitness(...options: Parameters<typeof makeHouse>) {
  const house = makeHouse(...options)
  house.log.publish({ 'push/room': { value: 1 } })
  const witness = await TestClient.join(house.hub, 'witness', { subscriptions: ['push/room'] })
  const serves = () => {
    const before = witness.pushes.length
    house.log.publish({ 'push/room': { value: `still here ${before}` } })
    return witness.pushes.length === before + 1 && !witness.connection.ended
  }
  return { ...house, serves }
}

describe('a stream that does not speak the protocol', () => {
  const garbage = {
    'a truncated frame': Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    'another protocol': Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    nothing: Buffer.alloc(0),
  }
  test.each(Object.entries(garbage))('with %s as first words is ended as garbage', async (_what, bytes) => {
    const { hub, serves } = await houseWithWitness()
    const client = new TestClient(hub)
    client.raw(bytes)
    expect(client.goodbye).toBe('E_FRAME_GARBAGE')
    expect(client.connection.error?.code).toBe('E_FRAME_GARBAGE')
    expect(serves()).toBe(true)
  })

  test('with garbage in the middle is ended, and its session lives on', async () => {
    const { hub, serves } = await houseWithWitness()
    const client = await TestClient.join(hub, 'room-1')
    client.raw(Buffer.from([0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f]))
    expect(client.connection.error?.code).toBe('E_FRAME_GARBAGE')
    expect(hub.instances()).toMatchObject([{}, { identity: { instance: 'room-1' }, connected: false }])
    expect(serves()).toBe(true)
  })

  test('with a number past 2^53 is ended as garbage, not rounded', async () => {
    const { hub, serves } = await houseWithWitness()
    const client = await TestClient.join(hub, 'room-1')
    client.say({ acks: { acks: [{ storeEpoch: 1, revision: '9007199254740993', state: 2, reason: 'x' }] } })
    expect(client.connection.error?.code).toBe('E_FRAME_GARBAGE')
    expect(serves()).toBe(true)
  })

  test('with a frame over the limit is ended', async () => {
    const { hub, serves } = await houseWithWitness()
    const client = new TestClient(hub)
    client.raw(new Uint8Array(limits.messageBytesMax + 1))
    expect(client.connection.error?.code).toBe('E_TOO_LARGE')
    expect(serves()).toBe(true)
  })

  test('that sends another frame before hello is told the order', async () => {
    const { hub, serves } = await houseWithWitness()
    const client = new TestClient(hub)
    client.say({ heartbeat: { sequence: 1 } })
    expect(client.goodbye).toBe('E_FRAME_ORDER')
    expect(serves()).toBe(true)
  })

  test('that says hello twice is ended, whether welcome came between or not', async () => {
    const { hub, serves } = await houseWithWitness()
    const patient = await TestClient.join(hub, 'room-1')
    patient.hello({ identity: room('room-1') })
    const hasty = new TestClient(hub)
    hasty.hello({ identity: room('room-2') })
    hasty.hello({ identity: room('room-2') })
    await settled()
    expect([patient.goodbye, hasty.goodbye]).toEqual(['E_FRAME_ORDER', 'E_FRAME_ORDER'])
    expect(serves()).toBe(true)
  })

  test('that says nothing is ended when its time is over', async () => {
    const { hub, clock } = makeHouse()
    const client = new TestClient(hub)
    clock.advance(limits.helloTimeoutMs - 1)
    expect(client.connection.ended).toBe(false)
    clock.advance(1)
    expect(client.goodbye).toBe('E_TIMEOUT')
  })

  test('that said hello leaves no timer behind', async () => {
    const { hub, clock } = makeHouse()
    await TestClient.join(hub, 'room-1')
    expect(clock.pending).toBe(0)
  })

  test('that floods frames before welcome is cut off', async () => {
    const { hub } = makeHouse()
    const client = new TestClient(hub)
    client.hello({ identity: room('room-1') })
    for (let i = 0; i < 65; i++) client.say({ heartbeat: { sequence: i } })
    expect(client.goodbye).toBe('E_TOO_MANY')
    await settled()
    expect(client.welcome).toBeUndefined()
  })
})

describe('names that are refused', () => {
  const identities = {
    'a cluster with a slash': { ...room('room-1'), cluster: 'push/room' },
    'a role with a control character': { ...room('room-1'), role: 'ro\u0000om' },
    'no instance': { ...room('') },
    'an instance of dots': { ...room('..') },
    'a name of 4 KB': { ...room('x'.repeat(4096)) },
    'a label with a line break': { ...room('room-1', { zone: 'bj\n' }) },
    'too many labels': room('room-1', Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`l${i}`, '']))),
  }
  test.each(Object.entries(identities))('%s', async (_what, identity) => {
    const { hub, serves } = await houseWithWitness()
    const client = await TestClient.join(hub, 'x', { identity })
    expect(client.goodbye).toBe('E_BAD_NAME')
    expect(client.welcome).toBeUndefined()
    expect(serves()).toBe(true)
  })

  test('a hello without a process', async () => {
    const { hub } = makeHouse()
    const client = await TestClient.join(hub, 'x', { identity: null })
    expect(client.goodbye).toBe('E_BAD_NAME')
  })

  test('a config name refuses itself alone', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const names = ['push/room', '/push', `push/${'x'.repeat(4096)}`, 'push/\u0007', '']
    const client = await TestClient.join(hub, 'room-1', { subscriptions: names })
    expect(client.welcome?.refused.map((each) => each.status?.code)).toEqual(Array(4).fill('E_BAD_NAME'))
    expect(client.values).toEqual([['push/room=1']])
  })
})

describe('a hello that asks for what is not', () => {
  test('another protocol, another namespace', async () => {
    const { hub } = makeHouse()
    const future = await TestClient.join(hub, 'room-1', { protocol: 2 })
    const stray = await TestClient.join(hub, 'room-1', { namespace: 'elsewhere' })
    expect([future.goodbye, stray.goodbye]).toEqual(['E_UNSUPPORTED', 'E_NOT_FOUND'])
  })

  test('a feature nobody knows is not agreed upon', async () => {
    const { hub } = makeHouse()
    const client = await TestClient.join(hub, 'room-1', { features: '18446744073709551615' })
    expect(client.welcome?.features).toBe('7')
  })

  test('a time to live is kept within bounds', async () => {
    const { hub, member } = makeHouse()
    const wishes = [0, 1, 2_500, 2 ** 31]
    const clients = await Promise.all(
      wishes.map((requestedTtlMs, at) => TestClient.join(hub, `r${at}`, { requestedTtlMs })),
    )
    expect(clients.map((client) => client.welcome?.ttlMs)).toEqual([15_000, 1_000, 3_000, 600_000])
    expect([...member.store.leases('system')].map((lease) => lease.ttlSeconds).sort()).toEqual([1, 15, 3, 600])
    expect(clients.map((client) => client.welcome?.heartbeatIntervalMs)).toEqual([1_000, 333, 1_000, 1_000])
  })

  test('a config outside its audience, and more subscriptions than allowed', async () => {
    const { hub, log } = makeHouse({ limits: { subscriptionsPerSessionMax: 2 } })
    log.publish({ 'push/register': { value: 1 } })
    const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/register', 'push/room'] })
    expect(client.welcome?.refused).toMatchObject([{ name: 'push/register', status: { code: 'E_NOT_IN_AUDIENCE' } }])
    client.say({ subscribe: { id: 7, names: ['push/common', 'push/more'] } })
    expect(client.got('subscribed')).toMatchObject([
      { id: '7', absent: ['push/common'], refused: [{ name: 'push/more', status: { code: 'E_TOO_MANY' } }] },
    ])
    const greedy = await TestClient.join(hub, 'room-2', { subscriptions: ['a', 'b', 'c'] })
    expect(greedy.goodbye).toBe('E_TOO_MANY')
  })

  test('what authorize forbids, for the principal of the transport', async () => {
    const asked: string[] = []
    const { hub, log } = makeHouse({
      authorize: (principal, action, resource) => {
        asked.push(`${principal} ${action} ${resource}`)
        if (resource.endsWith('secret')) throw new KeeperError('E_PERMISSION', 'not yours')
      },
    })
    log.publish({ 'push/room': { value: 1 } })
    const client = new TestClient(hub, 'svc-room')
    client.hello({ identity: room('room-1'), subscriptions: ['push/room', 'push/secret'] })
    await settled()
    expect(client.welcome?.refused).toMatchObject([{ name: 'push/secret', status: { code: 'E_PERMISSION' } }])
    expect(asked).toEqual([
      'svc-room session.attach default/push/room/room-1',
      'svc-room config.subscribe default/push/room',
      'svc-room config.subscribe default/push/secret',
    ])
  })

  test('a place in a full house', async () => {
    const { hub } = makeHouse({ limits: { sessionsMax: 1 } })
    await TestClient.join(hub, 'room-1')
    const late = new TestClient(hub)
    expect(late.got('goodbye')).toMatchObject([{ status: { code: 'E_TOO_MANY' } }])
    expect(late.got('goodbye')[0]?.reconnectAfterMs).toBeGreaterThan(0)
  })

  test('a session while no leader is there: come again, somewhere, in a moment', async () => {
    const { hub, log, member } = makeHouse({}, ['n1', 'n2'])
    log.announce(1, '10.0.0.1:7400')
    log.announce(2, '10.0.0.2:7400')
    member.refuse = new KeeperError('E_UNAVAILABLE', 'no leader')
    const client = await TestClient.join(hub, 'room-1')
    expect(client.got('goodbye')).toMatchObject([{ status: { code: 'E_UNAVAILABLE' }, endpoints: ['10.0.0.2:7400'] }])
    expect(client.connection.error).toBeUndefined()
  })
})
