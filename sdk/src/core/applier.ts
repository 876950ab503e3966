import { type Ack, type ConfigChange__Output, type Push__Output, toSafe } from '@keeper/proto/wire'
import { KeeperClientError, messageOf } from '../errors.js'
import { limits } from '../limits.js'
import type { Logger } from '../logger.js'
import type { CancelTimer, Runtime } from '../runtime.js'
import { type ConfigSet, flagOnly } from './config-set.js'
import { ofBrief, ofDelta } from './delta.js'
import type { Entry } from './entry.js'
import { type Held, isLater, type Place, type Said, wireState } from './held.js'
import type { Change, Done } from './listener.js'
import { Progress } from './progress.js'
import { parseChecked, parseValue } from './values.js'

export interface ApplierDeps {
  readonly runtime: Runtime
  readonly configs: ConfigSet
  readonly log: Logger
  ack(ack: Ack): void
  goodChanged(): void
}

/** One change of a push for a config that the process wants; `held` is undefined where it was removed. */
interface Prepared {
  readonly entry: Entry
  readonly held: Held | undefined
  /** It came with an earlier push, and was withheld until now. */
  readonly late: boolean
}

/**
 * Takes pushes: every validate first, then all values at once, then the callbacks, then one answer. What was rejected
 * together is kept together: a later push that touches one of its configs brings the others with it.
 */
export class Applier {
  readonly #deps: ApplierDeps
  #withheld: Map<string, ConfigChange__Output>[] = []
  #inProgress = 0
  #idlers: (() => void)[] = []
  readonly #timers = new Set<CancelTimer>()
  /** Values whose hash was looked at when they were made whole. */
  readonly #checked = new WeakSet<ConfigChange__Output>()

  constructor(deps: ApplierDeps) {
    this.#deps = deps
  }

  /** Applies or refuses a push as a whole. Throws RangeError on numbers that are none. */
  receive(push: Push__Output, clusterId: string): void {
    const place = { clusterId, storeEpoch: toSafe(push.storeEpoch), revision: toSafe(push.revision) }
    const wanted = push.changes.filter((change) => this.#deps.configs.entry(change.name))
    const mine = wanted.map((change) => this.#whole(change, push))
    const fresh = mine.filter((change) => isLater(placeOf(change, place), this.#entryOf(change)?.held))
    if (fresh.length > 0) this.#take(place, this.#withWithheld(fresh), new Set(fresh))
    else if (mine.length > 0) this.#repeat(place, mine)
  }

  /** The stream is gone: the next hello says what is held, and the keeper sends anew what is not. */
  forgetWithheld(): void {
    this.#withheld = []
  }

  /** Resolves when no callback of any push is running. */
  idle(): Promise<void> {
    return new Promise((resolve) => (this.#inProgress === 0 ? resolve() : this.#idlers.push(resolve)))
  }

  close(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  /** A callback that belongs to no push (`initial`): counted for `idle`, a failure is said of the values held. */
  track(entries: readonly Entry[]): Done {
    const done = this.#begin()
    const swaps = entries.map((entry) => ({ entry, held: entry.held, late: false, goodBefore: entry.good }))
    return (failure) => {
      done()
      if (failure === undefined) return
      for (const swap of swaps) if (swap.held) this.#conclude(swap.held, [swap], [failure])
    }
  }

  /** A value told as a difference, made whole. Throws E_FRAME_GARBAGE: after a new hello the keeper knows what is held. */
  #whole(change: ConfigChange__Output, push: Push__Output): ConfigChange__Output {
    if (change.delta.length === 0) return change
    const held = this.#entryOf(change)?.held
    const whole = change.check.length > 0 ? ofBrief(change, held, push.revision) : ofDelta(change, held)
    this.#checked.add(whole)
    return whole
  }

  #entryOf(change: ConfigChange__Output): Entry | undefined {
    return this.#deps.configs.entry(change.name)
  }

  #withWithheld(fresh: readonly ConfigChange__Output[]): ConfigChange__Output[] {
    const together = new Map<string, ConfigChange__Output>()
    const touches = (set: ReadonlyMap<string, unknown>) => fresh.some((change) => set.has(change.name))
    for (const set of this.#withheld.filter(touches)) for (const [name, change] of set) together.set(name, change)
    this.#withheld = this.#withheld.filter((set) => !touches(set))
    for (const change of fresh) together.set(change.name, change)
    return [...together.values()]
  }

  #take(place: Place, changes: readonly ConfigChange__Output[], fresh: ReadonlySet<ConfigChange__Output>): void {
    let prepared: Prepared[]
    try {
      prepared = changes.flatMap((change) => this.#prepare(change, place, !fresh.has(change)))
    } catch (error) {
      this.#reject(place, changes, messageOf(error))
      return
    }
    this.#swap(place, prepared)
  }

  #prepare(change: ConfigChange__Output, place: Place, late: boolean): Prepared[] {
    const entry = this.#entryOf(change)
    if (!entry) return []
    if (change.removed) return [{ entry, held: undefined, late }]
    const value = readValue(change, this.#checked.has(change))
    entry.validate(value)
    const { name, hash, value: bytes, secret } = change
    return [{ entry, late, held: { name, ...placeOf(change, place), hash, value, bytes, secret } }]
  }

  #reject(place: Place, changes: readonly ConfigChange__Output[], reason: string): void {
    const nowMs = this.#deps.runtime.wallMs()
    const entries = changes.flatMap((change) => this.#entryOf(change) ?? [])
    this.#withheld.push(new Map(changes.map((change) => [change.name, change])))
    this.#deps.log.warn({ revision: place.revision, reason }, `config r${place.revision} rejected: ${reason}`)
    const without = entries.filter((entry) => !this.#deps.configs.adoptGood(entry))
    for (const entry of entries) entry.say('rejected', bounded(reason), nowMs)
    this.#say(place, 'rejected', reason, entries)
    for (const entry of without) entry.fail(new KeeperClientError('E_REJECTED', reason, { revision: place.revision }))
  }

  #swap(place: Place, prepared: readonly Prepared[]): void {
    const nowMs = this.#deps.runtime.wallMs()
    const changes = new Map<string, Change>()
    const swaps = prepared.map(({ entry, held, late }) => {
      const goodBefore = entry.good
      const moved = held ? moveTo(entry, held) : removeFrom(entry, this.#deps.configs)
      if (moved) changes.set(entry.name, moved)
      entry.say('received', '', nowMs)
      return { entry, held: entry.held, late, goodBefore }
    })
    this.#deps.goodChanged()
    for (const { entry } of prepared) if (entry.held) entry.wake()
    this.#callBack(place, swaps, changes)
  }

  #callBack(place: Place, swaps: readonly SwapOf[], changes: ReadonlyMap<string, Change>): void {
    const done = this.#begin()
    let cancelReceived: CancelTimer = () => {}
    const progress = new Progress((failures) => {
      cancelReceived()
      this.#timers.delete(cancelReceived)
      this.#conclude(place, swaps, failures)
      done()
    })
    this.#deps.configs.deliver({ revision: place.revision, changes }, () => progress.add())
    if (progress.started()) return
    cancelReceived = this.#deps.runtime.setTimer(limits.receivedAfterMs, () => this.#say(place, 'received', '', []))
    this.#timers.add(cancelReceived)
  }

  /** Says how a push went, unless later ones took the place of all that it brought. */
  #conclude(place: Place, swaps: readonly SwapOf[], failures: readonly string[]): void {
    const standing = swaps.filter(({ entry, held }) => entry.held === held)
    if (standing.length === 0) return
    const said: Said = failures.length > 0 ? 'failed' : 'applied'
    const reason = bounded(failures.join('; '))
    for (const { entry, goodBefore } of standing) {
      entry.say(said, reason, this.#deps.runtime.wallMs())
      if (said === 'failed' && entry.good === entry.held) entry.good = goodBefore
    }
    if (said === 'failed') this.#warnFailed(place, reason)
    const named = said === 'failed' ? swaps : swaps.filter((swap) => swap.late || swap.entry.held !== swap.held)
    this.#say(
      place,
      said,
      reason,
      named.map(({ entry }) => entry),
    )
  }

  #warnFailed(place: Place, reason: string): void {
    this.#deps.log.warn({ revision: place.revision, reason }, `config r${place.revision} failed: ${reason}`)
    this.#deps.goodChanged()
  }

  /** The keeper sends again what is held: its ledger lacks our word. */
  #repeat(place: Place, changes: readonly ConfigChange__Output[]): void {
    const entries = changes.flatMap((change) => this.#entryOf(change) ?? [])
    const worst = entries.find((entry) => entry.said !== 'applied') ?? entries[0]
    if (worst) this.#say(place, worst.said, worst.reason, entries)
  }

  #say(place: Place, said: Said, reason: string, entries: readonly Entry[]): void {
    this.#deps.ack({
      storeEpoch: place.storeEpoch,
      revision: place.revision,
      state: wireState[said],
      // A plain answer stays a handful of bytes: keepers read those without the general decoder.
      ...(reason === '' ? {} : { reason: bounded(reason) }),
      atUnixMs: this.#deps.runtime.wallMs(),
      configs: entries.map((entry) => entry.asHeld()),
    })
  }

