import type { Clock, MonotonicMs } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import type { RawNode } from '../raft/raw-node.js'
import { type ConfChange, type MemberId, NONE } from '../raft/types.js'
import type { AppliedEntry } from '../store/types.js'
import { dropped, OwnEntries } from './own-entries.js'
import type { MemberEntry } from './types.js'

export interface MembershipParts {
  readonly raw: RawNode
  readonly clock: Clock
  /** A member that was silent for longer is not counted on. */
  readonly silenceMs: number
  /** Ticks that a change, or a handing over, may take. */
  readonly patienceTicks: number
  /** Rejects E_NOT_LEADER. */
  readonly confirmLeading: () => Promise<void>
  readonly heir: () => MemberId | undefined
  readonly closed: () => KeeperError | undefined
  readonly wake: () => void
}

interface HandingOver {
  readonly to: MemberId
  ticksLeft: number
  resolve(leader: MemberId): void
  reject(error: KeeperError): void
}

/** Changes of who takes part and who leads, one at a time, and what this member knows of the others. */
export class Membership {
  readonly #parts: MembershipParts
  readonly #heardAt = new Map<MemberId, MonotonicMs>()
  #turn: Promise<unknown> = Promise.resolve()
  readonly #entries: OwnEntries
  #handingOver: HandingOver | undefined
  /** What became of the last change that was applied here. */
  #decided: { readonly index: number; readonly refused?: KeeperError } | undefined

  constructor(parts: MembershipParts) {
    this.#parts = parts
    this.#entries = new OwnEntries(parts.patienceTicks)
  }

  /** See Member.memberList. */
  list(): readonly MemberEntry[] {
    const { id: own, config, progress, lastIndex, leader } = this.#parts.raw.status()
    const voters = new Set([...config.voters, ...config.votersOutgoing])
    const learners = [...config.learners, ...config.learnersNext].filter((id) => !voters.has(id))
    return [...voters, ...learners]
      .sort((a, b) => a - b)
      .map((id) => {
        const known = id === own ? undefined : progress.get(id)
        const entry = { id, voter: voters.has(id), leads: id === leader, active: id === own || this.isActive(id) }
        if (!known) return entry
        return { ...entry, match: known.match, lag: lastIndex - known.match, state: known.state }
      })
  }

  /** See Member.changeMembership. */
  change(change: ConfChange): Promise<void> {
    const done = this.#turn.then(() => this.#change(change))
    this.#turn = done.catch(() => {})
    const removes = change.changes.some(({ type }) => type === 'removeNode')
    return removes ? done.then(() => this.#told()) : done
  }

  /** Who was removed may be taken away only when a quorum of the rest was told: else they ask for votes among the members of before. */
  async #told(): Promise<void> {
    await this.othersKnow().catch((cause) => {
      throw new KeeperError(
        'E_UNCERTAIN',
        'the change is made, but the others are not known to have heard of it: let the removed keeper run until it ends by itself',
        {},
        { cause },
      )
    })
  }

  /**
   * Resolves when a quorum of the configuration knows that what is applied here is committed: it has an entry that was proposed
   * after that, and wrote the commit index that came with it. A mere word that this member leads may be of one who lacks
   * the change. Rejects E_NOT_LEADER, E_PROPOSAL_DROPPED, E_UNCERTAIN.
   */
  async othersKnow(): Promise<void> {
    const { raw, closed, confirmLeading, wake } = this.#parts
    const refusal = closed()
    if (refusal) throw refusal
    if (raw.role !== 'leader') throw new KeeperError('E_NOT_LEADER', 'this member does not lead')
    // who was removed itself, or hands over, may propose nothing
    if (raw.propose(noData) !== 'ok') return await confirmLeading()
    const known = this.#entries.applied({ index: raw.lastIndex, term: raw.term })
    wake()
    await known
  }

