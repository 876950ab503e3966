import type { Clock, MonotonicMs } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { MemberId } from '../raft/types.js'
import type { AppliedEntry, Keyspace, OperationResult, StoreReader } from '../store/types.js'
import { ExpiryQueue } from './expiry-queue.js'
import type { Settings } from './options.js'
import { Renewers } from './renewers.js'

/** What the lessor needs of its member. */
export interface LessorHost {
  readonly store: StoreReader
  readonly clock: Clock
  readonly logger: Logger
  /** Resolves when a quorum confirmed, after the call, that this member leads in the same term; rejects otherwise. */
  confirmLeading(): Promise<void>
  /** Was another member heard of lately? */
  isAlive(member: MemberId): boolean
  /** Only in the term in which this member leads: a later leader has given the lease its time again. */
  revoke(keyspace: Keyspace, id: bigint): Promise<unknown>
  /** Resolves in a later turn of the event loop, when the input that waits now has been read. */
  nextTurn(): Promise<void>
}

export interface LessorTimes {
  /** How often a quorum is asked while there are leases. */
  readonly confirmMs: number
  /** Without a tick, or without a quorum, for so long: nobody's lease runs out for it. */
  readonly gapMs: number
  readonly expiriesPerTickMax: number
}

/** The times of a member with these settings. */
export function newLessor({ electionTimeoutTicks, tickMs }: Settings, host: LessorHost): Lessor {
  const electionMs = electionTimeoutTicks * tickMs
  const expiriesPerTickMax = limits.leaseExpiriesPerTickMax
  return new Lessor(host, { confirmMs: electionMs / 2, gapMs: electionMs, expiriesPerTickMax })
}

const keyspaces: readonly Keyspace[] = ['user', 'system']

/**
 * The leader's clock of leases (DESIGN 15). A lease is expired only when a quorum confirmed this leader after the
 * lease fell due, so time passes only while renewals can come in. After an election, a gap of the clock or of the
 * quorum every lease gets its full TTL again; when a member falls silent, those do that were renewed through it.
 */
export class Lessor {
  readonly #host: LessorHost
  readonly #times: LessorTimes
  readonly #due: Record<Keyspace, ExpiryQueue<bigint>> = { user: new ExpiryQueue(), system: new ExpiryQueue() }
  /** Revocation is proposed: a renewal comes too late. */
  readonly #expiring: Record<Keyspace, Set<bigint>> = { user: new Set(), system: new Set() }
  readonly #renewers: Renewers
  /** `extending`: between a gap or election and the moment all leases got their TTL again. */
  #state: 'off' | 'extending' | 'active' = 'off'
  /** Tells a stale extension from the one that counts. */
  #generation = 0
  /** Tells a revocation of this time in office from one of an earlier one. */
  #reign = 0
  #lastTick: MonotonicMs
  /** Start of the newest confirmed round: up to here time has passed for leases. */
  #confirmedAt: MonotonicMs
  /** Start of the round under way. */
  #askedAt: MonotonicMs | undefined

  constructor(host: LessorHost, times: LessorTimes) {
    this.#host = host
    this.#times = times
    this.#renewers = new Renewers((member) => host.isAlive(member))
    this.#lastTick = host.clock.monotonic()
    this.#confirmedAt = this.#lastTick
  }

  leadership(leading: boolean): void {
    this.#reign++
    for (const keyspace of keyspaces) this.#expiring[keyspace].clear()
    if (leading) this.#extend('election')
    else this.#stop()
  }

