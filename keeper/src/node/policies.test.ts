import { describe, expect, test } from 'vitest'
import { MemoryStorage } from '../raft/memory-storage.js'
import { newMessage } from '../raft/message.js'
import { compactionTarget } from './compaction.js'
import { defaultFlushPolicy, flushIsDue, tailStart } from './flusher.js'
import { recoveringHears, recoveringSays } from './recovery-gate.js'

describe('compaction keeps the last interval and the newest revisions', () => {
  const policy = { intervalMs: 1, keepRevisionsMin: 100 }

  test.each([
    ['what was current one interval ago goes', { revision: 900, compacted: 10, revisionBefore: 500 }, 500],
    ['but never the newest hundred', { revision: 550, compacted: 10, revisionBefore: 500 }, 450],
    ['nothing twice', { revision: 900, compacted: 500, revisionBefore: 500 }, undefined],
    ['nothing of a short history', { revision: 50, compacted: 0, revisionBefore: 50 }, undefined],
  ])('%s', (_what, keyspace, expected) => expect(compactionTarget(policy, keyspace)).toBe(expected))
})

describe('a flush', () => {
  const nothing = { stateBytes: 0, valueBytes: 0, bytes: 0, entries: 0, ms: 0 }

  test('is due by bytes of log or state, entries or time, and never for nothing', () => {
    expect(flushIsDue(defaultFlushPolicy, { ...nothing, ms: 1e9 })).toBe(false)
    expect(flushIsDue(defaultFlushPolicy, { ...nothing, entries: 1 })).toBe(false)
    expect(flushIsDue(defaultFlushPolicy, { ...nothing, entries: 1, ms: defaultFlushPolicy.intervalMs })).toBe(true)
    expect(flushIsDue(defaultFlushPolicy, { ...nothing, entries: defaultFlushPolicy.entries })).toBe(true)
    expect(flushIsDue(defaultFlushPolicy, { ...nothing, entries: 1, bytes: defaultFlushPolicy.logBytes })).toBe(true)
    expect(flushIsDue(defaultFlushPolicy, { ...nothing, entries: 1, valueBytes: defaultFlushPolicy.valueBytes })).toBe(
      true,
    )
    expect(flushIsDue(defaultFlushPolicy, { ...nothing, entries: 1, stateBytes: defaultFlushPolicy.stateBytes })).toBe(
      true,
    )
  })

  test('leaves a tail for followers, by entries and by bytes', () => {
    const log = new MemoryStorage()
    const data = new Uint8Array(100)
    log.append(Array.from({ length: 50 }, (_, i) => ({ index: i + 1, term: 1, type: 'normal', data }) as const))
    expect(tailStart(log, 40, { ...defaultFlushPolicy, tailEntries: 10 })).toBe(31)
    expect(tailStart(log, 40, { ...defaultFlushPolicy, tailBytes: 350 })).toBe(38)
    expect(tailStart(log, 40, { ...defaultFlushPolicy, tailEntries: 0 })).toBe(41)
    expect(tailStart(log, 40, defaultFlushPolicy)).toBe(1)
  })
})

describe('a recovering member', () => {
  test.each(['MsgVote', 'MsgPreVote', 'MsgTimeoutNow'] as const)('does not hear %s', (type) => {
    expect(recoveringHears(newMessage(type, 1, 2, 5), 10)).toBeUndefined()
  })

  test('takes no commit index from a heartbeat: what it acknowledged may be lost, with other entries in its place', () => {
    const heartbeat = { ...newMessage('MsgHeartbeat', 1, 2, 5), commit: 20 }
    expect(recoveringHears(heartbeat, 10)).toMatchObject({ commit: 10 })
  })

  test.each(['MsgVote', 'MsgPreVote', 'MsgVoteResp', 'MsgPreVoteResp'] as const)('does not say %s', (type) => {
    expect(recoveringSays(newMessage(type, 2, 1, 5), 10, true)).toBeUndefined()
  })

  test('acknowledges only what is committed without it', () => {
    const acknowledgement = { ...newMessage('MsgAppResp', 2, 1, 5), index: 20 }
    expect(recoveringSays(acknowledgement, 10, true)).toMatchObject({ index: 10 })
    const rejection = { ...acknowledgement, reject: true, rejectHint: 3 }
    expect(recoveringSays(rejection, 10, true)).toBe(rejection)
  })

  test('answers no append before its leader forgot what it once acknowledged', () => {
    expect(recoveringSays({ ...newMessage('MsgAppResp', 2, 1, 5), reject: true }, 10, false)).toBeUndefined()
  })

  test('a leader of an earlier term is told of the later one at any time, or this member would follow nobody', () => {
    const laterTerm = newMessage('MsgAppResp', 2, 1, 6)
    expect(recoveringSays(laterTerm, 10, false)).toEqual(laterTerm)
    expect(recoveringSays({ ...laterTerm, index: 3 }, 10, false)).toBeUndefined()
  })

  test('does not count for a read index', () => {
    const response = { ...newMessage('MsgHeartbeatResp', 2, 1, 5), context: Uint8Array.of(1) }
    expect(recoveringSays(response, 10, true)).not.toHaveProperty('context')
  })
})
