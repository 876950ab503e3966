/**
 * A snapshot on the wire: chunk 0 is its MsgSnap, the others are records in key order, and an end says how many chunks
 * and records there were and what they sum to. Each is numbered, so that after a break the sender goes on where the
 * receiver stood.
 */

import { crc32 } from '../base/checksum.js'
import { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Message } from '../raft/types.js'
import { frame } from './frames.js'
import { readRaftMessage, writeRaftMessage } from './message-codec.js'
import type { StateRecord } from './types.js'

export interface End {
  readonly chunks: number
  readonly records: number
  /** CRC-32 over the checksums of all chunks, in order. */
  readonly sum: number
}

/** Frames of a snapshot's parts; counts and sums up what passes. */
export class ChunkWriter {
  #chunks = 0
  #records = 0
  #sum = 0

  begin(message: Message): Buffer {
    const body = new ByteWriter(256).uint(0)
    writeRaftMessage(body, message)
    return this.#chunk('snapshotBegin', body.finish())
  }

  chunk(records: readonly StateRecord[]): Buffer {
    const body = new ByteWriter(limits.snapshotChunkBytes + 4_096).uint(this.#chunks).uint(records.length)
    for (const { key, value } of records) body.bytes(key).bytes(value)
    this.#records += records.length
    return this.#chunk('snapshotChunk', body.finish())
  }

  end(): Buffer {
    const body = new ByteWriter(32).uint(this.#chunks).uint(this.#records).uint32(this.#sum)
    return frame('snapshotEnd', body.finish())
  }

  get chunks(): number {
    return this.#chunks
  }

  #chunk(kind: 'snapshotBegin' | 'snapshotChunk', body: Buffer): Buffer {
    this.#chunks++
    this.#sum = addSum(this.#sum, body)
    return frame(kind, body)
  }
}

/** Adds a chunk to the sum over all. */
export function addSum(sum: number, body: Uint8Array): number {
  const own = Buffer.allocUnsafe(4)
  own.writeUInt32LE(crc32(body))
  return crc32(own, sum)
}

/** Throws E_FRAME_GARBAGE, E_CORRUPT. */
export function readBegin(body: Buffer): { number: number; message: Message } {
  const reader = new ByteReader(body)
  const number = reader.uint()
  const message = readRaftMessage(reader)
  if (message.type !== 'MsgSnap' || !message.snapshot)
    throw new KeeperError('E_FRAME_GARBAGE', `a snapshot that begins with ${message.type}`)
  return { number, message }
}

/** Throws E_CORRUPT. Keys and values are views of the body. */
export function readChunk(body: Buffer): { number: number; records: StateRecord[] } {
  const reader = new ByteReader(body)
  const number = reader.uint()
  const records: StateRecord[] = []
  for (let left = reader.uint(); left > 0; left--) records.push({ key: reader.bytes(), value: reader.bytes() })
  return { number, records }
}

export function readEnd(body: Buffer): End {
  const reader = new ByteReader(body)
  return { chunks: reader.uint(), records: reader.uint(), sum: reader.uint32() }
}

/** The receiver has all chunks below `next` on its disk; `whole`: it has taken the snapshot. */
export const takenFrame = (next: number, whole: boolean): Buffer =>
  frame('snapshotTaken', new ByteWriter(16).uint(next).boolean(whole).finish())

export function readTaken(body: Buffer): { next: number; whole: boolean } {
  const reader = new ByteReader(body)
  return { next: reader.uint(), whole: reader.boolean() }
}
