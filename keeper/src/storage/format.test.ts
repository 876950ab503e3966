import { expect, test } from 'vitest'
import { crc32 } from '../base/checksum.js'
import type { Entry } from '../raft/types.js'
import { asDiskError } from './disk-errors.js'
import { entryKey, indexOfKey, sealEntry, unsealEntry } from './log-records.js'
import { decodeMark, emptyMark, encodeMark, fitsMark } from './marks.js'
import { RECORD_VERSION, seal, unseal } from './record.js'
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

test('an entry carries the checksum of the one before, and keys sort by index', () => {
  const { key, record, chain } = sealEntry(3, entry, 12345)
  expect(unsealEntry(key, record)).toEqual({ entry: { ...entry, data: Buffer.from('data') }, before: 12345, chain })
  expect(indexOfKey(key)).toBe(2 ** 40)
  expect(Buffer.compare(entryKey(3, 255), entryKey(3, 256))).toBe(-1)
  expect(Buffer.compare(entryKey(3, 2 ** 50), entryKey(4, 1))).toBe(-1)
})

test('a manifest comes back as it was', () => {
  const confState = { voters: [1, 2], learners: [3], votersOutgoing: [4], learnersNext: [5], autoLeave: true }
  const manifest = { ...emptyManifest, number: 9, link: 1, index: 2 ** 40, chain: 2, confState, count: 3, sum: 2 ** 47 }
  const { key, record, sum } = sealManifest(manifest)
  expect(unsealManifest(key, record)).toEqual({ manifest, sum })
})

test('a mark comes back from a slot that held a longer one; a torn one does not', () => {
  const redo = { chainBefore: 5, entries: [{ ...entry, data: Buffer.from('data') }] }
  const mark = { ...emptyMark, number: 4, redo }
  const slot = new Uint8Array(MARK_SLOT_BYTES).fill(0xaa)
  const encoded = encodeMark(mark)
  slot.set(encoded)
  expect(decodeMark(slot)).toEqual(mark)
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
    largest = Math.max(largest, encodeMark({ ...emptyMark, redo: { chainBefore: 0, entries } }).length)
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
  expect(decodeSide(older)).toMatchObject({ home: { folder: '', founders: [] }, condition: 'clean' })
})

test('a folder that waits for its cluster says so', () => {
  const forming = { forming: { folder: 'f1', memberName: 'n1' } }
  expect(decodeSide(encodeSide(forming))).toEqual(forming)
})

test('a side file of a newer format is not called garbage', () => {
  const line = '{"format":2,"anything":"else"}'
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
