import { clockDriftMax } from '../machine-clock.js'
import { Violation } from '../trace.js'

/**
 * Who holds a lock steps down by itself when so much of its lease's time is over since it asked for the newest renewal
 * that was confirmed: the margin covers its own clock and the leader's.
 */
export const heldShare = 1 - 2 * clockDriftMax

/** One holder at a time, and each with a higher token than all before. */
export class HolderChecker {
  readonly #now: () => number
  readonly #until = new Map<number, number>()
  #token = 0
  acquired = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** The client learned that it holds the lock since the revision `token`, and may act on it until then. */
  holds(client: number, token: number, until: number): void {
    if (until <= this.#now()) return
    for (const [other, itsUntil] of this.#until)
      if (other !== client && itsUntil > this.#now())
        throw new Violation('holders', `clients ${other} and ${client} both hold the lock`)
    if (token <= this.#token) throw new Violation('fencing', `token ${token} was given out after ${this.#token}`)
    this.#token = token
    this.acquired++
    this.#until.set(client, until)
  }

  /** Its lease was renewed. */
  keeps(client: number, until: number): void {
    const before = this.#until.get(client)
    // who stepped down does not come back by a late answer
    if (before !== undefined && before > this.#now()) this.#until.set(client, Math.max(before, until))
  }

  ends(client: number): void {
    this.#until.delete(client)
  }
}
