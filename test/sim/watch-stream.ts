import type { KvWatchResponse } from '@keeper/proto'
import type { Sink } from '../../keeper/src/api/calls.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { Owner, VirtualTime } from './virtual-time.js'

export interface WatchStreamParts {
  readonly time: VirtualTime
  readonly random: Random
  /** The life of the process that sends. */
  readonly owner: Owner
  readonly arrive: (response: KvWatchResponse) => void
}

/** Messages on their way at which the client counts as slow. */
const windowMessages = 3

/** The slowest take so long. */
export const slowMessageMsMax = 320

/** One stream of a watch: in order, now and then slow, until it is given up. */
export class WatchStream implements Sink<KvWatchResponse> {
  /** Rejects with what the client found wrong. */
  readonly failed: Promise<never>
  readonly #parts: WatchStreamParts
  #fail: (error: unknown) => void = () => {}
  /** Oldest first. */
  readonly #onWay: KvWatchResponse[] = []
  #arrivesAt = 0
  #waiting: (() => void)[] = []
  #ended = false

  constructor(parts: WatchStreamParts) {
    this.#parts = parts
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
  }

  /** When the newest message arrives, from now on. */
  get arrivesInMs(): number {
    return Math.max(0, this.#arrivesAt - this.#parts.time.now)
  }

  send(response: KvWatchResponse): boolean {
    const { time, random } = this.#parts
    this.#onWay.push(response)
    const delayMs = random.unit() < 0.05 ? 20 + random.below(slowMessageMsMax - 20) : 0.2 + random.unit() * 2
    this.#arrivesAt = Math.max(this.#arrivesAt, time.now + delayMs)
    // two that are due together may come to moments that differ by a rounding: the oldest arrives first all the same
    time.after(this.#arrivesAt - time.now, () => this.#arrived())
    return this.#onWay.length < windowMessages
  }

  async writable(): Promise<void> {
    while (this.#onWay.length >= windowMessages) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  end(): void {
    this.#ended = true
  }

  #arrived(): void {
    const response = this.#onWay.shift()
    if (this.#ended || !response) return
    try {
      this.#parts.arrive(response)
    } catch (error) {
      this.#ended = true
      this.#fail(error)
    }
    // the keeper notices that it may send on, if it still is there
    this.#parts.time.after(0, () => this.#goOn(), this.#parts.owner)
  }

  #goOn(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
