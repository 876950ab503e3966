/**
 * As much of LevelDB's files as it takes to say whether they are whole: which tables count (the manifest), and where in
 * a table the blocks lie. After LevelDB's doc/log_format.md and doc/table_format.md, and Snappy's format_description.txt.
 */

import { crc32c } from '../base/checksum.js'
import { ByteReader } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'

/** The manifest is a log of blocks of this size; no record's head reaches over a block's end. */
const LOG_BLOCK_BYTES = 32 * 1024
const LOG_HEAD_BYTES = 7
const FIRST_OR_WHOLE = new Set([1, 2])
const LAST_OR_WHOLE = new Set([1, 4])

/** The numbers of the tables that a database is made of. Throws E_CORRUPT when the manifest cannot be understood. */
export function liveTables(manifest: Buffer): Set<number> {
  const live = new Set<number>()
  for (const edit of logRecords(manifest)) {
    const { added, deleted } = readEdit(new ByteReader(edit))
    // an edit may move a table from one level to the next
    for (const number of deleted) live.delete(number)
    for (const number of added) live.add(number)
  }
  return live
}

/** A record that a crash cut off at the end is none. */
function* logRecords(log: Buffer): Generator<Buffer> {
  let parts: Buffer[] = []
  for (let at = 0; at + LOG_HEAD_BYTES <= log.length; ) {
    const leftInBlock = LOG_BLOCK_BYTES - (at % LOG_BLOCK_BYTES)
    const [length, type] = [log.readUInt16LE(at + 4), log.readUInt8(at + 6)]
    if (leftInBlock < LOG_HEAD_BYTES || type === 0) {
      at += leftInBlock
      continue
    }
    const end = at + LOG_HEAD_BYTES + length
    if (end > log.length) return
    parts = [...(FIRST_OR_WHOLE.has(type) ? [] : parts), log.subarray(at + LOG_HEAD_BYTES, end)]
    if (LAST_OR_WHOLE.has(type)) yield Buffer.concat(parts)
    at = end
  }
}

function readEdit(edit: ByteReader): { added: number[]; deleted: number[] } {
  const [added, deleted]: [number[], number[]] = [[], []]
  while (edit.remaining > 0) {
    const tag = edit.uint()
    // the comparator; the numbers of the log, of the next file, of the last write and of the log before
    if (tag === 1) edit.bytes()
    else if (tag === 2 || tag === 3 || tag === 4 || tag === 9) edit.uint()
    else if (tag === 5) skipCompaction(edit)
    else if (tag === 6) deleted.push(tableOf(edit))
    else if (tag === 7) added.push(newTableOf(edit))
    else throw new KeeperError('E_CORRUPT', `the manifest has an edit of kind ${tag}`)
  }
  return { added, deleted }
}

/** Where a level's next compaction begins: level and key. */
function skipCompaction(edit: ByteReader): void {
  edit.uint()
  edit.bytes()
}

/** Level and number. */
function tableOf(edit: ByteReader): number {
  edit.uint()
  return edit.uint()
}

/** Level and number; size, first and last key. */
function newTableOf(edit: ByteReader): number {
  const number = tableOf(edit)
  edit.uint()
  edit.bytes()
  edit.bytes()
  return number
}

/** Where a block's bytes lie; its type and its sum stand behind them. */
interface Handle {
  readonly at: number
  readonly size: number
}

const BLOCK_TRAILER_BYTES = 5
const FOOTER_BYTES = 48
const MAGIC = Buffer.from([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb])

/** What is wrong with a table, in words; undefined when each of its blocks is as LevelDB wrote it. */
export function tableDamage(table: Buffer): string | undefined {
  try {
    for (const handle of blocksOf(table)) soundBlock(table, handle)
    return undefined
  } catch (thrown) {
    if (thrown instanceof KeeperError && thrown.code === 'E_CORRUPT') return thrown.message
    throw thrown
  }
}

/** The index, and all that it leads to. */
function* blocksOf(table: Buffer): Generator<Handle> {
  const footer = table.subarray(Math.max(0, table.length - FOOTER_BYTES))
  if (!footer.subarray(-MAGIC.length).equals(MAGIC))
    throw new KeeperError('E_CORRUPT', 'its end is not that of a table')
  const handles = new ByteReader(footer)
  for (let which = 0; which < 2; which++) {
    const handle = readHandle(handles)
    yield handle
    for (const value of blockValues(soundBlock(table, handle))) yield readHandle(new ByteReader(value))
  }
}

const readHandle = (reader: ByteReader): Handle => ({ at: reader.uint(), size: reader.uint() })

/** A block as it was before it was compressed. Throws E_CORRUPT when it does not fit its sum. */
function soundBlock(table: Buffer, { at, size }: Handle): Buffer {
  const end = at + size
  if (end + BLOCK_TRAILER_BYTES > table.length) throw new KeeperError('E_CORRUPT', `it ends before its block at ${at}`)
  if (masked(crc32c(table.subarray(at, end + 1))) !== table.readUInt32LE(end + 1))
    throw new KeeperError('E_CORRUPT', `its block at ${at} does not fit its checksum`)
  return table.subarray(at, end + 1)
}

/** So that sums of what contains sums are good ones. */
const masked = (sum: number): number => (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0

/** The values in a block that is followed by its type. */
function* blockValues(typed: Buffer): Generator<Buffer> {
  const [bytes, type] = [typed.subarray(0, -1), typed.readUInt8(typed.length - 1)]
  const block = type === 1 ? uncompressed(bytes) : bytes
  if (block.length < 4) throw new KeeperError('E_CORRUPT', 'its index ends early')
  const restarts = block.readUInt32LE(block.length - 4)
  const reader = new ByteReader(block.subarray(0, block.length - 4 * (restarts + 1)))
  while (reader.remaining > 0) {
    reader.uint()
    const [own, value] = [reader.uint(), reader.uint()]
    reader.skip(own)
    yield reader.raw(value)
  }
}

/** Snappy: literals, and copies of what came before. */
function uncompressed(bytes: Buffer): Buffer {
  const reader = new ByteReader(bytes)
  const whole = Buffer.alloc(reader.uint())
  let length = 0
  while (reader.remaining > 0) {
    const tag = reader.byte()
    const kind = tag & 3
    if (kind === 0) {
      const literal = reader.raw(literalLength(tag >>> 2, reader))
      literal.copy(whole, length)
      length += literal.length
      continue
    }
    const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const back = kind === 1 ? ((tag >>> 5) << 8) | reader.byte() : littleEndian(reader, kind === 2 ? 2 : 4)
    // byte by byte: a copy may reach into what it writes
    for (const end = length + count; length < end; length++) whole[length] = whole[length - back] ?? 0
  }
  return whole
}

const literalLength = (given: number, reader: ByteReader): number =>
  (given < 60 ? given : littleEndian(reader, given - 59)) + 1

const littleEndian = (reader: ByteReader, count: number): number => reader.raw(count).readUIntLE(0, count)
