import { type Clock, delay } from '../base/clock.js'
import type { RawNode } from '../raft/raw-node.js'
import type { Standing } from './standing.js'

export interface EndingParts {
  readonly clock: Clock
  readonly raw: RawNode
  readonly standing: Standing
  /** Longest wait for each step. */
  readonly patienceMs: number
  /** Commands whose outcome somebody here waits for. */
  readonly underWay: () => number
  readonly halted: () => boolean
  readonly wake: () => void
}

const lookEveryMs = 5

/** How a member takes its leave without a pause for anyone. */
export class Ending {
  readonly #parts: EndingParts

  constructor(parts: EndingParts) {
    this.#parts = parts
  }

  /** Leadership goes to whoever is most up to date; what is proposed meanwhile waits, and goes to the new leader. */
  async handOver(): Promise<void> {
    const { standing, raw, wake } = this.#parts
    const heir = standing.heir()
    if (heir === undefined) return
    raw.transferLeader(heir)
    wake()
    await this.#until(() => standing.leader() !== 'self' && standing.leader() !== undefined)
  }

  /** What is under way gets its time to finish. */
  async drain(): Promise<void> {
    await this.handOver()
    await this.#until(() => this.#parts.underWay() === 0)
  }

  async #until(done: () => boolean): Promise<void> {
    const { clock, patienceMs, halted } = this.#parts
    const deadline = clock.monotonic() + patienceMs
    while (!done() && !halted() && clock.monotonic() < deadline) await delay(clock, lookEveryMs)
  }
}
