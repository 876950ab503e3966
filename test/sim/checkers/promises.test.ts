import { describe, expect, test } from 'vitest'
import { encodeText } from '../../../keeper/src/base/codec.js'
import type { SessionRecord } from '../../../keeper/src/store/process-records.js'
import { encodeRecord, recordKey } from '../../../keeper/src/store/records.js'
import type { AppliedEntry, Event } from '../../../keeper/src/store/types.js'
import { FencingChecker, fenceKey, fenceValue } from './fencing.js'
import { HolderChecker } from './holders.js'
import { LeaseChecker } from './leases.js'
import { checkPart } from './linearizability.js'
import { checkSerializable } from './serializable.js'
import { groupModel, type TxnAct, type TxnOp } from './transactions.js'

const event = (key: string | Uint8Array, value: string | Uint8Array, modRevision: number, version = 1): Event => ({
  keyspace: typeof key === 'string' ? 'user' : 'system',
  type: 'put',
  kv: {
    key: typeof key === 'string' ? encodeText(key) : key,
    value: typeof value === 'string' ? encodeText(value) : value,
    ...{ createRevision: 2, modRevision, version, lease: 0n },
  },
})

describe('transactions', () => {
  const put = (key: number, value: string): TxnAct => ({ kind: 'put', key, value })
  const read: TxnAct = { kind: 'read' }
  const txn = (at: number, parts: Partial<TxnOp>) => {
    const none = { client: 1, group: 'g', compares: [], success: [], failure: [] }
    return { op: { ...none, outcome: 'unknown', ...parts } as TxnOp, calledAt: at, returnedAt: at + 1 }
  }
  const both = txn(0, { success: [put(0, 'a'), put(1, 'b')], outcome: { succeeded: true, reads: [] } })
  const judge = (...reads: string[][]) => {
    const seen = reads.map((state, at) =>
      txn(2 * at + 2, { success: [read], outcome: { succeeded: true, reads: [state] } }),
    )
    return checkPart(groupModel, [both, ...seen]).linearizable
  }

  test('are seen whole', () => {
    expect(judge(['a#1', 'b#1', ''])).toBe(true)
    expect(judge(['a#1', '', ''])).toBe(false)
    expect(judge(['a#2', 'b#1', ''])).toBe(false)
  })

  test('do what their compares say', () => {
    const compares = [{ target: 'value', key: 0, operand: 'a' }] as const
    const then = (succeeded: boolean) =>
      checkPart(groupModel, [both, txn(2, { compares, outcome: { succeeded, reads: [] } })]).linearizable
    expect(then(true)).toBe(true)
    expect(then(false)).toBe(false)
  })

  test('read within what they wrote', () => {
    const own = (cell: string) =>
      txn(2, { success: [put(0, 'c'), read], outcome: { succeeded: true, reads: [[cell, 'b#1', '']] } })
    expect(checkPart(groupModel, [both, own('c#2')]).linearizable).toBe(true)
    expect(checkPart(groupModel, [both, own('a#1')]).linearizable).toBe(false)
  })
})

test('a read as it comes is of one moment', () => {
  const events = [event('a', '1', 2), event('b', '1', 3), event('a', '2', 4)]
  const values = (a: string, b: string) => [['a', a] as const, ['b', b] as const]
  expect(() => checkSerializable([{ revision: 3, values: values('1', '1') }], events)).not.toThrow()
  expect(() => checkSerializable([{ revision: 3, values: values('2', '1') }], events)).toThrow('serializable')
})

describe('a lease', () => {
  const watched = () => {
    let now = 0
    const checker = new LeaseChecker(() => now)
    checker.granted(7n, 2, 0)
    const at = (time: number, what: () => void) => {
      now = time
      what()
    }
    return { checker, at, goneAt: (time: number) => at(time, () => checker.applied(() => false)) }
  }

  test('may run out when its time is over, and with it what a clock may be wrong', () => {
    expect(() => watched().goneAt(1_950)).not.toThrow()
    expect(() => watched().goneAt(1_800)).toThrow('leases')
  })

  test('lives on from each confirmed renewal', () => {
    const { checker, goneAt } = watched()
    checker.renewed(7n, 1_500)
    expect(() => goneAt(2_500)).toThrow('leases')
  })

  test('that is gone is not confirmed any more', () => {
    const { checker, at, goneAt } = watched()
    goneAt(2_000)
    expect(() => at(2_100, () => checker.renewed(7n, 1_990))).toThrow('leases')
  })

  test('may be given up', () => {
    const { checker, goneAt } = watched()
    checker.released(7n)
    expect(() => goneAt(100)).not.toThrow()
  })
})

describe('a lock', () => {
  test('has one holder at a time, and tokens that grow', () => {
    const holders = new HolderChecker(() => 0)
    holders.holds(1, 5, 100)
    expect(() => holders.holds(2, 6, 100)).toThrow('both hold')
    holders.ends(1)
    expect(() => holders.holds(2, 5, 100)).toThrow('token 5')
    expect(() => holders.holds(2, 6, 100)).not.toThrow()
  })
})

describe('fencing', () => {
  const entry = (term: number, ...events: Event[]): AppliedEntry => ({ index: 1, term, wallMs: 0, results: [], events })
  const controller = (term: number, revision: number) => event(fenceKey, fenceValue(term, 1), revision)

  test('a controller writes in its own term only, and never behind a later one', () => {
    const checker = new FencingChecker()
    checker.applied(entry(2, controller(2, 2)))
    expect(() => checker.applied(entry(3, controller(2, 3)))).toThrow('fencing')
    checker.applied(entry(4, controller(4, 4)))
    expect(() => checker.applied(entry(3, controller(3, 5)))).toThrow('fencing')
  })

  test('revisions, and what was compacted, do not come back', () => {
    const checker = new FencingChecker()
    checker.applied(entry(1, event('a', '1', 5)))
    expect(() => checker.applied(entry(1, event('a', '1', 4)))).toThrow('fencing')
    checker.compacted('user', 5)
    expect(() => checker.compacted('user', 4)).toThrow('fencing')
  })

  test('attachments of a session only grow', () => {
    const checker = new FencingChecker()
    const attached = (attachment: number, revision: number) => {
      const record = { v: 1, attachment } as unknown as SessionRecord
      return event(recordKey('default', 'session', '1'), encodeRecord('session', record), revision, revision)
    }
    checker.applied(entry(1, attached(3, 2)))
    expect(() => checker.applied(entry(1, attached(2, 3)))).toThrow('fencing')
  })
})
