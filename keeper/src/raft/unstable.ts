import type { Entry, Snapshot } from './types.js'

/**
 * The end of the log that is not durable yet, and a snapshot on its way to disk. It keeps what it handed out for
 * persisting until told that storage has it, so that reads never fall into a gap.
 */
export class Unstable {
  /** A snapshot not yet in storage. While there is one, nothing is applied and this member does not campaign. */
  snapshot: Snapshot | undefined
  /** `snapshot` was handed out in a Ready. */
  snapshotInProgress = false
  /** entries[i] has index offset + i; may overlap what storage holds, and then replaces it. */
  entries: Entry[] = []
  /** Index of entries[0], or of the next entry to come. */
  offset: number
  /** Everything below was handed out for persisting. offset ≤ offsetInProgress ≤ offset + entries.length. */
  offsetInProgress: number

  constructor(offset: number) {
    this.offset = offset
    this.offsetInProgress = offset
  }

  /** Index of the last entry or of the snapshot; undefined when storage knows better. */
  lastIndex(): number | undefined {
    if (this.entries.length > 0) return this.offset + this.entries.length - 1
    return this.snapshot?.index
  }

  /** Term at `index` if it is held here. */
  term(index: number): number | undefined {
    if (index < this.offset) return this.snapshot?.index === index ? this.snapshot.term : undefined
    return this.entries[index - this.offset]?.term
  }

  hasNextEntries(): boolean {
    return this.offset + this.entries.length > this.offsetInProgress
  }

  /** What was not handed out for persisting yet. */
  nextEntries(): readonly Entry[] {
    return this.hasNextEntries() ? this.entries.slice(this.offsetInProgress - this.offset) : []
  }

  nextSnapshot(): Snapshot | undefined {
    return this.snapshotInProgress ? undefined : this.snapshot
  }

  /** All that is here is now being persisted. */
  acceptInProgress(): void {
    this.offsetInProgress = this.offset + this.entries.length
    if (this.snapshot) this.snapshotInProgress = true
  }

  /**
   * Storage holds the log up to the entry (term, index). Ignored when that entry was replaced meanwhile. The caller
   * vouches that no write still under way overwrites it.
   */
  stableTo(term: number, index: number): void {
    if (index < this.offset || this.term(index) !== term) return
    const stable = index + 1 - this.offset
    this.entries = stable === this.entries.length ? [] : this.entries.slice(stable)
    this.offset = index + 1
    this.offsetInProgress = Math.max(this.offsetInProgress, this.offset)
  }

  stableSnapshotTo(index: number): void {
    if (this.snapshot?.index !== index) return
    this.snapshot = undefined
    this.snapshotInProgress = false
  }

  /** The log is now what `snapshot` stands for and nothing else. */
  restore(snapshot: Snapshot): void {
    this.offset = snapshot.index + 1
    this.offsetInProgress = this.offset
    this.entries = []
    this.snapshot = snapshot
    this.snapshotInProgress = false
  }

  /** Puts `entries` (not empty) at their index; what stood there and behind goes. */
  truncateAndAppend(entries: readonly Entry[]): void {
    const from = (entries[0] as Entry).index
    if (from <= this.offset) this.#replace(entries, from)
    else {
      if (from < this.offset + this.entries.length) this.#truncate(from)
      for (const entry of entries) this.entries.push(entry)
    }
  }

  /** Entries with indexes in [low, high), both within what is held here. */
  slice(low: number, high: number): readonly Entry[] {
    return this.entries.slice(low - this.offset, high - this.offset)
  }

  #replace(entries: readonly Entry[], from: number): void {
    this.entries = entries.slice()
    this.offset = from
    this.offsetInProgress = from
  }

  #truncate(from: number): void {
    this.entries.length = from - this.offset
    this.offsetInProgress = Math.min(this.offsetInProgress, from)
  }
}
