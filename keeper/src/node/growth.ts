import type { Clock, MonotonicMs } from '../base/clock.js'
import { decodeText, encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { jointVote } from '../raft/quorum.js'
import type { RawNode } from '../raft/raw-node.js'
import type { MemberId } from '../raft/types.js'
import type { DiskSpace } from '../storage/types.js'
import type { StoreReader } from '../store/types.js'
import type { Alarm } from './types.js'

export interface GrowthParts {
  readonly raw: RawNode
  readonly store: StoreReader
  readonly clock: Clock
  readonly quotaBytes: number
  /** Of this member's disk. */
  readonly space: () => DiskSpace
  readonly leader: () => MemberId | 'self' | undefined
  readonly ask: (to: MemberId, topic: string, body: Uint8Array) => Promise<Uint8Array>
  readonly wake: () => void
}

/** What members tell the leader of their disks, and it them. */
export const spaceTopic = 'space'

const LOW = Uint8Array.of(1)
const AMPLE = Uint8Array.of(0)

/**
 * May the store grow? Not over its quota, and not while the disks that must take it are almost full. The leader decides
 * about the disks, since every entry goes through its own and a majority's: it refuses when its own disk is low, or
 * when without the members whose disks are low there is no majority. etcd refuses as soon as any member is low; here one
 * full disk of three costs redundancy, as one lost member does, and not the cluster's writes. A leader that is low
 * while a majority is not gives its place to one of them.
 */
export class Growth {
  readonly #parts: GrowthParts
  /** When a member last said that its disk is low; only at the leader. */
  readonly #low = new Map<MemberId, MonotonicMs>()
  /** What the leader said last; empty when all is well. */
  #told: { readonly reason: string; readonly at: MonotonicMs } | undefined
  #nextAt: number

  constructor(parts: GrowthParts) {
    this.#parts = parts
    this.#nextAt = parts.clock.monotonic()
  }

  /** Why nothing is taken that makes the store larger; undefined when all is well. */
  refusal(): KeeperError | undefined {
    const { store, quotaBytes } = this.#parts
    if (this.#overQuota())
      return new KeeperError('E_NO_SPACE', `the store holds ${store.bytesInUse()} bytes; its quota is ${quotaBytes}`)
    const reason = this.#disksFull()
    return reason === '' ? undefined : new KeeperError('E_NO_SPACE', reason)
  }

  alarms(): readonly Alarm[] {
    const { low } = this.#parts.space()
    const alarms: Alarm[] = this.#overQuota() ? ['quota'] : []
    if (low) alarms.push('disk-low')
    else if (this.#disksFull() !== '') alarms.push('cluster-disk-low')
    return alarms
  }

  /** A follower tells of its disk, and hears whether the cluster may grow. */
  answer(body: Uint8Array, from: MemberId): Uint8Array {
    if (body[0] === LOW[0]) this.#low.set(from, this.#parts.clock.monotonic())
    else this.#low.delete(from)
    return encodeText(this.#parts.leader() === 'self' ? this.#disksFull() : '')
  }

  tick(): void {
    const { clock, leader, ask, space } = this.#parts
    if (clock.monotonic() < this.#nextAt) return
    this.#nextAt = clock.monotonic() + limits.diskCheckIntervalMs
    const to = leader()
    if (to === 'self') {
      this.#giveWay()
      return
    }
    this.#low.clear()
    if (to === undefined) return
    ask(to, spaceTopic, space().low ? LOW : AMPLE).then(
      (answer) => {
        this.#told = { reason: decodeText(answer), at: clock.monotonic() }
      },
      // a leader that does not answer is one to be replaced, or an older one
      () => {},
    )
  }

  #overQuota(): boolean {
    const { store, quotaBytes } = this.#parts
    return store.bytesInUse() > quotaBytes
  }

  #disksFull(): string {
    const { leader, space } = this.#parts
    const leads = leader()
    if (leads !== 'self')
      return leads !== undefined && this.#told && this.#isFresh(this.#told.at) ? this.#told.reason : ''
    if (space().low) return `the disk of the leader is almost full: ${space().freeBytes} bytes are free`
    return this.#majorityHasSpace()
      ? ''
      : 'the disks of so many members are almost full that the others are no majority'
  }

  #majorityHasSpace(): boolean {
    if (this.#low.size === 0 && !this.#parts.space().low) return true
    const { config, id } = this.#parts.raw.status()
    const ample = (member: MemberId) => (member === id ? !this.#parts.space().low : !this.#isLow(member))
    return jointVote(config.voters, config.votersOutgoing, ample) === 'won'
  }

  #isLow(member: MemberId): boolean {
    const at = this.#low.get(member)
    return at !== undefined && this.#isFresh(at)
  }

  #isFresh(at: MonotonicMs): boolean {
    return this.#parts.clock.monotonic() - at < 3 * limits.diskCheckIntervalMs
  }

  /** To the most up-to-date of those that have space. */
  #giveWay(): void {
    const { raw, space, wake } = this.#parts
    if (!space().low || !this.#majorityHasSpace()) return
    const { progress, id } = raw.status()
    const fit = [...progress].filter(
      ([other, one]) => other !== id && !one.isLearner && one.recentActive && !this.#isLow(other),
    )
    const heir = fit.sort(([, a], [, b]) => b.match - a.match)[0]?.[0]
    if (heir === undefined) return
    raw.transferLeader(heir)
    wake()
  }
}
