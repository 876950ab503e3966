import { describe, expect, test } from 'vitest'
import { encodeText } from '../../../keeper/src/base/codec.js'
import { newMessage } from '../../../keeper/src/raft/message.js'
import type { Entry } from '../../../keeper/src/raft/types.js'
import { RaftChecker } from './raft.js'

const entry = (index: number, term: number, data = 'x'): Entry => ({
  index,
  term,
  type: 'normal',
  data: encodeText(data),
})

const append = (from: number, term: number, logTerm: number, entries: readonly Entry[]) => {
  const message = { ...newMessage('MsgApp', 3, from, term), logTerm, index: (entries[0]?.index ?? 1) - 1, entries }
  return { from, to: 3, kind: 'messages' as const, messages: [{ kind: 'raft' as const, message }] }
}

const applied = (index: number, term: number) => ({ index, term, wallMs: 1, results: [], events: [] })

describe('the Raft checker fires', () => {
  test('at two leaders in one term', () => {
    const checker = new RaftChecker()
    checker.leads(1, 5)
    expect(() => checker.leads(2, 5)).toThrow('election safety')
  })

  test('at two leaders in one term who only send', () => {
    const checker = new RaftChecker()
    checker.sent(append(1, 5, 0, []))
    expect(() => checker.sent(append(2, 5, 0, []))).toThrow('election safety')
  })

  test('at one entry with two contents', () => {
    const checker = new RaftChecker()
    checker.sent(append(1, 5, 0, [entry(1, 5, 'a')]))
    expect(() => checker.sent(append(1, 5, 0, [entry(1, 5, 'b')]))).toThrow('log matching')
  })

  test('at one entry behind two different ones', () => {
    const checker = new RaftChecker()
    checker.sent(append(1, 5, 3, [entry(2, 5)]))
    expect(() => checker.sent(append(1, 5, 4, [entry(2, 5)]))).toThrow('log matching')
  })

  test('at a later leader without a committed entry', () => {
    const checker = new RaftChecker()
    checker.applied(1, applied(1, 5), 'h', 5)
    expect(() => checker.sent(append(2, 6, 0, [entry(1, 4)]))).toThrow('leader completeness')
  })

  test('at states that differ, and at a first entry out of turn', () => {
    const checker = new RaftChecker()
    checker.applied(1, applied(1, 5), 'h', 5)
    expect(() => checker.applied(2, applied(1, 5), 'other', 5)).toThrow('state hash')
    expect(() => checker.applied(2, applied(3, 5), 'h', 5)).toThrow('state machine')
  })
})
