import { expect, test } from 'vitest'
import { encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { del, put, range, show, showEvent, TestStore, txnBody } from './testing/memory-state.js'
import type { CommandResult, Compare, OperationResult, RangeResult } from './types.js'

const all = range('\0', '\0')
const shown = (result: RangeResult) => result.kvs.map(show)
const code = (result: CommandResult) => (result.ok ? 'ok' : result.code)
const results = (result: CommandResult): readonly OperationResult[] => (result.ok ? result.results : [])
const rangeOf = (result: CommandResult, at = 0): RangeResult => {
  const found = results(result)[at]
  if (found?.kind !== 'range') throw new Error(`result ${at} is no range`)
  return found.result
}
const compare = (key: string, target: 'version' | 'modRevision' | 'createRevision', operand: number): Compare => ({
  target,
  key: encodeText(key),
  comparison: 'equal',
  operand,
})

test('an empty store stands at revision 1, and each put is one revision', () => {
  const s = new TestStore()
  expect(s.store.revision('user')).toBe(1)
  s.put('a', '1')
  s.put('a', '2')
  s.put('b', '1')
  expect(shown(s.store.range('user', all))).toEqual(['a=2@2/3/2', 'b=1@4/4/1'])
  expect(s.store.revision('user')).toBe(4)
  expect(s.store.revision('system')).toBe(1)
})

test('a deleted key begins again at version 1 with a new create revision', () => {
  const s = new TestStore()
  s.put('a', '1')
  s.delete('a')
  expect(s.store.get('user', encodeText('a'))).toBeUndefined()
  s.put('a', '2')
  expect(show(s.store.get('user', encodeText('a')))).toBe('a=2@4/4/1')
})

test('deleting what is not there bumps nothing', () => {
  const s = new TestStore()
  expect(s.delete('a')).toEqual({
    ok: true,
    revision: 1,
    succeeded: true,
    results: [{ kind: 'delete', deleted: 0, prevKvs: [] }],
  })
})

test('a transaction is one revision however many keys it writes, and none when it only reads', () => {
  const s = new TestStore()
  s.txn({ success: [put('a', '1'), put('b', '2')] })
  s.txn({ success: [{ kind: 'range', range: all }] })
  expect(shown(s.store.range('user', all))).toEqual(['a=1@2/2/1', 'b=2@2/2/1'])
  expect(s.store.revision('user')).toBe(2)
})

test('a range inside a transaction sees the writes before it and says their revision', () => {
  const s = new TestStore()
  const result = s.txn({
    success: [{ kind: 'range', range: all }, put('a', '1'), { kind: 'range', range: all }],
  })
  expect(rangeOf(result, 0)).toMatchObject({ revision: 1, count: 0 })
  expect(rangeOf(result, 2)).toMatchObject({ revision: 2, count: 1 })
  expect(shown(rangeOf(result, 2))).toEqual(['a=1@2/2/1'])
})

test('compares choose the branch; a missing key counts as zeros, but its value equals nothing', () => {
  const s = new TestStore()
  const value = (comparison: 'equal' | 'notEqual' | 'less'): Compare => ({
    target: 'value',
    key: encodeText('none'),
    comparison,
    operand: new Uint8Array(0),
  })
  const holds = (...compares: Compare[]) => {
    const result = s.txn({ compares })
    return result.ok && result.succeeded
  }
  expect(holds(compare('none', 'version', 0), compare('none', 'modRevision', 0))).toBe(true)
  expect(holds({ target: 'lease', key: encodeText('none'), comparison: 'equal', operand: 0n })).toBe(true)
  expect(holds(value('equal'))).toBe(false)
  expect(holds(value('notEqual'))).toBe(false)
  expect(holds(value('less'))).toBe(false)
  s.put('a', 'x')
  expect(holds({ target: 'value', key: encodeText('a'), comparison: 'greater', operand: encodeText('w') })).toBe(true)
  expect(holds(compare('a', 'createRevision', 2), compare('a', 'version', 2))).toBe(false)
})

test('a compare over a range holds when it holds for every key in it', () => {
  const s = new TestStore()
  s.txn({ success: [put('k1', 'x'), put('k2', 'x')] })
  s.put('k3', 'y')
  const values = (rangeEnd: string): Compare => ({
    target: 'value',
    key: encodeText('k'),
    rangeEnd: encodeText(rangeEnd),
    comparison: 'equal',
    operand: encodeText('x'),
  })
  expect(s.txn({ compares: [values('k3')] })).toMatchObject({ succeeded: true })
  expect(s.txn({ compares: [values('l')] })).toMatchObject({ succeeded: false })
})

test('nested transactions are decided on the state before the outer one writes', () => {
  const s = new TestStore()
  const nested = {
    kind: 'txn' as const,
    txn: { compares: [compare('a', 'version', 0)], success: [put('b', 'before')], failure: [put('b', 'after')] },
  }
  const result = s.txn({ success: [put('a', '1'), nested] })
  expect(results(result)[1]).toEqual({ kind: 'txn', succeeded: true, results: [{ kind: 'put' }] })
  expect(show(s.store.get('user', encodeText('b')))).toBe('b=before@2/2/1')
})

test.each([
  ['two puts', [put('a', '1'), put('a', '2')], 'E_DUPLICATE_KEY'],
  ['a put inside a deleted range', [del('a', 'c'), put('b', '1')], 'E_DUPLICATE_KEY'],
  ['a put before the delete that covers it', [put('b', '1'), del('\0', '\0')], 'E_DUPLICATE_KEY'],
  ['a put beside a deleted range', [del('a', 'c'), put('c', '1')], 'ok'],
  ['overlapping deletes', [del('a', 'c'), del('b', 'd')], 'ok'],
  ['a key in both branches of a nested one', [nest([put('a', '1')], [put('a', '2')])], 'ok'],
  ['a key in a nested one and beside it', [nest([put('a', '1')], []), put('a', '2')], 'E_DUPLICATE_KEY'],
  ['a key in two nested ones', [nest([put('a', '1')], []), nest([], [put('a', '2')])], 'E_DUPLICATE_KEY'],
  ['a nested put in a range deleted outside', [nest([], [put('b', '1')]), del('a', 'c')], 'E_DUPLICATE_KEY'],
  ['a put in a range deleted by a nested one', [nest([del('a', 'c')], []), put('b', '1')], 'E_DUPLICATE_KEY'],
  ['an empty key', [put('', '1')], 'E_INVALID_ARGUMENT'],
  ['a lease nobody granted', [put('z', '1'), put('a', '1', { lease: 7n })], 'E_LEASE_NOT_FOUND'],
  ['a kept value of a missing key', [put('z', '1'), put('a', '', { ignoreValue: true })], 'E_NOT_FOUND'],
  ['a kept value and a new one', [put('a', 'v', { ignoreValue: true })], 'E_INVALID_ARGUMENT'],
])('%s in one transaction', (_what, success, expected) => {
  const s = new TestStore()
  const before = s.store.hash()
  expect(code(s.txn({ success }))).toBe(expected)
  if (expected !== 'ok') expect(s.store.hash()).toBe(before)
})

function nest(success: ReturnType<typeof put>[] | ReturnType<typeof del>[], failure: ReturnType<typeof put>[]) {
  return { kind: 'txn' as const, txn: { compares: [], success, failure } }
}

test('a failed command changes nothing and does not touch its neighbours in the entry', () => {
  const s = new TestStore()
  const applied = s.apply(
    txnBody({ success: [put('a', '1')] }),
    txnBody({ success: [put('a', '2'), put('b', '2'), del('c'), put('d', '1', { lease: 9n })] }),
    txnBody({ success: [put('b', '3')] }),
  )
  expect(applied.results.map(code)).toEqual(['ok', 'E_LEASE_NOT_FOUND', 'ok'])
  expect(applied.results.map((result) => result.revision)).toEqual([2, 2, 3])
  expect(applied.events.map(showEvent)).toEqual(['put a=1@2/2/1 was none', 'put b=3@3/3/1 was none'])
  expect(s.store.hash()).toBe(s.store.recomputeHash())
})

test('prevKv, ignoreValue and ignoreLease as etcd has them', () => {
  const s = new TestStore()
  s.run({ kind: 'leaseGrant', keyspace: 'user', id: 5n, ttlSeconds: 10 })
  s.put('a', '1', { lease: 5n })
  const replaced = s.put('a', '2', { prevKv: true, ignoreLease: true })
  expect(results(replaced)).toMatchObject([{ kind: 'put', prevKv: { modRevision: 2, lease: 5n } }])
  s.put('a', '', { ignoreValue: true })
  expect(show(s.store.get('user', encodeText('a')))).toBe('a=2@2/4/3')
  const gone = s.txn({ success: [del('a', undefined, true)] })
  expect(results(gone)).toMatchObject([{ kind: 'delete', deleted: 1, prevKvs: [{ version: 3 }] }])
})

test('limit, order, filters, keys only and count only', () => {
  const s = new TestStore()
  for (const key of ['c', 'a', 'b', 'd']) s.put(key, `${key}${key}`)
  s.put('a', 'z')
  const keys = (options: Parameters<typeof range>[2]) => {
    const found = s.store.range('user', range('\0', '\0', options))
    return `${found.kvs.map(({ key }) => Buffer.from(key).toString()).join('')} ${found.more} ${found.count}`
  }
  expect(keys({ limit: 2 })).toBe('ab true 4')
  expect(keys({ limit: 4 })).toBe('abcd false 4')
  expect(keys({ limit: 3, sortOrder: 'descend' })).toBe('dcb true 4')
  expect(keys({ sortTarget: 'mod' })).toBe('cbda false 4')
  expect(keys({ sortTarget: 'version', sortOrder: 'descend', limit: 1 })).toBe('a true 4')
  expect(keys({ sortTarget: 'value', sortOrder: 'descend', limit: 2 })).toBe('ad true 4')
  expect(keys({ sortTarget: 'create', limit: 1 })).toBe('c true 4')
  expect(keys({ minModRevision: 4, maxModRevision: 5 })).toBe('bd false 4')
  expect(keys({ maxCreateRevision: 3, limit: 1 })).toBe('a true 4')
  expect(keys({ countOnly: true })).toBe(' false 4')
  const bare = s.store.range('user', range('a', undefined, { keysOnly: true }))
  expect(bare.kvs.map(show)).toEqual(['a=@3/6/2'])
})

test('range ends: one key, a prefix, from a key on, nothing', () => {
  const s = new TestStore()
  for (const key of ['a', 'a/1', 'a/2', 'b']) s.put(key, '')
  const count = (key: string, end?: string) => s.store.range('user', range(key, end)).count
  expect(count('a')).toBe(1)
  expect(count('a', '')).toBe(1)
  expect(count('a/', 'a0')).toBe(2)
  expect(count('a/2', '\0')).toBe(2)
  expect(count('b', 'a')).toBe(0)
})

test('revoking a lease deletes its keys in one revision, in key order', () => {
  const s = new TestStore()
  s.run({ kind: 'leaseGrant', keyspace: 'user', id: 5n, ttlSeconds: 10 })
  for (const key of ['b', 'a', 'c']) s.put(key, key, { lease: 5n })
  s.put('c', 'free')
  expect(s.store.lease('user', 5n)).toEqual({
    id: 5n,
    keyspace: 'user',
    ttlSeconds: 10,
    grantedWallMs: 1_000,
    keys: 2,
  })
  expect(s.store.lease('system', 5n)).toBeUndefined()
  const applied = s.apply({ kind: 'leaseRevoke', keyspace: 'user', id: 5n })
  expect(applied.events.map(showEvent)).toEqual(['delete a@6 was a=a@3/3/1#5', 'delete b@6 was b=b@2/2/1#5'])
  expect([...s.store.leases('user')]).toEqual([])
  expect(code(s.run({ kind: 'leaseRevoke', keyspace: 'user', id: 5n }))).toBe('E_LEASE_NOT_FOUND')
})

test('lease ids: a chosen one is positive and the same on every member, a taken one is refused', () => {
  const grant = (s: TestStore) => results(s.run({ kind: 'leaseGrant', keyspace: 'user', id: 0n, ttlSeconds: 0 }))[0]
  const [left, right] = [new TestStore(), new TestStore()]
  const chosen = grant(left)
  expect(chosen).toEqual(grant(right))
  if (chosen?.kind !== 'leaseGrant') throw new Error('no lease')
  expect(chosen.id > 0n).toBe(true)
  expect(chosen.ttlSeconds).toBe(1)
  expect(code(left.run({ kind: 'leaseGrant', keyspace: 'user', id: chosen.id, ttlSeconds: 5 }))).toBe('E_LEASE_EXISTS')
  expect(code(left.run({ kind: 'leaseGrant', keyspace: 'user', id: 8n, ttlSeconds: 1e10 }))).toBe('E_INVALID_ARGUMENT')
})

test('a system transaction compares term and blob, grants and revokes leases, and suffixes keys with its revision', () => {
  const s = new TestStore()
  s.term = 3
  const write = (term: number) =>
    s.txn(
      {
        compares: [
          { target: 'term', term },
          { target: 'blob', hash: 'f'.repeat(64) },
        ],
        success: [put('never', '')],
        failure: [
          { kind: 'leaseGrant', id: 4n, ttlSeconds: 9 },
          put('/log/', 'entry', { revisionSuffix: true, lease: 4n }),
        ],
      },
      'system',
    )
  expect(write(3)).toMatchObject({ ok: true, succeeded: false, revision: 2 })
  expect(s.store.range('system', all).kvs.map(show)).toEqual(['/log/0000000000000002=entry@2/2/1#4'])
  const replace = s.txn(
    {
      compares: [{ target: 'term', term: 3 }],
      success: [{ kind: 'leaseRevoke', id: 4n }, put('/log/0000000000000002', 'new')],
    },
    'system',
  )
  expect(replace).toMatchObject({ succeeded: true, revision: 3 })
  expect(s.store.range('system', all).kvs.map(show)).toEqual(['/log/0000000000000002=new@3/3/1'])
  expect(s.txn({ compares: [{ target: 'term', term: 2 }] }, 'system')).toMatchObject({ succeeded: false })
})

test('a read of an older revision inside the log is refused, whatever happens to be in memory', () => {
  const s = new TestStore()
  s.put('a', '1')
  s.put('a', '2')
  const at = (revision: number) => code(s.txn({ success: [{ kind: 'range', range: { ...all, revision } }] }))
  expect([at(2), at(3), at(4)]).toEqual(['E_UNSUPPORTED', 'ok', 'E_FUTURE_REVISION'])
})

test('the cluster version only grows', () => {
  const s = new TestStore()
  const set = (version: number) => code(s.run({ kind: 'clusterVersion', version }))
  expect([set(2), set(1), set(3)]).toEqual(['ok', 'E_INVALID_ARGUMENT', 'ok'])
  expect(s.store.clusterVersion()).toBe(3)
})

test('the byte count grows with values and history, and falls with deletes and compaction', () => {
  const s = new TestStore()
  const empty = s.store.bytesInUse()
  for (let i = 0; i < 40; i++) s.put('a', 'x'.repeat(100_000))
  const full = s.store.bytesInUse()
  s.delete('a')
  s.run({ kind: 'compact', keyspace: 'user', revision: s.store.revision('user') })
  expect(full - empty).toBeGreaterThan(7_000_000)
  expect(s.store.bytesInUse() - empty).toBeLessThan(2_000_000)
})

test('a change set of a large directory is one transaction of the system; users may do less at once', () => {
  const s = new TestStore()
  const many = Array.from({ length: limits.txnOperationsMax + 1 }, (_, at) => put(`k${at}`, ''))
  const txn = { compares: [], success: many, failure: [] }
  expect(s.run({ kind: 'txn', keyspace: 'user', txn })).toMatchObject({ ok: false, code: 'E_TOO_LARGE' })
  expect(s.run({ kind: 'txn', keyspace: 'system', txn })).toMatchObject({ ok: true })
})
