/**
 * The room that knows the disk. Two layers: `RawDisk`, which files with LevelDB and the simulator's failing double both
 * are, and `MemberDisk`, our format upon it (checksums, chained entries, linked flushes, side file, recovery).
 */

import type { ConfState, Entry, HardState } from '../raft/types.js'
import type { StateFlush, StateReader } from '../store/types.js'

export interface RawBatchOperation {
  readonly type: 'put' | 'del'
  readonly key: Uint8Array
  readonly value?: Uint8Array
}

/** An ordered key-value database that promises only what LevelDB promises. */
export interface RawDb {
  /**
   * Atomic; durable when it resolves and `sync` was set. A large one comes in slices, so that other work gets its turn
   * between them; nothing of it counts when making them fails. What a slice holds may change once the next is asked for.
   */
  batch(
    operations: readonly RawBatchOperation[] | AsyncIterable<readonly RawBatchOperation[]>,
    options: { sync: boolean },
  ): Promise<void>
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  /** As `get`, at once. */
  getSync(key: Uint8Array): Uint8Array | undefined
  /** The values in the order of the keys, all of one moment. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Over a consistent view taken at the call: low ≤ key < high. */
  iterate(range: {
    low?: Uint8Array
    high?: Uint8Array
    reverse?: boolean
    limit?: number
  }): AsyncIterable<{ key: Uint8Array; value: Uint8Array }>
  /** Drops a key range: low ≤ key < high. Not synced, not atomic: a crash may leave some of it. */
  clear(range: { low: Uint8Array; high: Uint8Array }): Promise<void>
  /** Begins anew, empty, whatever state it is in: a damaged one can neither be read through nor cleared. Nobody may be reading. */
  renew(): Promise<void>
  close(): Promise<void>
}

/** A file of the log, by its number. */
export interface RawSegment {
  readonly number: number
  /** Its size, which no write changes. */
  readonly bytes: number
}

/**
 * Files of fixed size that are written in place, so that a synced write changes nothing that the file system keeps of
 * them. What is in them is for log-segments.ts to know.
 */
export interface RawLog {
  /** The least and the greatest size that a segment should have on this disk. */
  readonly segmentBytes: { readonly min: number; readonly max: number }
  /** Those there are, by number. One that was being made when it crashed is not there. */
  segments(): Promise<readonly RawSegment[]>
  /** `count` bytes from `at`; fewer where the segment ends before. */
  read(number: number, at: number, count: number): Promise<Uint8Array>
  /**
   * Overwrites; durable when it resolves. One at a time. Never reaches over the segment's end. A crash meanwhile leaves
   * each sector of it as it was or as it was to be, in no order.
   */
  write(number: number, at: number, bytes: Uint8Array): Promise<void>
  /** A segment of so many zeros in place of any that has this number; durable when it resolves. Rejects E_NO_SPACE. */
  make(number: number, bytes: number): Promise<void>
  /** Gives a segment another number that none has, its bytes as they are; durable when it resolves. */
  renumber(from: number, to: number): Promise<void>
  remove(numbers: readonly number[]): Promise<void>
}

/** Bytes of one slot of the mark file. */
export const MARK_SLOT_BYTES = 64 * 1024

/** Everything storage needs of a data folder. */
export interface RawDisk {
  /** Takes the folder's lock. Rejects E_DATA_LOCKED. */
  open(): Promise<void>
  /** The database of the state. */
  state(): Promise<RawDb>
  log(): Promise<RawLog>
  /** The database that the log was in folders of format 1; undefined where there is none. */
  oldLog(): Promise<RawDb | undefined>
  /** Removes it. */
  dropOldLog(): Promise<void>
  /** The side file's bytes; undefined if there is none. */
  readSide(): Promise<Uint8Array | undefined>
  /** Replaced atomically and fsynced (file and folder) when it resolves. */
  writeSide(bytes: Uint8Array): Promise<void>
  /** Both slots of the mark file; undefined where nothing was ever written. */
  readMarks(): Promise<readonly [Uint8Array | undefined, Uint8Array | undefined]>
  /** Overwrites one slot in place, at most MARK_SLOT_BYTES; durable when it resolves. A crash meanwhile leaves garbage in this slot only. */
  writeMark(slot: 0 | 1, bytes: Uint8Array): Promise<void>
  /** The file system that this folder is on. May be asked before `open`. */
  space(): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>
  /** Keeps a file of so many bytes that nothing is read from, to be given up when the disk is full; 0 for none. May be called before `open`. */
  setBallast(bytes: number): Promise<void>
  /**
   * Keeps a file that gives the state room to be opened, after `next` more bytes of it were written, when somebody else
   * has taken every byte of the disk. False when growing it would not leave `leave` bytes free: then it is as it was.
   * Only `open` gives it up. Rejects E_NO_SPACE, E_DISK.
   */
  reserve(wanted: { readonly next: number; readonly leave: number }): Promise<boolean>
  close(): Promise<void>
}

