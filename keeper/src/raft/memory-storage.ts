import { KeeperError } from '../base/errors.js'
import { limitBytes } from './entry-bytes.js'
import { RaftLogError } from './log-error.js'
import type { ConfState, Entry, HardState, RaftStorage, Snapshot } from './types.js'

const emptyConfState: ConfState = { voters: [], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }

/**
 * A stable log in memory: the mirror of what is on disk. Its owner changes it only after the same change is durable,
 * and before it tells the core so. Calls that change throw and change nothing when refused.
 */
export class MemoryStorage implements RaftStorage {
  #hardState: HardState = { term: 0, vote: 0, commit: 0 }
  /** Membership as of the applied index with which a member starts. */
  #confState: ConfState = emptyConfState
  #snapshot: Snapshot = { index: 0, term: 0, confState: emptyConfState, data: new Uint8Array() }
  /** entries[i] has index first + i. */
  #entries: Entry[] = []
  /** Index of the first entry held: one above the compacted ones. */
  #first = 1
  /** Term of the entry at first − 1. */
  #compactedTerm = 0

  initialState(): { hardState: HardState; confState: ConfState } {
    return { hardState: this.#hardState, confState: this.#confState }
  }

  firstIndex(): number {
    return this.#first
  }

  lastIndex(): number {
    return this.#first + this.#entries.length - 1
  }

  term(index: number): number {
    if (index === this.#first - 1) return this.#compactedTerm
    if (index < this.#first) throw new RaftLogError('compacted')
    const entry = this.#entries[index - this.#first]
    if (!entry) throw new RaftLogError('unavailable')
    return entry.term
  }

  entries(low: number, high: number, bytesMax: number): readonly Entry[] {
    if (low < this.#first) throw new RaftLogError('compacted')
    if (high > this.lastIndex() + 1) throw new RaftLogError('unavailable')
    return limitBytes(this.#entries.slice(low - this.#first, high - this.#first), bytesMax)
  }

  snapshot(): Snapshot {
    return this.#snapshot
  }

  setHardState(hardState: HardState): void {
    this.#hardState = hardState
  }

  /** The membership that `initialState` tells: it must be that of the applied index handed to the core at its start. */
  setConfState(confState: ConfState): void {
    this.#confState = confState
  }

  /** Adds entries; one at or below the last index replaces everything from there. Those already compacted are skipped. */
  append(entries: readonly Entry[]): void {
    const fresh =
      (entries[0]?.index ?? this.#first) < this.#first ? entries.filter((e) => e.index >= this.#first) : entries
    const from = fresh[0]?.index
    if (from === undefined) return
    if (from > this.lastIndex() + 1)
      throw new KeeperError('E_INTERNAL', `log would have a hole between ${this.lastIndex()} and ${from}`)
    this.#entries.length = from - this.#first
    for (const entry of fresh) this.#entries.push(entry)
  }

  /** Drops entries at or below `index`. Throws 'compacted' if they are gone already, 'unavailable' beyond the end. */
  compact(index: number): void {
    if (index < this.#first) throw new RaftLogError('compacted')
    this.#compactedTerm = this.term(index)
    this.#entries = this.#entries.slice(index + 1 - this.#first)
    this.#first = index + 1
  }

  /** Notes a snapshot of the state at `index`, which must be in the log. Throws 'snapshotOutOfDate' for an older one. */
  createSnapshot(index: number, confState: ConfState, data: Uint8Array): Snapshot {
    if (index <= this.#snapshot.index) throw new RaftLogError('snapshotOutOfDate')
    this.#snapshot = { index, term: this.term(index), confState, data }
    return this.#snapshot
  }

  /** Replaces log and state by a snapshot's. Throws 'snapshotOutOfDate' for one not newer than what is there. */
  applySnapshot(snapshot: Snapshot): void {
    if (snapshot.index <= this.#snapshot.index) throw new RaftLogError('snapshotOutOfDate')
    this.#snapshot = snapshot
    this.#confState = snapshot.confState
    this.#entries = []
    this.#first = snapshot.index + 1
    this.#compactedTerm = snapshot.term
  }
}
