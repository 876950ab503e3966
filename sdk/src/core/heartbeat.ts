import { type HeartbeatReply__Output, toSafe } from '@keeper/proto'
import type { CancelTimer, Runtime } from '../runtime.js'

export interface HeartbeatDeps {
  readonly runtime: Runtime
  send(sequence: number, lagMs: number): void
  /** Nothing was heard for a whole TTL. */
  onSilent(): void
}

/** A second look before a keeper is called silent: what it sent may wait unread in a socket behind a busy turn. */
const secondLookMs = 250

/** How often in a row other frames may stand for a heartbeat: the event loop's lag travels in heartbeats alone. */
const skipsMax = 2

/**
 * Says that this process lives, and notices when the keeper no longer does. An ack says as much as a heartbeat: a
 * process that hears of updates all the time hardly sends any.
 */
export class Heartbeat {
  readonly #deps: HeartbeatDeps
  #cancel: CancelTimer = () => {}
  #sequence = 0
  #heardAtMs = 0
  #sentAtMs = 0
  #skipped = 0
  #intervalMs = 0
  #ttlMs = 0

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps
  }

  start(intervalMs: number, ttlMs: number): void {
    this.stop()
    this.#ttlMs = ttlMs
    this.#intervalMs = Math.max(10, Math.min(intervalMs, ttlMs))
    this.#heardAtMs = this.#deps.runtime.monotonicMs()
    this.#sentAtMs = this.#heardAtMs
    this.#deps.runtime.takeLagMs()
    this.#next(this.#intervalMs)
  }

  stop(): void {
    this.#cancel()
    this.#cancel = () => {}
  }

  onReply(reply: HeartbeatReply__Output): void {
    if (toSafe(reply.sequence) > this.#sequence) return
    this.#heardAtMs = this.#deps.runtime.monotonicMs()
    if (reply.ttlMs > 0) this.#ttlMs = Math.max(reply.ttlMs, this.#intervalMs)
  }

  /** A frame went out that the keeper takes for a sign of life. */
  sent(): void {
    this.#sentAtMs = this.#deps.runtime.monotonicMs()
  }

  /** Something came from the keeper. */
  heard(): void {
    this.#heardAtMs = this.#deps.runtime.monotonicMs()
  }

  #next(delayMs: number): void {
    this.#cancel = this.#deps.runtime.setTimer(delayMs, () => this.#beat())
  }

  #beat(): void {
    if (this.#isSilent()) {
      this.#cancel = this.#deps.runtime.setTimer(Math.min(secondLookMs, this.#intervalMs), () => this.#secondLook())
      return
    }
    const sinceSentMs = this.#deps.runtime.monotonicMs() - this.#sentAtMs
    if (sinceSentMs < this.#intervalMs && this.#skipped < skipsMax) {
      this.#skipped++
      this.#next(this.#intervalMs - sinceSentMs)
      return
    }
    this.#skipped = 0
    this.#deps.send(++this.#sequence, Math.round(this.#deps.runtime.takeLagMs()))
    this.sent()
    this.#next(this.#intervalMs)
  }

  #secondLook(): void {
    if (this.#isSilent()) this.#deps.onSilent()
    else this.#beat()
  }

  #isSilent(): boolean {
    return this.#deps.runtime.monotonicMs() - this.#heardAtMs >= this.#ttlMs
  }
}
