/** How a version of a key lies in its table, and small keys made of numbers. */

import { ByteReader } from '../base/codec.js'
import type { KeyValue } from './types.js'

/** The value behind its revisions: what the kv table holds per key. Same bytes as ByteWriter's, in one allocation. */
export function encodeKv(kv: KeyValue): Buffer {
  const flagged = kv.version * 2 + (kv.lease === 0n ? 0 : 1)
  const sizes = uintSize(kv.createRevision) + uintSize(kv.modRevision) + uintSize(flagged)
  const bytes = Buffer.allocUnsafe(sizes + (kv.lease === 0n ? 0 : 8) + kv.value.length)
  let at = writeUint(bytes, 0, kv.createRevision)
  at = writeUint(bytes, at, kv.modRevision)
  at = writeUint(bytes, at, flagged)
  if (kv.lease !== 0n) at = bytes.writeBigInt64LE(kv.lease, at)
  bytes.set(kv.value, at)
  return bytes
}

function uintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++
  return size
}

function writeUint(bytes: Buffer, at: number, value: number): number {
  let to = at
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes[to++] = (rest % 128) | 0x80
  bytes[to++] = rest
  return to
}

/** The value is a view on `payload`. */
export function decodeKv(key: Uint8Array, payload: Uint8Array): KeyValue {
  const from = new ByteReader(payload)
  const createRevision = from.uint()
  const modRevision = from.uint()
  const versionAndFlag = from.uint()
  const lease = versionAndFlag % 2 === 1 ? from.int64() : 0n
  const version = Math.floor(versionAndFlag / 2)
  return { key, value: from.raw(from.remaining), createRevision, modRevision, version, lease }
}

/** Only the revisions, without the rest. */
export function revisionsOf(payload: Uint8Array): Pick<KeyValue, 'createRevision' | 'modRevision'> {
  const from = new ByteReader(payload)
  return { createRevision: from.uint(), modRevision: from.uint() }
}

/** 8 bytes whose order is the number's. */
export function idBytes(id: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, id))
  return bytes
}

export const readId = (bytes: Buffer, at = 0): bigint => bytes.readBigInt64BE(at)

/** 8 bytes whose order is the number's, for safe integers. */
export function numberBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  writeNumber(bytes, 0, value)
  return bytes
}

/** As `numberBytes`, in place. */
export function writeNumber(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
}

export const readNumber = (bytes: Buffer, at = 0): number =>
  bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)

/** The smallest key behind all that begin with these bytes; undefined when there is none. */
export function prefixEnd(prefix: Uint8Array): Buffer | undefined {
  const end = Buffer.from(prefix)
  for (let at = end.length - 1; at >= 0; at--) {
    if (end[at] === 0xff) continue
    end[at] = (end[at] as number) + 1
    return end.subarray(0, at + 1)
  }
  return undefined
}
