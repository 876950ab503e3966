import { describe, expect, test } from 'vitest'
import { encodeText } from '../../../keeper/src/base/codec.js'
import type { Event } from '../../../keeper/src/store/types.js'
import { checkBlind, checkKept, checkLinearizable, checkOrdered, type Operation } from './registers.js'

const operation = (
  kind: 'read' | 'write',
  value: string | undefined,
  revision: number,
  [calledAt, returnedAt]: [number, number],
): Operation => ({ client: 1, key: 'k', kind, value, revision, calledAt, returnedAt })

const event = (value: string, modRevision: number): Event => ({
  keyspace: 'user',
  type: 'put',
  kv: { key: encodeText('k'), value: encodeText(value), createRevision: 2, modRevision, version: 1, lease: 0n },
})

describe('linearizability', () => {
  test('allows what overlaps in any order', () => {
    const history = [operation('write', 'a', 2, [0, 10]), operation('read', undefined, 0, [5, 6])]
    expect(() => checkLinearizable(history)).not.toThrow()
  })

  test('refuses a read of the old value after the write returned', () => {
    const history = [operation('write', 'a', 2, [0, 10]), operation('read', undefined, 0, [11, 12])]
    expect(() => checkLinearizable(history)).toThrow('linearizable')
  })

  test('refuses a read that steps back behind another read', () => {
    const history = [
      operation('write', 'a', 2, [0, 1]),
      operation('write', 'b', 3, [2, 20]),
      operation('read', 'b', 3, [5, 6]),
      operation('read', 'a', 2, [7, 8]),
    ]
    expect(() => checkLinearizable(history)).toThrow('linearizable')
  })

  test('refuses a value that the write of its revision did not write', () => {
    const history = [operation('write', 'a', 2, [0, 1]), operation('read', 'b', 2, [2, 3])]
    expect(() => checkLinearizable(history)).toThrow('linearizable')
  })
})

describe('blind writes', () => {
  const blind = (value: string, revision: number): Event => {
    const { kv, ...rest } = event(value, revision)
    return { ...rest, kv: { ...kv, key: encodeText('blind') } }
  }

  test('happen once, and not at all when they were said to be dropped', () => {
    expect(() => checkBlind(['b'], [blind('a', 2)])).not.toThrow()
    expect(() => checkBlind([], [blind('a', 2), blind('a', 3)])).toThrow('applied twice')
    expect(() => checkBlind(['a'], [blind('a', 2)])).toThrow('said to be dropped')
  })
})

describe('acknowledged writes', () => {
  const written = [operation('write', 'a', 2, [0, 1])]

  test('are in the log, once', () => {
    expect(() => checkKept(written, [event('a', 2)])).not.toThrow()
    expect(() => checkKept(written, [])).toThrow('nowhere')
    expect(() => checkKept(written, [event('a', 2), event('a', 3)])).toThrow('2 and 3')
  })

  test('come in order', () => {
    expect(() => checkOrdered([event('a', 2), event('b', 3)])).not.toThrow()
    expect(() => checkOrdered([event('a', 3), event('b', 2)])).toThrow('watch')
    expect(() => checkOrdered([event('a', 2), event('b', 4)])).toThrow('watch')
  })
})
