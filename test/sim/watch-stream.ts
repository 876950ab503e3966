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

/** One stream of a watch: in order, now and then slow, until it is given up. */
export class WatchStream implements Sink<KvWatchResponse> {
  /** Rejects with what the client found wrong. */
  readonly failed: Promise<never>
  readonly #parts: WatchStreamParts
  #fail: (error: unknown) => void = () => {}
  #onWay = 0
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
    this.#onWay++
    const delayMs = random.unit() < 0.05 ? 20 + random.below(300) : 0.2 + random.unit() * 2
    this.#arrivesAt = Math.max(this.#arrivesAt, time.now + delayMs)
    time.after(this.#arrivesAt - time.now, () => this.#arrived(response))
    return this.#onWay < windowMessages
  }

  async writable(): Promise<void> {
    while (this.#onWay >= windowMessages) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  end(): void {
    this.#ended = true
  }

  #arrived(response: KvWatchResponse): void {
    if (this.#ended) return
    this.#onWay--
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
