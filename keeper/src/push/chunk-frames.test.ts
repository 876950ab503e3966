import { serverFrame } from '@keeper/proto'
import { describe, expect, test } from 'vitest'
import { ChunkFrames } from './chunk-frames.js'
import { StoredValue } from './stored-value.js'
import { bytesOf } from './testing/test-client.js'
import type { EncodedFrame } from './types.js'

const push = [Buffer.from('a head'), Buffer.alloc(250, 'a large value'), Buffer.from('a tail')]

test('the chunks are all of the push, in order, and say where they stand', () => {
  const frames = new ChunkFrames(push, 100)
  const bytesAt = (at: number) => bytesOf(frames.at(at) as EncodedFrame)
  const chunks = Array.from({ length: frames.length }, (_, at) => serverFrame.decode(bytesAt(at)).chunk)
  expect(chunks.map((chunk) => [chunk?.offset, chunk?.bytes.length])).toEqual([
    ['0', 100],
    ['100', 100],
    ['200', 62],
  ])
  expect(Buffer.concat(chunks.map((chunk) => chunk?.bytes ?? Buffer.alloc(0))).equals(Buffer.concat(push))).toBe(true)
  expect([frames.at(-1), frames.at(3)]).toEqual([undefined, undefined])
})

test('sessions that come to a chunk at the same time share it', () => {
  const frames = new ChunkFrames(push, 100)
  const one = frames.at(1)
  expect(frames.at(1)).toBe(one)
})

test('a large value is sent from where it lies', () => {
  const [, value] = push
  const frames = new ChunkFrames(push, 100)
  expect(frames.at(1)?.rest?.map(({ buffer }) => buffer)).toEqual([value?.buffer])
})

describe('a value that lies in a store in pieces', () => {
  const pieces = ['first', 'second', 'third'].map((word) => ({ hash: word, bytes: 100 }))
  const shelf = () => new Map(pieces.map(({ hash, bytes }) => [hash, Buffer.alloc(bytes, hash)]))

  test('is sent as one in memory, and each piece is read when a chunk comes to it', () => {
    const [stored, reads] = [shelf(), [] as string[]]
    const read = (hash: string) => {
      reads.push(hash)
      return stored.get(hash)
    }
    const frames = new ChunkFrames([Buffer.from('head'), new StoredValue(pieces, read), Buffer.from('tail')], 60)
    const whole = new ChunkFrames([Buffer.from('head'), Buffer.concat([...stored.values()]), Buffer.from('tail')], 60)
    expect(frames.length).toBe(whole.length)
    expect(reads).toEqual([])
    for (let at = 0; at < frames.length; at++)
      expect(bytesOf(frames.at(at) as EncodedFrame)).toEqual(bytesOf(whole.at(at) as EncodedFrame))
    expect(reads).toEqual(['first', 'second', 'third'])
  })

  test('has no more than one of each piece in memory, wherever its sessions are', () => {
    const stored = shelf()
    const value = new StoredValue(pieces, (hash) => Buffer.from(stored.get(hash) ?? []))
    const [ahead] = value.read(120, 180)
    const [behind] = value.read(100, 130)
    expect(behind?.buffer).toBe(ahead?.buffer)
  })

  test('of which a piece is gone ends the stream that comes to it, which is told why', () => {
    const stored = shelf()
    const value = new StoredValue(pieces, (hash) => stored.get(hash))
    stored.delete('second')
    expect(value.read(0, 100)).toHaveLength(1)
    expect(() => value.read(50, 150)).toThrow(expect.objectContaining({ code: 'E_UNAVAILABLE' }))
  })
})
