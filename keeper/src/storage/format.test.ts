import { expect, test } from 'vitest'
import { crc32 } from '../base/checksum.js'
import { ByteWriter } from '../base/codec.js'
import type { Entry } from '../raft/types.js'
import { asDiskError } from './disk-errors.js'
import type { LogHead } from './log-records.js'
import { decodeMark, emptyMark, encodeMark, fitsMark, type Redo, redoneEntries } from './marks.js'
import { RECORD_VERSION, seal, unseal } from './record.js'
import {
  type NewRecord,
  readRecord,
  readSegmentHeader,
  recordBytesMax,
  writeRecord,
  writeSegmentHeader,
} from './segment-records.js'
import { decodeSide, encodeSide, type Side } from './side-file.js'
import { emptyManifest, sealManifest, unsealManifest } from './state-records.js'
import { MARK_SLOT_BYTES } from './types.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const corrupt = expect.objectContaining({ code: 'E_CORRUPT' })
const key = bytes('key')
const entry: Entry = { term: 7, index: 2 ** 40, type: 'confChangeV2', data: bytes('data') }

/** Every way to turn one bit of `record`. */
function* flips(record: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < record.length * 8; bit++) {
    const flipped = Uint8Array.from(record)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield flipped
  }
}

test('a record comes back as it was, and no bit of it can change unnoticed', () => {
  const { record, sum } = seal(key, bytes('body'))
  expect(unseal(key, record)).toEqual({ body: Buffer.from('body'), sum })
  for (const flipped of flips(record)) expect(() => unseal(key, flipped)).toThrow(corrupt)
  expect(() => unseal(bytes('another key'), record)).toThrow(corrupt)
  for (let length = 0; length < record.length; length++)
    expect(() => unseal(key, record.subarray(0, length))).toThrow(corrupt)
})

test('a sound record of a newer format is not called corrupt', () => {
  const { record } = seal(key, bytes('body'))
  record[0] = RECORD_VERSION + 1
  record.writeUInt32LE(crc32(record.subarray(0, -4), crc32(key)), record.length - 4)
  expect(() => unseal(key, record)).toThrow(expect.objectContaining({ code: 'E_DATA_VERSION' }))
})

const record: NewRecord = {
  head: { sequence: 9, epoch: 3, hardState: { term: 7, vote: 2 ** 48, commit: 2 ** 39 }, lastIndex: 2 ** 40 + 1 },
  chainBefore: 12345,
  entries: [entry, { ...entry, index: 2 ** 40 + 1 }],
  link: 77,
}
function redoOf(entries: readonly Entry[]): { head: LogHead; redo: Redo } {
  const { head, entryBytes } = writeRecord(new ByteWriter(), { ...record, chainBefore: 5, entries })
  return { head, redo: { chainBefore: 5, count: entries.length, bytes: Buffer.from(entryBytes) } }
}

test('a record of the log comes back as it was, in no other place of the chain, and no bit of it can change unnoticed', () => {
  const writer = new ByteWriter().text('before')
  const from = writer.length
  const { sum, head, chains } = writeRecord(writer, record)
  const bytes = Buffer.from(writer.finish())
  const found = readRecord(bytes, from, 77)
  const entries = record.entries.map((one) => ({ ...one, data: Buffer.from('data') }))
  expect(found).toMatchObject({ head, chainBefore: 12345, entries, chains, sum, end: bytes.length })
  expect(found?.head.chain).toBe(chains[1])
  expect(readRecord(bytes, from, 78)).toBeUndefined()
  for (const flipped of flips(bytes.subarray(from))) expect(readRecord(Buffer.from(flipped), 0, 77)).toBeUndefined()
  for (let end = from; end < bytes.length; end++) expect(readRecord(bytes.subarray(0, end), from, 77)).toBeUndefined()
  expect(readRecord(Buffer.alloc(100), 0, 0)).toBeUndefined()
})

test('a record of the log takes no more room than is said', () => {
  const most = Number.MAX_SAFE_INTEGER
  const head = { sequence: most, epoch: most, hardState: { term: most, vote: most, commit: most }, lastIndex: most }
  const entries = [0, 1, 300_000].map((length) => ({ ...entry, term: most, index: most, data: new Uint8Array(length) }))
  for (const some of [[], entries]) {
    const writer = new ByteWriter()
    writeRecord(writer, { head, chainBefore: 2 ** 32 - 1, entries: some, link: 0 })
    expect(writer.length).toBeLessThanOrEqual(recordBytesMax(some))
  }
})

test('a segment header is that of one segment, and of no other whose file it finds itself in', () => {
  const header = { number: 2 ** 40, epoch: 2 ** 32, lastIndex: 2 ** 50, link: 2 ** 32 - 1 }
  const bytes = writeSegmentHeader(new ByteWriter(), header).finish()
  expect([bytes.length, readSegmentHeader(bytes, 2 ** 40)]).toEqual([64, header])
  expect(readSegmentHeader(bytes, 5)).toBeUndefined()
  expect(readSegmentHeader(Buffer.alloc(64), 0)).toBeUndefined()
  for (const flipped of flips(bytes.subarray(0, 1 + (bytes[0] as number))))
    expect(readSegmentHeader(flipped, 2 ** 40)?.number ?? 'none').not.toBe(2 ** 40)
})

