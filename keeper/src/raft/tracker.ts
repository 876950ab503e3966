import type { Membership } from './conf-change.js'
import type { Progress } from './progress.js'
import { jointCommitted, jointVote, type VoteResult } from './quorum.js'
import type { ConfState, MemberId } from './types.js'

/** The active configuration, each member's progress, and the votes of the current election. */
export class Tracker {
  config: ConfState
  /** In ascending order of id. */
  progress: ReadonlyMap<MemberId, Progress>
  /** Every voter of either half, ascending. */
  voters: readonly MemberId[]
  #votes = new Map<MemberId, boolean>()

  constructor(membership: Membership) {
    this.config = membership.config
    this.progress = membership.progress
    this.voters = union(membership.config)
  }

  install({ config, progress }: Membership): void {
    this.config = config
    this.progress = progress
    this.voters = union(config)
  }

  /** One voter decides alone. */
  get isSingleton(): boolean {
    return this.config.voters.length === 1 && this.config.votersOutgoing.length === 0
  }

  /** The highest index that is durable on a quorum. */
  committed(): number {
    return jointCommitted(this.config.voters, this.config.votersOutgoing, this.#matchOf)
  }

  /** Has a quorum been heard from since the flags were last cleared? */
  quorumActive(): boolean {
    return this.voteResult((id) => this.progress.get(id)?.recentActive ?? false) === 'won'
  }

  resetVotes(): void {
    this.#votes = new Map()
  }

  /** Notes a vote; only a member's first counts. */
  recordVote(id: MemberId, granted: boolean): void {
    if (!this.#votes.has(id)) this.#votes.set(id, granted)
  }

  /** Has anyone refused a vote in the current election? */
  get wasRefused(): boolean {
    return [...this.#votes.values()].includes(false)
  }

  tallyVotes(): VoteResult {
    return this.voteResult((id) => this.#votes.get(id))
  }

  voteResult(voteOf: (id: MemberId) => boolean | undefined): VoteResult {
    return jointVote(this.config.voters, this.config.votersOutgoing, voteOf)
  }

  readonly #matchOf = (id: MemberId): number => this.progress.get(id)?.match ?? 0
}

const union = ({ voters, votersOutgoing }: ConfState): MemberId[] =>
  [...new Set([...voters, ...votersOutgoing])].sort((a, b) => a - b)
