import type { CancelTimer, Clock, MonotonicMs } from '../base/clock.js'
import { limits } from '../base/limits.js'

/** Of those that were under way together lately, so many are enough: somebody may have stopped asking. */
const ENOUGH = 0.9
/** So much of what was under way is still expected after each entry. */
const DECAY = 0.9
/** In rounds: what waits while one is under way, and for those whom it answers to ask again. */
const WAIT_ROUNDS = 1.5
/** How much the newest round counts in their mean. */
const NEWEST = 0.2

/**
 * How long a leader lets proposals gather. A round (two writes of the disk at each member, messages there and back, each
 * process woken and its caches filled anew) costs as much as executing a hundred writes, and clients that wait for answers fall into two
 * halves of which each has rounds of its own. Under load the first half waits for the second: a round for all. Databases
 * call it group commit with a delay; here nobody need set it. With fewer than `gatherCommandsMin` under way nothing waits.
 */
export class Gathering {
  readonly #clock: Clock
  readonly #wake: () => void
  /** When the first of those that wait began to. */
  #since: MonotonicMs | undefined
  #cancel: CancelTimer | undefined
  /** Entries that this leader appended and that are not applied, and the commands in them. */
  readonly #rounds: { readonly index: number; readonly count: number; readonly at: MonotonicMs }[] = []
  #underWay = 0
  /** How many were under way or waited at once lately. */
  #expected = 0
  #roundMs = 0

  /** `wake` is called when waiting may be over. */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /** Are more proposals expected to join the `waiting` ones soon? */
  waits(waiting: number): boolean {
    const now = this.#clock.monotonic()
    this.#since ??= now
    this.#expected = Math.max(this.#expected, this.#underWay + waiting)
    if (this.#expected < limits.gatherCommandsMin || waiting >= this.#expected * ENOUGH) return false
    const left = Math.min(limits.gatherMsMax, this.#roundMs * WAIT_ROUNDS) - (now - this.#since)
    if (left <= 0) return false
    this.#cancel ??= this.#clock.setTimer(left, () => {
      this.#cancel = undefined
      this.#wake()
    })
    return true
  }

  /** So many commands were appended as the entry at `index`. */
  appended(index: number, count: number): void {
    this.#since = undefined
    this.#cancel?.()
    this.#cancel = undefined
    this.#underWay += count
    this.#expected = Math.max(this.#underWay, this.#expected * DECAY)
    this.#rounds.push({ index, count, at: this.#clock.monotonic() })
  }

  /** Everything up to `index` is applied. */
  applied(index: number): void {
    for (let first = this.#rounds[0]; first && first.index <= index; first = this.#rounds[0]) {
      this.#rounds.shift()
      this.#underWay -= first.count
      this.#roundMs += (this.#clock.monotonic() - first.at - this.#roundMs) * (this.#roundMs === 0 ? 1 : NEWEST)
    }
  }

  /** This member leads no more, or ends. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#since = undefined
    this.#rounds.length = 0
    this.#underWay = this.#expected = 0
  }
}
