/** Lease renewals of many sessions, handed to the leader together. */

import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { Member } from '../node/types.js'

export interface RenewalsOptions {
  readonly member: Member
  readonly clock: Clock
  readonly logger: Logger
  /** Renewals wait so long for others to go with. */
  readonly batchMs: number
  /** The leader does not know the lease, and neither does the store here: the session is over. */
  onUnknown(id: bigint): void
}

export class Renewals {
  readonly #options: RenewalsOptions
  #due = new Set<bigint>()

  constructor(options: RenewalsOptions) {
    this.#options = options
  }

  /** Renews soon. A renewal that fails is not repeated: the next heartbeat brings another. */
  add(id: bigint): void {
    if (this.#due.size === 0) this.#options.clock.setTimer(this.#options.batchMs, () => void this.#flush())
    this.#due.add(id)
  }

  async #flush(): Promise<void> {
    const { member, logger, onUnknown } = this.#options
    const ids = [...this.#due]
    this.#due = new Set()
    try {
      const unknown = await member.renewLeases('system', ids)
      // A lease that the store here still has is about to be revoked by the log, or was just granted.
      for (const id of unknown) if (!member.store.lease('system', id)) onUnknown(id)
    } catch (err) {
      logger.debug({ err, sessions: ids.length }, 'leases were not renewed this time')
    }
  }
}
