import { type Clock, delay } from '../base/clock.js'
import type { KeeperError } from '../base/errors.js'
import type { Ending } from './ending.js'
import type { Standing } from './standing.js'

export interface DepartureParts {
  readonly clock: Clock
  readonly standing: Pick<Standing, 'leader' | 'confirmLeading'>
  readonly ending: Pick<Ending, 'handOver'>
  /** Longest wait for those that stay. */
  readonly patienceMs: number
  readonly closed: () => KeeperError | undefined
  /** Does this member take part, after all? */
  readonly isBack: () => boolean
  readonly fault: (error: KeeperError) => void
}

const lookEveryMs = 20

/**
 * How a leader goes that is no voter any more. The others have the change in their logs, but know that it is committed
 * only from this member: of two, the one that stays needs the vote of the one that left until it knows. So it leads on
 * until a quorum of the rest was told (Raft thesis §4.2.2), then hands over; one that is not heard lingers for a while,
 * to vote.
 */
export class Departure {
  readonly #parts: DepartureParts

  constructor(parts: DepartureParts) {
    this.#parts = parts
  }

  /** `removal`: what this member halts with in the end; absent: it stays as a learner. */
  begin(removal: KeeperError | undefined): void {
    this.#leave().then(() => {
      if (removal && !this.#parts.closed()) this.#parts.fault(removal)
    }, this.#parts.fault)
  }

  /** How a voter goes that does not lead: it stays to vote until it is told that it was removed, see Farewell, or nobody tells. */
  linger(removal: KeeperError): void {
    const { clock, patienceMs, closed, isBack, fault } = this.#parts
    void delay(clock, patienceMs).then(() => {
      if (!closed() && !isBack()) fault(removal)
    })
  }

  async #leave(): Promise<void> {
    const { clock, ending, patienceMs, closed } = this.#parts
    const deadline = clock.monotonic() + patienceMs
    const tired = delay(clock, patienceMs).then(() => false)
    while (!closed() && clock.monotonic() < deadline) {
      // whom another follows as leader meanwhile may answer with entries that are sent to nobody here any more
      if (await Promise.race([this.#othersKnow(), tired])) return await ending.handOver()
      await delay(clock, lookEveryMs)
    }
  }

  /** Whoever confirms that this member leads had its commit index with the question. */
  #othersKnow(): Promise<boolean> {
    return this.#parts.standing.confirmLeading().then(
      () => true,
      () => false,
    )
  }
}
