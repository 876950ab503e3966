import { limits } from '../limits.js'

/** Full jitter: anything between nothing and twice the mean, so that many clients never come back as one. */
export const jittered = (meanMs: number, unit: number): number => unit * 2 * meanMs

/**
 * How long to wait before the next attempt. One endpoint that fails is no reason to wait for the next one: only a round
 * of them that failed doubles the mean, up to `backoffMaxMs`. A keeper may set the first mean, bounded, and may name
 * the wait itself, once: it knows how many others come.
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

  /** The keeper named the wait before the next attempt; 0 leaves it to us. */
  askOnce(waitMs: number): void {
    this.#askedMs = Math.min(waitMs, limits.backoffServerMaxMs)
  }

  reset(): void {
    this.#failures = 0
  }

  /**
   * Milliseconds to wait now. `quick`: there is someone whom this round has not asked yet. `isAsking`: somebody waits for
   * an answer, who would not be helped by one that comes after his patience.
   */
  next(quick = false, isAsking = false): number {
    const askedMs = this.#askedMs
    this.#askedMs = 0
    if (askedMs > 0) return askedMs
    if (quick) return jittered(this.#firstMeanMs, this.#unit())
    const ceilingMs = Math.max(isAsking ? limits.backoffAskingMaxMs : limits.backoffMaxMs, this.#firstMeanMs)
    const meanMs = Math.min(ceilingMs, this.#firstMeanMs * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    return jittered(meanMs, this.#unit())
  }
}
