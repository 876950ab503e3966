import type { CancelTimer, Clock } from '../base/clock.js'
import type { Random } from '../base/random.js'
import type { MemberId } from '../raft/types.js'

export interface EarlyElectionHost {
  readonly clock: Clock
  readonly random: Random
  /** Whose silence this member would have to wait for: the leader, as far as it is known. */
  leader(): MemberId | undefined
  /** Nothing came from the leader since its connection broke. */
  leaderLost(): boolean
  /** Whoever was asked for a pre-vote has not answered, or one was refused a vote. */
  asksInVain(): boolean
  /** Others voted, too, and not for this member: the votes were split. */
  votesSplit(): boolean
  /** Asks for pre-votes, unless this member may not. */
  campaign(): void
}

/** The wait before the first attempt and between further ones, and how much of it is left to chance. */
const pauseMs = 15
const jitterMs = 120
const attemptsMax = 4
/** How often what is left to chance doubles: to about another election timeout. */
const splitsMax = 4

/**
 * Does not wait for the election timeout when the connection to the leader broke (DESIGN 4): a process that died closes
 * its connections at once. Nothing rests on it: the pre-vote needs a majority who each lost the leader, and a leader
 * that lives is heard of again before that. The pause is drawn, so that two who lost it together do not split the votes.
 *
 * Nor does a member that asked in vain wait for the next timeout. A leader that is cut off leaves the others a lease each,
 * which end at different moments, and who asks first is not answered by who heard of it last; or it is a moment too early
 * for a connection that is being made anew.
 *
 * Those whose votes were split wait for longer each time: two that ask again within a round trip split them again, and how
 * long that is nobody knows.
 */
export class EarlyElection {
  readonly #host: EarlyElectionHost
  #cancel: CancelTimer = () => {}
  #armed = false
  #splits = 0

  constructor(host: EarlyElectionHost) {
    this.#host = host
  }

  connectionLost(to: MemberId): void {
    if (this.#host.leader() === to) this.#arm(1, () => this.#host.leaderLost())
  }

  tick(): void {
    if (this.#host.leader() !== undefined) this.#splits = 0
    if (this.#armed || !this.#host.asksInVain()) return
    const split = this.#host.votesSplit()
    if (split) this.#splits = Math.min(this.#splits + 1, splitsMax)
    this.#arm(attemptsMax, () => this.#host.asksInVain(), split ? jitterMs * 2 ** this.#splits : jitterMs)
  }

  stop(): void {
    this.#cancel()
  }

  #arm(attempt: number, wanted: () => boolean, chanceMs: number = jitterMs): void {
    const { clock, random } = this.#host
    this.#cancel()
    this.#armed = true
    this.#cancel = clock.setTimer(pauseMs + random.below(chanceMs), () => {
      this.#armed = false
      if (!wanted()) return
      this.#host.campaign()
      // the others may have voted for themselves, or not know yet that the leader is gone
      if (attempt < attemptsMax) this.#arm(attempt + 1, () => this.#host.leader() === undefined)
    })
  }
}
