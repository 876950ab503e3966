import { once } from 'node:events'
import { connect } from 'node:net'
import * as grpc from '@grpc/grpc-js'
import type {
  InstancesResponse__Output,
  KvTxnResponse__Output,
  KvWatchResponse__Output,
  LeaseGrantResponse__Output,
  RangeResponse__Output,
  StatusResponse__Output,
} from '@keeper/proto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { type ApiHouse, openApi } from './testing/api-house.js'

let house: ApiHouse
let unwell = false
const logged: object[] = []
beforeEach(async () => {
  unwell = false
  logged.length = 0
  const silent = { debug() {}, info() {}, warn() {} }
  const logger = { ...silent, error: (fields: object) => logged.push(fields), child: () => logger }
  house = await openApi({ ready: () => !unwell }, logger)
})
afterEach(() => house.close())

const text = (value: string): Buffer => Buffer.from(value)
const put = (key: string, value: string, more: object = {}) =>
  house.call<KvTxnResponse__Output>('kv', 'Txn', {
    txn: { success: [{ put: { key: text(key), value: text(value) } }] },
    ...more,
  })
const range = (request: object) => house.call<RangeResponse__Output>('kv', 'Range', request)
const all = { key: Buffer.from([0]), rangeEnd: Buffer.from([0]) }

