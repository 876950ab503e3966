import { type CancelTimer, type Clock, delay } from '../base/clock.js'
import { asKeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Member } from '../node/types.js'
import type { Compare, Operation } from '../store/types.js'
import { titleOf } from './intervention.js'
import { oldHistory } from './old-history.js'
import { proposeBody } from './propose.js'
import { surplusEvents } from './timeline.js'
import { readNamespaces, readRecords } from './view.js'
import { Writes } from './writes.js'

export interface SweeperOptions {
  readonly member: Member
  readonly clock: Clock
  readonly logger: Logger
  /** Default limits.pendingSweepMs. */
  readonly intervalMs?: number
}

/**
 * Takes away what is too old, in every namespace: parked change sets that nobody decided about, the oldest of the
 * timeline, and now and then the oldest of the configs' history. On the leader.
 */
export class Sweeper {
  readonly #options: SweeperOptions
  #term: number | undefined
  /** When the history is due, monotonic. */
  #historyAt = 0
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
  async round(term: number): Promise<number> {
    let gone = 0
    for (const namespace of readNamespaces(this.#options.member.store))
      gone += await this.#pendingAndEvents(term, namespace)
    return gone
  }

  /** As `round`, over the history of configs; page by page, for there is much of it. */
  async historyRound(term: number): Promise<number> {
    const { member, clock } = this.#options
    let gone = 0
    for (const namespace of readNamespaces(member.store))
      for (const keys of oldHistory(member.store, namespace, clock.wall())) {
        gone += await this.#delete(term, [], keys.map(deletion))
        await delay(clock, 0)
      }
    return gone
  }

  async #pendingAndEvents(term: number, namespace: string): Promise<number> {
    const { member, clock } = this.#options
    const wallMs = clock.wall()
    const writes = new Writes()
    for (const { record, kv } of readRecords(member.store, namespace, 'pending')) {
      if (record.wallMs >= wallMs - limits.pendingAgeMs) continue
      writes.compares.push({ target: 'modRevision', key: kv.key, comparison: 'equal', operand: kv.modRevision })
      writes.delete(kv.key)
      const text = `${titleOf(record)} was decided upon by nobody in time`
      const { source, id: changeSet } = record
      if (!record.rejected) writes.tell(namespace, wallMs, { kind: 'expired', text, source, changeSet })
    }
    for (const key of surplusEvents(member.store, namespace, wallMs)) writes.delete(key)
    const { compares, puts, deletes } = writes
    return await this.#delete(term, compares, deletes, puts)
  }

  async #delete(
    term: number,
    compares: readonly Compare[],
    deletes: readonly Operation[],
    puts: readonly Operation[] = [],
  ): Promise<number> {
    if (deletes.length === 0) return 0
    const txn = {
      compares: [{ target: 'term', term } as const, ...compares],
      success: [...puts, ...deletes],
      failure: [],
    }
    const body = { kind: 'txn', keyspace: 'system', txn } as const
    return (await proposeBody(this.#options.member, 'system', body)).succeeded ? deletes.length : 0
  }

  #lead(term: number | undefined): void {
    this.#cancel()
    this.#term = term
    this.#historyAt = this.#options.clock.monotonic() + limits.historySweepMs
    if (term !== undefined) this.#later(term)
  }

  async #sweep(term: number): Promise<void> {
    await this.round(term)
    const now = this.#options.clock.monotonic()
    if (now < this.#historyAt) return
    await this.historyRound(term)
    this.#historyAt = now + limits.historySweepMs
  }

  #later(term: number): void {
    const { clock, logger, intervalMs = limits.pendingSweepMs } = this.#options
    this.#cancel = clock.setTimer(intervalMs, () => {
      this.#running = this.#sweep(term)
        .catch((thrown) => logger.debug({ err: asKeeperError(thrown) }, 'sweeping waits for the next round'))
        .then(() => this.#term === term && this.#later(term))
    })
  }
}

const deletion = (key: Uint8Array): Operation => ({ kind: 'delete', key, prevKv: false })
