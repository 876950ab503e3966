import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { decodeResult, encodeResult } from './result-codec.js'
import { put, range, show, TestStore, txnBody } from './testing/memory-state.js'
import type { Command, CommandBody, CommandResult } from './types.js'

const request = (sequence: number, body: CommandBody, { session = 1n, lowWater = 0 } = {}): Command => ({
  requestId: { session, sequence, lowWater },
  principal: 'test',
  body,
})
const write = (value: string): CommandBody => txnBody({ success: [put('a', value, { prevKv: true })] })
const code = (result: CommandResult) => (result.ok ? 'ok' : result.code)

test('a retry gets the first result and has no second effect, in the same entry, later, and after a restart', async () => {
  const s = new TestStore()
  s.put('a', '0')
  const command = request(1, write('1'))
  const applied = s.apply(command, command)
  expect(applied.events.length).toBe(1)
  const [first, second] = applied.results
  expect(second).toEqual(first)
  s.put('a', '2')
  expect(s.run(command)).toEqual(first)
  await s.restart()
  expect(s.run(command)).toEqual(first)
  expect(show(s.store.get('user', Buffer.from('a')))).toBe('a=2@2/4/3')
  expect(s.store.hash()).toBe(s.store.recomputeHash())
})

test('a failure is remembered, even when the retry would succeed', () => {
  const s = new TestStore()
  const command = request(1, txnBody({ success: [put('a', '1', { lease: 5n })] }))
  const first = s.run(command)
  expect(code(first)).toBe('E_LEASE_NOT_FOUND')
  s.run({ kind: 'leaseGrant', keyspace: 'user', id: 5n, ttlSeconds: 5 })
  expect(s.run(command)).toEqual(first)
})

test('sessions do not share sequences', () => {
  const s = new TestStore()
  s.run(request(1, write('1'), { session: 1n }))
  s.run(request(1, write('2'), { session: 2n }))
  expect(s.store.revision('user')).toBe(3)
})

test('below the low-water mark a request is refused and not executed; at it, it is still known', () => {
  const s = new TestStore()
  for (let sequence = 1; sequence <= 80; sequence++) s.run(request(sequence, write(`${sequence}`)))
  s.run(request(81, write('81'), { lowWater: 70 }))
  const revision = s.store.revision('user')
  expect(code(s.run(request(69, write('69'))))).toBe('E_REQUEST_FORGOTTEN')
  expect(code(s.run(request(70, write('70'))))).toBe('ok')
  expect(code(s.run(request(72, write('72'), { lowWater: 79 })))).toBe('E_REQUEST_FORGOTTEN')
  expect(s.store.revision('user')).toBe(revision)
})

test('a session remembers so many results; what it forgot it refuses', () => {
  const s = new TestStore()
  const count = limits.dedupResultsPerSession + 10
  for (let from = 1; from <= count; from += 100)
    s.apply(...Array.from({ length: 100 }, (_, at) => request(from + at, write(''))))
  expect(code(s.run(request(1, write('again'))))).toBe('E_REQUEST_FORGOTTEN')
  const revision = s.store.revision('user')
  expect(code(s.run(request(count, write('again'))))).toBe('ok')
  expect(s.store.revision('user')).toBe(revision)
})

test('of too many sessions the one longest unused is forgotten, the same one after a restart', async () => {
  const [left, right] = [new TestStore(), new TestStore()]
  const noop: CommandBody = { kind: 'clusterVersion', version: 0 }
  const visit = (s: TestStore, ...sessions: number[]) =>
    s.apply(...sessions.map((session) => request(1, noop, { session: BigInt(session) })))
  for (const s of [left, right]) {
    for (let from = 0; from < limits.dedupSessionsMax; from += 5_000)
      visit(s, ...Array.from({ length: 5_000 }, (_, at) => from + at))
  }
  await right.restart()
  for (const s of [left, right]) s.run(request(2, write('x'), { session: 500_000n }))
  expect(left.store.hash()).toBe(right.store.hash())
  const before = left.store.hash()
  visit(left, 1)
  expect(left.store.hash()).toBe(before)
  visit(left, 0)
  expect(left.store.hash()).not.toBe(before)
})

test('a read is not remembered: the same id reads anew', () => {
  const s = new TestStore()
  const read = request(1, txnBody({ success: [{ kind: 'range', range: range('a') }] }))
  expect(s.run(read)).toMatchObject({ results: [{ result: { count: 0 } }] })
  s.put('a', '1')
  expect(s.run(read)).toMatchObject({ results: [{ result: { count: 1 } }] })
})

test('a large result is remembered without its key-values, and says so', () => {
  const s = new TestStore()
  s.put('a', 'x'.repeat(5_000))
  const command = request(1, txnBody({ success: [put('b', '1'), { kind: 'range', range: range('\0', '\0') }] }))
  expect(s.run(command)).toMatchObject({ results: [{ kind: 'put' }, { result: { count: 2, more: false } }] })
  const again = s.run(command)
  expect(again).toEqual({
    ok: true,
    revision: 3,
    succeeded: true,
    results: [{ kind: 'put' }, { kind: 'range', result: { revision: 3, kvs: [], more: true, count: 2 } }],
  })
})

test('results of every kind come back from their bytes', () => {
  const kv = {
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    createRevision: 1,
    modRevision: 2,
    version: 3,
    lease: -4n,
  }
  const result: CommandResult = {
    ok: true,
    revision: 7,
    succeeded: false,
    results: [
      { kind: 'put', prevKv: kv },
      { kind: 'delete', deleted: 1, prevKvs: [kv] },
      { kind: 'txn', succeeded: true, results: [{ kind: 'leaseRevoke' }, { kind: 'put' }] },
      { kind: 'leaseGrant', id: 9n, ttlSeconds: 8 },
      { kind: 'range', result: { revision: 3, kvs: [kv], more: true, count: 2 } },
    ],
  }
  expect(decodeResult(encodeResult(result))).toEqual(result)
  const failure: CommandResult = { ok: false, revision: 7, code: 'E_COMPACTED', message: 'so it is' }
  expect(decodeResult(encodeResult(failure))).toEqual(failure)
})
