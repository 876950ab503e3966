import { type Clock, delay, type MonotonicMs } from '../base/clock.js'
import type { KeeperError } from '../base/errors.js'
import type { MemberId } from '../raft/types.js'
import type { PeerMessage } from '../transport/types.js'

export interface FarewellParts {
  readonly clock: Clock
  /** As long as who was removed waits to be told. */
  readonly patienceMs: number
  /** And may propose. */
  readonly leads: () => boolean
  /** See Membership.othersKnow. */
  readonly othersKnow: () => Promise<void>
  readonly takesPart: (id: MemberId) => boolean
  readonly send: (to: MemberId, messages: readonly PeerMessage[]) => void
  readonly closed: () => KeeperError | undefined
}

const lookEveryMs = 100

/**
 * How a member is told that it was removed: by the leader, once a quorum of the rest knows. Until then one of them may need
 * its vote, for whoever has the change in its log and does not know that it is committed asks the members of before; if the
 * leader then loses its disk, only the removed one can help. All keep in mind for a while whom to tell: another may lead
 * by then.
 */
export class Farewell {
  readonly #parts: FarewellParts
  /** Until when somebody waits to be told. */
  readonly #leaving = new Map<MemberId, MonotonicMs>()
  #looking = false

  constructor(parts: FarewellParts) {
    this.#parts = parts
  }

  /** They take no part any more. */
  to(ids: readonly MemberId[]): void {
    const { clock, patienceMs } = this.#parts
    const until = (clock.monotonic() + patienceMs) as MonotonicMs
    for (const id of ids) this.#leaving.set(id, until)
    if (ids.length > 0 && !this.#looking) void this.#look()
  }

  /**
   * One that takes no part any more asks for something. While others may still need its vote it is for the leader to tell
   * it: a follower that knows of the removal may be the only one, and the leader gone.
   */
  asked(id: MemberId): void {
    if (this.#parts.leads()) this.to([id])
    else if (!this.#leaving.has(id)) this.#parts.send(id, [{ kind: 'removed' }])
  }

  async #look(): Promise<void> {
    const { clock, leads, closed } = this.#parts
    this.#looking = true
    while (this.#leaving.size > 0 && !closed()) {
      if (leads() && (await this.#tell())) continue
      await delay(clock, lookEveryMs)
      for (const [id, until] of this.#leaving) if (until <= clock.monotonic()) this.#leaving.delete(id)
    }
    this.#looking = false
  }

  /** Those who wait now; who comes meanwhile is told with the next. */
  async #tell(): Promise<boolean> {
    const { othersKnow, takesPart, send } = this.#parts
    const ids = [...this.#leaving.keys()]
    const known = await othersKnow().then(
      () => true,
      (_error: KeeperError) => false,
    )
    if (!known) return false
    for (const id of ids) {
      this.#leaving.delete(id)
      if (!takesPart(id)) send(id, [{ kind: 'removed' }])
    }
    return true
  }
}
