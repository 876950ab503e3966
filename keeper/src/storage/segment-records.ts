/**
 * The log's segments. A segment is a file of fixed size:
 *
 *     header (64 bytes): its number, epoch, where the log ended before it, and the link to the last record before it
 *     records, one behind the other, each an append:
 *         bytes of all of it (u32) · bytes of its entries (u32) · sum (u32)
 *         entries
 *         format version · head · checksum of the entry before the first (u32) · number of entries
 *     zeros up to the end of the page that was written last; then whatever was there before
 *
 * Segments are used again, so what stands behind the last record may be a sound record of former times. Nothing tells it
 * from a new one but the chain: the sum of a record continues from that of the record before it (the link), and its
 * head counts on. The sum covers all but the entries; they have a chain of their own, whose end is in the head. So each
 * byte is summed once, and an entry's checksum, which marks and flushes name, comes for free.
 */

import { crc32 } from '../base/checksum.js'
import { ByteReader, type ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { Entry } from '../raft/types.js'
import { ENTRY_HEADER_BYTES, type LogHead, readEntry, readHead, writeEntry, writeHead } from './log-records.js'
import { seal, unseal } from './record.js'

export const SEGMENT_HEADER_BYTES = 64
const SEGMENT_FORMAT = 1
const PREFIX_BYTES = 12
/** A head and what goes with it take no more. */
const TAIL_BYTES_MAX = 80
const PAGE_BYTES = 4096
const KEY = new TextEncoder().encode('segment')

export interface SegmentHeader {
  readonly number: number
  /** Of all its records. */
  readonly epoch: number
  /** Where the log ended when it was begun. */
  readonly lastIndex: number
  /** Sum of the last record before it. */
  readonly link: number
}

/** Always so many bytes. */
export function writeSegmentHeader(writer: ByteWriter, header: SegmentHeader): ByteWriter {
  const from = writer.length
  const body = writer.uint(header.number).uint(header.epoch).uint(header.lastIndex).uint32(header.link).finish(from)
  const { record } = seal(KEY, body)
  writer.truncate(from).bytes(record)
  return writer.zeros(SEGMENT_HEADER_BYTES - (writer.length - from))
}

/** The header of segment `number`; undefined when there is none, or that of another. Throws E_DATA_VERSION. */
export function readSegmentHeader(bytes: Uint8Array, number: number): SegmentHeader | undefined {
  return unlessCorrupt(() => {
    const { body } = unseal(KEY, new ByteReader(bytes).bytes())
    const reader = new ByteReader(body)
    const header = { number: reader.uint(), epoch: reader.uint(), lastIndex: reader.uint(), link: reader.uint32() }
    return header.number === number ? header : undefined
  })
}

/** Such an append takes no more bytes, without a header. */
export const recordBytesMax = (entries: readonly Entry[]): number =>
  entries.reduce((bytes, { data }) => bytes + data.length + ENTRY_HEADER_BYTES, PREFIX_BYTES + TAIL_BYTES_MAX)

/** One append, to be written. */
export interface NewRecord {
  readonly head: Omit<LogHead, 'chain'>
  /** Checksum of the entry before the first. */
  readonly chainBefore: number
  readonly entries: readonly Entry[]
  /** Sum of the record before. */
  readonly link: number
}

/** What was written of an append besides its bytes. */
export interface WrittenRecord {
  /** Sum of the record: the link for the next. */
  readonly sum: number
  readonly head: LogHead
  /** Checksum of each entry. */
  readonly chains: readonly number[]
  /** The bytes of the entries alone, one behind the other; valid as long as the writer's. */
  readonly entryBytes: Buffer
}

export function writeRecord(writer: ByteWriter, { head, chainBefore, entries, link }: NewRecord): WrittenRecord {
  const from = writer.length
  writer.uint32(0).uint32(0).uint32(0)
  const entriesFrom = writer.length
  const chains: number[] = []
  let chain = chainBefore
  for (const entry of entries) {
    const at = writer.length
    chain = crc32(writeEntry(writer, entry).finish(at), chain)
    chains.push(chain)
  }
  const tailFrom = writer.length
  const whole: LogHead = { ...head, chain }
  writeHead(writer.byte(SEGMENT_FORMAT), whole).uint32(chainBefore).uint(entries.length)
  writer.patchUint32(from, writer.length - from)
  writer.patchUint32(from + 4, tailFrom - entriesFrom)
  const bytes = writer.finish()
  const sum = sumOf(bytes, from, tailFrom, bytes.length, link)
  writer.patchUint32(from + 8, sum)
  return { sum, head: whole, chains, entryBytes: bytes.subarray(entriesFrom, tailFrom) }
}

/** Zeros up to the end of the page: it is written whole, so that the kernel never has to read it first. */
export const padToPage = (writer: ByteWriter, at: number, segmentBytes: number): ByteWriter => {
  const end = at + writer.length
  return writer.zeros(Math.min(segmentBytes, Math.ceil(end / PAGE_BYTES) * PAGE_BYTES) - end)
}

const sumOf = (bytes: Buffer, from: number, tailFrom: number, end: number, link: number): number =>
  crc32(bytes.subarray(tailFrom, end), crc32(bytes.subarray(from, from + 8), link))

/** A sound record of a segment. */
export interface FoundRecord {
  readonly head: LogHead
  readonly chainBefore: number
  readonly entries: readonly Entry[]
  readonly chains: readonly number[]
  readonly sum: number
  /** Where the next one would begin. */
  readonly end: number
}

/** The record at `at` that follows one whose sum is `link`; undefined when none does. Throws E_DATA_VERSION. */
export function readRecord(bytes: Buffer, at: number, link: number): FoundRecord | undefined {
  if (at + PREFIX_BYTES > bytes.length) return undefined
  const end = at + bytes.readUInt32LE(at)
  const entriesFrom = at + PREFIX_BYTES
  const tailFrom = entriesFrom + bytes.readUInt32LE(at + 4)
  if (tailFrom >= end || end > bytes.length) return undefined
  const sum = bytes.readUInt32LE(at + 8)
  if (sumOf(bytes, at, tailFrom, end, link) !== sum) return undefined
  if ((bytes[tailFrom] as number) > SEGMENT_FORMAT)
    throw new KeeperError('E_DATA_VERSION', `log format ${bytes[tailFrom]}, this keeper knows ${SEGMENT_FORMAT}`)
  const reader = new ByteReader(bytes.subarray(tailFrom + 1, end))
  const head = readHead(reader)
  const chainBefore = reader.uint32()
  const read = readEntries(bytes.subarray(entriesFrom, tailFrom), reader.uint(), chainBefore)
  return read && read.chain === head.chain ? { head, chainBefore, sum, end, ...read } : undefined
}

/** Entries that stand one behind the other, and their checksums; undefined when they are not so many. They hold a copy. */
export function readEntries(bytes: Uint8Array, count: number, chainBefore: number) {
  return unlessCorrupt(() => {
    const copy = Buffer.from(bytes)
    const reader = new ByteReader(copy)
    const entries: Entry[] = []
    const chains: number[] = []
    let chain = chainBefore
    for (let from = 0; entries.length < count; ) {
      entries.push(readEntry(reader))
      const to = copy.length - reader.remaining
      chain = crc32(copy.subarray(from, to), chain)
      chains.push(chain)
      from = to
    }
    return reader.remaining === 0 ? { entries, chains, chain } : undefined
  })
}

function unlessCorrupt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof KeeperError && thrown.code === 'E_CORRUPT') return undefined
    throw thrown
  }
}
