import { cp, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import type { ConfState, Entry } from '../raft/types.js'
import { LevelDisk } from './level-disk.js'
import { openMemberDisk } from './member-disk.js'
import type { MemberDisk } from './types.js'

const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1', storeEpoch: 1 }
const voters: ConfState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
const bytes = (text: string) => new TextEncoder().encode(text)
const entry = (index: number, term: number, text = `entry ${index}`): Entry => ({
  index,
  term,
  type: 'normal',
  data: bytes(text),
})
const entries = (from: number, to: number, term: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => entry(from + at, term))
const flushAt = (appliedIndex: number, puts: Record<string, string>, deletes: string[] = [], appliedTerm = 1) => ({
  appliedIndex,
  appliedTerm,
  puts: Object.entries(puts).map(([key, value]) => ({ key: bytes(key), value: bytes(value) })),
  deletes: deletes.map(bytes),
})
async function* recordsOf(records: Record<string, string>) {
  for (const [key, value] of Object.entries(records)) yield { key: bytes(key), value: bytes(value) }
}
async function read(records: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>) {
  const found: Record<string, string> = {}
  for await (const { key, value } of records) found[Buffer.from(key).toString()] = Buffer.from(value).toString()
  return found
}
const shown = (list: readonly Entry[]) => list.map(({ index, term, data }) => `${index}/${term} ${Buffer.from(data)}`)

let folder: string
let disk: MemberDisk
const open = async () => {
  disk = await openMemberDisk(new LevelDisk(folder), { identity })
  return disk
}
const reopen = async () => {
  await disk.close()
  return await open()
}

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'keeper-disk-')), 'data')
  await open()
})
afterEach(async () => {
  await disk.close().catch(() => {})
  await rm(join(folder, '..'), { recursive: true, force: true })
})

