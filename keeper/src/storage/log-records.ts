/**
 * The `log` database:
 *
 *     e <epoch u32> <index u64>   one entry; its record carries the checksum of the entry before (the chain)
 *     h                           head: hard state and where the log ends, rewritten in the batch of every append
 *
 * Integers in keys are big-endian, so that key order is index order. The epoch grows whenever the log is replaced as a
 * whole: entries of another epoch are as good as deleted, and can be cleared at leisure.
 */

import { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { Entry, EntryType, HardState } from '../raft/types.js'
import { asBuffer, beginRecord, endRecord, seal, unseal } from './record.js'

const ENTRY = 0x65
/** Room for what stands in front of an entry's data. */
const ENTRY_HEADER_BYTES = 64
export const HEAD_KEY: Uint8Array = Uint8Array.of(0x68)

/** Types by their number on disk. */
const entryTypes: readonly EntryType[] = ['normal', 'confChange', 'confChangeV2']

export function entryKey(epoch: number, index: number): Buffer {
  const key = Buffer.allocUnsafe(13)
  key[0] = ENTRY
  key.writeUInt32BE(epoch, 1)
  key.writeBigUInt64BE(BigInt(index), 5)
  return key
}

/** The index in an entry's key. */
export const indexOfKey = (key: Uint8Array): number => Number(asBuffer(key).readBigUInt64BE(5))

/** All entries of an epoch from `index` on: low ≤ key < high. */
export const entriesFrom = (epoch: number, index: number): { low: Buffer; high: Buffer } => ({
  low: entryKey(epoch, index),
  high: entryKey(epoch + 1, 0),
})

/** Every entry of every epoch before `epoch`. */
export const entriesBefore = (epoch: number): { low: Buffer; high: Buffer } => ({
  low: entryKey(0, 0),
  high: entryKey(epoch, 0),
})

export function writeEntry(writer: ByteWriter, entry: Entry): ByteWriter {
  const type = entryTypes.indexOf(entry.type)
  return writer.uint(entry.term).uint(entry.index).byte(type).bytes(entry.data)
}

/** Throws E_CORRUPT. */
export function readEntry(reader: ByteReader): Entry {
  const term = reader.uint()
  const index = reader.uint()
  const type = entryTypes[reader.byte()]
  if (!type) throw new KeeperError('E_CORRUPT', `entry ${index} has an unknown type`)
  return { term, index, type, data: reader.bytes() }
}

/** The record of an entry that follows one whose checksum is `chain`; its own sum is the chain for the next. */
export function sealEntry(epoch: number, entry: Entry, chain: number): { key: Buffer; record: Buffer; chain: number } {
  const key = entryKey(epoch, entry.index)
  const begun = beginRecord(entry.data.length + ENTRY_HEADER_BYTES).uint32(chain)
  const { record, sum } = endRecord(key, writeEntry(begun, entry))
  return { key, record, chain: sum }
}

/** Throws E_CORRUPT, E_DATA_VERSION. */
export function unsealEntry(key: Uint8Array, record: Uint8Array): { entry: Entry; before: number; chain: number } {
  const { body, sum } = unseal(key, record)
  const reader = new ByteReader(body)
  const before = reader.uint32()
  return { entry: readEntry(reader), before, chain: sum }
}

/** Where the log ends and what goes with it; `sequence` counts synced appends. */
export interface LogHead {
  readonly sequence: number
  readonly epoch: number
  readonly hardState: HardState
  readonly lastIndex: number
  /** Checksum of the last entry. */
  readonly chain: number
}

export function writeHead(writer: ByteWriter, head: LogHead): ByteWriter {
  const { term, vote, commit } = head.hardState
  writer.uint(head.sequence).uint(head.epoch).uint(term).uint(vote).uint(commit)
  return writer.uint(head.lastIndex).uint32(head.chain)
}

export const readHead = (reader: ByteReader): LogHead => ({
  sequence: reader.uint(),
  epoch: reader.uint(),
  hardState: { term: reader.uint(), vote: reader.uint(), commit: reader.uint() },
  lastIndex: reader.uint(),
  chain: reader.uint32(),
})

export const sealHead = (head: LogHead): Buffer => seal(HEAD_KEY, writeHead(new ByteWriter(64), head).finish()).record

/** Throws E_CORRUPT, E_DATA_VERSION. */
export const unsealHead = (record: Uint8Array): LogHead => readHead(new ByteReader(unseal(HEAD_KEY, record).body))
