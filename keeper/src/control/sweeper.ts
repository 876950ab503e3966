import type { CancelTimer, Clock } from '../base/clock.js'
import { asKeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Member } from '../node/types.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { proposeBody } from './propose.js'
import { surplusEvents } from './timeline.js'
import { readRecords } from './view.js'
import { Writes } from './writes.js'

export interface SweeperOptions {
  readonly member: Member
  readonly clock: Clock
  readonly logger: Logger
  /** Default limits.pendingSweepMs. */
  readonly intervalMs?: number
}

/** Takes away what is too old: parked change sets that nobody decided about, and the oldest of the timeline. On the leader. */
export class Sweeper {
  readonly #options: SweeperOptions
  #term: number | undefined
  #cancel: CancelTimer = () => {}
  #unlisten: () => void = () => {}
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  start(): void {
    const { role, term } = this.#options.member.status()
    this.#lead(role === 'leader' ? term : undefined)
    this.#unlisten = this.#options.member.onLeadership((leading, next) => this.#lead(leading ? next : undefined))
  }

  async close(): Promise<void> {
    this.#unlisten()
    this.#lead(undefined)
    await this.#running
  }

  /** One look in `term`; resolves with how many records went. Rejects what proposals reject. */
  async round(term: number, namespace = DEFAULT_NAMESPACE): Promise<number> {
    const { member, clock } = this.#options
    const wallMs = clock.wall()
    const writes = new Writes()
    for (const { record, kv } of readRecords(member.store, namespace, 'pending')) {
      if (record.wallMs >= wallMs - limits.pendingAgeMs) continue
      writes.compares.push({ target: 'modRevision', key: kv.key, comparison: 'equal', operand: kv.modRevision })
      writes.delete(kv.key)
      const text = `${record.id} of ${record.source} was decided upon by nobody in time`
      const { source, id: changeSet } = record
      if (!record.rejected) writes.tell(namespace, wallMs, { kind: 'expired', text, source, changeSet })
    }
    for (const key of surplusEvents(member.store, namespace, wallMs)) writes.delete(key)
    const { compares, puts, deletes } = writes
    if (deletes.length === 0) return 0
    const txn = {
      compares: [{ target: 'term', term } as const, ...compares],
      success: [...puts, ...deletes],
      failure: [],
    }
    const { succeeded } = await proposeBody(member, 'system', { kind: 'txn', keyspace: 'system', txn })
    return succeeded ? deletes.length : 0
  }

  #lead(term: number | undefined): void {
    this.#cancel()
    this.#term = term
    if (term !== undefined) this.#later(term)
  }

  #later(term: number): void {
    const { clock, logger, intervalMs = limits.pendingSweepMs } = this.#options
    this.#cancel = clock.setTimer(intervalMs, () => {
      this.#running = this.round(term)
        .catch((thrown) => logger.debug({ err: asKeeperError(thrown) }, 'sweeping waits for the next round'))
        .then(() => this.#term === term && this.#later(term))
    })
  }
}