export interface Identity {
  readonly clusterId: string
  readonly memberId: number
  readonly memberName: string
  readonly storeEpoch: number
}

/** A member that was there when the cluster began. */
export interface Founder {
  readonly id: number
  readonly name: string
  /** Where it listened for the others, `host:port`. */
  readonly peer: string
  /** Of its data folder then. */
  readonly folder: string
}

/** Where a member's data lives, and what it began with. */
export interface Home {
  /** Random, made with the folder: a member that comes with another one has lost its disk. Empty in folders from before there was one. */
  readonly folder: string
  /** Empty for a cluster that began with one member. */
  readonly founders: readonly Founder[]
}

/** What a data folder held when it was opened. */
export interface Recovered {
  readonly identity: Identity
  readonly home: Home
  readonly hardState: HardState
  /** Entries after the flush's applied index, contiguous and verified. */
  readonly entries: readonly Entry[]
  /** Where the verified state flush stands; index 0 for an empty one. */
  readonly flush: { readonly index: number; readonly term: number; readonly confState: ConfState }
  /**
   * `clean`, or why this member must not vote, campaign or acknowledge before a quorum vouches for it:
   * `lost-tail` (the side file knows of a later synced entry), `hole`, `bad-sum`.
   */
  readonly condition: Condition
  readonly reason?: string
  /** Was anything found damaged just now? A member may be recovering although its folder is whole again. */
  readonly damaged: boolean
  /** What was found damaged and put right from a second copy, for the log. */
  readonly notes: readonly string[]
}

export type Condition = 'clean' | 'recovering'

/** One flush, whole: where it stands in the log and all its records. */
export interface SnapshotView {
  readonly index: number
  readonly term: number
  readonly confState: ConfState
  /** How many there are. */
  readonly count: number
  /** In key order, each verified; rejects E_CORRUPT at the end when some are missing. To be iterated once. */
  readonly records: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>
}

/** Records on disk that are no state yet. To be installed or discarded, once. */
export interface StagedSnapshot {
  readonly count: number
  /** Drops it. Not synced: what a crash leaves behind is dropped at the next start. */
  discard(): Promise<void>
}

/** Of the disk under a member. */
export interface DiskSpace {
  readonly freeBytes: number
  /** So little is free that nothing should be taken that makes the store larger. */
  readonly low: boolean
}

/** One member's durable state. Every method but reads is called by one writer, in order. */
export interface MemberDisk {
  readonly recovered: Recovered
  /**
   * Entries and hard state in one atomic write; durable (fsync) when it resolves. Entries at or below the last index
   * replace the suffix. Calls made while a write is under way share the next one. A hard state that only moves
   * `commit` costs no write of its own: it rides with the next entries (Raft may forget it). Rejects E_DISK,
   * E_NO_SPACE; after a failed write every later one rejects E_DISK.
   */
  append(batch: { readonly entries: readonly Entry[]; readonly hardState?: HardState }): Promise<void>
  /**
   * One atomic synced batch; only after it may the log be truncated. Waits for the entries it covers to be durable here.
   * Rejects E_NO_SPACE when there is no room for it: then nothing happened, and the same flush may come again.
   */
  flush(flush: StateFlush, confState: ConfState): Promise<void>
  /** Drops entries at or below `index`, which must not lie above the last verified flush. */
  truncateLog(index: number): Promise<void>
  /** All records of the last flush, verified one by one; rejects E_CORRUPT. */
  stateRecords(): AsyncIterable<{ key: Uint8Array; value: Uint8Array }>
  /**
   * The records that were to be kept when the folder was opened, as they were read then, in key order; let go as they
   * are handed out. Undefined when none were, at the second call, and after the first flush.
   */
  kept(): Iterable<{ key: Uint8Array; value: Uint8Array }> | undefined
  /** The last flush as something to send: a consistent view, whatever is flushed meanwhile. Rejects E_CORRUPT. */
  openSnapshot(): Promise<SnapshotView>
  readonly reader: StateReader
  /**
   * Writes a snapshot's records beside the state, as they come; nothing of it counts before `installSnapshot`. Appends
   * and flushes go on meanwhile. Rejects as the disk does, and with what `records` throws: then nothing stays.
   */
  stageSnapshot(records: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>): Promise<StagedSnapshot>
  /** Replaces the whole state and log by a staged snapshot, atomically as seen after a crash. */
  installSnapshot(snapshot: {
    readonly index: number
    readonly term: number
    readonly confState: ConfState
    readonly staged: StagedSnapshot
  }): Promise<void>
  /** Durably enters or leaves the recovering condition. */
  setCondition(condition: Condition, reason?: string): Promise<void>
  /** As it was when last looked at. */
  space(): DiskSpace
  /** What waits for space on a full disk waits no longer: it rejects E_NO_SPACE. */
  waitNoMore(): void
  /** Until it resolves the folder is being opened again and cannot be read at once; undefined when it can. */
  opening(): Promise<void> | undefined
  close(): Promise<void>
}
