import { describe, expect, test } from 'vitest'
import { crc32 } from '../base/checksum.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import { type Frame, FrameReader, frame, frameKinds } from './frames.js'

const random = seededRandom(7)
const some = Array.from({ length: 40 }, (_, at) => ({
  kind: frameKinds[at % frameKinds.length] as (typeof frameKinds)[number],
  body: Buffer.from(random.bytes(at === 20 ? 200_000 : random.below(300))),
}))
/** Compared as text: a test runner walks through bytes one by one. */
const textOf = (frames: readonly Frame[]) => frames.map(({ kind, body }) => `${kind} ${body.toString('latin1')}`)
const stream = Buffer.concat(some.map(({ kind, body }) => frame(kind, body)))

/** The frames of a stream that comes in pieces of these sizes, over and over. */
function readIn(sizes: () => number) {
  const reader = new FrameReader()
  const frames: Frame[] = []
  for (let at = 0; at < stream.length; ) {
    const to = at + sizes()
    frames.push(...reader.push(stream.subarray(at, to)))
    at = to
  }
  return textOf(frames)
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (thrown) {
    return thrown instanceof KeeperError ? thrown.code : String(thrown)
  }
  return ''
}

describe('a stream of frames', () => {
  test.each([1, 2, 3, 7, 8, 9, 10, 4_096, 65_536, stream.length])(
    'that comes in pieces of %i bytes is whole',
    (size) => {
      expect(readIn(() => size)).toEqual(textOf(some))
    },
  )

  test('that comes in pieces of any size is whole', () => {
    for (let run = 0; run < 50; run++) expect(readIn(() => 1 + random.below(500))).toEqual(textOf(some))
  })

  test('with one bit turned over never gives a frame that was not sent', () => {
    const sound = frame('messages', Buffer.from('what was said'))
    for (let bit = 0; bit < sound.length * 8; bit++) {
      const bent = Buffer.from(sound)
      bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7))
      const given: unknown[] = []
      const code = codeOf(() => given.push(...new FrameReader(1_000).push(bent)))
      expect(given).toEqual([])
      // a length that is too great may also wait for more
      expect(['E_FRAME_GARBAGE', 'E_TOO_LARGE', '']).toContain(code)
    }
  })

  test('with a frame above the limit is refused by its first four bytes', () => {
    const head = Buffer.alloc(4)
    head.writeUInt32LE(limits.peerFrameBytesMax + 1)
    expect(codeOf(() => [...new FrameReader().push(head)])).toBe('E_TOO_LARGE')
    const largest = frame('messages', Buffer.alloc(limits.peerFrameBytesMax - 1))
    expect([...new FrameReader().push(largest)]).toHaveLength(1)
  })

  test('with a frame that has no kind, or one of a kind that nobody knows, is garbage', () => {
    expect(codeOf(() => [...new FrameReader().push(Buffer.alloc(8))])).toBe('E_FRAME_GARBAGE')
    expect(codeOf(() => [...new FrameReader().push(sealedAs(200))])).toBe('E_FRAME_GARBAGE')
  })
})

/** A frame with a fitting sum and any number for its kind. */
function sealedAs(kind: number): Buffer {
  const bytes = frame('messages', Buffer.from([1, 2, 3]))
  bytes[8] = kind
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4)
  return bytes
}
