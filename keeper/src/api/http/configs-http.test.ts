import { once } from 'node:events'
import { Agent, createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../base/limits.js'
import { effective } from '../effective.js'
import { type ApiHouse, openApi } from '../testing/api-house.js'
import { Bodies } from './bodies.js'

const bounds = { waitersMax: 500, stallMs: 300 }

let house: ApiHouse
let base: string
const server = createServer((request, response) => {
  if (!house.api.http.handle(request, response)) response.writeHead(418).end()
})

beforeAll(async () => {
  house = await openApi({ http: bounds })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await house.close()
  server.close()
  server.closeAllConnections()
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${base}/v1/configs/${path}`, { headers })
const post = (body: unknown, type = 'application/json') =>
  fetch(`${base}/v1/acks`, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) })
const code = async (response: Response) => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
]
/** Resolves once `count` long polls wait. */
async function waiting(count: number): Promise<void> {
  while (house.api.http.waiting !== count) await new Promise((resolve) => setImmediate(resolve))
}

test('a value comes as JSON with its revision and tag, and 304 when it is known', async () => {
  const revision = await house.publish({ 'a/room.yaml': 'max: 1\n', 'a/room@zone=bj.yaml': 'max: 7\n' })
  const first = await get('a/room')
  expect(await first.json()).toEqual({ max: 1 })
  expect(first.headers.get('keeper-revision')).toBe(String(revision))
  expect(first.headers.get('content-type')).toMatch('application/json')
  const etag = first.headers.get('etag') ?? ''
  expect((await get('a/room', { 'if-none-match': `W/"x", ${etag}` })).status).toBe(304)
  expect((await get(`a/room?after=${revision}`)).status).toBe(304)
  expect((await get(`a/room?after=${revision - 1}`)).status).toBe(200)
  expect(await (await get('a/room?as=cluster=a,role=room,zone=bj')).json()).toEqual({ max: 7 })
})

test('a revision of another history is no reason to wait', async () => {
  await house.publish({ 'b/room.yaml': 'max: 1\n' })
  expect((await get('b/room?after=900000&wait=30s')).status).toBe(200)
})

test('a namespace that can be none is refused, in a question and in an ack', async () => {
  expect(await code(await get('c/room?namespace=a%2Fb'))).toEqual([400, 'E_BAD_NAME'])
  const ack = { name: 'c/room', revision: 1, as: 'cluster=c,role=room,instance=r-1', namespace: 'a/b' }
  expect(await code(await post(ack))).toEqual([400, 'E_BAD_NAME'])
})

describe('a long poll', () => {
  test('is answered by the change that it waits for', async () => {
    const revision = await house.publish({ 'c/room.yaml': 'max: 1\n' })
    const poll = get(`c/room?after=${revision}&wait=30s`)
    await waiting(1)
    const next = await house.publish({ 'c/room.yaml': 'max: 2\n' })
    const answer = await poll
    expect([answer.headers.get('keeper-revision'), await answer.json()]).toEqual([String(next), { max: 2 }])
  })

  test('sleeps through a change that is for others', async () => {
    const files = { 'd/room.yaml': 'max: 1\n', 'd/room@zone=bj.yaml': 'max: 7\n' }
    const revision = await house.publish(files)
    const poll = get(`d/room?as=cluster=d,role=room,zone=sh&after=${revision}&wait=300ms`)
    await waiting(1)
    await house.publish({ ...files, 'd/room@zone=bj.yaml': 'max: 8\n' })
    expect((await poll).status).toBe(304)
  })

  test('learns at once that its config was removed', async () => {
    const revision = await house.publish({ 'e/room.yaml': 'max: 1\n', 'e/x.yaml': 'a: 1\n' })
    const poll = get(`e/room?after=${revision}&wait=30s`)
    await waiting(1)
    await house.publish({ 'e/x.yaml': 'a: 1\n' })
    expect(await code(await poll)).toEqual([404, 'E_NOT_FOUND'])
  })

  test('leaves nothing behind when its asker goes', async () => {
    const revision = await house.publish({ 'f/room.yaml': 'max: 1\n' })
    const gone = new AbortController()
    const poll = fetch(`${base}/v1/configs/f/room?after=${revision}&wait=30s`, { signal: gone.signal }).catch(() => {})
    await waiting(1)
    gone.abort()
    await poll
    await waiting(0)
  })

  test('of five hundred askers is one look and the same bytes for all', async () => {
    const revision = await house.publish({ 'g/room.yaml': 'max: 1\n' })
    const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
    const polls = Array.from({ length: 500 }, () => statusOf(agent, `g/room?after=${revision}&wait=30s`))
    await waiting(500)
    await house.publish({ 'g/room.yaml': 'max: 2\n' })
    expect(new Set(await Promise.all(polls))).toEqual(new Set([200]))
    expect(house.api.http.waiting).toBe(0)
  })

  test('one too many is told to come again, and whoever waits is not disturbed', async () => {
    const revision = await house.publish({ 'j/room.yaml': 'max: 1\n' })
    const polls = Array.from({ length: bounds.waitersMax }, () => get(`j/room?after=${revision}&wait=30s`))
    await waiting(bounds.waitersMax)
    const refused = await get(`j/room?after=${revision}&wait=30s`)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await code(refused)).toEqual([429, 'E_TOO_MANY'])
    expect((await get('j/room')).status, 'a question that does not wait').toBe(200)
    await house.publish({ 'j/room.yaml': 'max: 2\n' })
    expect(new Set((await Promise.all(polls)).map(({ status }) => status))).toEqual(new Set([200]))
  })
})

describe('an answer', () => {
  test('to many who get the same value is one buffer', async () => {
    await house.publish({ 'k/room.yaml': 'max: 1\n' })
    const { store } = house.member
    const { revision, hash } = effective(store, { ...k, revision: 0, stepsBack: 0 }, undefined)
    const bodies = new Bodies(store)
    expect(bodies.of('k/room', { revision, hash })).toBe(bodies.of('k/room', { revision, hash }))
    expect(() => bodies.of('k/room', { revision: 1, hash: '' })).toThrow(
      expect.objectContaining({ code: 'E_NOT_FOUND' }),
    )
  })

  test('that nobody takes is cut off', async () => {
    await house.publish({ 'l/room.json': JSON.stringify(['x'.repeat(12_000_000)]) })
    const { port } = server.address() as AddressInfo
    const lazy = connect({ host: '127.0.0.1', port })
    const [accepted] = (await once(server, 'connection')) as [Socket]
    let bytes = 0
    lazy
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
    lazy.pause().write('GET /v1/configs/l/room HTTP/1.1\r\nHost: k\r\n\r\n')
    await once(accepted, 'close')
    lazy.resume()
    await once(lazy, 'close')
    expect(bytes).toBeLessThan(12_000_000)
  })
})

const k = { namespace: 'default', name: 'k/room' }

const statusOf = (agent: Agent, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    httpRequest(`${base}/v1/configs/${path}`, { agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode))
    })
      .once('error', reject)
      .end()
  })

describe('a refusal is typed', () => {
  test.each([
    ['none/room', 404, 'E_NOT_FOUND'],
    ['h/room?as=cluster=other,role=room', 403, 'E_NOT_IN_AUDIENCE'],
    ['h/room?as=nobody', 404, 'E_NOT_FOUND'],
    ['h/room?wait=soon', 400, 'E_INVALID_ARGUMENT'],
    ['h/room?wait=1000m', 400, 'E_INVALID_ARGUMENT'],
    ['h/room?after=-1', 400, 'E_INVALID_ARGUMENT'],
    ['h/room?since=1', 400, 'E_INVALID_ARGUMENT'],
    ['h/room?as==x', 400, 'E_INVALID_ARGUMENT'],
    ['', 400, 'E_INVALID_ARGUMENT'],
    ['%ff', 400, 'E_INVALID_ARGUMENT'],
  ])('%s → %d %s', async (path, status, error) => {
    await house.publish({ 'h/room.yaml': 'max: 1\n' })
    expect(await code(await get(path))).toEqual([status, error])
  })

  test('and says what may be done instead', async () => {
    const wrong = await fetch(`${base}/v1/configs/h/room`, { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect((await fetch(`${base}/v1/acks`)).headers.get('allow')).toBe('POST')
  })
})

describe('an ack', () => {
  const as = 'cluster=i,role=room,instance=room-1,zone=bj'
  const rows = async () => (await house.hub.everywhere.ledger({ name: 'i/room' })).rows

  test('puts a process that reads by HTTP into the ledger', async () => {
    const revision = await house.publish({ 'i/room.yaml': 'max: 1\n' })
    await get(`i/room?as=${as}`)
    expect(await rows()).toMatchObject([
      { instance: 'room-1', state: 'sent', wantedRevision: revision, current: false },
    ])
    expect((await post({ name: 'i/room', revision, as })).status).toBe(204)
    expect(await rows()).toMatchObject([{ state: 'applied', current: true, connected: true }])
    expect((await post([{ name: 'i/room', revision, as, state: 'rejected', reason: 'too few' }])).status).toBe(204)
    expect(await rows()).toMatchObject([{ state: 'rejected', reason: 'too few', current: false }])
  })

  test.each([
    [{}, 400, 'E_INVALID_ARGUMENT'],
    [null, 400, 'E_INVALID_ARGUMENT'],
    [{ name: 'i/room', revision: 0, as }, 400, 'E_INVALID_ARGUMENT'],
    [{ name: 'i/room', revision: 1, as: 'cluster=i' }, 400, 'E_INVALID_ARGUMENT'],
    [{ name: 'i/room', revision: 1, as, state: 'fine' }, 400, 'E_INVALID_ARGUMENT'],
    [{ name: 'i/none', revision: 1, as }, 404, 'E_NOT_FOUND'],
    [{ name: 'i/room', revision: 1, as: 'cluster=x,role=room,instance=r' }, 403, 'E_NOT_IN_AUDIENCE'],
    [{ name: 'i/room', revision: 900_000, as }, 400, 'E_FUTURE_REVISION'],
  ])('%j → %d %s', async (body, status, error) => {
    await house.publish({ 'i/room.yaml': 'max: 1\n' })
    expect(await code(await post(body))).toEqual([status, error])
  })

  test('of another type, or too large, is refused unread', async () => {
    expect(await code(await post({}, 'text/plain'))).toEqual([400, 'E_INVALID_ARGUMENT'])
    expect(await code(await post('x'.repeat(limits.httpBodyBytesMax)))).toEqual([413, 'E_TOO_LARGE'])
  })
})