describe('Kv', () => {
  test('puts, ranges, compares and deletes', async () => {
    await put('a', '1')
    await put('b', '2')
    expect(await range(all)).toMatchObject({ count: '2', more: false, kvs: [{ version: '1' }, { version: '1' }] })
    const { txn } = await house.call<KvTxnResponse__Output>('kv', 'Txn', {
      txn: {
        compares: [{ key: text('a'), target: 'VALUE', comparison: 'EQUAL', value: text('1') }],
        success: [{ delete: { key: text('a'), prevKv: true } }, { range: { key: text('b') } }],
        failure: [],
      },
    })
    expect(txn?.succeeded).toBe(true)
    expect(txn?.results[0]?.delete).toMatchObject({ deleted: '1', prevKvs: [{ value: text('1') }] })
    expect(txn?.results[1]?.range?.kvs).toMatchObject([{ value: text('2') }])
  })

  test('sees nothing of our own records', async () => {
    await house.publish({ 'push/room.yaml': 'a: 1\n' })
    expect((await range(all)).kvs).toEqual([])
  })

  test('a request repeated with its id happens once', async () => {
    const id = { sessionId: '77', sequence: 5 }
    const first = await put('a', '1', id)
    expect(await put('a', '2', id)).toEqual(first)
    expect((await range({ key: text('a') })).kvs).toMatchObject([{ value: text('1'), version: '1' }])
  })

  test('a range too large for one message is cut, and says so', async () => {
    for (let at = 0; at < 5; at++) await put(`k${at}`, 'x'.repeat(1_000_000))
    const { kvs, more, count } = await range(all)
    expect({ more, count }).toEqual({ more: true, count: '5' })
    expect(kvs.length).toBeGreaterThan(1)
    expect(kvs.length).toBeLessThan(5)
  })

  test.each([
    ['revision of the future', { ...all, revision: 999 }, 'E_FUTURE_REVISION'],
    ['revision that is no safe integer', { ...all, revision: '9223372036854775808' }, 'E_INVALID_ARGUMENT'],
  ])('a range at a %s is refused', async (_what, request, code) => {
    await expect(range(request)).rejects.toMatchObject({ code })
  })

  test('an operation without a body is refused', async () => {
    await expect(house.call('kv', 'Txn', { txn: { success: [{}] } })).rejects.toMatchObject({
      code: 'E_INVALID_ARGUMENT',
    })
  })

  test('a compacted revision is refused, to ranges and watches', async () => {
    const { revision } = await put('a', '1')
    await put('a', '2')
    await put('a', '3')
    await house.call('kv', 'Compact', { revision: Number(revision) + 1 })
    await expect(range({ key: text('a'), revision })).rejects.toMatchObject({ code: 'E_COMPACTED', grpc: 11 })
    const stream = house.stream<KvWatchResponse__Output>('kv', 'Watch', { ...all, startRevision: revision })
    await stream.next()
    await expect(stream.next()).rejects.toMatchObject({ code: 'E_COMPACTED' })
  })

  test('a watch from a revision has no gap and no repeat, also while writes go on', async () => {
    const { revision } = await put('k', '0')
    for (let at = 1; at < 50; at++) await put('k', String(at))
    const stream = house.stream<KvWatchResponse__Output>('kv', 'Watch', {
      key: text('k'),
      startRevision: revision,
      prevKv: true,
    })
    const writing = (async () => {
      for (let at = 50; at < 200; at++) await Promise.all([put('k', String(at)), put('other', String(at))])
    })()
    const seen: string[] = []
    while (seen.length < 200) {
      const { events } = await stream.find((response) => response.events.length > 0)
      for (const { kv } of events) seen.push(kv?.value.toString() ?? '')
    }
    await writing
    expect(seen).toEqual(Array.from({ length: 200 }, (_, at) => String(at)))
    stream.cancel()
  })

  test('a watcher that reads slowly has nothing queued for it, and misses nothing', async () => {
    const stream = house.stream<KvWatchResponse__Output>('kv', 'Watch', { ...all })
    expect(await stream.next()).toMatchObject({ created: true })
    stream.call.pause()
    for (let at = 0; at < 100; at++) await put('k', `${at} ${'x'.repeat(50_000)}`)
    stream.call.resume()
    const seen: number[] = []
    while (seen.length < 100) {
      const { events } = await stream.find((response) => response.events.length > 0)
      for (const { kv } of events) seen.push(Number.parseInt(kv?.value.toString() ?? '', 10))
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => at))
    stream.cancel()
  })

  test('a delete is told with what was there', async () => {
    await put('a', '1')
    const stream = house.stream<KvWatchResponse__Output>('kv', 'Watch', { key: text('a'), prevKv: true })
    await stream.next()
    await house.call('kv', 'Txn', { txn: { success: [{ delete: { key: text('a') } }] } })
    expect((await stream.next())?.events).toMatchObject([
      { deleted: true, kv: { key: text('a') }, prevKv: { value: text('1') } },
    ])
    stream.cancel()
  })

  test('leases: granted with an id of our choice or the keeper’s, kept alive, revoked with their keys', async () => {
    const { id } = await house.call<LeaseGrantResponse__Output>('kv', 'LeaseGrant', {
      id: '9007199254740993',
      ttlSeconds: 60,
    })
    expect(id).toBe('9007199254740993')
    const chosen = await house.call<LeaseGrantResponse__Output>('kv', 'LeaseGrant', { ttlSeconds: 60 })
    expect(chosen.id).not.toBe('0')
    await house.call('kv', 'Txn', { txn: { success: [{ put: { key: text('a'), value: text('1'), lease: id } }] } })
    expect((await range({ key: text('a') })).kvs).toMatchObject([{ lease: '9007199254740993' }])
    await house.call('kv', 'LeaseRevoke', { id })
    expect((await range({ key: text('a') })).kvs).toEqual([])
    await expect(house.call('kv', 'LeaseRevoke', { id })).rejects.toMatchObject({ code: 'E_LEASE_NOT_FOUND', grpc: 5 })
    expect(await house.call('kv', 'LeaseKeepAlive', { id: '12345' })).toMatchObject({ ttlSeconds: 0 })
  })
})

