import { expect, test } from 'vitest'
import { systemRandom } from '../base/random.js'
import { newSealingKey, readSealingKeys } from '../base/sealing.js'
import { Secrets } from '../control/secrets.js'
import { makeHouse, makeHub } from './testing/house.js'
import { room, settled, TestClient } from './testing/test-client.js'

const key = newSealingKey(systemRandom)
const sealingKeys = readSealingKeys(key, systemRandom)
const by = { namespace: 'default', principal: 'ops', author: 'ops', reason: '' }
const subscriptions = ['push/room']
const code = (code: string) => expect.objectContaining({ code })

function openHouse(keys = sealingKeys) {
  const house = makeHouse({ sealingKeys: keys }, ['n1', 'n2'])
  const { member, clock } = house
  const secrets = new Secrets({ member, clock, random: systemRandom, keys })
  return { ...house, secrets, put: (name: string, text: string) => secrets.put(name, Buffer.from(text), by) }
}

/** The newest value that a process was pushed. */
const newest = (client: TestClient) => {
  const change = client.pushes.at(-1)?.changes.at(-1)
  return change && { value: JSON.parse(Buffer.from(change.value).toString()), secret: change.secret, hash: change.hash }
}

test('a process gets the value with its secrets in place, marked, and every member makes the same bytes of it', async () => {
  const { hub, log, put, clock } = openHouse()
  await put('redis/password', 'hunter2 "quoted" ${secret:other}')
  log.publish({ 'push/room': { value: { url: 'redis://:${secret:redis/password}@h', plain: '${HOME}' } } })
  const [, other] = log.members
  const clients = [
    await TestClient.join(hub, 'room-1', { subscriptions }),
    await TestClient.join(makeHub(other as never, clock, { sealingKeys }), 'room-2', { subscriptions }),
  ]
  const [one, two] = clients.map(newest)
  expect(one).toMatchObject({
    value: { url: 'redis://:hunter2 "quoted" ${secret:other}@h', plain: '${HOME}' },
    secret: true,
  })
  expect(two).toEqual(one)
})

test('another value of a secret is pushed to those whose config names it, under a later revision', async () => {
  const { hub, log, put } = openHouse()
  await put('pw', 'one')
  log.publish({ 'push/room': { value: '${secret:pw}' }, 'push/common': { value: 'plain' } })
  const user = await TestClient.join(hub, 'room-1', { subscriptions })
  const bystander = await TestClient.join(hub, 'room-2', { subscriptions: ['push/common'] })
  const before = user.pushes.at(-1)
  user.ack(before)
  const { revision, usedBy } = await put('pw', 'two')
  await settled()
  expect(usedBy).toEqual(['push/room'])
  expect(newest(user)?.value).toBe('two')
  expect(Number(user.pushes.at(-1)?.revision)).toBe(revision)
  expect(bystander.pushes).toHaveLength(1)
  expect(hub.ledger({ name: 'push/room' })).toMatchObject([{ wantedRevision: revision, current: false }])
  user.ack(user.pushes.at(-1))
  expect(hub.ledger({ name: 'push/room' })).toMatchObject([{ revision, state: 'applied', current: true }])
})

test('a value without secrets follows one with them under a revision that does not step back', async () => {
  const { hub, log, put } = openHouse()
  await put('pw', 'one')
  const zones = { overlays: [{ file: 'room@zone=bj.yaml', when: { zone: 'bj' } }] }
  log.publish({ 'push/room': { ...zones, variants: [{ value: '${secret:pw}' }, { overlays: [0], value: 'plain' }] } })
  await put('pw', 'two')
  const first = await TestClient.join(hub, 'room-1', { subscriptions })
  const held = first.pushes.at(-1)?.changes[0]
  const moved = await TestClient.join(hub, 'room-1', {
    identity: room('room-1', { zone: 'bj' }),
    subscriptions,
    held: [{ name: 'push/room', storeEpoch: 1, revision: Number(held?.revision), hash: held?.hash ?? '' }],
  })
  expect(newest(moved)?.value).toBe('plain')
  expect(Number(moved.pushes.at(-1)?.revision)).toBeGreaterThanOrEqual(Number(held?.revision))
})

test('the hash of a value tells nothing of a secret in it, not even that it is the same again', async () => {
  const { hub, log, put } = openHouse()
  await put('pw', 'same')
  log.publish({ 'push/room': { value: '${secret:pw}' } })
  const client = await TestClient.join(hub, 'room-1', { subscriptions })
  const before = newest(client)?.hash
  await put('pw', 'same')
  expect(newest(client)).toMatchObject({ value: 'same', hash: expect.not.stringMatching(before ?? '') })
})

test('without the secret, or the key, a process is told why; what it holds stays', async () => {
  const { hub, log, put, member, clock } = openHouse()
  log.publish({ 'push/room': { value: '${secret:pw}' } })
  const early = await TestClient.join(hub, 'room-1', { subscriptions })
  expect(early.welcome?.refused).toMatchObject([{ name: 'push/room', status: { code: 'E_SECRET_UNKNOWN' } }])
  await put('pw', 'one')
  expect(newest(early)?.value).toBe('one')
  const late = await TestClient.join(hub, 'room-2', { subscriptions })
  expect(newest(late)?.value).toBe('one')
  const keyless = await TestClient.join(makeHub(member, clock), 'room-3', { subscriptions })
  expect(keyless.welcome?.refused).toMatchObject([{ name: 'push/room', status: { code: 'E_SECRET_KEY' } }])
  const foreign = new Secrets({
    member,
    clock,
    random: systemRandom,
    keys: readSealingKeys(newSealingKey(systemRandom), systemRandom),
  })
  await foreign.put('pw', Buffer.from('two'), by)
  expect(late.pushes).toHaveLength(1)
})

