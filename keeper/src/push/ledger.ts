/** The applied ledger, asked and listened to. The rows themselves are the sessions' subscriptions. */

import type { Clock } from '../base/clock.js'
import { DEFAULT_NAMESPACE, recordPath, recordRange } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import type { InterestIndex } from './interest.js'
import { processKey, type Readers } from './readers.js'
import type { Roster } from './roster.js'
import { State, type Subscription } from './subscription.js'
import type { LedgerChange, LedgerEntry, LedgerQuery, LedgerSummary } from './types.js'

export interface LedgerOptions {
  readonly store: StoreReader
  readonly clock: Clock
  readonly index: InterestIndex<Subscription>
  readonly roster: Roster
  readonly readers: () => Readers
  /** Listeners are told at most so often. */
  readonly coalesceMs: number
}

export class Ledger {
  readonly #options: LedgerOptions
  readonly #listeners = new Set<(change: LedgerChange) => void>()
  #gone = new Set<string>()
  #all = false
  #armed = false

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  query({ name, namespace = DEFAULT_NAMESPACE }: LedgerQuery): LedgerEntry[] {
    const names = name === undefined ? this.#names(namespace) : [name]
    return names.flatMap((each) => this.#entries(namespace, each))
  }

  summary(name: string, namespace: string): LedgerSummary {
    const rows = this.#rows(namespace, name)
    const absent = [...this.#options.roster.ledger(namespace, name)].length
    const count = (test: (row: Subscription) => boolean) => rows.filter(test).length
    return {
      name,
      processes: rows.length + absent,
      connected: count((row) => row.session.connected),
      current: count((row) => row.current),
      rejected: count((row) => row.state === State.rejected),
      failed: count((row) => row.state === State.failed),
      unknown: count((row) => row.state === State.unknown) + absent,
    }
  }

  listen(listener: (change: LedgerChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Rows of some interest are marked dirty, or one of `name` is gone; without listeners this costs nothing. */
  changed(gone?: string): void {
    if (this.#listeners.size === 0) return
    if (gone !== undefined) this.#gone.add(gone)
    if (this.#armed) return
    this.#armed = true
    this.#options.clock.setTimer(this.#options.coalesceMs, () => this.#tell())
  }

  /** Processes came or went that only the log knows: any config's rows may have changed. */
  changedAll(): void {
    this.#all = this.#listeners.size > 0
    this.changed()
  }

  #entries(namespace: string, name: string): LedgerEntry[] {
    const { roster, readers } = this.#options
    const own = [...this.#rows(namespace, name).map((row) => row.entry()), ...roster.ledger(namespace, name)]
    if (readers().size === 0) return own
    return [...own, ...readers().entries(namespace, name, new Set(own.map(processKeyOf)))]
  }

  #tell(): void {
    const names = this.#gone
    for (const interest of this.#options.index.all()) {
      if (interest.ledgerDirty) names.add(interest.name)
      interest.ledgerDirty = false
    }
    const change: LedgerChange = { names, all: this.#all }
    this.#gone = new Set()
    this.#all = this.#armed = false
    for (const listener of this.#listeners) listener(change)
  }

  #rows(namespace: string, name: string): Subscription[] {
    const interest = this.#options.index.find(namespace, name)
    if (!interest) return []
    return [...interest.groups.values()].flatMap((group) => group.members.filter((row) => row.listed))
  }

  #names(namespace: string): string[] {
    const { store, index } = this.#options
    const range = { ...recordRange(namespace, 'config'), limit: 0, revision: 0, keysOnly: true, countOnly: false }
    const stored = store.range('system', range).kvs.map((kv) => recordPath(kv.key).path)
    const wanted = [...index.all()].filter((each) => each.namespace === namespace).map((each) => each.name)
    return [...new Set([...stored, ...wanted])].sort()
  }
}

const processKeyOf = ({ cluster, role, instance }: LedgerEntry): string => processKey({ cluster, role, instance })