describe('a member’s disk', () => {
  test('is clean and empty when it is new, and only its owner may enter the folder', async () => {
    expect(disk.recovered).toMatchObject({
      identity,
      entries: [],
      condition: 'clean',
      hardState: { term: 0, vote: 0, commit: 0 },
    })
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  test('gives back entries and hard state after a restart', async () => {
    await disk.append({ entries: entries(1, 3, 1), hardState: { term: 1, vote: 1, commit: 2 } })
    const { recovered } = await reopen()
    expect(shown(recovered.entries)).toEqual(['1/1 entry 1', '2/1 entry 2', '3/1 entry 3'])
    expect(recovered).toMatchObject({ hardState: { term: 1, vote: 1, commit: 2 }, condition: 'clean' })
  })

  test('replaces a suffix that another leader overwrites', async () => {
    await disk.append({ entries: entries(1, 5, 1) })
    await disk.append({ entries: [entry(3, 2, 'new')] })
    await disk.append({ entries: [entry(4, 2, 'newer')] })
    const { recovered } = await reopen()
    expect(shown(recovered.entries)).toEqual(['1/1 entry 1', '2/1 entry 2', '3/2 new', '4/2 newer'])
  })

  test('takes appends that come at once as one write, the last suffix winning', async () => {
    const appends = [
      disk.append({ entries: entries(1, 4, 1) }),
      disk.append({ entries: entries(5, 6, 1) }),
      disk.append({ entries: [entry(2, 2, 'new')], hardState: { term: 2, vote: 0, commit: 1 } }),
      disk.append({ entries: [entry(3, 2, 'newer')] }),
    ]
    await Promise.all(appends)
    const { recovered } = await reopen()
    expect(shown(recovered.entries)).toEqual(['1/1 entry 1', '2/2 new', '3/2 newer'])
    expect(recovered.hardState).toEqual({ term: 2, vote: 0, commit: 1 })
  })

  test('takes the last word of a flush on a key, however often it has one', async () => {
    await disk.append({ entries: entries(1, 3, 1) })
    await disk.flush(flushAt(1, { a: '1', b: '1' }), voters)
    const puts = ['a', 'a', 'c', 'c'].map((key, at) => ({ key: bytes(key), value: bytes(`${at}`) }))
    await disk.flush({ appliedIndex: 2, appliedTerm: 1, puts, deletes: ['c', 'b', 'b', 'c'].map(bytes) }, voters)
    await reopen()
    expect(disk.recovered.condition).toBe('clean')
    expect(await read(disk.stateRecords())).toEqual({ a: '1' })
  })

  test('keeps a batch too large for a mark', async () => {
    await disk.append({ entries: [entry(1, 1, 'x'.repeat(300_000))] })
    await disk.append({ entries: [entry(2, 1)] })
    const { recovered } = await reopen()
    expect(recovered.condition).toBe('clean')
    expect(recovered.entries.map(({ data }) => data.length)).toEqual([300_000, 7])
  })

  test('refuses a gap, and goes on', async () => {
    await disk.append({ entries: entries(1, 2, 1) })
    await expect(disk.append({ entries: [entry(4, 1)] })).rejects.toMatchObject({ code: 'E_INTERNAL' })
    await expect(disk.append({ entries: [entry(3, 1), entry(5, 1)] })).rejects.toMatchObject({ code: 'E_INTERNAL' })
    await expect(disk.append({ entries: [entry(4, 1)] })).rejects.toMatchObject({ code: 'E_INTERNAL' })
    await disk.append({ entries: [entry(3, 1)] })
    expect((await reopen()).recovered.entries).toHaveLength(3)
  })

  test('flushes the state and hands out only the entries after it', async () => {
    await disk.append({ entries: entries(1, 6, 1) })
    await disk.flush(flushAt(2, { a: '1', b: '1' }), voters)
    await disk.flush(flushAt(4, { b: '2', c: '2' }, ['a']), voters)
    await disk.truncateLog(4)
    const { recovered } = await reopen()
    expect(recovered.flush).toEqual({ index: 4, term: 1, confState: voters })
    expect(recovered.entries.map(({ index }) => index)).toEqual([5, 6])
    expect(await read(disk.stateRecords())).toEqual({ b: '2', c: '2' })
    expect(recovered.condition).toBe('clean')
  })

  test('counts what a flush calls fresh once, however often the flush is written', async () => {
    await disk.append({ entries: entries(1, 2, 1) })
    await disk.flush(flushAt(1, { a: '1' }), voters)
    const fresh = { ...flushAt(2, { b: '2', c: '3' }) }
    const puts = fresh.puts.map((put) => ({ ...put, fresh: true }))
    await disk.flush({ ...fresh, puts }, voters)
    await disk.flush({ ...fresh, puts }, voters)
    await reopen()
    expect(disk.recovered.condition).toBe('clean')
    expect(await read(disk.stateRecords())).toEqual({ a: '1', b: '2', c: '3' })
  })

  test('lets the log be cut only below a flush', async () => {
    await disk.append({ entries: entries(1, 6, 1) })
    await disk.flush(flushAt(3, { a: '1' }), voters)
    await expect(disk.truncateLog(4)).rejects.toMatchObject({ code: 'E_INTERNAL' })
  })

  test('reads single records and ranges, both ways', async () => {
    await disk.append({ entries: entries(1, 1, 1) })
    await disk.flush(flushAt(1, { a: '1', b: '2', c: '3', d: '4' }), voters)
    expect(Buffer.from((await disk.reader.get(bytes('b'))) ?? []).toString()).toBe('2')
    expect(await disk.reader.get(bytes('x'))).toBeUndefined()
    const range = { low: bytes('b'), high: bytes('d') }
    expect(Object.keys(await read(disk.reader.iterate(range)))).toEqual(['b', 'c'])
    expect(Object.keys(await read(disk.reader.iterate({ ...range, reverse: true, limit: 1 })))).toEqual(['c'])
  })

  test('shows an iterator the state of the moment it was made', async () => {
    await disk.append({ entries: entries(1, 3, 1) })
    await disk.flush(flushAt(1, { a: '1', b: '1' }), voters)
    const view = disk.reader.iterate({ low: bytes('a'), high: bytes('z') })
    const snapshot = await disk.openSnapshot()
    await disk.flush(flushAt(2, { b: '2', c: '2' }, ['a']), voters)
    expect(await read(view)).toEqual({ a: '1', b: '1' })
    expect(snapshot.index).toBe(1)
    expect(await read(snapshot.records)).toEqual({ a: '1', b: '1' })
    expect(await read((await disk.openSnapshot()).records)).toEqual({ b: '2', c: '2' })
  })

  test('takes a snapshot in place of everything, and goes on after it', async () => {
    await disk.append({ entries: entries(1, 9, 1), hardState: { term: 1, vote: 1, commit: 3 } })
    await disk.flush(flushAt(2, { old: '1' }), voters)
    const confState = { ...voters, voters: [1, 2, 3] }
    const staged = await disk.stageSnapshot(recordsOf({ x: '1', y: '2' }))
    await disk.append({ entries: [entry(10, 1)] })
    await disk.flush(flushAt(3, { old: '2' }), voters)
    await disk.installSnapshot({ index: 20, term: 4, confState, staged })
    expect((await reopen()).recovered).toMatchObject({
      flush: { index: 20, term: 4, confState },
      entries: [],
      hardState: { term: 1, vote: 1, commit: 20 },
      condition: 'clean',
    })
    await disk.append({ entries: [entry(21, 4)] })
    await disk.flush(flushAt(21, { y: '3' }, [], 4), confState)
    await disk.append({ entries: [entry(22, 4)] })
    const { recovered } = await reopen()
    expect(await read(disk.stateRecords())).toEqual({ x: '1', y: '3' })
    expect(shown(recovered.entries)).toEqual(['22/4 entry 22'])
  })

  test('keeps what it had when the records of a snapshot stop coming', async () => {
    await disk.append({ entries: entries(1, 2, 1) })
    await disk.flush(flushAt(1, { a: '1' }), voters)
    async function* broken() {
      yield { key: bytes('x'), value: bytes('1') }
      throw new Error('the leader is gone')
    }
    await expect(disk.stageSnapshot(broken())).rejects.toThrow('the leader is gone')
    await disk.append({ entries: [entry(3, 1)] })
    const { recovered } = await reopen()
    expect(recovered).toMatchObject({ flush: { index: 1 }, condition: 'clean' })
    expect(recovered.entries).toHaveLength(2)
    expect(await read(disk.stateRecords())).toEqual({ a: '1' })
  })

  test('has no room for a staged snapshot that was never installed', async () => {
    await disk.append({ entries: entries(1, 2, 1) })
    await disk.flush(flushAt(1, { a: '1' }), voters)
    await disk.stageSnapshot(recordsOf({ x: '1' }))
    await reopen()
    const raw = new LevelDisk(folder)
    await disk.close()
    await raw.open()
    const keys: string[] = []
    for await (const { key } of (await raw.state()).iterate({})) keys.push(Buffer.from(key).toString('latin1'))
    await raw.close()
    expect(keys.filter((key) => key.endsWith('x'))).toEqual([])
    expect(keys.filter((key) => key.endsWith('a'))).toHaveLength(1)
    await reopen()
  })

  test('remembers the condition it was given', async () => {
    await disk.setCondition('recovering', 'lost-tail')
    expect((await reopen()).recovered).toMatchObject({ condition: 'recovering', reason: 'lost-tail' })
    await disk.setCondition('clean')
    const { recovered } = await reopen()
    expect(recovered.condition).toBe('clean')
    expect(recovered.reason).toBeUndefined()
  })
})

/** Files of a folder whose name has `part` in it. */
const named = async (path: string, part: string) => (await readdir(path)).filter((name) => name.includes(part))

/** Its marks can stop reaching the disk, as in a crash between an append's two writes. */
class CrashingDisk extends LevelDisk {
  marksStop = false
  #marked = () => {}
  readonly markBegun = new Promise<void>((resolve) => {
    this.#marked = resolve
  })

  override async writeMark(...mark: Parameters<LevelDisk['writeMark']>): Promise<void> {
    if (!this.marksStop) return await super.writeMark(...mark)
    this.#marked()
    await new Promise(() => {})
  }
}

/** One life that ends when its first append is in the log, before the mark is written. */
async function crashBeforeMark(index: number): Promise<void> {
  const raw = new CrashingDisk(folder)
  const crashing = await openMemberDisk(raw, { identity })
  expect(crashing.recovered).toMatchObject({ condition: 'clean', entries: { length: index - 1 } })
  raw.marksStop = true
  const log = await raw.log()
  const synced = new Promise<void>((resolve) => {
    const { write } = log
    log.write = async (...args) => {
      await write.apply(log, args)
      resolve()
    }
  })
  void crashing.append({ entries: [entry(index, 1)] })
  await Promise.all([raw.markBegun, synced])
  await raw.close()
}

describe('a data folder', () => {
  test('that crashes between the log and its mark is whole, each time it does', async () => {
    await disk.append({ entries: [entry(1, 1)] })
    await disk.close()
    for (const index of [2, 3, 4]) await crashBeforeMark(index)
    const { recovered } = await open()
    expect(recovered).toMatchObject({ condition: 'clean', notes: [], entries: { length: 4 } })
  })

  test('with the log of another one, as long as its own, is no longer believed', async () => {
    const other = join(folder, '../other')
    await disk.close()
    const owner = await openMemberDisk(new LevelDisk(other), { identity: { ...identity, clusterId: 'c2' } })
    await owner.append({ entries: [entry(1, 1, 'theirs')] })
    await owner.close()
    await open()
    await disk.append({ entries: [entry(1, 1, 'ours')] })
    await disk.close()
    await rm(join(folder, 'segments'), { recursive: true })
    await cp(join(other, 'segments'), join(folder, 'segments'), { recursive: true })
    expect((await open()).recovered).toMatchObject({ condition: 'recovering', reason: 'hole' })
  })

  test('whose log lost its end does not take what a later leader had replaced for committed', async () => {
    await disk.append({ entries: [...entries(1, 3, 1), entry(4, 1, 'replaced later')] })
    await disk.close()
    await cp(join(folder, 'segments'), join(folder, '../before'), { recursive: true })
    await open()
    await disk.append({ entries: [entry(4, 2)] })
    await disk.append({ entries: [entry(5, 2)], hardState: { term: 2, vote: 0, commit: 5 } })
    await disk.close()
    await rm(join(folder, 'segments'), { recursive: true })
    await cp(join(folder, '../before'), join(folder, 'segments'), { recursive: true })
    const { recovered } = await open()
    expect(recovered).toMatchObject({ condition: 'recovering', reason: 'lost-tail', hardState: { term: 2, commit: 0 } })
    expect(shown(recovered.entries).at(-1)).toBe('4/1 replaced later')
  })

  test('in use is refused by its name', async () => {
    await expect(openMemberDisk(new LevelDisk(folder), { identity })).rejects.toMatchObject({
      code: 'E_DATA_LOCKED',
      message: expect.stringContaining(`${folder} is in use by process ${process.pid}`),
    })
  })

  test.each([
    ['another member', { memberId: 2 }],
    ['another name', { memberName: 'n2' }],
    ['another cluster', { clusterId: 'c2' }],
  ])('of %s is refused', async (_, other) => {
    await disk.close()
    const opening = openMemberDisk(new LevelDisk(folder), { identity: { ...identity, ...other } })
    await expect(opening).rejects.toMatchObject({ code: 'E_DATA_FOREIGN' })
  })

  test('of another member is refused by that member’s name', async () => {
    await disk.close()
    const opening = openMemberDisk(new LevelDisk(folder), { identity: { memberId: 2, memberName: 'n2' } })
    await expect(opening).rejects.toThrow('the data folder has memberName n1, not n2')
  })

  const losses: readonly (readonly [string, (path: string) => Promise<void>])[] = [
    ['a missing manifest', async (path) => rm(join(path, (await named(path, 'MANIFEST'))[0] ?? ''))],
    ['a CURRENT that names nothing', (path) => writeFile(join(path, 'CURRENT'), 'nothing\n')],
  ]
  test.each(losses)('with %s in a database is damaged', async (_, lose) => {
    await disk.append({ entries: [entry(1, 1)] })
    await disk.close()
    await lose(join(folder, 'state'))
    await expect(open()).rejects.toMatchObject({ code: 'E_CORRUPT' })
  })

  test('with a table that ends too early is damaged, not a failing disk', async () => {
    const random = seededRandom(1)
    await disk.append({ entries: entries(1, 60, 1) })
    for (let index = 1; index <= 60; index++) {
      // LevelDB compresses: what is to become tables must not repeat itself
      const noise = Buffer.from(random.bytes(300_000)).toString('latin1')
      await disk.flush(flushAt(index, { [`key ${index}`]: noise }), voters)
    }
    await disk.close()
    const state = join(folder, 'state')
    for (const table of await named(state, '.ldb')) await truncate(join(state, table), 50_000)
    expect((await open()).recovered).toMatchObject({ condition: 'recovering', reason: 'bad-sum' })
  })

  test('says whose it is to a member that does not know its cluster', async () => {
    await disk.close()
    disk = await openMemberDisk(new LevelDisk(folder), { identity: { memberId: 1, memberName: 'n1' } })
    expect(disk.recovered.identity).toEqual(identity)
  })

  test('that is new is not made when it must be there, nor without a cluster', async () => {
    const raw = () => new LevelDisk(join(folder, 'new'))
    await expect(openMemberDisk(raw(), { identity, create: false })).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
    await expect(openMemberDisk(raw(), { identity: { memberId: 1, memberName: 'n1' } })).rejects.toMatchObject({
      code: 'E_INVALID_ARGUMENT',
    })
  })
})