  /** Notes leases that an entry granted. */
  applied(entry: AppliedEntry): void {
    if (this.#state === 'off') return
    for (const result of entry.results)
      if (result.ok) for (const one of result.results) this.#noteGrant(one, entry.wallMs)
  }

  tick(): void {
    const now = this.#host.clock.monotonic()
    const sinceTick = now - this.#lastTick
    this.#lastTick = now
    if (this.#state === 'off') return
    if (sinceTick > this.#times.gapMs) this.#extend('clock gap')
    else if (this.#askedAt !== undefined && now - this.#askedAt > this.#times.gapMs) this.#extend('no quorum')
    else if (this.#state === 'extending') this.#tryToExtend(now)
    else {
      this.#confirm(now)
      this.#graceOrphans()
      this.#expire()
    }
  }

  /**
   * Gives each lease its TTL from now; resolves with those that are unknown or beyond rescue. `from`: another member
   * that their owners renew them through. Rejects E_NOT_LEADER.
   */
  async renew(keyspace: Keyspace, ids: readonly bigint[], from?: MemberId): Promise<readonly bigint[]> {
    if (this.#state === 'off') throw new KeeperError('E_NOT_LEADER', 'leases are renewed at the leader')
    for (const id of ids) {
      if (from === undefined) this.#renewers.forget(keyspace, id)
      else this.#renewers.note(keyspace, id, from)
    }
    // none of them runs out while the quorum is asked
    for (const id of ids) this.#renewOne(keyspace, id)
    await this.#host.confirmLeading()
    // only now is everything applied that leaders before this one granted or revoked
    return ids.filter((id) => !this.#renewOne(keyspace, id))
  }

  remainingMs(keyspace: Keyspace, id: bigint): number | undefined {
    const lease = this.#state === 'off' ? undefined : this.#host.store.lease(keyspace, id)
    if (!lease) return undefined
    const due = this.#due[keyspace].dueAt(id)
    if (due === undefined) return this.#expiring[keyspace].has(id) ? 0 : lease.ttlSeconds * 1000
    return Math.max(0, due - this.#host.clock.monotonic())
  }

  #renewOne(keyspace: Keyspace, id: bigint): boolean {
    const lease = this.#host.store.lease(keyspace, id)
    if (!lease || this.#expiring[keyspace].has(id)) return false
    this.#schedule(keyspace, id, lease.ttlSeconds)
    return true
  }

  #schedule(keyspace: Keyspace, id: bigint, ttlSeconds: number): void {
    this.#due[keyspace].set(id, (this.#host.clock.monotonic() + ttlSeconds * 1000) as MonotonicMs)
  }

  #noteGrant(result: OperationResult, wallMs: number): void {
    if (result.kind === 'txn') for (const inner of result.results) this.#noteGrant(inner, wallMs)
    if (result.kind !== 'leaseGrant') return
    // a result does not name its keyspace: a lease of the same id in the other one gets its TTL again, which is harmless
    for (const keyspace of keyspaces) {
      const lease = this.#host.store.lease(keyspace, result.id)
      if (!lease) continue
      this.#schedule(keyspace, lease.id, lease.ttlSeconds)
      if (lease.grantedWallMs === wallMs) this.#expiring[keyspace].delete(lease.id)
    }
  }

  #stop(): void {
    this.#state = 'off'
    this.#generation++
    this.#askedAt = undefined
    this.#renewers.clear()
    // what is being revoked is so beyond a gap, too: the revocation may be in the log
    for (const keyspace of keyspaces) this.#due[keyspace].clear()
  }

  /** Drain input, confirm the term, then give every lease its full TTL. */
  #extend(why: string): void {
    this.#stop()
    this.#state = 'extending'
    this.#host.logger.debug({ why }, 'leases wait for the term to be confirmed')
    this.#tryToExtend(this.#host.clock.monotonic())
  }

  /** One attempt; the next tick makes another one if it fails. */
  #tryToExtend(now: MonotonicMs): void {
    if (this.#askedAt !== undefined) return
    this.#ask(
      now,
      () => this.#host.nextTurn().then(() => this.#host.confirmLeading()),
      () => this.#extendAll(),
      () => {},
    )
  }

  #ask(now: MonotonicMs, question: () => Promise<void>, yes: () => void, no: () => void): void {
    this.#askedAt = now
    const generation = this.#generation
    const whenCurrent = (then: () => void) => () => {
      if (generation !== this.#generation) return
      this.#askedAt = undefined
      then()
    }
    question().then(whenCurrent(yes), whenCurrent(no))
  }

  #extendAll(): void {
    for (const keyspace of keyspaces)
      for (const lease of this.#host.store.leases(keyspace)) this.#schedule(keyspace, lease.id, lease.ttlSeconds)
    this.#confirmedAt = this.#host.clock.monotonic()
    this.#state = 'active'
  }

  #confirm(now: MonotonicMs): void {
    const idle = this.#due.user.size + this.#due.system.size === 0
    if (this.#askedAt !== undefined || idle || now - this.#confirmedAt < this.#times.confirmMs) return
    this.#ask(
      now,
      () => this.#host.confirmLeading(),
      () => {
        this.#confirmedAt = now
      },
      () => this.#extend('no quorum'),
    )
  }

  /** What became of their member is known only now: time for their owners begins here. */
  #graceOrphans(): void {
    for (const [keyspace, id] of this.#renewers.orphaned()) this.#renewOne(keyspace, id)
  }

  #expire(): void {
    for (const keyspace of keyspaces) {
      const due = this.#due[keyspace].takeDue(this.#confirmedAt, this.#times.expiriesPerTickMax)
      for (const id of due) {
        this.#renewers.forget(keyspace, id)
        if (this.#host.store.lease(keyspace, id)) this.#revoke(keyspace, id)
        else this.#expiring[keyspace].delete(id)
      }
    }
  }

  #revoke(keyspace: Keyspace, id: bigint): void {
    const reign = this.#reign
    this.#expiring[keyspace].add(id)
    this.#host.revoke(keyspace, id).then(
      () => reign === this.#reign && this.#expiring[keyspace].delete(id),
      () => reign === this.#reign && this.#retryRevoke(keyspace, id),
    )
  }

  #retryRevoke(keyspace: Keyspace, id: bigint): void {
    // still `expiring`: the revocation may yet happen, so nobody may be told that the lease was renewed
    this.#due[keyspace].set(id, this.#host.clock.monotonic())
  }
}
