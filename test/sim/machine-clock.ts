import type { Clock, MonotonicMs, WallMs } from '../../keeper/src/base/clock.js'
import type { Owner, VirtualTime } from './virtual-time.js'

/**
 * What the documents promise for: clocks that run at most this much too fast or too slow, so that a lease lives at least
 * TTL × (1 − clockDriftMax) of true time.
 */
export const clockDriftMax = 0.05

const birthMs = 1_700_000_000_000

/** A machine's clocks: they outlive its processes, run a little wrong, and jump. */
export class MachineClock {
  readonly #time: VirtualTime
  #rate = 1
  #since = 0
  #base = 0
  #wallOffset = 0

  constructor(time: VirtualTime) {
    this.#time = time
  }

  /** Its seconds are `rate` of the true ones' speed from now on. */
  runAt(rate: number): void {
    this.#base = this.#monotonic()
    this.#since = this.#time.now
    this.#rate = rate
  }

  /** The monotonic clock only goes forward. */
  jump(byMs: number): void {
    this.#base += byMs
  }

  jumpWall(byMs: number): void {
    this.#wallOffset += byMs
  }

  /** As one life of a process sees it. */
  for(owner: Owner): Clock {
    return {
      monotonic: () => this.#monotonic() as MonotonicMs,
      wall: () => (birthMs + Math.floor(this.#monotonic() + this.#wallOffset)) as WallMs,
      setTimer: (delayMs, fire) => this.#time.after(delayMs / this.#rate, fire, owner),
    }
  }

  #monotonic(): number {
    return this.#base + (this.#time.now - this.#since) * this.#rate
  }
}
