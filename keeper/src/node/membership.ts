import type { Clock, MonotonicMs } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import type { RawNode } from '../raft/raw-node.js'
import { type ConfChange, type MemberId, NONE } from '../raft/types.js'
import type { AppliedEntry } from '../store/types.js'
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

interface Waiting {
  readonly index: number
  readonly term: number
  ticksLeft: number
  resolve(): void
  reject(error: KeeperError): void
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
  #waiting: Waiting | undefined
  #handingOver: HandingOver | undefined
  /** What became of the last change that was applied here. */
  #decided: { readonly index: number; readonly refused?: KeeperError } | undefined

  constructor(parts: MembershipParts) {
    this.#parts = parts
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

  /**
   * Who was removed may be taken away only when a quorum of the rest was told that it is so: whoever confirms that this
   * member leads had its commit index with the question. Else they ask for votes among the members of before.
   */
  async #told(): Promise<void> {
    await this.#parts.confirmLeading().catch((cause) => {
      throw new KeeperError(
        'E_UNCERTAIN',
        'the change is made, but the others are not known to have heard of it',
        {},
        { cause },
      )
    })
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
  applied({ index, term }: Pick<AppliedEntry, 'index' | 'term'>): void {
    const waiting = this.#waiting
    if (waiting?.index !== index) return
    this.#waiting = undefined
    const refused = this.#outcome(waiting, index, term)
    if (refused) waiting.reject(refused)
    else waiting.resolve()
  }

  #outcome(waiting: Waiting, index: number, term: number): KeeperError | undefined {
    if (waiting.term !== term) return dropped('another entry took the place of the change in the log')
    // the core strikes out a change while another one is under way
    if (this.#decided?.index !== index)
      return new KeeperError('E_CONFLICT', 'another change of the membership is under way')
    return this.#decided.refused
  }

  /** State jumped to `index` by a snapshot. */
  skippedTo(index: number): void {
    const waiting = this.#waiting
    if (!waiting || waiting.index > index) return
    this.#waiting = undefined
    waiting.reject(new KeeperError('E_UNCERTAIN', 'a snapshot overtook the change of the membership'))
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
    const waiting = this.#waiting
    if (waiting && this.#parts.raw.role !== 'leader' && --waiting.ticksLeft <= 0) {
      this.#waiting = undefined
      waiting.reject(new KeeperError('E_UNCERTAIN', 'leadership changed while the change was under way'))
    }
    const handing = this.#handingOver
    if (!handing) return
    const { role, leadTransferee } = this.#parts.raw.status()
    const givenUp = role === 'leader' && leadTransferee === NONE
    if (!givenUp && --handing.ticksLeft > 0) return
    this.#handingOver = undefined
    handing.reject(new KeeperError('E_TIMEOUT', `member ${handing.to} did not take over in time`))
  }

  rejectAll(error: KeeperError): void {
    this.#waiting?.reject(error)
    this.#handingOver?.reject(error)
    this.#waiting = undefined
    this.#handingOver = undefined
  }

  async #change(change: ConfChange): Promise<void> {
    const { raw, closed, confirmLeading, wake, patienceTicks } = this.#parts
    const refusal = closed()
    if (refusal) throw refusal
    // and with it an entry of this term is applied: the core admits no change before
    await confirmLeading()
    if (raw.proposeConfChange(change) !== 'ok') throw dropped('leadership is on its way to another member')
    const { lastIndex: index, term } = raw
    await new Promise<void>((resolve, reject) => {
      this.#waiting = { index, term, ticksLeft: patienceTicks, resolve, reject }
      wake()
    })
  }

  /** Throws unless the member can take over at once. */
  #expectFit(id: MemberId): void {
    const entry = this.list().find((one) => one.id === id)
    if (!entry) throw new KeeperError('E_MEMBER_UNKNOWN', `member ${id} is none of this cluster`)
    if (!entry.voter) throw new KeeperError('E_INVALID_ARGUMENT', `member ${id} is a learner: it cannot lead`)
    if (!entry.active) throw new KeeperError('E_UNAVAILABLE', `nothing was heard of member ${id} lately`)
  }
}

const dropped = (message: string) => new KeeperError('E_PROPOSAL_DROPPED', message)
