import { KeeperError } from '../base/errors.js'
import { countWithin, entriesBytes, limitBytes } from './entry-bytes.js'
import { isLogFault } from './log-error.js'
import type { Entry, RaftStorage, Snapshot } from './types.js'
import { Unstable } from './unstable.js'

const noEntries: readonly Entry[] = []

/** The log as the core sees it: what storage holds, continued by what is not durable yet. */
export class RaftLog {
  readonly storage: RaftStorage
  readonly unstable: Unstable
  /** Highest index known to be durable on a quorum. Only grows. */
  committed: number
  /** Highest index handed out for applying. applied ≤ applying ≤ committed. */
  applying: number
  /** Highest index the application has applied. */
  applied: number
  /** Bound of `applyingBytes`: one batch may pass it by its last entry. */
  readonly applyingBytesMax: number
  /** Bytes handed out for applying and not yet acknowledged. */
  applyingBytes = 0
  /** Nothing more is handed out until applying makes progress. */
  applyingPaused = false

  constructor(storage: RaftStorage, applyingBytesMax: number) {
    this.storage = storage
    this.applyingBytesMax = applyingBytesMax
    this.unstable = new Unstable(storage.lastIndex() + 1)
    this.committed = storage.firstIndex() - 1
    this.applying = this.committed
    this.applied = this.committed
  }

  firstIndex(): number {
    const { snapshot } = this.unstable
    return snapshot ? snapshot.index + 1 : this.storage.firstIndex()
  }

  lastIndex(): number {
    return this.unstable.lastIndex() ?? this.storage.lastIndex()
  }

  lastTerm(): number {
    return this.term(this.lastIndex()) ?? 0
  }

  /** Term of the entry at `index`; undefined when it is compacted or does not exist yet. */
  term(index: number): number | undefined {
    const held = this.unstable.term(index)
    if (held !== undefined) return held
    if (index + 1 < this.firstIndex() || index > this.lastIndex()) return undefined
    return this.storage.term(index)
  }

  matchesTerm(term: number, index: number): boolean {
    return this.term(index) === term
  }

  /** Raft §5.4.1: is a log ending in (term, index) at least as complete as this one? */
  isUpToDate(term: number, index: number): boolean {
    const lastTerm = this.lastTerm()
    return term > lastTerm || (term === lastTerm && index >= this.lastIndex())
  }

  /**
   * Raft §5.3: takes a leader's entries behind (prevTerm, prevIndex) if the log holds that entry, and learns the
   * commit index. The index of the last of them, or undefined when refused.
   */
  maybeAppend(prevTerm: number, prevIndex: number, commit: number, entries: readonly Entry[]): number | undefined {
    if (!this.matchesTerm(prevTerm, prevIndex)) return undefined
    const last = prevIndex + entries.length
    const fresh = entries.findIndex((entry) => !this.matchesTerm(entry.term, entry.index))
    if (fresh === 0) this.append(entries)
    else if (fresh > 0) this.append(entries.slice(fresh))
    this.commitTo(Math.min(commit, last))
    return last
  }

  /** Puts entries at their indexes, replacing what stood there and behind. Throws rather than touch a committed one. */
  append(entries: readonly Entry[]): void {
    const first = entries[0]
    if (!first) return
    if (first.index <= this.committed)
      throw new KeeperError('E_CORRUPT', `entry ${first.index} would replace a committed one (${this.committed})`)
    this.unstable.truncateAndAppend(entries)
  }

  /**
   * The largest index ≤ `index` whose term is ≤ `term` or not known, with that term (0 when unknown): where a log
   * of which one entry (term, index) is known may at best agree with this one.
   */
  findConflictByTerm(term: number, index: number): { term: number; index: number } {
    for (let at = index; at > 0; at--) {
      const ours = this.term(at)
      if (ours === undefined) return { term: 0, index: at }
      if (ours <= term) return { term: ours, index: at }
    }
    return { term: 0, index: 0 }
  }

  /** Entries from `low` on, cut at `bytesMax` but at least one; undefined when `low` is compacted. */
  entriesFrom(low: number, bytesMax: number): readonly Entry[] | undefined {
    const last = this.lastIndex()
    return low > last ? noEntries : this.slice(low, last + 1, bytesMax)
  }

