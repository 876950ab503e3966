import { expect, test } from 'vitest'
import { encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import { CLUSTER_VERSION, resultRunsSince } from './cluster-version.js'
import { decodeBatch, decodeCommand, encodeBatch, encodeCommand } from './command-codec.js'
import { createStore } from './store.js'
import { del, MemoryState, put, range, TestStore, txnBody } from './testing/memory-state.js'
import type { Command, CommandBatch, CommandBody, Txn } from './types.js'

const key = encodeText('k')
const bodies: CommandBody[] = [
  txnBody(
    {
      compares: [
        { target: 'version', key, comparison: 'equal', operand: -1 },
        { target: 'modRevision', key, rangeEnd: encodeText('l'), comparison: 'less', operand: 2 ** 52 },
        { target: 'createRevision', key, comparison: 'notEqual', operand: 0 },
        { target: 'lease', key, comparison: 'greater', operand: -5n },
        { target: 'value', key, comparison: 'greater', operand: encodeText('v') },
        { target: 'blob', hash: 'a'.repeat(64) },
        { target: 'term', term: 7 },
      ],
      success: [
        put('k', 'v', { lease: 2n ** 62n, prevKv: true }),
        put('k2', '', { ignoreLease: true, ignoreValue: true, revisionSuffix: true }),
        del('a', 'b', true),
        { kind: 'txn', txn: { compares: [], success: [del('x')], failure: [] } },
      ],
      failure: [
        { kind: 'range', range: range('a', '\0', { limit: 5, revision: 9, sortTarget: 'mod', sortOrder: 'descend' }) },
        { kind: 'range', range: range('a', undefined, { keysOnly: true, minModRevision: 1, maxCreateRevision: 2 }) },
        { kind: 'range', range: range('a', undefined, { countOnly: true, maxModRevision: 1, minCreateRevision: 2 }) },
        { kind: 'leaseGrant', id: 0n, ttlSeconds: 60 },
        { kind: 'leaseRevoke', id: 8n },
      ],
    },
    'system',
  ),
  { kind: 'leaseGrant', keyspace: 'user', id: 1n, ttlSeconds: 9e9 },
  { kind: 'leaseRevoke', keyspace: 'system', id: -1n },
  { kind: 'compact', keyspace: 'user', revision: 12 },
  { kind: 'blobPut', hash: 'a'.repeat(64), chunk: 1, chunks: 2, bytes: encodeText('bytes') },
  { kind: 'blobCompose', hash: 'a'.repeat(64), pieces: ['b'.repeat(64), 'c'.repeat(64)] },
  { kind: 'blobDelete', hashes: ['a'.repeat(64), 'b'.repeat(64)] },
  { kind: 'blobExecute', hash: 'a'.repeat(64) },
  { kind: 'clusterVersion', version: 0 },
  { kind: 'clusterVersion', version: 3 },
]
const commands: Command[] = bodies.map((body, sequence) =>
  sequence % 2 === 0
    ? { principal: 'system', body }
    : { principal: 'ops@example', requestId: { session: 2n ** 62n, sequence, lowWater: 0 }, body },
)
const batch: CommandBatch = { wallMs: 1_700_000_000_000, seed: 0x1234_5678_9abcn, commands }

/** Views on the entry compare as plain bytes. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, function (this: Record<string, unknown>, name, converted) {
      const raw = this[name]
      if (raw instanceof Uint8Array) return `bytes ${Buffer.from(raw).toString('hex')}`
      return typeof raw === 'bigint' ? `${raw}n` : converted
    }),
  )

const codeOf = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    return error instanceof KeeperError ? error.code : String(error)
  }
  return 'ok'
}

test('every command comes back from its bytes', () => {
  expect(plain(decodeBatch(encodeBatch(batch)))).toEqual(plain(batch))
  for (const command of commands) expect(plain(decodeCommand(encodeCommand(command)))).toEqual(plain(command))
})

test('a version of the cluster that a keeper does not know halts it', () => {
  const raising = (version: number) => encodeCommand({ principal: 'system', body: { kind: 'clusterVersion', version } })
  expect(codeOf(() => decodeCommand(raising(CLUSTER_VERSION + 1)))).toBe('E_HALTED')
  // keepers of version 1 look at no version: theirs end with command kind 7
  const kindOf = (version: number) => raising(version).at(-2)
  expect([0, 1, resultRunsSince, CLUSTER_VERSION].map(kindOf)).toEqual([7, 7, 8, 8])
})

test('a simple put is small', () => {
  const command: Command = { principal: 'c', body: txnBody({ success: [put('0123456789', 'x'.repeat(100))] }) }
  expect(encodeBatch({ ...batch, commands: [command] }).length).toBeLessThan(110 + 40)
})

test.each([
  ['format', Buffer.concat([Buffer.of(2), encodeBatch(batch).subarray(1)])],
  ['command kind', Buffer.concat([encodeBatch({ ...batch, commands: [] }).subarray(0, -1), Buffer.of(1, 0, 0, 99)])],
  ['bytes, too few', encodeBatch(batch).subarray(0, -3)],
  ['bytes, too many', Buffer.concat([encodeBatch(batch), Buffer.of(0)])],
])('an unknown %s halts the store before anything changes, and nothing is flushed after it', (_what, data) => {
  const s = new TestStore()
  s.put('a', '1')
  const before = s.store.hash()
  expect(codeOf(() => s.store.apply({ index: 9, term: 1, data }))).toBe('E_HALTED')
  expect(s.store.hash()).toBe(before)
  expect(s.store.appliedIndex).toBe(1)
  expect(codeOf(() => s.put('a', '2'))).toBe('E_HALTED')
  expect(codeOf(() => s.store.takeFlush())).toBe('E_HALTED')
})

test('an unknown kind behind known ones changes nothing either', () => {
  const s = new TestStore()
  const good = encodeBatch({ ...batch, commands: [{ principal: '', body: txnBody({ success: [put('a', '1')] }) }] })
  const data = Buffer.concat([good.subarray(0, 15), Buffer.of(2), good.subarray(16), Buffer.of(0, 0, 99)])
  expect(good[15]).toBe(1)
  expect(codeOf(() => s.store.apply({ index: 1, term: 1, data }))).toBe('E_HALTED')
  expect(s.store.revision('user')).toBe(1)
})

test('the empty entry of a new leader only moves the index', () => {
  const store = createStore({ reader: new MemoryState() })
  expect(store.apply({ index: 4, term: 2, data: new Uint8Array(0) })).toEqual({
    index: 4,
    term: 2,
    wallMs: 0,
    results: [],
    events: [],
  })
  expect(store.takeFlush()).toMatchObject({ appliedIndex: 4, appliedTerm: 2 })
})

test('transactions that nest without end are refused before they are proposed', () => {
  let txn: Txn = { compares: [], success: [], failure: [] }
  for (let i = 1; i < limits.txnDepthMax; i++) txn = { compares: [], success: [{ kind: 'txn', txn }], failure: [] }
  const encode = (inner: Txn) => codeOf(() => encodeCommand({ principal: '', body: txnBody(inner) }))
  expect(encode(txn)).toBe('ok')
  expect(encode({ compares: [], success: [{ kind: 'txn', txn }], failure: [] })).toBe('E_TOO_LARGE')
})

test('garbage never throws anything but a typed error', () => {
  const random = seededRandom(5)
  const good = encodeBatch(batch)
  for (let i = 0; i < 3_000; i++) {
    const bytes = Buffer.from(good)
    for (let n = 0; n <= random.below(4); n++) bytes[1 + random.below(bytes.length - 1)] = random.below(256)
    expect(['ok', 'E_HALTED', 'E_CORRUPT', 'E_TOO_LARGE']).toContain(codeOf(() => decodeBatch(bytes)))
  }
})
