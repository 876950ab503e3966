import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type KvOp, kvModel, type RegisterOp, registerModel } from '../porcupine/histories.js'
import { knownHistories } from '../porcupine/known.js'
import { type Call, checkPart, checkParts } from './linearizability.js'

const write = (to: number, calledAt: number, returnedAt: number): Call<RegisterOp> => ({
  op: { kind: 'write', to, outcome: null },
  calledAt,
  returnedAt,
})
const read = (outcome: number | null, calledAt: number, returnedAt: number): Call<RegisterOp> => ({
  op: { kind: 'read', outcome },
  calledAt,
  returnedAt,
})
const never = Number.POSITIVE_INFINITY
const judge = (...calls: Call<RegisterOp>[]) => checkPart(registerModel, calls).linearizable

describe('a history is linearizable', () => {
  test('when what overlaps makes sense in some order', () => {
    expect(judge(write(1, 0, 100), read(1, 25, 75), read(null, 10, 60))).toBe(true)
    expect(judge(write(1, 0, 100), write(2, 5, 100), read(1, 50, 60), read(2, 70, 80))).toBe(true)
  })

  test('when a write without an answer happened, or did not', () => {
    expect(judge(write(1, 0, never), read(1, 10, 20))).toBe(true)
    expect(judge(write(1, 0, never), read(null, 10, 20))).toBe(true)
    expect(judge(write(1, 0, never), read(null, 10, 20), read(1, 30, 40))).toBe(true)
  })

  test('when calls and returns of one moment overlap', () => {
    expect(judge(write(1, 0, 10), read(null, 10, 20))).toBe(true)
  })
})

describe('a history is not linearizable', () => {
  test('when a read misses a write that had returned', () => {
    expect(judge(write(1, 0, 10), read(null, 11, 20))).toBe(false)
  })

  test('when reads go back', () => {
    expect(judge(write(1, 0, 100), read(1, 10, 20), read(null, 30, 40))).toBe(false)
    expect(judge(write(1, 0, never), read(1, 10, 20), read(null, 30, 40))).toBe(false)
  })

  test('when one part of it is not', () => {
    const op = (kind: KvOp['kind'], key: string, value: string): KvOp => ({ kind, key, value })
    const calls = [
      { op: op('put', 'a', 'x'), calledAt: 0, returnedAt: 1 },
      { op: op('append', 'b', 'y'), calledAt: 0, returnedAt: 1 },
      { op: op('get', 'b', ''), calledAt: 2, returnedAt: 3 },
    ]
    const verdict = checkParts(kvModel, calls, ({ key }) => key)
    expect(verdict).toMatchObject({ linearizable: false, longest: [op('append', 'b', 'y')] })
    expect(verdict.stuck).toEqual([op('get', 'b', '')])
  })
})

const folder = resolve(import.meta.dirname, '../../../../shared/conformance/porcupine/test_data')

/** All of them: `npm run porcupine -- DIR`. */
describe.skipIf(!existsSync(folder))('histories with a known verdict', () => {
  const some = existsSync(folder) ? knownHistories(folder).filter((_, at) => at % 6 === 0) : []
  test.each(some)('$name', ({ linearizable, judge: judgeIt }) => {
    expect(judgeIt().linearizable).toBe(linearizable)
  })
})