  /** See Member.transferLeadership. */
  async transfer(to: MemberId | undefined): Promise<MemberId> {
    const { raw, heir, closed, wake, patienceTicks } = this.#parts
    const refusal = closed()
    if (refusal) throw refusal
    const { role, id } = raw.status()
    if (role !== 'leader') throw new KeeperError('E_NOT_LEADER', 'this member does not lead')
    const target = to ?? heir()
    if (target === undefined) throw new KeeperError('E_UNAVAILABLE', 'no other voter is there to take over')
    if (target === id) return id
    this.#expectFit(target)
    return await new Promise((resolve, reject) => {
      this.#handingOver?.reject(new KeeperError('E_CONFLICT', 'leadership is to go to another member meanwhile'))
      this.#handingOver = { to: target, ticksLeft: patienceTicks, resolve, reject }
      raw.transferLeader(target)
      wake()
    })
  }

  /** Something came from a member. */
  heard(from: MemberId): void {
    this.#heardAt.set(from, this.#parts.clock.monotonic())
  }

  /**
   * Was it heard of lately? The core's own mark is wiped by each check of the quorum: just after it nobody would count.
   */
  isActive(id: MemberId): boolean {
    const at = this.#heardAt.get(id)
    return at !== undefined && this.#parts.clock.monotonic() - at <= this.#parts.silenceMs
  }

  /** The change in the entry at `index` was applied, or refused by the configuration. */
  decided(index: number, refused?: KeeperError): void {
    this.#decided = refused ? { index, refused } : { index }
  }

  /** After `decided`, for each entry. */
  applied(entry: Pick<AppliedEntry, 'index' | 'term'>): void {
    this.#entries.note(entry)
  }

  #outcome(index: number): KeeperError | undefined {
    // the core strikes out a change while another one is under way
    if (this.#decided?.index !== index)
      return new KeeperError('E_CONFLICT', 'another change of the membership is under way')
    return this.#decided.refused
  }

  /** State jumped to `index` by a snapshot. */
  skippedTo(index: number): void {
    this.#entries.skippedTo(index)
  }

  /** Who leads may have changed. */
  noteStanding(): void {
    const handing = this.#handingOver
    if (!handing) return
    const { role, leader } = this.#parts.raw
    if (role === 'leader' || leader === NONE) return
    this.#handingOver = undefined
    handing.resolve(leader)
  }

  tick(): void {
    if (this.#parts.raw.role !== 'leader') this.#entries.tick()
    const handing = this.#handingOver
    if (!handing) return
    const { role, leadTransferee } = this.#parts.raw.status()
    const givenUp = role === 'leader' && leadTransferee === NONE
    if (!givenUp && --handing.ticksLeft > 0) return
    this.#handingOver = undefined
    handing.reject(new KeeperError('E_TIMEOUT', `member ${handing.to} did not take over in time`))
  }

  rejectAll(error: KeeperError): void {
    this.#entries.rejectAll(error)
    this.#handingOver?.reject(error)
    this.#handingOver = undefined
  }

  async #change(change: ConfChange): Promise<void> {
    const { raw, closed, confirmLeading, wake } = this.#parts
    const refusal = closed()
    if (refusal) throw refusal
    // and with it an entry of this term is applied: the core admits no change before
    await confirmLeading()
    if (raw.proposeConfChange(change) !== 'ok') throw dropped('leadership is on its way to another member')
    const { lastIndex: index, term } = raw
    const done = this.#entries.applied({ index, term }, () => this.#outcome(index))
    wake()
    await done
  }

  /** Throws unless the member can take over at once. */
  #expectFit(id: MemberId): void {
    const entry = this.list().find((one) => one.id === id)
    if (!entry) throw new KeeperError('E_MEMBER_UNKNOWN', `member ${id} is none of this cluster`)
    if (!entry.voter) throw new KeeperError('E_INVALID_ARGUMENT', `member ${id} is a learner: it cannot lead`)
    if (!entry.active) throw new KeeperError('E_UNAVAILABLE', `nothing was heard of member ${id} lately`)
  }
}

const noData = new Uint8Array()
