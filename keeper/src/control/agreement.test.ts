import { expect, test } from 'vitest'
import { silentLogger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import { newSealingKey, readSealingKeys } from '../base/sealing.js'
import type { MemberSettings } from '../store/member-settings.js'
import { encodeRecord, type MemberRecord, recordKey } from '../store/records.js'
import { Agreement } from './agreement.js'
import { foundingRecord } from './member-book.js'
import { announced, disagreements, isCommon } from './settings.js'
import { makeShop, put } from './testing/shop.js'

const alike: MemberSettings = {
  sealingKeys: ['aa'],
  labels: { env: 'prod' },
  heartbeatIntervalMs: 50,
  electionTimeoutMs: 600,
  clientTls: 'off',
}
const record = (id: number, settings?: Partial<MemberSettings>, wanted?: MemberRecord['wanted']): MemberRecord => ({
  ...foundingRecord({ id, name: `n${id}`, peer: `n${id}:7401`, folder: `f${id}` }),
  ...(settings && { settings: { ...alike, ...settings } }),
  ...(wanted && { wanted }),
})
const found = (...records: MemberRecord[]) => disagreements(announced(records))

test('members that were started alike agree; who is gone, or says nothing, is not asked', () => {
  expect(found(record(1, {}), record(2, {}), record(3), record(4, { labels: {} }, 'removed'))).toEqual([])
})

test('a key that others lack is named with those who cannot open it, and one who has no key is among them', () => {
  expect(found(record(1, {}), record(2, { sealingKeys: ['bb'] }), record(3, { sealingKeys: [] }))).toEqual([
    {
      code: 'E_SECRET_KEY',
      text: 'sealing keys differ: n1 would seal secrets with key aa, which n2, n3 cannot open',
    },
    {
      code: 'E_SECRET_KEY',
      text: 'sealing keys differ: n2 would seal secrets with key bb, which n1, n3 cannot open',
    },
  ])
})

test('a key that is being replaced is none of the findings once every member can open it', () => {
  const newer = { sealingKeys: ['bb', 'aa'] }
  expect(found(record(1, newer), record(2, {}))).toMatchObject([{ code: 'E_SECRET_KEY' }])
  expect(found(record(1, newer), record(2, { sealingKeys: ['aa', 'bb'] }))).toEqual([])
})

test('labels, TLS and the rhythm of elections are compared, each said once with who has what', () => {
  const other = { labels: { env: 'staging' }, clientTls: 'on', electionTimeoutMs: 900 } as const
  expect(
    found(record(1, {}), record(2, other), record(3, { heartbeatIntervalMs: 60 })).map(({ text }) => text),
  ).toEqual([
    'labels (--label): env=prod at n1, n3; env=staging at n2',
    'TLS for clients (--cert-file, --client-cert-auth): off at n1, n3; on at n2',
    '--heartbeat-interval: 50 ms at n1, n2; 60 ms at n3',
    '--election-timeout: 600 ms at n1, n3; 900 ms at n2',
  ])
})

test('the order in which labels were given is no difference', () => {
  const [one, two] = [
    { a: '1', b: '2' },
    { b: '2', a: '1' },
  ]
  expect(found(record(1, { labels: one }), record(2, { labels: two }))).toEqual([])
})

test('labels are common to more members than any others, or to none', () => {
  const members = announced([record(1, {}), record(2, {}), record(3, { labels: {} })])
  expect([{ env: 'prod' }, {}].map((labels) => isCommon(labels, members))).toEqual([true, false])
  const halves = announced([record(1, {}), record(2, { labels: {} })])
  expect([{ env: 'prod' }, {}].map((labels) => isCommon(labels, halves))).toEqual([false, false])
  expect(isCommon({}, announced([record(1, { labels: {} })]))).toBe(true)
})

/** n1, with the records of others. */
function house(settings: Partial<MemberSettings>, others: readonly MemberRecord[]) {
  const shop = makeShop()
  for (const one of others) put(shop.log, recordKey('default', 'member', String(one.id)), encodeRecord('member', one))
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (_fields: object, text: string) => warnings.push(text) }
  const { member } = shop
  const agreement = new Agreement({ member, logger, name: 'n1', settings: { ...alike, ...settings } })
  return { ...shop, agreement, warnings }
}

