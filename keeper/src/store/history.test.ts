import { expect, test } from 'vitest'
import { encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { CLUSTER_VERSION, sparsePointersSince } from './cluster-version.js'
import { del, put, range, show, showEvent, TestStore, txnBody } from './testing/memory-state.js'
import type { CommandResult, Operation } from './types.js'

const code = (result: CommandResult) => (result.ok ? 'ok' : result.code)
const refusal = async (act: Promise<unknown>) => {
  const thrown = await act.then(
    () => undefined,
    (error) => error,
  )
  return thrown instanceof KeeperError ? thrown.code : 'none'
}
const at = async (s: TestStore, revision: number, key = '\0', end: string | undefined = '\0') =>
  (await s.store.rangeAt('user', range(key, end, { revision }))).kvs.map(show)

/** a=1, b=1, a=2, a deleted, a=3: revisions 2 to 6. */
function written(): TestStore {
  const s = new TestStore()
  s.put('a', '1')
  s.put('b', '1')
  s.put('a', '2')
  s.delete('a')
  s.put('a', '3')
  return s
}

const compact = (s: TestStore, revision: number) => code(s.run({ kind: 'compact', keyspace: 'user', revision }))

test.each(['unflushed', 'flushed', 'restarted'])('every revision can be read (%s)', async (how) => {
  const s = written()
  if (how !== 'unflushed') s.flush()
  if (how === 'restarted') await s.restart()
  expect(await at(s, 1)).toEqual([])
  expect(await at(s, 2)).toEqual(['a=1@2/2/1'])
  expect(await at(s, 4)).toEqual(['a=2@2/4/2', 'b=1@3/3/1'])
  expect(await at(s, 5)).toEqual(['b=1@3/3/1'])
  expect(await at(s, 6)).toEqual(['a=3@6/6/1', 'b=1@3/3/1'])
  expect(await refusal(at(s, 7))).toBe('E_FUTURE_REVISION')
  expect(() => s.store.range('user', range('a', undefined, { revision: 4 }))).toThrow(
    expect.objectContaining({ code: 'E_UNSUPPORTED' }),
  )
})

test.each(['unflushed', 'flushed', 'restarted'])('events come in order, with what was before (%s)', async (how) => {
  const s = written()
  if (how !== 'unflushed') s.flush()
  if (how === 'restarted') await s.restart()
  expect((await s.events(0)).map(showEvent)).toEqual([
    'put a=1@2/2/1 was none',
    'put b=1@3/3/1 was none',
    'put a=2@2/4/2 was a=1@2/2/1',
    'delete a@5 was a=2@2/4/2',
    'put a=3@6/6/1 was none',
  ])
  expect((await s.events(4, 'b', 'c')).map(showEvent)).toEqual([])
  expect((await s.events(5)).length).toBe(2)
  expect(await s.events(7)).toEqual([])
})

test('events of one revision stand together', async () => {
  const s = new TestStore()
  s.txn({ success: [put('a', '1'), put('b', '1')] })
  s.put('a', '2')
  const batches: number[] = []
  for await (const events of s.store.eventsSince('user', 1, { key: encodeText('a') })) batches.push(events.length)
  for await (const events of s.store.eventsSince('user', 1, { key: encodeText('a'), rangeEnd: encodeText('z') }))
    batches.push(events.length)
  expect(batches).toEqual([1, 1, 2, 1])
})

test('a compaction refuses what is below it, keeps what stands at it, and is refused twice', async () => {
  const s = written()
  expect(compact(s, 7)).toBe('E_FUTURE_REVISION')
  expect(compact(s, 4)).toBe('ok')
  expect(compact(s, 4)).toBe('E_COMPACTED')
  expect(compact(s, 3)).toBe('E_COMPACTED')
  expect(s.store.compactedRevision('user')).toBe(4)
  expect(s.store.compactedRevision('system')).toBe(0)
  expect(s.store.revision('user')).toBe(6)
  for (const phase of ['unflushed', 'flushed', 'collected', 'restarted']) {
    expect(await refusal(at(s, 3)), phase).toBe('E_COMPACTED')
    expect(await at(s, 4), phase).toEqual(['a=2@2/4/2', 'b=1@3/3/1'])
    expect(await refusal(s.events(3)), phase).toBe('E_COMPACTED')
    expect((await s.events(4)).length, phase).toBe(3)
    if (phase === 'collected') await s.restart()
    else s.flush()
    await s.store.settled()
  }
})

test('compacted history leaves the disk, newest versions stay', async () => {
  const s = new TestStore()
  for (let i = 0; i < 50; i++) {
    s.put(`k${i % 5}`, `${i}`)
    if (i % 10 === 9) s.flush()
  }
  s.delete('k4')
  s.flush()
  s.flush()
  const full = s.disk.records.size
  compact(s, s.store.revision('user'))
  for (let i = 0; i < 3; i++) {
    s.flush()
    await s.store.settled()
  }
  // a pointer for each version that ended, and what each flush brought in one record
  expect(full).toBeGreaterThan(46 + 6)
  const left = [...s.disk.records.keys()].filter((key) => key.startsWith('65') || key.startsWith('6b'))
  expect(left).toEqual([`6500${s.store.revision('user').toString(16).padStart(16, '0')}`])
  await s.restart()
  expect(await at(s, 0)).toEqual(['k0=45@2/47/10', 'k1=46@3/48/10', 'k2=47@4/49/10', 'k3=48@5/50/10'])
})

/** All that flushes delete until nothing compacted is left, in the state that is on disk then. */
async function collected(s: TestStore): Promise<{ readonly deletes: number; readonly left: readonly string[] }> {
  let deletes = 0
  for (let flushes = 0; flushes < 4; flushes++) {
    const flush = s.store.takeFlush()
    deletes += flush.deletes.length
    s.disk.write(flush)
    s.store.flushed()
    await s.store.settled()
  }
  return { deletes, left: [...s.disk.records.keys()].filter((key) => key.startsWith('65') || key.startsWith('6b')) }
}

test('of compacted history nothing is deleted that was never written', async () => {
  const s = new TestStore()
  s.run({ kind: 'clusterVersion', version: sparsePointersSince })
  for (let i = 0; i < 400; i++) {
    s.put(`k${i % 5}`, `${i}`)
    if (i % 100 === 99) s.flush()
  }
  s.delete('k4')
  s.flush()
  s.flush()
  const written = [...s.disk.records.keys()].filter((key) => key.startsWith('65') || key.startsWith('6b')).length
  // each key’s every sixteenth version and the deleted one, in the chunks of five flushes
  expect(written).toBe(5 * 4 + 1 + 5)
  compact(s, s.store.revision('user'))
  const { deletes, left } = await collected(s)
  expect(left).toHaveLength(1)
  expect(deletes).toBe(written - 1)
})

test('compacted history of before pointers were left out goes as a whole, whatever chunk the change fell into', async () => {
  for (const whole of [1, 7, 30]) {
    const s = new TestStore()
    s.run({ kind: 'clusterVersion', version: sparsePointersSince - 1 })
    for (let i = 0; i < 60; i++) {
      s.put(`k${i % 5}`, `${i}`)
      if (i === whole) {
        s.flush()
        s.run({ kind: 'clusterVersion', version: sparsePointersSince })
      }
    }
    s.flush()
    s.flush()
    compact(s, s.store.revision('user'))
    expect((await collected(s)).left).toHaveLength(1)
  }
})

test('a flush holds what changed since the one before, not the whole', () => {
  const s = new TestStore()
  for (let i = 0; i < 200; i++)
    s.apply(...Array.from({ length: 50 }, (_, n) => txnBody({ success: [put(`key/${i}/${n}`, 'v'.repeat(100))] })))
  const first = s.store.takeFlush()
  s.put('key/7/7', 'changed')
  const second = s.store.takeFlush()
  const bytes = [...first.puts].reduce((sum, { value }) => sum + value.length, 0)
  expect(bytes).toBeGreaterThan(2 * 10_000 * 100)
  expect([...second.puts].length).toBeLessThan(6)
})

test('what a flush took does not change under its writer', () => {
  const s = new TestStore()
  for (let i = 0; i < 500; i++) s.put(`k${i}`, 'before')
  const flush = s.store.takeFlush()
  const copy = [...flush.puts].map(({ value }) => Buffer.from(value))
  for (let i = 0; i < 500; i++) s.put(`k${i}`, i % 3 === 0 ? 'after!' : 'much longer than it was before')
  for (let i = 0; i < 500; i += 2) s.delete(`k${i}`)
  expect([...flush.puts].every(({ value }, index) => Buffer.compare(value, copy[index] as Buffer) === 0)).toBe(true)
})

test('a read of many pages goes on from step to step', async () => {
  const s = new TestStore()
  for (let i = 0; i < 30; i++)
    s.apply(...Array.from({ length: 100 }, (_, n) => txnBody({ success: [put(`${1000 + i * 100 + n}`, 'old')] })))
  const revision = s.store.revision('user')
  for (let i = 0; i < 3_000; i += 7) s.put(`${1000 + i}`, 'new')
  s.delete('1100', '1900')
  s.flush()
  const found = await s.store.rangeAt('user', range('\0', '\0', { revision, limit: 1_500 }))
  expect(found).toMatchObject({ count: 3_000, more: true })
  expect(found.kvs.map(({ key }) => Number(Buffer.from(key).toString()))).toEqual(
    Array.from({ length: 1_500 }, (_, i) => 1000 + i),
  )
  expect(found.kvs.every(({ value }) => Buffer.from(value).toString() === 'old')).toBe(true)
})

test('a state whose record was lost or changed does not load', async () => {
  const s = written()
  s.flush()
  const load = (disk: TestStore) => disk.store.load(1, 1, s.disk.all())
  const page = [...s.disk.records.keys()].find((key) => key.startsWith('7001')) as string
  const bytes = Buffer.from(s.disk.records.get(page) as Buffer)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
  s.disk.records.set(page, bytes)
  expect(await refusal(load(new TestStore()))).toBe('E_CORRUPT')
  s.disk.records.delete(page)
  expect(await refusal(load(new TestStore()))).toBe('E_CORRUPT')
  s.disk.records.set('ff', Buffer.alloc(1))
  expect(await refusal(load(new TestStore()))).toBe('E_DATA_VERSION')
})

test.each([0, CLUSTER_VERSION])(
  'the past is told the same from memory and from disk, across what one record holds and what several do (cluster version %i)',
  async (version) => {
    const s = new TestStore()
    s.run({ kind: 'clusterVersion', version })
    // some 40 KB between two flushes: more than one record
    for (let i = 1; i <= 400; i++) {
      s.put(`k${i % 7}`, `${i}`.padEnd(100, '.'))
      if (i % 160 === 0) s.flush()
    }
    const told = async () => {
      const all = await s.events(2)
      const some = await Promise.all([2, 159, 160, 161, 162, 300, 400].map((revision) => at(s, revision)))
      return { all, some }
    }
    const before = await told()
    expect(before.all).toHaveLength(400)
    s.flush()
    s.flush()
    expect(await told()).toEqual(before)
    await s.restart()
    expect(await told()).toEqual(before)
  },
)

test('versions that another one followed are found without a pointer for each', async () => {
  const s = new TestStore()
  s.run({ kind: 'clusterVersion', version: sparsePointersSince })
  const pointers = () => [...s.disk.records.keys()].filter((key) => key.startsWith('6b')).length
  s.put('hot', '2')
  s.put('new', '3')
  s.flush()
  for (let revision = 4; revision <= 103; revision++) s.put('hot', `${revision}`)
  s.delete('new')
  s.put('gone', '105')
  s.put('gone', '106')
  s.delete('gone')
  s.put('new', '108')
  s.flush()
  // of `hot` each sixteenth, `new` and `gone` because they were deleted
  expect(pointers()).toBe(6 + 2)
  const told = async () => ({
    hot: await Promise.all(Array.from({ length: 102 }, (_, n) => at(s, n + 2, 'hot', 'hou'))),
    others: await Promise.all([3, 103, 104, 105, 106, 107, 108].map((revision) => at(s, revision, 'a', 'hot'))),
    new: await Promise.all([2, 3, 103, 104, 107, 108].map((revision) => at(s, revision, 'new', 'nex'))),
  })
  const before = await told()
  expect(before.hot).toEqual(
    Array.from({ length: 102 }, (_, n) => [`hot=${n < 2 ? 2 : n + 2}@2/${n < 2 ? 2 : n + 2}/${n < 2 ? 1 : n}`]),
  )
  expect(before.others).toEqual([[], [], [], ['gone=105@105/105/1'], ['gone=106@105/106/2'], [], []])
  expect(before.new).toEqual([[], ['new=3@3/3/1'], ['new=3@3/3/1'], [], [], ['new=108@108/108/1']])
  await s.restart()
  expect(await told()).toEqual(before)
})

test('nor do versions need a pointer that came in a flush each', async () => {
  const s = new TestStore()
  s.run({ kind: 'clusterVersion', version: sparsePointersSince })
  for (let revision = 2; revision <= 41; revision++) {
    s.put('k', `${revision}`)
    s.flush()
  }
  expect([...s.disk.records.keys()].filter((key) => key.startsWith('6b'))).toHaveLength(2)
  await s.restart()
  const told = await Promise.all(Array.from({ length: 40 }, (_, n) => at(s, n + 2)))
  expect(told).toEqual(Array.from({ length: 40 }, (_, n) => [`k=${n + 2}@2/${n + 2}/${n + 1}`]))
})

test('a version that one transaction puts and deletes ends once: a flush has no record twice', async () => {
  const s = new TestStore()
  const within = (operation: Operation): Operation => ({
    kind: 'txn',
    txn: { compares: [], success: [operation], failure: [] },
  })
  s.put('k', '1')
  s.flush()
  s.txn({ success: [within(put('k', '2')), within(del('k'))] })
  const flush = s.store.takeFlush()
  const keys = [...flush.puts].map(({ key }) => Buffer.from(key).toString('hex'))
  expect(keys.filter((key) => key.startsWith('6b'))).toHaveLength(1)
  expect(new Set(keys).size).toBe(keys.length)
  s.disk.write(flush)
  expect([await at(s, 2), await at(s, 3)]).toEqual([['k=1@2/2/1'], []])
})

test('while a snapshot replaces the state, what was is not put together of both', async () => {
  const [leader, follower] = [new TestStore(), new TestStore()]
  for (const s of [leader, follower]) {
    s.put('a', '1')
    s.put('b', '1')
    s.flush()
  }
  leader.put('a', '2')
  leader.delete('b')
  leader.put('c', '1')
  leader.flush()
  follower.put('a', '2')
  // its disk has the leader's records already, its memory not yet
  follower.disk.write({ puts: recordsOf(leader), deletes: [] })
  const loading = follower.store.load(leader.index, leader.term, leader.disk.all())
  const meanwhile = await refusal(at(follower, 3))
  await loading
  expect(meanwhile).toBe('E_UNAVAILABLE')
  expect(await at(follower, 3)).toEqual(await at(leader, 3))
})

const recordsOf = ({ disk }: TestStore) =>
  [...disk.records].map(([key, value]) => ({ key: Buffer.from(key, 'hex'), value }))
