import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import { piecesOf } from './pieces.js'

const lines = (count: number, word = 'user') =>
  Buffer.from(Array.from({ length: count }, (_, at) => `"${word}-${String(at).padStart(8, '0')}"`).join())
const hashesOf = (bytes: Uint8Array) => piecesOf(bytes).map(({ hash }) => hash)

test('pieces are all of the bytes in order, neither small nor large but for the last, each with its sum', () => {
  const random = seededRandom(1)
  for (const bytes of [
    lines(100_000),
    Buffer.from(random.bytes(700_000)),
    Buffer.alloc(500_000),
    Buffer.from('short'),
  ]) {
    const pieces = piecesOf(bytes)
    expect(Buffer.concat(pieces.map((piece) => piece.bytes)).equals(bytes)).toBe(true)
    for (const piece of pieces) {
      expect(piece.hash).toBe(createHash('sha256').update(piece.bytes).digest('hex'))
      expect(piece.bytes.length).toBeLessThanOrEqual(limits.blobPieceBytesMax)
      if (piece !== pieces.at(-1)) expect(piece.bytes.length).toBeGreaterThanOrEqual(limits.blobPieceBytesMin)
    }
  }
  expect(piecesOf(new Uint8Array())).toEqual([])
})

test('they are about as long as they shall be', () => {
  const bytes = Buffer.from(seededRandom(2).bytes(4_000_000))
  const mean = bytes.length / piecesOf(bytes).length
  expect(mean).toBeGreaterThan(limits.blobPieceBytes)
  expect(mean).toBeLessThan(2 * limits.blobPieceBytes)
})

test.each([
  [
    'changed',
    (bytes: Buffer, at: number) => Buffer.concat([bytes.subarray(0, at), Buffer.from('x'), bytes.subarray(at + 1)]),
  ],
  [
    'put in',
    (bytes: Buffer, at: number) => Buffer.concat([bytes.subarray(0, at), Buffer.from('more'), bytes.subarray(at)]),
  ],
  ['taken out', (bytes: Buffer, at: number) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 40)])],
])('where something is %s a few pieces are others, and all that is moved is not', (_how, edit) => {
  const bytes = lines(200_000)
  const before = new Set(hashesOf(bytes))
  for (const at of [0, 1_000_000, 3_123_456, bytes.length - 50]) {
    const after = hashesOf(edit(bytes, at))
    expect(after.filter((hash) => !before.has(hash)).length).toBeLessThanOrEqual(3)
  }
})

test('the same bytes are cut at the same places by every version: what is cut otherwise shares nothing with what is there', () => {
  const lengths = piecesOf(lines(20_000)).map(({ bytes }) => bytes.length)
  expect(lengths).toEqual([38_058, 63_617, 94_061, 82_385, 26_371, 15_507])
})
