import type { HeldConfig, SubscribeFailure__Output } from '@keeper/proto/wire'
import { errorOfStatus, KeeperClientError } from '../errors.js'
import { limits } from '../limits.js'
import type { Logger } from '../logger.js'
import type { Runtime } from '../runtime.js'
import { Entry, runValidate, type Validate } from './entry.js'
import type { Held } from './held.js'
import type { Done, Listener, Round } from './listener.js'

/** What a keeper says about subscribed names, after hello or after a later subscription. */
export interface Answer {
  readonly refused: readonly SubscribeFailure__Output[]
  readonly absent: readonly string[]
  readonly current: readonly string[]
}

export interface ConfigSetDeps {
  readonly runtime: Runtime
  /** What the last-good file held when the process started. */
  readonly good: ReadonlyMap<string, Held>
  readonly log: Logger
  subscriptionsChanged(): void
  goodChanged(): void
}

/** The configs of one process: which it wants, what it holds of them, who listens. */
export class ConfigSet {
  readonly #deps: ConfigSetDeps
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<Listener>()
  readonly #good: Map<string, Held>
  #away = false

  constructor(deps: ConfigSetDeps) {
    this.#deps = deps
    this.#good = new Map(deps.good)
  }

  entry(name: string): Entry | undefined {
    return this.#entries.get(name)
  }

  /**
   * Wants `name` once more; with every keeper away it starts from the last good value. Throws E_REJECTED when
   * `validate` refuses the value that is live, E_TOO_MANY past the limit; the name is then not wanted by this call.
   */
  want(name: string, validate?: Validate): Entry {
    const entry = this.#entries.get(name) ?? this.#newEntry(name)
    if (validate && entry.held) runValidate(name, validate, entry.held.value)
    if (validate) entry.validators.add(validate)
    if (entry.wanted++ === 0) this.#deps.subscriptionsChanged()
    if (this.#away) this.adoptGood(entry)
    return entry
  }

  unwant(entry: Entry, validate?: Validate): void {
    if (validate) entry.validators.delete(validate)
    if (--entry.wanted > 0) return
    if (entry.good) this.#good.set(entry.name, entry.good)
    this.#entries.delete(entry.name)
    this.#deps.subscriptionsChanged()
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      listener.close()
    }
  }

  /** Every callback is told by its signal, and none is called again. */
  close(reason: unknown): void {
    for (const listener of this.#listeners) listener.close(reason)
    this.#listeners.clear()
  }

  /** Wanted, and without a value yet. */
  waiting(): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.waiters.size > 0)
  }

  subscriptions(): string[] {
    return [...this.#entries.keys()]
  }

  claims(names: Iterable<string>, clusterId: string): HeldConfig[] {
    const nowMs = this.#deps.runtime.wallMs()
    return [...names].flatMap((name) => this.#entries.get(name)?.claim(nowMs, clusterId) ?? [])
  }

  /** What the last-good file shall hold; names that nobody wanted this time keep their place. */
  goodValues(): Held[] {
    const values = new Map(this.#good)
    for (const { name, good } of this.#entries.values()) if (good) values.set(name, good)
    return [...values.values()].slice(-limits.subscriptionsMax)
  }

  /** The newest revision the process runs with, or would start with; undefined when there is none. */
  newestRevision(): number | undefined {
    const held = [...this.#entries.values()].flatMap((entry) => entry.held ?? [])
    const revisions = (held.length > 0 ? held : [...this.#good.values()]).map((value) => value.revision)
    return revisions.length > 0 ? Math.max(...revisions) : undefined
  }

  live(): void {
    this.#away = false
  }

  /** No keeper answers: whoever waits for a first value gets the last good one. */
  away(): void {
    this.#away = true
    for (const entry of this.#entries.values()) this.adoptGood(entry)
  }

  answered({ refused, absent, current }: Answer): void {
    for (const { name, status } of refused) this.#refused(name, status ? errorOfStatus(status) : undefined)
    for (const name of absent) this.#with(name, (entry) => this.#isAbsent(entry))
    for (const name of current) this.#with(name, (entry) => this.#isCurrent(entry))
  }

  /** Starts `entry` from its last good value if it has none yet. True when it holds a value then. */
  adoptGood(entry: Entry): boolean {
    const good = entry.held ? undefined : entry.acceptableGood()
    if (!good) return entry.held !== undefined
    entry.held = good
    entry.from = 'last-good'
    entry.say('applied', '', this.#deps.runtime.wallMs())
    entry.wake()
    this.deliver({ revision: good.revision, changes: new Map([[entry.name, firstValue(good)]]) })
    return true
  }

  /** Tells every listener its part of `round`; `add` is asked for one receipt per callback that will run. */
  deliver(round: Round, add: () => Done = () => this.#warn): void {
    for (const listener of [...this.#listeners]) {
      const part = listener.concerns(round)
      if (part) listener.offer(part, add())
    }
  }

  /** For callbacks that no answer to the keeper can speak of. */
  readonly #warn: Done = (failure) => {
    if (failure !== undefined) this.#deps.log.warn({ failure }, `a config callback failed: ${failure}`)
  }

  #newEntry(name: string): Entry {
    if (this.#entries.size >= limits.subscriptionsMax) {
      throw new KeeperClientError('E_TOO_MANY', `a process may want ${limits.subscriptionsMax} configs`)
    }
    const entry = new Entry(name, this.#good.get(name))
    this.#entries.set(name, entry)
    return entry
  }

  #with(name: string, act: (entry: Entry) => void): void {
    const entry = this.#entries.get(name)
    if (entry) act(entry)
  }

  #refused(name: string, error = new KeeperClientError('E_INTERNAL', 'refused without a reason')): void {
    const entry = this.#entries.get(name)
    if (!entry) return
    const { code } = error
    this.#deps.log.warn({ config: name, code }, `keeper refuses config ${name}: ${error.message}`)
    // A keeper that cannot open a secret is like one that is away: the process runs on what it had.
    if (secretTrouble.has(code) && this.adoptGood(entry)) return
    entry.fail(error)
  }

  #isAbsent(entry: Entry): void {
    entry.absent = true
    this.adoptGood(entry)
    if (!entry.held || entry.removed) return
    entry.removed = true
    this.#deps.goodChanged()
    const { held } = entry
    this.deliver({ revision: held.revision, changes: new Map([[entry.name, flagOnly(held, true)]]) })
  }

  #isCurrent(entry: Entry): void {
    this.adoptGood(entry)
    if (!entry.held) return
    entry.from = 'live'
    entry.absent = false
    if (!entry.removed) return
    entry.removed = false
    const { held } = entry
    this.deliver({ revision: held.revision, changes: new Map([[entry.name, flagOnly(held, false)]]) })
  }
}

const secretTrouble: ReadonlySet<string> = new Set(['E_SECRET_KEY', 'E_SECRET_UNKNOWN'])

/** The values there are, as if they had just come. */
export function initialRound(entries: readonly Entry[]): Round {
  const held = entries.flatMap((entry) => entry.held ?? [])
  const changes = new Map(held.map((value) => [value.name, firstValue(value)]))
  return { revision: Math.max(0, ...held.map((value) => value.revision)), changes }
}

const firstValue = (held: Held) => ({
  next: held.value,
  previous: undefined,
  revision: held.revision,
  removed: false,
  valueChanged: true,
})

/** A change of the `removed` flag alone. */
export const flagOnly = (held: Held, removed: boolean) => ({
  next: held.value,
  previous: held.value,
  revision: held.revision,
  removed,
  valueChanged: false,
})
