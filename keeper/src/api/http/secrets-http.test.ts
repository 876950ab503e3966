import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { EventBatch__Output } from '@keeper/proto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.js'
import { silentLogger } from '../../base/logger.js'
import { systemRandom } from '../../base/random.js'
import { newSealingKey, readSealingKeys } from '../../base/sealing.js'
import { Secrets } from '../../control/secrets.js'
import { type ApiHouse, openApi } from '../testing/api-house.js'

/** What a config names is in none of the answers, in none of its forms; what stands there instead says so. */

const [old, now] = ['s3cret-"one"', 's3cret-"two"'] as const
const forms = [old, now].flatMap((secret) => [
  ...[secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
  ...[Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')],
])
const files = (max: number) => ({
  'push/room.yaml': `redis: "redis://:\${secret:redis/password}@h"\nmax: ${max}\n`,
  'push/plain.yaml': 'a: 1\n',
})
const as = 'cluster=push,role=room,instance=room-9'
const keys = readSealingKeys(newSealingKey(systemRandom), systemRandom)

let house: ApiHouse
let put: (text: string) => Promise<unknown>
let base: string
let revision: number
const server = createServer((request, response) => void house.api.http.handle(request, response))

beforeAll(async () => {
  house = await openApi({}, silentLogger, keys)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const secrets = new Secrets({ member: house.member, clock: systemClock, random: systemRandom, keys })
  const by = { namespace: 'default', principal: 'ops', author: 'ops', reason: '' }
  put = (text) => secrets.put('redis/password', Buffer.from(text), by)
  await put(old)
  revision = await house.publish(files(1))
})
afterAll(async () => {
  await house.close()
  server.close()
  server.closeAllConnections()
})

const get = (query: string) => fetch(`${base}/v1/configs/push/room${query}`)
/** Status, headers and body, all of it looked through. */
async function clean(answer: Response): Promise<string> {
  const text = `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`
  expect(forms.filter((form) => text.includes(form))).toEqual([])
  return text
}
async function waiting(): Promise<void> {
  while (house.api.http.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
}

test.each([
  ['', 'of the base'],
  ['?as=cluster=push,role=room', 'of labels'],
  [`?as=${as}`, 'of a process that names itself'],
  ['?after=1', 'that is newer than another'],
])('a value has the name of its secret, and a header says that it is not opened: %s (%s)', async (query) => {
  const text = await clean(await get(query))
  expect(text).toMatch(/^200 /)
  expect(text).toContain('redis://:${secret:redis/password}@h')
  expect(text).toContain('["keeper-secrets","unopened"]')
})

test('a value without secrets has no such header', async () => {
  expect((await fetch(`${base}/v1/configs/push/plain`)).headers.has('keeper-secrets')).toBe(false)
})

test('who may not have the config gets neither value nor name', async () => {
  const text = await clean(await get('?as=cluster=push,role=register'))
  expect(text).toMatch(/^403 .*E_NOT_IN_AUDIENCE/)
  expect(text).not.toContain('redis')
})

test('a long poll sleeps through another value of the secret, and is answered by the next value of the config', async () => {
  const sleeper = get(`?as=${as}&after=${revision}&wait=300ms`)
  await waiting()
  await put(now)
  expect(await clean(await sleeper)).toMatch(/^304 /)
  const poll = get(`?as=${as}&after=${revision}&wait=30s`)
  await waiting()
  await house.publish(files(2))
  expect(await clean(await poll)).toMatch(/^200 .*"max":2.*\$\{secret:redis\/password\}/)
})

test('a word on a value, by one who has the secret from elsewhere, is quoted without it', async () => {
  const ack = (name: string, reason: string) =>
    fetch(`${base}/v1/acks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, revision, as, state: 'rejected', reason }),
    })
  expect((await ack('push/room', `cannot log in with ${now} at redis`)).status).toBe(204)
  const { rows } = await house.hub.everywhere.ledger({ name: 'push/room' })
  expect(rows).toMatchObject([{ instance: 'room-9', reason: 'cannot log in with *** at redis' }])
})

test('history with differences, diff, explain, files, ledger and the timeline have the name alone', async () => {
  const name = 'push/room'
  const answers = await Promise.all([
    house.call('configs', 'Get', { name, asInstance: '' }),
    house.call('configs', 'History', { name, limit: 10, diff: true }),
    house.call('configs', 'Ledger', { name }),
    house.call('changes', 'Diff', { name, fromStepsBack: 1 }),
    house.call('changes', 'Explain', { name, pointer: '' }),
    house.call('secrets', 'List', {}),
  ])
  const events = house.stream<EventBatch__Output>('control', 'Events', {})
  const told = await events.find(({ caughtUp }) => caughtUp)
  const text = JSON.stringify([answers, told], (_key, value) => (Buffer.isBuffer(value) ? value.toString() : value))
  expect(forms.filter((form) => text.includes(form))).toEqual([])
  expect(text).toContain('${secret:redis/password}')
})
