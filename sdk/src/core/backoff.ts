import { limits } from '../limits.js'

/** Full jitter: anything between nothing and twice the mean, so that many clients never come back as one. */
export const jittered = (meanMs: number, unit: number): number => unit * 2 * meanMs

/**
 * How long to wait before the next attempt. The mean doubles with each failure up to `backoffMaxMs`; a keeper may set
 * the first mean, bounded, and may ask once for a certain wait.
 */
export class Backoff {
  readonly #unit: () => number
  #firstMeanMs: number = limits.backoffFirstMs
  #failures = 0
  #askedMs = 0

  constructor(unit: () => number) {
    this.#unit = unit
  }

  /** The mean of the first wait after a lost stream, as the keeper negotiated it; 0 is the default. */
  setFirstMean(meanMs: number): void {
    this.#firstMeanMs = Math.min(meanMs, limits.backoffServerMaxMs) || limits.backoffFirstMs
  }

  /** The keeper asked for this mean before the next attempt, once. */
  askOnce(meanMs: number): void {
    this.#askedMs = Math.min(meanMs, limits.backoffServerMaxMs)
  }

  reset(): void {
    this.#failures = 0
  }

  /** Milliseconds to wait now; counts as one more failure. */
  next(): number {
    const ceilingMs = Math.max(limits.backoffMaxMs, this.#firstMeanMs)
    const meanMs = this.#askedMs || Math.min(ceilingMs, this.#firstMeanMs * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    this.#askedMs = 0
    return jittered(meanMs, this.#unit())
  }
}
