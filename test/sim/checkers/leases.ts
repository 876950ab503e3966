import { clockDriftMax } from '../machine-clock.js'
import { Violation } from '../trace.js'

interface Watched {
  readonly ttlMs: number
  /** When the newest confirmed renewal (or the grant) was asked for. */
  renewedAt: number
  /** Its owner gave it up: it may go at any time. */
  released: boolean
  goneAt: number | undefined
}

/**
 * Leases never run out early: from the moment at which a renewal was asked for that was confirmed later, a lease lives its
 * TTL of true time, less what the leader's clock may be too fast.
 */
export class LeaseChecker {
  readonly #now: () => number
  readonly #leases = new Map<bigint, Watched>()
  confirmed = 0
  expired = 0

  constructor(now: () => number) {
    this.#now = now
  }

  granted(id: bigint, ttlSeconds: number, askedAt: number): void {
    this.#leases.set(id, { ttlMs: ttlSeconds * 1_000, renewedAt: askedAt, released: false, goneAt: undefined })
  }

  renewed(id: bigint, askedAt: number): void {
    const lease = this.#leases.get(id)
    if (!lease) return
    this.confirmed++
    lease.renewedAt = Math.max(lease.renewedAt, askedAt)
    this.#expectAlive(id, lease)
  }

  /** A keeper said that it knows the lease no more. */
  refused(id: bigint): void {
    const lease = this.#leases.get(id)
    if (!lease || lease.released || this.#now() - lease.renewedAt >= lease.ttlMs * (1 - clockDriftMax)) return
    const age = (this.#now() - lease.renewedAt).toFixed(1)
    throw new Violation('leases', `lease ${id} of ${lease.ttlMs} ms was said to be gone ${age} ms after it was renewed`)
  }

  released(id: bigint): void {
    const lease = this.#leases.get(id)
    if (lease) lease.released = true
  }

  /** An entry was applied for the first time: which leases are no more? */
  applied(has: (id: bigint) => boolean): void {
    for (const [id, lease] of this.#leases) {
      if (lease.goneAt !== undefined || has(id)) continue
      lease.goneAt = this.#now()
      if (!lease.released) this.expired++
      this.#expectAlive(id, lease)
    }
  }

  #expectAlive(id: bigint, { ttlMs, renewedAt, released, goneAt }: Watched): void {
    if (released || goneAt === undefined) return
    const lived = goneAt - renewedAt
    if (lived < ttlMs * (1 - clockDriftMax))
      throw new Violation('leases', `lease ${id} of ${ttlMs} ms was gone ${lived.toFixed(1)} ms after it was renewed`)
  }
}
