import type { Inflights } from './inflights.js'

/**
 * `probe`: find out where the logs agree, one message per heartbeat interval. `replicate`: stream optimistically.
 * `snapshot`: send no entries until the follower has the snapshot.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot'

/** What the leader knows of one member's log. */
export class Progress {
  /** The member's log agrees with the leader's up to here, durably. match < next. */
  match: number
  /** Index of the next entry to send; those in (match, next) are in flight. */
  next: number
  /** Highest commit index sent; lowered when messages may have been lost. */
  sentCommit = 0
  state: ProgressState = 'probe'
  /** Index of the snapshot under way; 0 unless in `snapshot`. */
  pendingSnapshot = 0
  /** Something came from the member since the last check of the quorum. Always true of the leader itself. */
  recentActive: boolean
  /** No MsgApp until something comes from the member: a probe is out, or the window is full. */
  flowPaused = false
  readonly inflights: Inflights
  isLearner: boolean

  constructor(options: { next: number; inflights: Inflights; isLearner: boolean; match?: number; active?: boolean }) {
    this.match = options.match ?? 0
    this.next = options.next
    this.inflights = options.inflights
    this.isLearner = options.isLearner
    this.recentActive = options.active ?? false
  }

  /** A copy whose flags change on their own. */
  clone(): Progress {
    return Object.assign(new Progress(this), this)
  }

  becomeProbe(): void {
    const base = this.state === 'snapshot' ? Math.max(this.match, this.pendingSnapshot) : this.match
    this.#become('probe')
    this.next = base + 1
    this.#lowerSentCommit()
  }

  becomeReplicate(): void {
    this.#become('replicate')
    this.next = this.match + 1
  }

  becomeSnapshot(index: number): void {
    this.#become('snapshot')
    this.pendingSnapshot = index
    this.next = index + 1
    this.sentCommit = index
  }

  /** Nothing is known of the member's log any more: probe from the leader's last index down. */
  forgetMatch(lastIndex: number): void {
    this.match = 0
    this.#become('probe')
    this.next = lastIndex + 1
    this.sentCommit = 0
  }

  /** A MsgApp with `entries` entries of `bytes` payload left. */
  sentEntries(entries: number, bytes: number): void {
    if (this.state === 'probe') {
      if (entries > 0) this.flowPaused = true
      return
    }
    if (entries > 0) {
      this.next += entries
      this.inflights.add(this.next - 1, bytes)
    }
    // with a full window this message is the probe that finds out whether the window was lost
    this.flowPaused = this.inflights.full
  }

  /** Could sending `commit` now move the member's commit index? */
  canBumpCommit(commit: number): boolean {
    return commit > this.sentCommit && this.sentCommit < this.next - 1
  }

  /** The member acknowledged up to `index`; false if that is no news. */
  maybeUpdate(index: number): boolean {
    if (index <= this.match) return false
    this.match = index
    this.next = Math.max(this.next, index + 1)
    this.flowPaused = false
    return true
  }

  /** The member refused a MsgApp behind `rejected` and hints at `hint`; false if that is stale. */
  maybeDecreaseTo(rejected: number, hint: number): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false
      this.next = this.match + 1
    } else {
      if (this.next - 1 !== rejected) return false
      this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1)
      this.flowPaused = false
    }
    this.#lowerSentCommit()
    return true
  }

  get paused(): boolean {
    return this.state === 'snapshot' || this.flowPaused
  }

  #become(state: ProgressState): void {
    this.flowPaused = false
    this.pendingSnapshot = 0
    this.state = state
    this.inflights.reset()
  }

  #lowerSentCommit(): void {
    this.sentCommit = Math.min(this.sentCommit, this.next - 1)
  }
}
