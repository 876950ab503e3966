import type { MonotonicMs } from '../base/clock.js'
import type { MemberStatus } from '../node/types.js'

/** Without an answer of the leader for so long, this member counts as one that knows none. */
const UNHEARD_MS = 400
/** A log that grew within so long is one that somebody writes to. */
const GROWS_MS = 200

type Standing = Pick<MemberStatus, 'leader' | 'role' | 'unansweredMs' | 'appliedIndex'>

/**
 * For how long this member is of no use to whoever calls it, by what it is seen to be now and then. One that may elect
 * a leader, or be elected, in a moment says the time as it is, for whoever left it now would miss that. One that will
 * not be heard until its network is whole again lets its processes go in half the time: a leader that no quorum
 * answers, and a follower that is not answered although the others write.
 */
export class Leaderless {
  #since: MonotonicMs | undefined
  #isCutOff = false
  #applied = 0
  #grewAt: MonotonicMs | undefined

  /** Milliseconds; those of a member that is cut off count twice. */
  look({ leader, role, unansweredMs, appliedIndex }: Standing, now: MonotonicMs): number {
    if (appliedIndex !== this.#applied) this.#grewAt = now
    this.#applied = appliedIndex
    if (unansweredMs >= UNHEARD_MS) {
      this.#since ??= (now - unansweredMs) as MonotonicMs
      this.#isCutOff ||= role === 'leader' || this.#grows(now)
    } else if (leader === 0) this.#since ??= now
    else this.#since = undefined
    if (this.#since === undefined) {
      this.#isCutOff = false
      return 0
    }
    return Math.ceil(now - this.#since) * (this.#isCutOff ? 2 : 1)
  }

  #grows(now: MonotonicMs): boolean {
    return this.#grewAt !== undefined && now - this.#grewAt < GROWS_MS
  }
}
