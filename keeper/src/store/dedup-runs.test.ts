import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import { resultRunsSince } from './cluster-version.js'
import { del, put, TestStore, txnBody } from './testing/memory-state.js'
import type { Command, CommandResult, Operation } from './types.js'

const asks = (sequence: number, operation: Operation, { session = 1n, lowWater = 0 } = {}): Command => ({
  requestId: { session, sequence, lowWater },
  principal: 'test',
  body: txnBody({ success: [operation] }),
})
const puts = (from: number, count: number, ids: { session?: bigint; lowWater?: number } = {}): Command[] =>
  Array.from({ length: count }, (_, at) => asks(from + at, put(`k${from + at}`, 'v'), ids))
const code = (result: CommandResult | undefined) => (result?.ok ? 'ok' : result?.code)

/** A store of a cluster in which every member remembers runs. */
function storeWithRuns(): TestStore {
  const s = new TestStore()
  s.run({ kind: 'clusterVersion', version: resultRunsSince })
  return s
}

test('each put of a run is remembered with its own revision: in the same entry, later, and after a restart', async () => {
  const s = storeWithRuns()
  const frame = puts(1, 20)
  const { results, events } = s.apply(...frame, ...frame)
  expect(events).toHaveLength(20)
  expect(results.map(({ revision }) => revision)).toEqual([...range(2, 22), ...range(2, 22)])
  expect(s.apply(...frame).results).toEqual(results.slice(0, 20))
  await s.restart()
  expect(s.apply(...frame).results).toEqual(results.slice(0, 20))
  expect(s.store.revision('user')).toBe(21)
  expect(s.store.hash()).toBe(s.store.recomputeHash())
})

test('a run takes the room of one result', () => {
  const [one, many] = [storeWithRuns(), storeWithRuns()]
  const bytesOf = (s: TestStore, count: number) => {
    const before = s.store.bytesInUse()
    s.apply(...Array.from({ length: count }, (_, at) => asks(1 + at, del('nothing'))), ...puts(1 + count, 1))
    const between = s.store.bytesInUse()
    s.apply(...Array.from({ length: 50 }, (_, at) => asks(2 + count + at, put('k', 'v'))))
    return { others: between - before, run: s.store.bytesInUse() - between }
  }
  expect(bytesOf(many, 50).others).toBeGreaterThan(bytesOf(one, 1).others + 49 * 20)
  const singly = new TestStore()
  expect(bytesOf(singly, 1).run).toBeGreaterThan(bytesOf(storeWithRuns(), 1).run + 49 * 20)
})

test('what stands between ends a run: another session, another operation, a failure', () => {
  const s = storeWithRuns()
  const lease = put('a', 'b', { lease: 9n })
  const commands = [
    ...puts(1, 3),
    ...puts(1, 2, { session: 2n }),
    ...puts(4, 2),
    asks(6, del('k1')),
    asks(7, lease),
    ...puts(8, 2),
    asks(10, put('k8', 'v', { prevKv: true })),
    asks(11, put('k8', 'v')),
  ]
  const { results } = s.apply(...commands)
  expect(results.map(code)).toEqual(
    commands.map((command) => (command.requestId?.sequence === 7 ? 'E_LEASE_NOT_FOUND' : 'ok')),
  )
  for (const [at, command] of commands.entries()) expect(s.run(command)).toEqual(results[at])
})

test('a mark inside a run forgets what is below it, and nothing else', () => {
  const s = storeWithRuns()
  s.apply(...puts(1, 50))
  s.apply(...puts(51, 100))
  s.apply(...puts(151, 10, { lowWater: 100 }))
  const { revision } = s.apply(...puts(100, 60)).results[0] as CommandResult
  expect(revision).toBe(101)
  expect(s.store.revision('user')).toBe(161)
  for (const gone of [1, 50, 51, 99]) expect(code(s.run(asks(gone, put('x', 'y'))))).toBe('E_REQUEST_FORGOTTEN')
})

test('of too many rows the oldest goes as a whole, and is refused then', () => {
  const s = storeWithRuns()
  s.apply(...puts(1, 10))
  const count = limits.dedupResultsPerSession
  for (let from = 11; from < 11 + count; from += 64)
    s.apply(...Array.from({ length: 64 }, (_, at) => asks(from + at, del('nothing'))))
  const revision = s.store.revision('user')
  for (const sequence of [1, 5, 10]) expect(code(s.run(asks(sequence, put('k', 'w'))))).toBe('E_REQUEST_FORGOTTEN')
  expect(code(s.run(asks(11, put('k', 'w'))))).toBe('ok')
  expect(s.store.revision('user')).toBe(revision)
})

test('a cluster of an older version has the state that it always had, and turns to runs with the new version', () => {
  const older = new TestStore()
  older.apply(...puts(1, 5))
  older.apply(...puts(6, 3), ...puts(1, 3, { session: 2n, lowWater: 1 }))
  expect(older.store.hash()).toBe('2577d97569583e89')
  older.apply({ kind: 'clusterVersion', version: resultRunsSince }, ...puts(9, 4))
  expect(older.apply(...puts(1, 12)).results.map(({ revision }) => revision)).toEqual([
    ...range(2, 10),
    ...range(13, 17),
  ])
})

test('whatever is asked, in whatever order, the answers are those of a cluster without runs', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed)
    const [runs, singly] = [storeWithRuns(), new TestStore()]
    singly.run({ kind: 'clusterVersion', version: 0 })
    const next = [1, 1, 1]
    const ask = (): Command => {
      const session = random.below(3)
      const ahead = random.below(8) === 0 ? random.below(6) : 0
      const again = random.below(6) === 0 ? random.below(80) : 0
      const sequence = Math.max(1, (next[session] as number) + ahead - again)
      next[session] = Math.max(next[session] as number, sequence + 1)
      const key = `k${random.below(20)}`
      const operation = random.below(10) === 0 ? del(key) : put(key, 'v', { prevKv: random.below(10) === 0 })
      return asks(sequence, operation, { session: BigInt(session), lowWater: Math.max(0, sequence - random.below(90)) })
    }
    for (let entry = 0; entry < 60; entry++) {
      const commands = Array.from({ length: 1 + random.below(12) }, ask)
      expect(runs.apply(...commands).results).toEqual(singly.apply(...commands).results)
      if (random.below(10) === 0) await runs.restart()
    }
    expect(runs.store.hash()).toBe(runs.store.recomputeHash())
  }
})

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)
