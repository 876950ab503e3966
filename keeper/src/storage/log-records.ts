/** What records of the log are made of, wherever they stand: entries, and the head that says where the log ends. */

import type { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { Entry, EntryType, HardState } from '../raft/types.js'

/** Types by their number on disk. */
const entryTypes: readonly EntryType[] = ['normal', 'confChange', 'confChangeV2']

/** What stands in front of an entry's data takes no more. */
export const ENTRY_HEADER_BYTES = 24

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

/** Where the log ends and what goes with it; `sequence` counts synced appends. */
export interface LogHead {
  readonly sequence: number
  /** Grows whenever the log is replaced as a whole: entries of another epoch are as good as deleted. */
  readonly epoch: number
  readonly hardState: HardState
  readonly lastIndex: number
  /** Checksum of the last entry and, through it, of every one before it. */
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
