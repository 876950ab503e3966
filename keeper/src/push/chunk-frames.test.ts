import { serverFrame } from '@keeper/proto'
import { expect, test } from 'vitest'
import { ChunkFrames } from './chunk-frames.js'
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
