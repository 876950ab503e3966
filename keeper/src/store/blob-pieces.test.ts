import { describe, expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import { chunksOf, code, same, sha256 } from './testing/blob-commands.js'
import { TestStore } from './testing/memory-state.js'
import type { CommandBody } from './types.js'

describe('a blob made of pieces', () => {
  const parts = ['first', 'second', 'third'].map((word) => Buffer.alloc(9_000, word))
  const hashes = parts.map(sha256)
  const [a = '', b = '', c = ''] = hashes
  const bytesOf = (at: readonly number[]) => Buffer.concat(at.map((one) => parts[one] as Buffer))
  const compose = (at: readonly number[], pieces = at.map((one) => hashes[one] as string)): CommandBody => {
    return { kind: 'blobCompose', hash: sha256(bytesOf(at)), pieces }
  }
  /** A store with the pieces, and blobs made of them. */
  const composed = (...of: readonly (readonly number[])[]) => {
    const s = new TestStore()
    for (const part of parts) for (const command of chunksOf(part)) s.run(command)
    for (const at of of) expect(code(s.run(compose(at)))).toBe('ok')
    return s
  }
  const hashOf = (...at: readonly number[]) => sha256(bytesOf(at))

  test('has the bytes of all, and says what it is made of, after a restart, too', async () => {
    const s = composed([0, 1, 0], [2])
    for (let round = 0; round < 2; round++) {
      expect(same(s.store.blob(hashOf(0, 1, 0)), bytesOf([0, 1, 0]))).toBe(true)
      expect(s.store.blobBytes(hashOf(0, 1, 0))).toBe(27_000)
      expect(s.store.blobPieces(hashOf(0, 1, 0)).map(({ hash, bytes }) => [hash, bytes])).toEqual([
        [a, 9_000],
        [b, 9_000],
        [a, 9_000],
      ])
      expect(s.store.hasBlob(hashOf(0, 1, 0))).toBe(true)
      expect(s.store.recomputeHash()).toBe(s.store.hash())
      s.disk.write(s.store.takeFlush())
      s.store.flushed()
      await s.restart()
    }
    expect(s.store.blobPieces(a)).toEqual([{ hash: a, bytes: 9_000 }])
    expect(s.store.blobPieces('d'.repeat(64))).toEqual([])
  })

  test('keeps its pieces: what is a piece is neither deleted nor listed, as long as one of its blobs is there', () => {
    const s = composed([0, 1], [1, 2])
    const remove = (...of: readonly string[]) => expect(code(s.run({ kind: 'blobDelete', hashes: of }))).toBe('ok')
    const listed = () => [...s.store.blobHashes()].sort()
    expect(listed()).toEqual([hashOf(0, 1), hashOf(1, 2)].sort())
    remove(a, b, c)
    expect(same(s.store.blob(hashOf(0, 1)), bytesOf([0, 1]))).toBe(true)
    remove(hashOf(0, 1))
    expect(s.store.hasBlob(hashOf(0, 1))).toBe(false)
    expect(listed()).toEqual([a, hashOf(1, 2)].sort())
    remove(a, b)
    expect([s.store.hasBlob(a), s.store.hasBlob(b)]).toEqual([false, true])
    remove(hashOf(1, 2), b, c)
    expect(listed()).toEqual([])
    expect(s.store.hash()).toBe(new TestStore().store.hash())
  })

  test('that is made again is as it was, and takes the place of chunks that never became whole', () => {
    const s = composed([0, 1])
    const before = s.store.hash()
    expect(code(s.run(compose([0, 1])))).toBe('ok')
    expect(s.store.hash()).toBe(before)
    const [chunk] = chunksOf(bytesOf([1, 2]), 5_000)
    s.run(chunk as CommandBody)
    expect(code(s.run(compose([1, 2])))).toBe('ok')
    expect(same(s.store.blob(hashOf(1, 2)), bytesOf([1, 2]))).toBe(true)
    for (const late of chunksOf(bytesOf([1, 2]), 5_000)) expect(code(s.run(late))).toBe('ok')
    expect(s.store.blobPieces(hashOf(1, 2))).toHaveLength(2)
    s.run({ kind: 'blobDelete', hashes: [hashOf(0, 1), hashOf(1, 2), ...hashes] })
    expect(s.store.hash()).toBe(new TestStore().store.hash())
  })

  test.each([
    ['a piece that is not there', { pieces: ['d'.repeat(64)] }, 'E_NOT_FOUND'],
    ['no piece', { pieces: [] }, 'E_INVALID_ARGUMENT'],
    ['a piece that is no hash', { pieces: ['x'] }, 'E_INVALID_ARGUMENT'],
    ['a hash that is none', { hash: 'x', pieces: [a] }, 'E_INVALID_ARGUMENT'],
    ['a piece that is made of pieces', { pieces: [hashOf(0, 1)] }, 'E_INVALID_ARGUMENT'],
    ['too many pieces', { pieces: Array<string>(limits.blobPiecesMax + 1).fill(a) }, 'E_INVALID_ARGUMENT'],
  ])('%s is refused, and nothing changes', (_what, blob, expected) => {
    const s = composed([0, 1])
    const before = s.store.hash()
    expect(code(s.run({ kind: 'blobCompose', hash: 'e'.repeat(64), ...blob }))).toBe(expected)
    expect(s.store.hash()).toBe(before)
    expect(s.store.recomputeHash()).toBe(before)
  })

  test('comes back with its pieces when the command that deleted it fails', () => {
    const s = composed([0, 1])
    const before = s.store.hash()
    expect(code(s.run({ kind: 'blobDelete', hashes: [hashOf(0, 1), a, 'no hash'] }))).toBe('E_INVALID_ARGUMENT')
    expect(s.store.hash()).toBe(before)
    expect(same(s.store.blob(hashOf(0, 1)), bytesOf([0, 1]))).toBe(true)
    s.run({ kind: 'blobDelete', hashes: [a] })
    expect(s.store.hasBlob(a), 'is still a piece').toBe(true)
  })

  test('is made, taken apart and read in any order as it would be by who keeps all of it', async () => {
    const random = seededRandom(5)
    const s = new TestStore()
    const bytes = new Map<string, Buffer>()
    const made = new Map<string, readonly string[]>()
    for (let step = 0; step < 600; step++) {
      const dice = random.below(10)
      if (dice < 3) {
        const part = Buffer.from(random.bytes(1 + random.below(6_000)))
        for (const command of chunksOf(part)) s.run(command)
        bytes.set(sha256(part), part)
      } else if (dice < 6 && bytes.size > 0) {
        const whole = [...bytes.keys()].filter((hash) => !made.has(hash))
        const pieces = Array.from({ length: 1 + random.below(5) }, () => whole[random.below(whole.length)] as string)
        const all = Buffer.concat(pieces.map((hash) => bytes.get(hash) as Buffer))
        const hash = sha256(all)
        const isOwn = pieces.length === 1
        expect(code(s.run({ kind: 'blobCompose', hash, pieces }))).toBe('ok')
        if (!isOwn) made.set(hash, pieces)
        bytes.set(hash, all)
      } else if (dice < 8 && bytes.size > 4) {
        const some = [...bytes.keys()].filter(() => random.below(4) === 0)
        s.run({ kind: 'blobDelete', hashes: some })
        for (const hash of some) {
          const isPiece = [...made.values()].some((pieces) => pieces.includes(hash))
          if (isPiece) continue
          made.delete(hash)
          bytes.delete(hash)
        }
      } else if (dice === 8) {
        s.disk.write(s.store.takeFlush())
        s.store.flushed()
      } else if (random.below(4) === 0) await s.restart()
      expect(s.store.hash()).toBe(s.store.recomputeHash())
      for (const [hash, expected] of bytes)
        if (random.below(4) === 0) expect(same(s.store.blob(hash), expected)).toBe(true)
      const pieces = new Set([...made.values()].flat())
      expect([...s.store.blobHashes()].sort()).toEqual([...bytes.keys()].filter((hash) => !pieces.has(hash)).sort())
    }
    expect(made.size).toBeGreaterThan(5)
  })
})
