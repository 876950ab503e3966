/**
 * Lets hellos in at a rate, for each is a write to the log. A few at once pass, some more wait their turn here, which
 * is cheaper than to come again; who would wait too long is told when to come, each at a time of its own, so that a
 * thousand who were sent away do not come back as one.
 */

import type { Clock } from '../base/clock.js'

export interface GateOptions {
  readonly clock: Clock
  readonly perSecond: number
  /** How many pass at once after a quiet time. */
  readonly burst: number
  /** The longest that one waits here. */
  readonly queueMs: number
}

/** Whoever waits are let in together so often: they share an entry of the log. */
const TURN_MS = 10

export class Gate {
  readonly #options: GateOptions
  readonly #queueMax: number
  #waiting: (() => void)[] = []
  #tokens: number
  #filledAt: number
  /** When the last of those that were sent away comes back. */
  #awayUntil = 0

  constructor(options: GateOptions) {
    this.#options = options
    this.#queueMax = Math.max(1, Math.floor((options.perSecond * options.queueMs) / 1000))
    this.#tokens = options.burst
    this.#filledAt = options.clock.monotonic()
  }

  /** Hellos that wait their turn. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Calls `enter` now or soon and returns 0; or returns how many milliseconds to stay away. */
  pass(enter: () => void): number {
    this.#fill()
    if (this.#waiting.length === 0 && this.#tokens >= 1) {
      this.#tokens--
      enter()
      return 0
    }
    if (this.#waiting.length >= this.#queueMax) return this.#sendAway()
    this.#waiting.push(enter)
    if (this.#waiting.length === 1) this.#arm()
    return 0
  }

  /** Each gets a place behind all that wait here or were told a time before. */
  #sendAway(): number {
    const { clock, perSecond, queueMs } = this.#options
    const now = clock.monotonic()
    this.#awayUntil = Math.max(this.#awayUntil, now + queueMs) + 1000 / perSecond
    return Math.ceil(this.#awayUntil - now)
  }

  #arm(): void {
    this.#options.clock.setTimer(TURN_MS, () => this.#turn())
  }

  #turn(): void {
    this.#fill()
    const entering = this.#waiting.splice(0, Math.floor(this.#tokens))
    this.#tokens -= entering.length
    if (this.#waiting.length > 0) this.#arm()
    for (const enter of entering) enter()
  }

  #fill(): void {
    const { clock, perSecond, burst } = this.#options
    const now = clock.monotonic()
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) * perSecond) / 1000)
    this.#filledAt = now
  }
}
