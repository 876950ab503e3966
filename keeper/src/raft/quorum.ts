import type { MemberId } from './types.js'

export type VoteResult = 'won' | 'lost' | 'pending'

/**
 * The highest index that a majority of `voters` has acknowledged. Of no voters: infinity, so that an empty half
 * of a joint configuration leaves the decision to the other.
 */
export function majorityCommitted(voters: readonly MemberId[], acknowledged: (id: MemberId) => number): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY
  const quorum = Math.floor(voters.length / 2) + 1
  let committed = 0
  // no sorting: this runs for every acknowledgement, and voters are few
  for (const id of voters) {
    const index = acknowledged(id)
    if (index > committed && countFrom(voters, acknowledged, index) >= quorum) committed = index
  }
  return committed
}

function countFrom(voters: readonly MemberId[], acknowledged: (id: MemberId) => number, index: number): number {
  let count = 0
  for (const id of voters) if (acknowledged(id) >= index) count++
  return count
}

/** What the votes so far decide. No voters: won, for the same reason. */
export function majorityVote(voters: readonly MemberId[], voteOf: (id: MemberId) => boolean | undefined): VoteResult {
  const quorum = voters.length === 0 ? 0 : Math.floor(voters.length / 2) + 1
  let granted = 0
  let missing = 0
  for (const id of voters) {
    const vote = voteOf(id)
    if (vote === undefined) missing++
    else if (vote) granted++
  }
  if (granted >= quorum) return 'won'
  return granted + missing >= quorum ? 'pending' : 'lost'
}

/** Raft thesis §4.3: in a joint configuration both majorities must have it. */
export function jointCommitted(
  incoming: readonly MemberId[],
  outgoing: readonly MemberId[],
  acknowledged: (id: MemberId) => number,
): number {
  return Math.min(majorityCommitted(incoming, acknowledged), majorityCommitted(outgoing, acknowledged))
}

/** Raft thesis §4.3: an election is won in both majorities, and lost in either. */
export function jointVote(
  incoming: readonly MemberId[],
  outgoing: readonly MemberId[],
  voteOf: (id: MemberId) => boolean | undefined,
): VoteResult {
  const results = [majorityVote(incoming, voteOf), majorityVote(outgoing, voteOf)]
  if (results.includes('lost')) return 'lost'
  return results.includes('pending') ? 'pending' : 'won'
}
