import type { CancelTimer, Runtime } from '../runtime.js'
import { waitPatiently } from './patience.js'

/** What came lately may wait in a socket: the last so many milliseconds count only while the event loop is free. */
const lastLookMs = 200
const none: CancelTimer = () => {}

/** Notices that a keeper, which says of itself all the time that it lives, does not say anything any more. */
export class QuietWatch {
  readonly #runtime: Runtime
  readonly #onQuiet: () => void
  #quietMs = 0
  #heardAtMs = 0
  #cancel: CancelTimer = none

  constructor(runtime: Runtime, onQuiet: () => void) {
    this.#runtime = runtime
    this.#onQuiet = onQuiet
  }

  /** `quietMs`: so long it may say nothing. */
  start(quietMs: number): void {
    this.stop()
    this.#quietMs = quietMs
    this.heard()
    this.#arm()
  }

  stop(): void {
    this.#cancel()
    this.#cancel = none
  }

  heard(): void {
    this.#heardAtMs = this.#runtime.monotonicMs()
  }

  /** It speaks more or less often from now on. */
  pace(quietMs: number): void {
    this.#quietMs = quietMs
  }

  get #leftMs(): number {
    return this.#heardAtMs + this.#quietMs - this.#runtime.monotonicMs()
  }

  #arm(): void {
    const firstMs = Math.max(this.#leftMs - lastLookMs, this.#quietMs / 4)
    this.#cancel = this.#runtime.setTimer(firstMs, () => {
      if (this.#leftMs > lastLookMs) this.#arm()
      else this.#cancel = waitPatiently(this.#runtime, Math.min(lastLookMs, this.#quietMs / 2), () => this.#look())
    })
  }

  #look(): void {
    if (this.#leftMs > 0) this.#arm()
    else this.#onQuiet()
  }
}