test('a process whose words hold a secret is quoted without it', async () => {
  const { hub, log, put } = openHouse()
  await put('pw', 'hunter2"')
  log.publish({ 'push/room': { value: { pw: '${secret:pw}' } } })
  const client = await TestClient.join(hub, 'room-1', { subscriptions })
  const reason = 'bad password hunter2" in {"pw":"hunter2\\""}'
  client.ack(client.pushes.at(-1), { state: 'ACK_STATE_REJECTED', reason })
  expect(hub.ledger()).toMatchObject([{ state: 'rejected', reason: 'bad password *** in {"pw":"***"}' }])
  await put('pw', 'other')
  client.ack(client.pushes.at(-1), { state: 'ACK_STATE_REJECTED', reason: 'neither hunter2" nor other' })
  expect(hub.ledger()).toMatchObject([{ reason: 'neither *** nor ***' }])
  client.disconnect()
  const back = await TestClient.join(hub, 'room-1', {
    subscriptions,
    held: [{ name: 'push/room', hash: 'x', state: 'ACK_STATE_REJECTED', reason, revision: 1, storeEpoch: 1 }],
  })
  expect(back.welcome).toBeDefined()
  expect(JSON.stringify(hub.ledger())).not.toContain('hunter2')
})

test('so is one whose words hold a secret that the config named before', async () => {
  const { hub, log, put } = openHouse()
  await put('pw', 'hunter2')
  log.publish({ 'push/room': { value: { pw: '${secret:pw}' } } })
  const client = await TestClient.join(hub, 'room-1', { subscriptions })
  log.publish({ 'push/room': { value: { pw: 'none' } } })
  client.ack(client.pushes.at(-1), { state: 'ACK_STATE_REJECTED', reason: 'it was hunter2' })
  expect(hub.ledger()).toMatchObject([{ state: 'rejected', reason: 'it was ***' }])
})

test('of two secrets that begin alike no tail is left', async () => {
  const { hub, log, put } = openHouse()
  await put('pw', 'abc')
  await put('token', 'abcdef')
  log.publish({ 'push/room': { value: ['${secret:pw}', '${secret:token}'] } })
  const client = await TestClient.join(hub, 'room-1', { subscriptions })
  client.ack(client.pushes.at(-1), { state: 'ACK_STATE_REJECTED', reason: 'neither abc nor abcdef' })
  expect(hub.ledger()).toMatchObject([{ reason: 'neither *** nor ***' }])
})

test('secrets are listed without their bytes, kept while a config names them, and sealed anew with a newer key', async () => {
  const { log, member, clock, secrets, put } = openHouse()
  await put('pw', 'one')
  await put('pw', 'two')
  log.publish({ 'push/room': { value: '${secret:pw}' } })
  expect(await secrets.list('default')).toMatchObject([
    { name: 'pw', record: { version: 2, author: 'ops' }, opens: true, usedBy: ['push/room'] },
  ])
  expect(JSON.stringify(await secrets.list('default'))).not.toContain('two')
  await expect(secrets.remove('pw', by)).rejects.toThrow(code('E_SECRET_IN_USE'))
  const both = readSealingKeys(`${newSealingKey(systemRandom)}\n${key}`, systemRandom)
  const newer = new Secrets({ member, clock, random: systemRandom, keys: both })
  expect(await newer.reseal(by)).toEqual({ resealed: 1, already: 0 })
  expect(await newer.reseal(by)).toEqual({ resealed: 0, already: 1 })
  expect(await secrets.list('default')).toMatchObject([{ opens: false }])
  log.publish({ 'push/room': { value: 'plain' } })
  await secrets.remove('pw', by)
  expect(await secrets.list('default')).toEqual([])
  await expect(secrets.remove('pw', by)).rejects.toThrow(code('E_SECRET_UNKNOWN'))
})

test('what is no secret is refused with a code', async () => {
  const { secrets, member, clock } = openHouse()
  const put = (name: string, value: Uint8Array, mustExist = false) => secrets.put(name, value, by, mustExist)
  await expect(put('../x', Buffer.from('a'))).rejects.toThrow(code('E_BAD_NAME'))
  await expect(put('', Buffer.from('a'))).rejects.toThrow(code('E_BAD_NAME'))
  await expect(put('pw', Buffer.from(''))).rejects.toThrow(code('E_INVALID_ARGUMENT'))
  await expect(put('pw', Buffer.from([0xff]))).rejects.toThrow(code('E_INVALID_ARGUMENT'))
  await expect(put('pw', Buffer.alloc(64 * 1024 + 1, 'a'))).rejects.toThrow(code('E_TOO_LARGE'))
  await expect(put('pw', Buffer.from('a'), true)).rejects.toThrow(code('E_SECRET_UNKNOWN'))
  const keyless = new Secrets({ member, clock, random: systemRandom })
  await expect(keyless.put('pw', Buffer.from('a'), by)).rejects.toThrow(code('E_SECRET_KEY'))
})
