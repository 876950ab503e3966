import type { Clock, MonotonicMs } from '../base/clock.js'
import type { Keyspace, StoreReader } from '../store/types.js'
import { type CompactionPolicy, compactionTarget } from './compaction.js'

const keyspaces: readonly Keyspace[] = ['user', 'system']

export interface CompactorParts {
  readonly store: StoreReader
  readonly clock: Clock
  readonly policy: CompactionPolicy
  readonly propose: (keyspace: Keyspace, revision: number) => Promise<unknown>
}

/** Has the leader propose a compaction of history once per interval. */
export class Compactor {
  readonly #parts: CompactorParts
  #since: MonotonicMs
  #before: Record<Keyspace, number>

  constructor(parts: CompactorParts) {
    this.#parts = parts
    this.#since = parts.clock.monotonic()
    this.#before = this.#revisions()
  }

  /** Leadership begins: a new interval too. */
  restart(): void {
    this.#since = this.#parts.clock.monotonic()
    this.#before = this.#revisions()
  }

  /** To be called each tick while this member leads. */
  tick(): void {
    const { clock, policy, store, propose } = this.#parts
    if (clock.monotonic() - this.#since < policy.intervalMs) return
    for (const keyspace of keyspaces) {
      const [revision, compacted] = [store.revision(keyspace), store.compactedRevision(keyspace)]
      const target = compactionTarget(policy, { revision, compacted, revisionBefore: this.#before[keyspace] })
      // one that fails is made up for by the next
      if (target !== undefined) propose(keyspace, target).catch(() => {})
    }
    this.restart()
  }

  #revisions(): Record<Keyspace, number> {
    const { store } = this.#parts
    return { user: store.revision('user'), system: store.revision('system') }
  }
}