test('requests of a session: each its own outcome, repeated ones the first result', async () => {
  const call = house.attach()
  call.hello('room-1')
  await call.next()
  const request = (sequence: number, value: string) => ({
    sequence,
    txn: { success: [{ put: { key: text('a'), value: text(value) } }] },
  })
  const send = async (...requests: object[]) => {
    call.write({ requests: { requests, lowWater: 1 } })
    const replies = []
    while (replies.length < requests.length) {
      const frame = await call.find(({ kind }) => kind === 'replies')
      replies.push(...(frame.replies?.replies ?? []))
    }
    return replies.sort((a, b) => Number(a.sequence) - Number(b.sequence))
  }
  const [first, empty, ranged] = await send(
    request(1, '1'),
    { sequence: 2 },
    { sequence: 3, range: { key: text('a') } },
  )
  expect(first?.txn?.succeeded).toBe(true)
  expect(empty?.error?.code).toBe('E_UNSUPPORTED')
  expect(ranged?.range).toBeTruthy()
  const [again] = await send(request(1, '2'))
  expect(again?.revision).toBe(first?.revision)
  expect((await range({ key: text('a') })).kvs).toMatchObject([{ value: text('1') }])
  call.cancel()
})

describe('Cluster', () => {
  test('status says what this member is and holds', async () => {
    await house.publish({ 'push/room.yaml': 'a: 1\n' })
    const status = await house.call<StatusResponse__Output>('cluster', 'Status', {})
    expect(status).toMatchObject({ version: '0.1.0', memberName: 'n1', role: 'leader', condition: 'clean', configs: 1 })
    expect(status.sources).toMatchObject([{ source: 'test', configs: 1 }])
    expect(status.stateHash).toMatch(/^[0-9a-f]{16}$/)
  })

  test('instances, of a cluster or a role', async () => {
    const call = house.attach()
    call.hello('room-1', [], { zone: 'bj' })
    await call.next()
    const instances = (request: object) => house.call<InstancesResponse__Output>('cluster', 'Instances', request)
    expect(await instances({})).toMatchObject({
      instances: [{ connected: true, member: 'n1', identity: { instance: 'room-1', labels: { zone: 'bj' } } }],
    })
    expect((await instances({ role: 'register' })).instances).toEqual([])
    call.cancel()
  })
})

describe('health and reflection', () => {
  test('health follows readiness', async () => {
    const check = (service: string) => house.call('health', 'Check', { service })
    expect(await check('')).toEqual({ status: 'SERVING' })
    expect(await check('keeper.v1.Configs')).toEqual({ status: 'SERVING' })
    await expect(check('no.such')).rejects.toMatchObject({ code: 'E_NOT_FOUND', grpc: 5 })
    const watch = house.stream<{ status: string }>('health', 'Watch', { service: 'keeper.v1.Kv' })
    expect(await watch.next()).toEqual({ status: 'SERVING' })
    unwell = true
    house.api.refreshHealth()
    expect(await watch.next()).toEqual({ status: 'NOT_SERVING' })
    watch.cancel()
  })

  test('reflection names our services', async () => {
    const bytes = (value: Buffer) => value
    const call = house.client.makeBidiStreamRequest(
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      bytes,
      bytes,
    )
    const answer = new Promise<Buffer>((resolve, reject) => call.on('data', resolve).on('error', reject))
    call.write(Buffer.from([0x3a, 0]))
    const names = (await answer).toString('latin1')
    for (const name of ['keeper.v1.Configs', 'keeper.v1.Sessions', 'keeper.v1.Kv']) expect(names).toContain(name)
    call.end()
  })
})