  /** Entries in [low, high), cut at `bytesMax` but at least one; undefined when `low` is compacted. */
  slice(low: number, high: number, bytesMax: number): readonly Entry[] | undefined {
    if (low < this.firstIndex()) return undefined
    if (low >= high) return noEntries
    const { offset } = this.unstable
    if (low >= offset) return limitBytes(this.unstable.slice(low, high), bytesMax)
    const stable = this.#stableSlice(low, Math.min(high, offset), bytesMax)
    if (!stable || high <= offset || stable.length < offset - low) return stable
    return this.#withUnstable(stable, high, bytesMax)
  }

  hasNextCommitted(allowUnstable: boolean): boolean {
    if (this.applyingPaused || this.unstable.snapshot) return false
    return this.applying < this.#appliableTo(allowUnstable)
  }

  /** Entries to apply next. `allowUnstable`: also such as this member has not persisted itself yet. */
  nextCommitted(allowUnstable: boolean): readonly Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return noEntries
    const bytesMax = this.applyingBytesMax - this.applyingBytes
    const entries = this.slice(this.applying + 1, this.#appliableTo(allowUnstable) + 1, bytesMax)
    if (!entries) throw new KeeperError('E_INTERNAL', `unapplied entries after ${this.applying} are compacted`)
    return entries
  }

  acceptApplying(index: number, bytes: number, allowUnstable: boolean): void {
    this.applying = index
    this.applyingBytes += bytes
    this.applyingPaused = this.applyingBytes >= this.applyingBytesMax || index < this.#appliableTo(allowUnstable)
  }

  appliedTo(index: number, bytes: number): void {
    if (index > this.committed || index < this.applied)
      throw new KeeperError('E_INTERNAL', `applied ${index} is outside [${this.applied}, ${this.committed}]`)
    this.applied = index
    this.applying = Math.max(this.applying, index)
    this.applyingBytes = Math.max(0, this.applyingBytes - bytes)
    this.applyingPaused = this.applyingBytes >= this.applyingBytesMax
  }

  /** Throws E_LOST_TAIL when asked to commit what this log does not hold: an acknowledged tail is gone. */
  commitTo(index: number): void {
    if (index <= this.committed) return
    const last = this.lastIndex()
    if (index > last) throw new KeeperError('E_LOST_TAIL', `entry ${index} is committed, but the log ends at ${last}`)
    this.committed = index
  }

  /** Raft §5.4.2: only an entry of the leader's own term is committed by counting. */
  maybeCommit(term: number, index: number): boolean {
    if (index <= this.committed || !this.matchesTerm(term, index)) return false
    this.commitTo(index)
    return true
  }

  /** The snapshot to send to a follower; undefined while one is being made. */
  snapshot(): Snapshot | undefined {
    try {
      return this.unstable.snapshot ?? this.storage.snapshot()
    } catch (thrown) {
      if (isLogFault(thrown, 'snapshotTemporarilyUnavailable')) return undefined
      throw thrown
    }
  }

  restore(snapshot: Snapshot): void {
    this.committed = snapshot.index
    this.unstable.restore(snapshot)
  }

  #appliableTo(allowUnstable: boolean): number {
    return allowUnstable ? this.committed : Math.min(this.committed, this.unstable.offset - 1)
  }

  #stableSlice(low: number, high: number, bytesMax: number): readonly Entry[] | undefined {
    try {
      return this.storage.entries(low, high, bytesMax)
    } catch (thrown) {
      if (isLogFault(thrown, 'compacted')) return undefined
      throw thrown
    }
  }

  #withUnstable(stable: readonly Entry[], high: number, bytesMax: number): readonly Entry[] {
    const unstable = this.unstable.slice(this.unstable.offset, high)
    if (bytesMax === Number.POSITIVE_INFINITY) return stable.concat(unstable)
    const rest = bytesMax - entriesBytes(stable)
    const count = countWithin(unstable, rest)
    // countWithin grants one entry in any case; here the stable ones already are that one
    if (count === 1 && entriesBytes(unstable.slice(0, 1)) > rest) return stable
    return stable.concat(unstable.slice(0, count))
  }
}