test('nothing is sealed with a key that a member lacks', () => {
  const { agreement } = house({}, [record(1, { sealingKeys: ['old'] }), record(2, {})])
  agreement.requireOpenable()
  const alone = house({}, [record(2, { sealingKeys: ['bb'] })])
  expect(() => alone.agreement.requireOpenable()).toThrow(
    expect.objectContaining({
      ...{ code: 'E_SECRET_KEY', details: { key: 'aa', members: ['n2'] } },
      message:
        'n2 could not open what this keeper seals with key aa, as n2 said when last started: start n2 with a key file that has this key, or, should it not come back, `keeper member remove n2`',
    }),
  )
})

test('nothing is published with labels that most members do not have', () => {
  expect(house({}, [record(2, {}), record(3, { labels: {} })]).agreement.notCommon()).toBeUndefined()
  const odd = house({ labels: {} }, [record(2, {}), record(3, {})])
  expect(odd.agreement.notCommon()).toMatchObject({
    code: 'E_SETTINGS_DIFFER',
    message: expect.stringContaining('started with labels none'),
  })
})

test('who publishes nothing for its labels names those of the others, and how to start it', () => {
  const why = (own: MemberSettings['labels'], ...others: MemberSettings['labels'][]) =>
    house(
      { labels: own },
      others.map((labels, at) => record(at + 2, { labels })),
    ).agreement.notCommon()?.message
  expect(why({}, { env: 'prod', idc: 'a' })).toBe(
    'this keeper was started with labels none and publishes nothing while as many have others: n2 with env=prod,idc=a; start this one with --label env=prod --label idc=a, as n2, or n2 with no --label',
  )
  expect(why({ env: 'b' }, {}, { env: 'a' }, { env: 'a' })).toMatch(
    /n2 with none, n3 with env=a, n4 with env=a; start this one with --label env=a, as n3, or n3 with --label env=b$/,
  )
})

test('a member is not ready while secrets need a key that it lacks and another one has', () => {
  const lines = [newSealingKey(systemRandom), newSealingKey(systemRandom)] as const
  const [mine, theirs] = lines.map((line) => readSealingKeys(line, systemRandom))
  const sealed = theirs?.seal(Buffer.from('x'), 'secret default/pw')
  const secret = { v: 1, sealed: sealed as never, version: 1, author: 'ops', reason: '', wallMs: 0 } as const
  const write = (shop: ReturnType<typeof house>) =>
    put(shop.log, recordKey('other', 'secret', 'pw'), encodeRecord('secret', secret))
  const without = house({ sealingKeys: mine?.ids ?? [] }, [record(2, { sealingKeys: theirs?.ids ?? [] })])
  expect(without.agreement.notReady()).toBeUndefined()
  write(without)
  expect(without.agreement.notReady()).toMatchObject({ code: 'E_SECRET_KEY' })
  const lost = house({ sealingKeys: mine?.ids ?? [] }, [record(2, { sealingKeys: mine?.ids ?? [] })])
  write(lost)
  expect(lost.agreement.notReady(), 'no other member would do better').toBeUndefined()
})

test('what differs is said in the log once, not again with each look', () => {
  const { agreement, warnings, log } = house({}, [record(2, { labels: {} })])
  agreement.tell()
  agreement.tell()
  expect(warnings).toEqual(['the keepers were not started alike: labels (--label): env=prod at n1; none at n2'])
  put(log, recordKey('default', 'member', '2'), encodeRecord('member', record(2, {})))
  agreement.tell()
  put(log, recordKey('default', 'member', '2'), encodeRecord('member', record(2, { labels: {} })))
  agreement.tell()
  expect(warnings).toHaveLength(2)
})
