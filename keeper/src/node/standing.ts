import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { RawNode } from '../raft/raw-node.js'
import type { MemberId } from '../raft/types.js'

export interface StandingParts {
  readonly raw: RawNode
  readonly halted: () => boolean
  /** Was the member heard of lately? */
  readonly alive: (id: MemberId) => boolean
  /** Leadership begins or ends here. */
  readonly changed: (leading: boolean, term: number) => void
  /** Resolves when a quorum confirmed that whoever leads led after the call. */
  readonly confirm: () => Promise<void>
}

/** Who leads, as far as this member knows. */
export class Standing {
  readonly #parts: StandingParts
  #leading = false
  #term = 0

  constructor(parts: StandingParts) {
    this.#parts = parts
  }

  /** As it was told last. */
  get leading(): boolean {
    return this.#leading
  }

  /** The term in which it led last, as it was told. */
  get term(): number {
    return this.#term
  }

  /** Tells what changed since the last call; an end before the beginning that follows it. */
  note(): void {
    const { role, term } = this.#parts.raw
    const leading = role === 'leader' && !this.#parts.halted()
    if (this.#leading && (!leading || term !== this.#term)) this.end()
    if (!leading || this.#leading) return
    this.#leading = true
    this.#term = term
    this.#parts.changed(true, term)
  }

  end(): void {
    if (!this.#leading) return
    this.#leading = false
    this.#parts.changed(false, this.#term)
  }

  leader(): MemberId | 'self' | undefined {
    const { role, leader } = this.#parts.raw
    if (role === 'leader') return 'self'
    return leader === 0 ? undefined : leader
  }

  otherLeader(): MemberId | undefined {
    const leader = this.leader()
    return leader === 'self' ? undefined : leader
  }

  /** The only voter there is? */
  get alone(): boolean {
    const { id, config } = this.#parts.raw.status()
    return config.votersOutgoing.length === 0 && config.voters.length === 1 && config.voters[0] === id
  }

  /** Resolves when a quorum confirmed, after the call, that this member leads in the present term. Rejects E_NOT_LEADER. */
  async confirmLeading(): Promise<void> {
    const { raw, halted, confirm } = this.#parts
    const { term } = raw
    const notLeader = () => new KeeperError('E_NOT_LEADER', 'this member does not lead')
    if (raw.role !== 'leader' || halted()) throw notLeader()
    await confirm()
    if (raw.role !== 'leader' || raw.term !== term) throw notLeader()
  }

  /**
   * Do the other voters go on by themselves: is a majority alive, and follows closely? True as well where there is nothing to wait
   * for, since they would be no majority if all were there. Only the leader knows.
   */
  get othersSuffice(): boolean {
    const { id, config, progress, commit } = this.#parts.raw.status()
    const follows = (other: MemberId) => {
      const one = progress.get(other)
      const isClose = one?.state === 'replicate' && commit - one.match <= limits.handOverLagEntriesMax
      return isClose && this.#parts.alive(other)
    }
    return [config.voters, config.votersOutgoing].every((voters) => {
      const others = voters.filter((voter) => voter !== id)
      return others.length <= voters.length / 2 || others.filter(follows).length > voters.length / 2
    })
  }

  /** The most up-to-date of the other voters that are alive; undefined unless this member leads. */
  heir(): MemberId | undefined {
    const { role, progress, id } = this.#parts.raw.status()
    if (role !== 'leader') return undefined
    const others = [...progress].filter(([other, one]) => other !== id && !one.isLearner && this.#parts.alive(other))
    return others.sort(([, a], [, b]) => b.match - a.match)[0]?.[0]
  }
}
