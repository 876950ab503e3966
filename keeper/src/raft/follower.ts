import { startElection } from './election.js'
import { restoreSnapshot } from './membership.js'
import type { Raft } from './raft.js'
import { type MemberId, type Message, NONE, type Snapshot, type StepOutcome } from './types.js'

/** Raft §5.3: takes entries that continue this log, or says where it may agree with the leader's. */
export function handleAppend(raft: Raft, message: Message): void {
  raft.heardFromLeader(message.from)
  const { log } = raft
  // the committed part agrees anyway
  const last = message.index < log.committed ? log.committed : appendFrom(raft, message)
  if (last === undefined) rejectAppend(raft, message)
  else acknowledge(raft, message.from, last)
}

const appendFrom = ({ log }: Raft, { logTerm, index, commit, entries }: Message): number | undefined =>
  log.maybeAppend(logTerm, index, commit, entries)

export function handleHeartbeat(raft: Raft, message: Message): void {
  raft.heardFromLeader(message.from)
  raft.log.commitTo(message.commit)
  const response = raft.draft('MsgHeartbeatResp', message.from)
  if (message.context) response.context = message.context
  raft.send(response)
}

export function handleSnapshot(raft: Raft, message: Message): void {
  raft.heardFromLeader(message.from)
  const restored = message.snapshot !== undefined && restore(raft, message.snapshot)
  acknowledge(raft, message.from, restored ? raft.log.lastIndex() : raft.log.committed)
}

function acknowledge(raft: Raft, to: MemberId, index: number): void {
  const response = raft.draft('MsgAppResp', to)
  response.index = index
  raft.sendAfterAppend(response)
}

/** The hint skips this log's entries of terms later than the leader's at that index: none of them can agree. */
function rejectAppend(raft: Raft, message: Message): void {
  const start = Math.min(message.index, raft.log.lastIndex())
  const hint = raft.log.findConflictByTerm(message.logTerm, start)
  const response = raft.draft('MsgAppResp', message.from)
  response.index = message.index
  response.reject = true
  response.rejectHint = hint.index
  response.logTerm = hint.term
  raft.sendAfterAppend(response)
}

/** Raft §7: replaces the log by a snapshot that reaches further; whether it did. */
function restore(raft: Raft, snapshot: Snapshot): boolean {
  const { log } = raft
  if (snapshot.index <= log.committed || !concerns(snapshot, raft.id)) return false
  if (log.matchesTerm(snapshot.term, snapshot.index)) {
    // the log holds all of it already
    log.commitTo(snapshot.index)
    return false
  }
  restoreSnapshot(raft, snapshot)
  return true
}

function concerns({ confState }: Snapshot, id: MemberId): boolean {
  return [confState.voters, confState.learners, confState.votersOutgoing].some((ids) => ids.includes(id))
}

/** Passes a proposal on to the leader. */
export function forwardProposal(raft: Raft, message: Message): StepOutcome {
  if (raft.leader === NONE || raft.config.disableProposalForwarding) return 'dropped'
  raft.send({ ...message, to: raft.leader, from: message.from === NONE ? raft.id : message.from })
  return 'ok'
}

export function forwardTransfer(raft: Raft, message: Message): void {
  if (raft.leader !== NONE) raft.send({ ...message, to: raft.leader, term: raft.term })
}

/** Not with lease reads: the leader counts on this follower's word not to elect another within the lease. */
export function forgetLeader(raft: Raft): void {
  if (!raft.config.leaseReads) raft.leader = NONE
}

/** The leader hands over. No pre-vote: this is no partition healing, and the leader itself asks. */
export function handleTimeoutNow(raft: Raft): void {
  startElection(raft, 'transfer')
}
