import type { Clock } from '../../base/clock.js'
import { limits } from '../../base/limits.js'
import { ConnectionError, ErrorCode } from './frames.js'

/** Control frames that each frame of content makes cheap: window updates and a probe of its round trip. */
const PER_CONTENT = 3

/** Counts what a peer makes us do for nothing, per second; needs no timer. */
export class Strain {
  #second = 0
  #frames = 0

  /** One frame without content. Throws ConnectionError when there are too many of them. */
  add(clock: Clock): void {
    const second = Math.floor(clock.monotonic() / 1_000)
    if (second !== this.#second) this.#frames = 0
    this.#second = second
    if (++this.#frames > limits.h2ControlFramesPerSecondMax)
      throw new ConnectionError(ErrorCode.enhanceYourCalm, 'too many frames without content')
  }

  /** We sent content. */
  ease(): void {
    this.#frames = Math.max(0, this.#frames - PER_CONTENT)
  }
}
