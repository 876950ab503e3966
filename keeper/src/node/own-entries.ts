import { KeeperError } from '../base/errors.js'
import type { AppliedEntry } from '../store/types.js'

interface Waiting {
  readonly index: number
  readonly term: number
  /** Asked as the entry is applied: what came of it, if it is in the log at all. */
  readonly verdict: () => KeeperError | undefined
  ticksLeft: number
  resolve(): void
  reject(error: KeeperError): void
}

/** Entries that this member proposed as the leader and that are no commands: who waits for them to be applied. */
export class OwnEntries {
  readonly #patienceTicks: number
  #waiting: readonly Waiting[] = []

  constructor(patienceTicks: number) {
    this.#patienceTicks = patienceTicks
  }

  /**
   * Resolves when the entry at that place is applied. Rejects with the verdict, with E_PROPOSAL_DROPPED where another took
   * the place, with E_UNCERTAIN where nobody can tell.
   */
  applied(place: { index: number; term: number }, verdict: Waiting['verdict'] = () => undefined): Promise<void> {
    const { index, term } = place
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { index, term, verdict, resolve, reject, ticksLeft: this.#patienceTicks }]
    })
  }

  /** For each entry that is applied. */
  note({ index, term }: Pick<AppliedEntry, 'index' | 'term'>): void {
    if (this.#waiting.length === 0) return
    for (const waiting of this.#take((one) => one.index === index)) {
      const refused = waiting.term === term ? waiting.verdict() : dropped('another entry took its place in the log')
      if (refused) waiting.reject(refused)
      else waiting.resolve()
    }
  }

  /** State jumped to `index` by a snapshot. */
  skippedTo(index: number): void {
    const overtaken = this.#take((one) => one.index <= index)
    for (const { reject } of overtaken)
      reject(new KeeperError('E_UNCERTAIN', 'a snapshot overtook the change of the membership'))
  }

  /** To be called each tick while this member does not lead. */
  tick(): void {
    const tired = this.#take((one) => --one.ticksLeft <= 0)
    for (const { reject } of tired)
      reject(new KeeperError('E_UNCERTAIN', 'leadership changed while the change was under way'))
  }

  rejectAll(error: KeeperError): void {
    for (const { reject } of this.#take(() => true)) reject(error)
  }

  #take(which: (one: Waiting) => boolean): readonly Waiting[] {
    const taken = this.#waiting.filter(which)
    if (taken.length > 0) this.#waiting = this.#waiting.filter((one) => !taken.includes(one))
    return taken
  }
}

export const dropped = (message: string) => new KeeperError('E_PROPOSAL_DROPPED', message)
