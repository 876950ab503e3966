import { type Clock, delay } from '../base/clock.js'
import type { RawNode } from '../raft/raw-node.js'
import type { Standing } from './standing.js'

export interface EndingParts {
  readonly clock: Clock
  readonly raw: Pick<RawNode, 'transferLeader'>
  readonly standing: Pick<Standing, 'heir' | 'leader' | 'othersSuffice'>
  /** Longest wait for each step. */
  readonly patienceMs: number
  /** Longest wait for another member that is on its way back. */
  readonly othersPatienceMs: number
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

  /**
   * Leadership goes to whoever is most up to date; what is proposed meanwhile waits, and goes to the new leader. One that
   * could do nothing without this member, for a third one is only just coming back, gets it a moment later: until
   * then, this one serves.
   */
  async handOver(): Promise<void> {
    const { standing, raw, wake, othersPatienceMs } = this.#parts
    if (standing.heir() === undefined) return
    await this.#until(() => standing.othersSuffice || standing.heir() === undefined, othersPatienceMs)
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

  async #until(done: () => boolean, patienceMs = this.#parts.patienceMs): Promise<void> {
    const { clock, halted } = this.#parts
    const deadline = clock.monotonic() + patienceMs
    while (!done() && !halted() && clock.monotonic() < deadline) await delay(clock, lookEveryMs)
  }
}
