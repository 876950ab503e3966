import type { Clock } from '../base/clock.js'
import type { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'

/**
 * Tells when a process has to give way: the others say for long enough, and without a pause, that another one speaks as
 * the same member. Once is nothing: a process that was started again may come before the end of its predecessor is known.
 */
export class Displacement {
  readonly #clock: Clock
  #since = 0
  #last = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A member refused this process; true when that settles it. */
  refusedWith({ code }: KeeperError): boolean {
    if (code !== 'E_MEMBER_DUPLICATE') return false
    const now = this.#clock.monotonic()
    if (now - this.#last > limits.peerSilenceMs) this.#since = now
    this.#last = now
    return now - this.#since > limits.displacedAfterMs
  }
}
