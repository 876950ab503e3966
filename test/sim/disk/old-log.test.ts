import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../../keeper/src/base/codec.js'
import { seededRandom } from '../../../keeper/src/base/random.js'
import { LevelDb } from '../../../keeper/src/storage/level-db.js'
import { LevelDisk } from '../../../keeper/src/storage/level-disk.js'
import { type LogHead, writeEntry, writeHead } from '../../../keeper/src/storage/log-records.js'
import { emptyMark, type Mark } from '../../../keeper/src/storage/marks.js'
import { openMemberDisk } from '../../../keeper/src/storage/member-disk.js'
import { OLD_HEAD_KEY, oldEntryKey } from '../../../keeper/src/storage/old-log.js'
import { seal } from '../../../keeper/src/storage/record.js'
import { encodeSide } from '../../../keeper/src/storage/side-file.js'
import { writeConfState } from '../../../keeper/src/storage/state-records.js'
import type { RawBatchOperation, RawDisk } from '../../../keeper/src/storage/types.js'
import { DoubleDisk } from './double-disk.js'

/** Folders of format 1, whose log is a LevelDB database, become those of today when they are opened. */

const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1', storeEpoch: 1 }
const side = encodeSide({ identity, home: { folder: 'f', founders: [] }, condition: 'clean', oldLog: true })
const entry = (index: number) => ({ index, term: 2, type: 'normal' as const, data: Buffer.from(`entry ${index}`) })

/** The database of a log with `count` entries, made by as many appends, and its last heads. */
function oldLog(count: number): { operations: RawBatchOperation[]; heads: LogHead[]; chains: number[] } {
  const operations: RawBatchOperation[] = []
  const heads: LogHead[] = []
  const chains = [0]
  for (let index = 1; index <= count; index++) {
    const key = oldEntryKey(0, index)
    const writer = writeEntry(new ByteWriter().uint32(chains[index - 1] as number), entry(index))
    const { record, sum: chain } = seal(key, writer.finish())
    operations.push({ type: 'put', key, value: record })
    chains.push(chain)
    heads.push({
      sequence: index,
      epoch: 0,
      hardState: { term: 2, vote: 1, commit: index - 1 },
      lastIndex: index,
      chain,
    })
  }
  return { operations, heads, chains }
}

const put = (head: LogHead): RawBatchOperation => {
  const { record } = seal(OLD_HEAD_KEY, writeHead(new ByteWriter(), head).finish())
  return { type: 'put', key: OLD_HEAD_KEY, value: record }
}

/** A mark as it was then: its entries in the sealed record. */
function oldMark(mark: Omit<Mark, 'redo'>, redone?: { chainBefore: number; index: number }): Uint8Array {
  const writer = writeHead(new ByteWriter().uint(mark.number), mark.head)
  writer.uint(mark.flush.number).uint(mark.flush.index).uint(mark.flush.term)
  writeConfState(writer, mark.confState).boolean(redone !== undefined)
  if (redone) writeEntry(writer.uint32(redone.chainBefore).uint(1), entry(redone.index))
  const { record } = seal(Buffer.from('mark'), writer.finish())
  return new ByteWriter().uint32(record.length).raw(record).finish()
}

/** `log` appends are in the log, `marked` in the newest mark; gives the whole length of the log. */
async function fill(raw: RawDisk, log: number, marked: number): Promise<void> {
  const { operations, heads, chains } = oldLog(Math.max(log, marked))
  await raw.open()
  await (await raw.oldLog())?.batch([...operations.slice(0, log), put(heads[log - 1] as LogHead)], { sync: true })
  const mark = { ...emptyMark, number: 7, head: heads[marked - 1] as LogHead }
  await raw.writeMark(0, oldMark(mark, { chainBefore: chains[marked - 1] as number, index: marked }))
  await raw.writeSide(side)
  await raw.close()
}

const shown = (entries: readonly { data: Uint8Array }[]) => entries.map(({ data }) => Buffer.from(data).toString())
const expected = Array.from({ length: 20 }, (_, at) => `entry ${at + 1}`)
const cases = [
  ['level with its mark', 20, 20],
  ['one append behind its mark', 19, 20],
  ['one append before its mark', 20, 19],
] as const

test.each(cases)('a log %s becomes segments, whatever crash comes in between', async (_, log, marked) => {
  let crashes = 0
  for (let crashAt = 0, struck = true; struck; crashAt++) {
    for (let seed = 1; seed <= 10; seed++) {
      const double = new DoubleDisk({ random: seededRandom(seed * 100 + crashAt), oldLog: true })
      await fill(double.attach(), log, marked)
      double.inject({ kind: 'crash', after: crashAt })
      await Promise.race([openMemberDisk(double.attach(), { identity }), double.whenCrashed()])
      struck = double.struck.length > 0
      if (!struck) break
      crashes++
      double.crash()
      const again = await openMemberDisk(double.attach(), { identity })
      expect(again.recovered).toMatchObject({ condition: 'clean', notes: [], hardState: { term: 2, vote: 1 } })
      expect(shown(again.recovered.entries)).toEqual(expected)
      await again.append({ entries: [entry(21)] })
      double.crash()
      const third = await openMemberDisk(double.attach(), { identity })
      expect(third.recovered).toMatchObject({ condition: 'clean', notes: [], entries: { length: 21 } })
    }
  }
  expect(crashes).toBeGreaterThan(50)
})

test('a log that lost its end is noticed, left as it is until something is written, and mended then', async () => {
  const double = new DoubleDisk({ random: seededRandom(1), oldLog: true })
  await fill(double.attach(), 15, 20)
  for (let start = 0; start < 2; start++) {
    const { writes } = double
    const { recovered } = await openMemberDisk(double.attach(), { identity })
    expect(recovered).toMatchObject({ condition: 'recovering', reason: 'lost-tail', damaged: true })
    expect(shown(recovered.entries)).toEqual(expected.slice(0, 15))
    expect(double.writes - writes).toBe(start === 0 ? 1 : 0)
    double.crash()
  }
  const disk = await openMemberDisk(double.attach(), { identity })
  await disk.append({ entries: [entry(16)] })
  double.crash()
  const again = await openMemberDisk(double.attach(), { identity })
  expect(again.recovered).toMatchObject({ condition: 'recovering', damaged: false })
  expect(shown(again.recovered.entries)).toEqual(expected.slice(0, 16))
})

test('a folder whose old log is gone is recovering, not empty', async () => {
  const double = new DoubleDisk({ random: seededRandom(1) })
  await fill(double.attach(), 20, 20)
  const { recovered } = await openMemberDisk(double.attach(), { identity })
  expect(recovered).toMatchObject({ condition: 'recovering', damaged: true, entries: [] })
})

test('on a real disk the database is gone afterwards, and what is left of a later start of an old keeper, too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keeper-old-log-'))
  const options = { ...{ writeBufferSize: 1_000_000, blockSize: 4_096, compression: false, maxOpenFiles: 64 } }
  const makeDatabase = async () => await (await LevelDb.open(join(folder, 'log'), options)).close()
  await makeDatabase()
  await fill(new LevelDisk(folder), 20, 20)
  for (let start = 0; start < 3; start++) {
    const disk = await openMemberDisk(new LevelDisk(folder), { identity })
    expect(shown(disk.recovered.entries)).toEqual(expected)
    await disk.close()
    expect(await readdir(folder)).not.toContain('log')
    if (start === 1) await makeDatabase()
  }
  await rm(folder, { recursive: true })
})
