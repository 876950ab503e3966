import { KeeperClientError } from '../errors.js'
import { limits } from '../limits.js'

/**
 * Makes a value of the one it differs from. Instructions, each a varint n and what follows it: n even, copy n/2 bytes of
 * `base` from the offset in the next varint; n odd, insert the (n-1)/2 bytes that follow. Throws E_FRAME_GARBAGE,
 * E_TOO_LARGE.
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const parts: Buffer[] = []
  let length = 0
  for (let at = 0; at < delta.length; ) {
    const instruction = readVarint(delta, at)
    at = instruction.end
    const count = Math.floor(instruction.value / 2)
    const isCopy = instruction.value % 2 === 0
    const from = isCopy ? readVarint(delta, at) : { value: at, end: at + count }
    const source = isCopy ? base : delta
    if (from.value + count > source.length) throw garbage('more than there is')
    length += count
    if (length > limits.pushBytesMax)
      throw new KeeperClientError('E_TOO_LARGE', `a value of over ${limits.pushBytesMax} bytes`)
    parts.push(source.subarray(from.value, from.value + count))
    at = from.end
  }
  return Buffer.concat(parts, length)
}

function readVarint(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0
  let scale = 1
  for (let at = start; at < start + 8; at++) {
    const byte = bytes[at]
    if (byte === undefined) throw garbage('the end in the middle of a number')
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return { value, end: at + 1 }
    scale *= 128
  }
  throw garbage('a number that is too long')
}

const garbage = (what: string) => new KeeperClientError('E_FRAME_GARBAGE', `a difference with ${what}`)
