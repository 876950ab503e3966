import { messageOf } from '../errors.js'

/** What one or more pushes changed for one config. */
export interface Change {
  readonly next: unknown
  readonly previous: unknown
  readonly revision: number
  readonly removed: boolean
  /** False where only the revision or the flag moved. */
  readonly valueChanged: boolean
}

export interface Round {
  /** Of the newest push in it. */
  readonly revision: number
  readonly changes: ReadonlyMap<string, Change>
}

/** Told once how it went; undefined is well. */
export type Done = (failure: string | undefined) => void

export type Callback = (round: Round, signal: AbortSignal) => unknown

/**
 * One callback of the service. It never runs twice at a time: what comes meanwhile is merged into one round, and the
 * signal of a run that was wholly overtaken is aborted. So each revision reaches it at most once, the newest always.
 */
export class Listener {
  readonly names: ReadonlySet<string>
  readonly #callback: Callback
  readonly #valuesOnly: boolean
  #closed = false
  #running: { round: Round; controller: AbortController } | undefined
  #pending: { round: Round; done: Done[] } | undefined

  constructor(names: readonly string[], callback: Callback, options: { valuesOnly: boolean }) {
    this.names = new Set(names)
    this.#callback = callback
    this.#valuesOnly = options.valuesOnly
  }

  /** The part of `round` that is for this callback; undefined when none is. */
  concerns(round: Round): Round | undefined {
    if (this.#closed) return undefined
    const mine = [...round.changes].filter(
      ([name, change]) => this.names.has(name) && (change.valueChanged || !this.#valuesOnly),
    )
    return mine.length > 0 ? { revision: round.revision, changes: new Map(mine) } : undefined
  }

  /** Runs the callback now, or after the run in progress. */
  offer(round: Round, done: Done): void {
    this.enqueue(round, done)
    if (this.#running) this.#abortIfOvertaken(round)
    else this.drain()
  }

  /** Leaves the round for a later `drain`. */
  enqueue(round: Round, done: Done): void {
    this.#pending = this.#pending
      ? { round: mergeRounds(this.#pending.round, round), done: [...this.#pending.done, done] }
      : { round, done: [done] }
  }

  drain(): void {
    const pending = this.#pending
    if (this.#running || !pending) return
    this.#pending = undefined
    if (this.#closed) settle(pending.done, undefined)
    else this.#run(pending.round, pending.done)
  }

  /** No more calls; the run in progress is told by its signal. */
  close(reason?: unknown): void {
    this.#closed = true
    this.#running?.controller.abort(reason)
    if (!this.#running) this.drain()
  }

  #run(round: Round, done: readonly Done[]): void {
    const controller = new AbortController()
    this.#running = { round, controller }
    const finish = (thrown?: { error: unknown }) => {
      this.#running = undefined
      // Whoever stops because it was overtaken has not failed.
      settle(done, thrown && !controller.signal.aborted ? messageOf(thrown.error) : undefined)
      this.drain()
    }
    try {
      const result = this.#callback(round, controller.signal)
      if (isThenable(result)) {
        result.then(
          () => finish(),
          (error: unknown) => finish({ error }),
        )
      } else finish()
    } catch (error) {
      finish({ error })
    }
  }

  #abortIfOvertaken(round: Round): void {
    const running = this.#running
    if (!running || ![...running.round.changes.keys()].every((name) => round.changes.has(name))) return
    running.controller.abort(new DOMException(`overtaken by revision ${round.revision}`, 'AbortError'))
  }
}

function settle(done: readonly Done[], failure: string | undefined): void {
  for (const tell of done) tell(failure)
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Two rounds as if they had been one: from before the first to after the second. */
function mergeRounds(first: Round, second: Round): Round {
  const changes = new Map(first.changes)
  for (const [name, change] of second.changes) {
    const earlier = changes.get(name)
    changes.set(
      name,
      earlier
        ? { ...change, previous: earlier.previous, valueChanged: earlier.valueChanged || change.valueChanged }
        : change,
    )
  }
  return { revision: second.revision, changes }
}
