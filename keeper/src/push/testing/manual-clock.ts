import type { CancelTimer, Clock, MonotonicMs, WallMs } from '../../base/clock.js'

/** A clock that stands still until it is told. */
export class ManualClock implements Clock {
  #now = 1_000
  #timers: { readonly at: number; readonly fire: () => void }[] = []

  monotonic(): MonotonicMs {
    return this.#now as MonotonicMs
  }

  wall(): WallMs {
    return (1_700_000_000_000 + this.#now) as WallMs
  }

  /** Timers that did not fire yet. */
  get pending(): number {
    return this.#timers.length
  }

  setTimer(delayMs: number, fire: () => void): CancelTimer {
    const timer = { at: this.#now + delayMs, fire }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  advance(ms: number): void {
    this.#now += ms
    const due = this.#timers.filter((timer) => timer.at <= this.#now).sort((a, b) => a.at - b.at)
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now)
    for (const timer of due) timer.fire()
  }
}
