import { describe, expect, test } from 'vitest'
import { entryBytes } from './entry-bytes.js'
import { RaftLog } from './log.js'
import { isLogFault } from './log-error.js'
import { MemoryStorage } from './memory-storage.js'
import { confState, logOfTerms, normalEntry, TestMember } from './testing/cluster.js'
import type { Entry } from './types.js'

const unlimited = Number.POSITIVE_INFINITY
const indexes = (entries: readonly Entry[] | undefined) => entries?.map((entry) => entry.index)

/** `stable` in storage, `unstable` behind it. */
function logOf(stable: readonly Entry[], unstable: readonly Entry[], applyingBytesMax = unlimited): RaftLog {
  const storage = new MemoryStorage()
  storage.append(stable)
  const log = new RaftLog(storage, applyingBytesMax)
  log.append(unstable)
  return log
}

describe('the log over storage and what is not durable yet', () => {
  test('reads across both as one', () => {
    const log = logOf(logOfTerms(1, 1, 2), [normalEntry(2, 4), normalEntry(3, 5)])
    expect(indexes(log.slice(2, 6, unlimited))).toEqual([2, 3, 4, 5])
    expect([1, 3, 4, 5, 6].map((index) => log.term(index))).toEqual([1, 2, 2, 3, undefined])
    expect(log.lastIndex()).toBe(5)
  })

  test('cuts at the byte limit wherever it falls, but gives at least one entry', () => {
    const all = logOfTerms(1, 1, 1, 1)
    const one = entryBytes(all[0] as Entry)
    for (let stable = 0; stable <= 4; stable++) {
      const log = logOf(all.slice(0, stable), all.slice(stable))
      expect(indexes(log.slice(1, 5, 0))).toEqual([1])
      expect(indexes(log.slice(1, 5, 3 * one))).toEqual([1, 2, 3])
      expect(indexes(log.slice(1, 5, 4 * one - 1))).toEqual([1, 2, 3])
    }
  })

  test('a conflicting entry replaces everything behind it, durable or not', () => {
    const log = logOf(logOfTerms(1, 1, 1), [normalEntry(1, 4)])
    expect(log.maybeAppend(1, 1, 0, [normalEntry(1, 2), normalEntry(2, 3)])).toBe(3)
    expect(log.lastIndex()).toBe(3)
    expect(indexes(log.unstable.nextEntries())).toEqual([3])
  })

  test('what was handed out for persisting is handed out again only if it was replaced', () => {
    const log = logOf([], logOfTerms(1, 1))
    log.unstable.acceptInProgress()
    expect(log.unstable.nextEntries()).toEqual([])
    log.append([normalEntry(2, 2), normalEntry(2, 3)])
    expect(indexes(log.unstable.nextEntries())).toEqual([2, 3])
  })

  test('durability of a replaced entry is not that of its replacement', () => {
    const log = logOf([], logOfTerms(1, 1))
    log.append([normalEntry(2, 2)])
    log.unstable.stableTo(1, 2)
    expect(log.unstable.entries).toHaveLength(2)
    log.unstable.stableTo(2, 2)
    expect(log.unstable.entries).toEqual([])
  })

  test('hands out for applying what is committed, once, and pauses at its limit', () => {
    const entries = logOfTerms(1, 1, 1)
    const one = entryBytes(entries[0] as Entry)
    const log = logOf(entries, [], 2 * one)
    log.commitTo(3)
    const first = log.nextCommitted(true)
    expect(indexes(first)).toEqual([1, 2])
    log.acceptApplying(2, 2 * one, true)
    expect(log.hasNextCommitted(true)).toBe(false)
    log.appliedTo(2, 2 * one)
    expect(indexes(log.nextCommitted(true))).toEqual([3])
  })

  test('waits, too, when the next entry would not have fitted', () => {
    const entries = logOfTerms(1, 1)
    const one = entryBytes(entries[0] as Entry)
    const log = logOf(entries, [], 1.5 * one)
    log.commitTo(2)
    log.acceptApplying(1, one, true)
    expect(log.hasNextCommitted(true)).toBe(false)
    log.appliedTo(1, one)
    expect(indexes(log.nextCommitted(true))).toEqual([2])
  })

  test('asynchronous storage applies nothing that is not durable here', () => {
    const log = logOf(logOfTerms(1), [normalEntry(1, 2)])
    log.commitTo(2)
    expect(indexes(log.nextCommitted(false))).toEqual([1])
    expect(indexes(log.nextCommitted(true))).toEqual([1, 2])
  })
})

describe('storage in memory', () => {
  const filled = () => {
    const storage = new MemoryStorage()
    storage.append(logOfTerms(1, 1, 2, 2))
    return storage
  }
  const faultOf = (act: () => unknown) => {
    try {
      act()
    } catch (thrown) {
      return ['compacted', 'unavailable', 'snapshotOutOfDate'].find((fault) => isLogFault(thrown, fault as 'compacted'))
    }
    return undefined
  }

  test('keeps the term of the last compacted entry, and no more', () => {
    const storage = filled()
    storage.compact(2)
    expect([storage.firstIndex(), storage.lastIndex(), storage.term(2)]).toEqual([3, 4, 1])
    expect(faultOf(() => storage.term(1))).toBe('compacted')
    expect(faultOf(() => storage.entries(2, 4, unlimited))).toBe('compacted')
    expect(faultOf(() => storage.term(5))).toBe('unavailable')
    expect(faultOf(() => storage.entries(3, 6, unlimited))).toBe('unavailable')
    expect(faultOf(() => storage.compact(2))).toBe('compacted')
  })

  test('replaces the suffix, skips what is compacted, and refuses a hole', () => {
    const storage = filled()
    storage.compact(2)
    storage.append([normalEntry(1, 2), normalEntry(3, 3)])
    expect([storage.lastIndex(), storage.term(3)]).toEqual([3, 3])
    expect(() => storage.append([normalEntry(3, 9)])).toThrow(/hole/)
    expect(storage.lastIndex()).toBe(3)
  })

  test('a snapshot has the membership it was made with, whatever came later', () => {
    const storage = filled()
    storage.createSnapshot(2, confState([1, 2]), new Uint8Array())
    storage.setConfState(confState([1, 2, 3]))
    expect(storage.snapshot()).toMatchObject({ index: 2, term: 1, confState: confState([1, 2]) })
    expect(storage.initialState().confState).toEqual(confState([1, 2, 3]))
    expect(faultOf(() => storage.createSnapshot(2, confState([1]), new Uint8Array()))).toBe('snapshotOutOfDate')
  })

  test('an applied snapshot replaces the log', () => {
    const storage = filled()
    storage.applySnapshot({ index: 9, term: 3, confState: confState([4]), data: new Uint8Array() })
    expect([storage.firstIndex(), storage.lastIndex(), storage.term(9)]).toEqual([10, 9, 3])
    expect(storage.initialState().confState).toEqual(confState([4]))
  })
})

describe('the core on a log that contradicts itself', () => {
  test('refuses to start when the log ends below the commit index', () => {
    const member = new TestMember(1, confState([1]), {}, logOfTerms(1, 1))
    member.storage.setHardState({ term: 1, vote: 1, commit: 3 })
    expect(() => member.restart()).toThrowError(expect.objectContaining({ code: 'E_LOST_TAIL' }))
  })
})