describe('errors', () => {
  test('a defect tells the client nothing of itself, and the log everything', async () => {
    house.member.linearizableRead = async () => {
      throw new TypeError('secret of the house')
    }
    const failure = await house.call('configs', 'List', {}).then(
      () => new Error('it was answered'),
      (error: Error) => error,
    )
    expect(failure).toMatchObject({ code: 'E_INTERNAL', grpc: 13 })
    expect(failure.message).not.toContain('secret')
    expect(logged).toMatchObject([{ err: { message: 'secret of the house' } }])
  })

  test('the keeper’s own errors keep code, message and details', async () => {
    house.member.linearizableRead = async () => {
      throw new KeeperError('E_UNAVAILABLE', 'kein Führer 🜚 100 %', { leader: 0 })
    }
    await expect(house.call('configs', 'List', {})).rejects.toMatchObject({
      code: 'E_UNAVAILABLE',
      grpc: 14,
      message: 'kein Führer 🜚 100 %',
      details: '{"leader":0}',
    })
  })

  test('an unknown method is unimplemented, garbage in a unary call is refused, and the connection lives', async () => {
    const bytes = (value: Buffer) => value
    const ask = (path: string, body: Buffer) =>
      new Promise<number>((resolve) => {
        house.client.makeUnaryRequest(path, bytes, bytes, body, (error) => resolve(error?.code ?? 0))
      })
    expect(await ask('/keeper.v1.Configs/Nope', Buffer.alloc(0))).toBe(grpc.status.UNIMPLEMENTED)
    expect(await ask('/keeper.v1.Configs/Get', Buffer.from('ffffffff', 'hex'))).not.toBe(0)
    await put('a', '1')
    expect(house.api.stats().connections).toBe(1)
  })

  test('whoever may not, is told', async () => {
    const refusing = await openApi({
      authorize: (principal, action) => {
        if (action === 'kv.write') throw new KeeperError('E_PERMISSION', `${principal} may not ${action}`)
      },
    })
    try {
      const denied = refusing.call('kv', 'Txn', { txn: {} })
      await expect(denied).rejects.toMatchObject({
        code: 'E_PERMISSION',
        grpc: 7,
        message: 'anonymous may not kv.write',
      })
    } finally {
      await refusing.close()
    }
  })
})

describe('listening', () => {
  test('a taken port, and an open one without TLS, are refused', async () => {
    const port = house.api.port
    await expect(openApi({ address: { host: '127.0.0.1', port } })).rejects.toMatchObject({ code: 'E_ADDRESS_IN_USE' })
    await expect(openApi({ address: { host: '0.0.0.0', port: 0 } })).rejects.toMatchObject({
      code: 'E_INSECURE_LISTEN',
    })
    const open = await openApi({ address: { host: '0.0.0.0', port: 0 }, insecure: true })
    await open.close()
  })

  test('watches and sessions beyond the limit are refused, until one ends', async () => {
    const small = await openApi({ watchersMax: 1, sessionsMax: 1 })
    try {
      const watch = () => small.stream<KvWatchResponse__Output>('kv', 'Watch', all)
      const first = watch()
      await first.next()
      await expect(watch().next()).rejects.toMatchObject({ code: 'E_TOO_MANY', grpc: 8 })
      first.cancel()
      await expect
        .poll(() =>
          watch()
            .next()
            .then(
              (response) => response?.created,
              () => 'refused',
            ),
        )
        .toBe(true)
      const session = small.attach()
      session.hello('room-1')
      await session.next()
      await expect(small.attach().next()).rejects.toMatchObject({ code: 'E_TOO_MANY' })
      session.cancel()
    } finally {
      await small.close()
    }
  })

  test('a connection that answers no ping for a whole round is cut', async () => {
    const clock = new ManualClock()
    const quiet = await openApi({ clock })
    try {
      await quiet.call('cluster', 'Status', {})
      const socket = connect(quiet.api.port, '127.0.0.1')
      const closed = once(socket, 'close')
      socket.resume().on('error', () => {})
      // HTTP/2's preface and empty settings, and then nothing more, not even to a ping.
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
      await expect.poll(() => quiet.api.stats().connections).toBe(2)
      clock.advance(limits.keepalivePingIntervalMs)
      // Two calls: what the client says second comes after its answer to the ping.
      for (let call = 0; call < 2; call++) await quiet.call('cluster', 'Status', {})
      clock.advance(limits.keepalivePingIntervalMs)
      await closed
      await quiet.call('cluster', 'Status', {})
      expect(quiet.api.stats().connections).toBe(1)
    } finally {
      clock.advance(0)
      const closing = quiet.close()
      clock.advance(60_000)
      await closing
    }
  })
})
