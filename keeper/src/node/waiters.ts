import { KeeperError } from '../base/errors.js'
import type { AppliedEntry, CommandResult } from '../store/types.js'
import type { EntryPlace } from '../transport/types.js'

/** Whoever proposed commands that stand together, and waits for their outcomes. */
export interface Waiter {
  /** How many they are. */
  readonly count: number
  /** Their outcomes, in order. */
  resolve(results: readonly CommandResult[]): void
  reject(error: KeeperError): void
}

interface Placed {
  readonly term: number
  readonly offset: number
  readonly waiter: Waiter
  /** Ticks without leadership after which the outcome is given up as unknown. */
  ticksLeft: number
}

/** Applied entries whose results are kept for a follower that learns late where its commands went. */
const recentEntriesMax = 256

/**
 * Proposals that stand in the log at a known place and wait to be applied. An entry of another term applied at that
 * place proves that the proposal is gone for good.
 */
export class Waiters {
  readonly #placed = new Map<number, Placed[]>()
  readonly #recent = new Map<number, Pick<AppliedEntry, 'term' | 'index' | 'results'>>()
  readonly #patienceTicks: number
  #applied: number
  #count = 0

  constructor(options: { applied: number; patienceTicks: number }) {
    this.#applied = options.applied
    this.#patienceTicks = options.patienceTicks
  }

  get count(): number {
    return this.#count
  }

  /** The waiter's commands stand at `place`. */
  place({ index, term, offset }: EntryPlace, waiter: Waiter): void {
    const placed = { term, offset, waiter, ticksLeft: this.#patienceTicks }
    if (index <= this.#applied) this.#settleLate(index, placed)
    else this.#add(index, placed)
  }

  /** `placesUnknown`: some of this member's commands are in the log at a place that it has yet to learn. */
  applied(entry: AppliedEntry, placesUnknown: boolean): void {
    this.#applied = entry.index
    for (const placed of this.#take(entry.index)) settle(placed, entry)
    if (placesUnknown) this.#remember(entry)
    else this.#recent.clear()
  }

  /** State jumped to `index` by a snapshot: what became of proposals up to there is not known here. */
  skippedTo(index: number): void {
    this.#applied = index
    for (const at of [...this.#placed.keys()]) {
      if (at <= index)
        for (const { waiter } of this.#take(at)) waiter.reject(uncertain('a snapshot overtook the proposal'))
    }
  }

  /** To be called each tick while this member does not lead. */
  tick(): void {
    for (const [index, list] of this.#placed) {
      const patient = list.filter((placed) => --placed.ticksLeft > 0)
      if (patient.length === list.length) continue
      this.#count -= commandsOf(list) - commandsOf(patient)
      if (patient.length > 0) this.#placed.set(index, patient)
      else this.#placed.delete(index)
      for (const { waiter, ticksLeft } of list)
        if (ticksLeft <= 0) waiter.reject(uncertain('leadership changed while the proposal was under way'))
    }
  }

  /** A member that merely stops leaves the outcome open: what stands in its log may be applied when it is back. */
  rejectAll(error: KeeperError): void {
    const reason = error.code === 'E_STOPPED' ? uncertain(`${error.message} while the proposal was under way`) : error
    for (const index of [...this.#placed.keys()]) for (const { waiter } of this.#take(index)) waiter.reject(reason)
  }

  #add(index: number, placed: Placed): void {
    this.#count += placed.waiter.count
    const list = this.#placed.get(index)
    if (list) list.push(placed)
    else this.#placed.set(index, [placed])
  }

  #take(index: number): readonly Placed[] {
    const list = this.#placed.get(index)
    if (!list) return []
    this.#placed.delete(index)
    this.#count -= commandsOf(list)
    return list
  }

  #settleLate(index: number, placed: Placed): void {
    const entry = this.#recent.get(index)
    if (entry) settle(placed, entry)
    else placed.waiter.reject(uncertain('the proposal was applied before its place was known'))
  }

  #remember({ index, term, results }: AppliedEntry): void {
    this.#recent.set(index, { index, term, results })
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= recentEntriesMax) return
      this.#recent.delete(oldest)
    }
  }
}

const uncertain = (message: string) => new KeeperError('E_UNCERTAIN', message)

const commandsOf = (list: readonly Placed[]): number => list.reduce((sum, { waiter }) => sum + waiter.count, 0)

/** Under little load an entry holds one proposal: nothing to cut. */
const outcomes = (results: readonly CommandResult[], from: number, count: number): readonly CommandResult[] =>
  from === 0 && count === results.length ? results : results.slice(from, from + count)

function settle({ term, offset, waiter }: Placed, entry: Pick<AppliedEntry, 'term' | 'index' | 'results'>): void {
  const { index, results } = entry
  if (entry.term !== term)
    waiter.reject(new KeeperError('E_PROPOSAL_DROPPED', 'another entry took the place in the log'))
  else if (offset + waiter.count <= results.length) waiter.resolve(outcomes(results, offset, waiter.count))
  else waiter.reject(new KeeperError('E_INTERNAL', `entry ${index} has no command ${offset + waiter.count - 1}`))
}