test('a manifest comes back as it was', () => {
  const confState = { voters: [1, 2], learners: [3], votersOutgoing: [4], learnersNext: [5], autoLeave: true }
  const manifest = { ...emptyManifest, number: 9, link: 1, index: 2 ** 40, chain: 2, confState, count: 3, sum: 2 ** 47 }
  const { key, record, sum } = sealManifest(manifest)
  expect(unsealManifest(key, record)).toEqual({ manifest, sum })
})

test('a mark of which one bit is another is none', () => {
  for (const flipped of flips(encodeMark({ ...emptyMark, ...redoOf([entry]) }).subarray(4))) {
    const slot = new ByteWriter().raw(encodeMark({ ...emptyMark, ...redoOf([entry]) }).subarray(0, 4)).raw(flipped)
    expect(() => decodeMark(slot.finish())).toThrow(corrupt)
  }
})

test('a mark comes back from a slot that held a longer one; a torn one does not', () => {
  const { head, redo } = redoOf([entry])
  const mark = { ...emptyMark, head, number: 4, redo }
  const slot = new Uint8Array(MARK_SLOT_BYTES).fill(0xaa)
  const encoded = encodeMark(mark)
  slot.set(encoded)
  expect(decodeMark(slot)).toEqual(mark)
  expect(redoneEntries(redo)).toEqual([{ ...entry, data: Buffer.from('data') }])
  slot.fill(0xaa, encoded.length - 1)
  expect(() => decodeMark(slot)).toThrow(corrupt)
})

test('whatever is said to fit a mark does', () => {
  const batch = (count: number, length: number) =>
    Array.from({ length: count }, () => ({ ...entry, data: new Uint8Array(length) }))
  let largest = 0
  for (const [count, length] of [
    [1, 57_000],
    [1, 58_000],
    [5_000, 0],
    [2_300, 0],
    [300, 160],
    [300, 200],
  ] as const) {
    const entries = batch(count, length)
    if (!fitsMark(entries)) continue
    largest = Math.max(largest, encodeMark({ ...emptyMark, ...redoOf(entries) }).length)
  }
  expect(largest).toBeGreaterThan(MARK_SLOT_BYTES / 2)
  expect(largest).toBeLessThanOrEqual(MARK_SLOT_BYTES)
})

const side: Side = {
  identity: { clusterId: 'c1', memberId: 1, memberName: 'n1', storeEpoch: 2 },
  home: { folder: 'f1', founders: [{ id: 1, name: 'n1', peer: '127.0.0.1:7401', folder: 'f1' }] },
  condition: 'recovering',
  reason: 'hole',
}

test('the side file comes back as it was; anything else is garbage and says what to do', () => {
  expect(decodeSide(encodeSide(side))).toEqual(side)
  const saysWhatToDo = expect.objectContaining({
    code: 'E_CORRUPT',
    message: expect.stringMatching(/join again|restore/),
  })
  for (const flipped of flips(encodeSide(side).subarray(0, 40))) expect(() => decodeSide(flipped)).toThrow(saysWhatToDo)
  for (const text of ['', '\n', 'x\n', '{}\n', '\0'.repeat(500)])
    expect(() => decodeSide(bytes(text))).toThrow(saysWhatToDo)
})

test('a side file from before folders had a name has none', () => {
  const line =
    '{"format":1,"identity":{"clusterId":"c1","memberId":1,"memberName":"n1","storeEpoch":1},"condition":"clean"}'
  const older = bytes(`${line}\n${crc32(bytes(line)).toString(16).padStart(8, '0')}\n`)
  expect(decodeSide(older)).toMatchObject({ home: { folder: '', founders: [] }, condition: 'clean', oldLog: true })
})

test('a side file beside a log of former times says so, and is one that keepers of that time read', () => {
  const encoded = encodeSide({ ...side, oldLog: true })
  expect(decodeSide(encoded)).toEqual({ ...side, oldLog: true })
  expect(Buffer.from(encoded).toString()).toContain('"format":1')
  expect(Buffer.from(encodeSide(side)).toString()).toContain('"format":2')
})

test('a folder that waits for its cluster says so', () => {
  const forming = { forming: { folder: 'f1', memberName: 'n1' } }
  expect(decodeSide(encodeSide(forming))).toEqual(forming)
})

test('a side file of a newer format is not called garbage', () => {
  const line = '{"format":3,"anything":"else"}'
  const newer = bytes(`${line}\n${crc32(bytes(line)).toString(16).padStart(8, '0')}\n`)
  expect(() => decodeSide(newer)).toThrow(expect.objectContaining({ code: 'E_DATA_VERSION' }))
})

test.each([
  ['ENOSPC', 'write', 'E_NO_SPACE'],
  ['EDQUOT', 'write', 'E_NO_SPACE'],
  ['LEVEL_IO_ERROR', 'IO error: /d/log/000003.log: No space left on device', 'E_NO_SPACE'],
  ['LEVEL_IO_ERROR', 'IO error: /d/log/000003.log: Input/output error', 'E_DISK'],
  ['LEVEL_LOCKED', 'IO error: lock /d/log/LOCK: already held by process', 'E_DATA_LOCKED'],
  ['LEVEL_CORRUPTION', 'Corruption: 1 missing files', 'E_CORRUPT'],
  ['EIO', 'i/o error, fsync', 'E_DISK'],
])('%s (%s) is %s', (code, message, expected) => {
  const thrown = Object.assign(new Error(message), { code })
  expect(asDiskError(thrown, 'write').code).toBe(expected)
  const wrapped = new Error('Database failed to open', { cause: thrown })
  expect(asDiskError(wrapped, 'open').code).toBe(expected)
})
