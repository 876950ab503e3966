/** What may happen to the membership without danger, as etcd's strict reconfiguration check has it. Pure. */

import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { MemberEntry } from '../node/types.js'

export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1

const votersOf = (members: readonly MemberEntry[]) => {
  const voters = members.filter(({ voter }) => voter)
  return { count: voters.length, active: voters.filter(({ active }) => active).length }
}

const atRisk = (message: string) => new KeeperError('E_QUORUM_AT_RISK', message)

/** One voter more needs a larger quorum, which those that answer now must make without the newcomer. Throws E_QUORUM_AT_RISK. */
export function expectSafeToAdd(members: readonly MemberEntry[]): void {
  const { count, active } = votersOf(members)
  const needed = quorumOf(count + 1)
  // from one to two there is no other way
  if (count === 1 || active >= needed) return
  throw atRisk(
    `${active} of ${count} voters answer; with one more, ${needed} have to. Remove the member that is gone first, or add a learner`,
  )
}

/** Is there reason to believe that the learner can vote at once? */
export const hasCaughtUp = ({ active, state, lag }: MemberEntry): boolean =>
  active && state === 'replicate' && lag !== undefined && lag <= limits.promoteLagEntriesMax

/** Throws E_MEMBER_LAGS, E_QUORUM_AT_RISK. */
export function expectSafeToPromote(members: readonly MemberEntry[], learner: MemberEntry, name: string): void {
  if (!hasCaughtUp(learner)) throw new KeeperError('E_MEMBER_LAGS', lagOf(learner, name))
  const { count, active } = votersOf(members)
  if (active + 1 < quorumOf(count + 1))
    throw atRisk(`${active} of ${count} voters answer: with ${name} among them there would be no quorum`)
}

function lagOf({ active, state, match = 0, lag = 0 }: MemberEntry, name: string): string {
  if (!active) return `${name} is not there: nothing was heard of it lately`
  if (state === 'snapshot') return `${name} is still receiving a snapshot`
  return `${name} is at entry ${match} of ${match + lag}: ${lag} behind, ${limits.promoteLagEntriesMax} are allowed`
}

/** Those that stay must make a quorum of themselves. Throws E_QUORUM_AT_RISK. */
export function expectSafeToRemove(members: readonly MemberEntry[], leaving: MemberEntry, name: string): void {
  if (!leaving.voter) return
  const { count, active } = votersOf(members)
  const needed = quorumOf(count - 1)
  const stay = active - (leaving.active ? 1 : 0)
  if (stay >= needed) return
  throw atRisk(
    `without ${name} ${count - 1} voters are left, of which ${stay} answer and ${needed} have to; --force does it all the same`,
  )
}