  #begin(): () => void {
    this.#inProgress++
    return () => {
      if (--this.#inProgress > 0) return
      for (const resolve of this.#idlers.splice(0)) resolve()
    }
  }
}

/** One config after its value was put in place. */
interface SwapOf extends Prepared {
  readonly goodBefore: Held | undefined
}

const placeOf = (change: ConfigChange__Output, push: Place): Place => ({
  clusterId: push.clusterId,
  storeEpoch: push.storeEpoch,
  revision: toSafe(change.revision),
})

function readValue(change: ConfigChange__Output, isChecked: boolean): unknown {
  try {
    return isChecked ? parseChecked(change.value) : parseValue(change.value, change.hash)
  } catch (cause) {
    throw new KeeperClientError('E_REJECTED', `${change.name}: ${messageOf(cause)}`, {}, { cause })
  }
}

/** The same bytes under a later revision are no new value: whoever uses it need not hear of it. */
function moveTo(entry: Entry, held: Held): Change | undefined {
  const before = entry.held
  const same = before?.hash === held.hash
  const wasRemoved = entry.removed
  entry.held = same ? { ...held, value: before.value } : held
  entry.good = entry.held
  entry.from = 'live'
  entry.removed = false
  entry.absent = false
  if (same && !wasRemoved) return undefined
  return {
    next: entry.held.value,
    previous: before?.value,
    revision: held.revision,
    removed: false,
    valueChanged: !same,
  }
}

/** A removed config keeps its last value, flagged. */
function removeFrom(entry: Entry, configs: ConfigSet): Change | undefined {
  entry.absent = true
  configs.adoptGood(entry)
  if (!entry.held || entry.removed) return undefined
  entry.removed = true
  return flagOnly(entry.held, true)
}

function bounded(reason: string): string {
  const bytes = Buffer.from(reason)
  return bytes.length <= limits.reasonBytesMax ? reason : bytes.subarray(0, limits.reasonBytesMax - 4).toString('utf8')
}
