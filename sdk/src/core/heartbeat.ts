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

/** Says that this process lives, and notices when the keeper no longer does. */
export class Heartbeat {
  readonly #deps: HeartbeatDeps
  #cancel: CancelTimer = () => {}
  #sequence = 0
  #heardAtMs = 0
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
    this.#deps.runtime.takeLagMs()
    this.#next()
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

  #next(): void {
    this.#cancel = this.#deps.runtime.setTimer(this.#intervalMs, () => this.#beat())
  }

  #beat(): void {
    if (this.#isSilent()) {
      this.#cancel = this.#deps.runtime.setTimer(Math.min(secondLookMs, this.#intervalMs), () => this.#secondLook())
      return
    }
    this.#deps.send(++this.#sequence, Math.round(this.#deps.runtime.takeLagMs()))
    this.#next()
  }

  #secondLook(): void {
    if (this.#isSilent()) this.#deps.onSilent()
    else this.#beat()
  }

  #isSilent(): boolean {
    return this.#deps.runtime.monotonicMs() - this.#heardAtMs >= this.#ttlMs
  }
}
