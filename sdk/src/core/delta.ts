import type { ConfigChange__Output } from '@keeper/proto/wire'
import { KeeperClientError } from '../errors.js'
import { limits } from '../limits.js'
import type { Held } from './held.js'
import { hashOf } from './values.js'

const CHECK_BYTES_MIN = 8

/** A change told as a difference, with its value. Throws E_FRAME_GARBAGE when it is not one from what is held. */
export function ofDelta(change: ConfigChange__Output, held: Held | undefined): ConfigChange__Output {
  const { hash, baseHash, delta } = change
  if (held?.hash === hash) return wholly(change, held.bytes, hash)
  const value = held?.hash === baseHash ? applyDelta(held.bytes, delta) : undefined
  return checked(change, value, hash)
}

/** The same in the brief form: from whatever is held, and of the hash only the beginning is known. */
export function ofBrief(
  change: ConfigChange__Output,
  held: Held | undefined,
  pushRevision: string,
): ConfigChange__Output {
  if (change.check.length < CHECK_BYTES_MIN) throw garbage(`for ${change.name} with too short a check`)
  const check = change.check.toString('hex')
  const whole = {
    ...change,
    revision: change.revision === '0' ? pushRevision : change.revision,
    check: Buffer.alloc(0),
  }
  if (held?.hash.startsWith(check)) return wholly(whole, held.bytes, held.hash)
  return checked(whole, held && applyDelta(held.bytes, change.delta), check)
}

function checked(change: ConfigChange__Output, value: Buffer | undefined, check: string): ConfigChange__Output {
  const hash = value && hashOf(value)
  if (!hash?.startsWith(check)) throw garbage(`for ${change.name} from what is not held`)
  return wholly(change, value as Buffer, hash)
}

const wholly = (change: ConfigChange__Output, value: Buffer, hash: string): ConfigChange__Output => {
  return { ...change, value, hash, baseHash: '', delta: Buffer.alloc(0) }
}

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
    if (from.value + count > source.length) throw garbage('with more than there is')
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
    if (byte === undefined) throw garbage('with the end in the middle of a number')
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return { value, end: at + 1 }
    scale *= 128
  }
  throw garbage('with a number that is too long')
}

const garbage = (what: string) => new KeeperClientError('E_FRAME_GARBAGE', `a difference ${what}`)
