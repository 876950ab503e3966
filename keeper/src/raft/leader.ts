import { isJoint } from './conf-change.js'
import { decodeConfChange } from './conf-change-codec.js'
import type { Progress } from './progress.js'
import type { Raft } from './raft.js'
import { handleReadConfirmation, releaseWaitingReads } from './reads.js'
import {
  appendEntries,
  broadcastAppend,
  broadcastHeartbeat,
  maybeCommit,
  maybeSendAppend,
  sendAppend,
} from './replication.js'
import { type Entry, type MemberId, type Message, NONE, type StepOutcome } from './types.js'

export function beat(raft: Raft): void {
  broadcastHeartbeat(raft, raft.readOnly.lastContext())
}

/** Raft thesis §6.2: a leader that hears of no quorum for an election timeout steps down. */
export function checkQuorum(raft: Raft): void {
  if (!raft.tracker.quorumActive()) raft.becomeFollower(raft.term, NONE)
  for (const [id, progress] of raft.tracker.progress) if (id !== raft.id) progress.recentActive = false
}

/** Appends proposals and sends them on. */
export function propose(raft: Raft, message: Message): StepOutcome {
  const member = raft.tracker.progress.has(raft.id)
  if (!member || raft.leadTransferee !== NONE || message.entries.length === 0) return 'dropped'
  const pendingBefore = raft.pendingConfIndex
  if (!appendEntries(raft, admitConfChanges(raft, message.entries))) {
    raft.pendingConfIndex = pendingBefore
    return 'dropped'
  }
  broadcastAppend(raft)
  return 'ok'
}

/** A configuration change that must not be now becomes an empty entry; the proposer sees that it was not applied. */
function admitConfChanges(raft: Raft, entries: readonly Entry[]): readonly Entry[] {
  if (entries.every((entry) => entry.type === 'normal')) return entries
  return entries.map((entry, at) => {
    if (entry.type === 'normal') return entry
    if (!mayChange(raft, entry)) return { term: 0, index: 0, type: 'normal', data: new Uint8Array() }
    raft.pendingConfIndex = raft.log.lastIndex() + at + 1
    return entry
  })
}

/** Raft thesis §4.1: one change at a time; a joint configuration is left before the next one. */
function mayChange(raft: Raft, entry: Entry): boolean {
  if (raft.config.disableConfChangeValidation) return true
  if (raft.pendingConfIndex > raft.log.applied) return false
  const leaves = decodeConfChange(entry.data).changes.length === 0
  return isJoint(raft.tracker.config) === leaves
}

/** A member's answer to MsgApp or MsgSnap, or the own disk's acknowledgement. */
export function handleAppendResponse(raft: Raft, response: Message): void {
  const progress = raft.tracker.progress.get(response.from)
  // nobody has what this leader does not: whoever says so is not to be believed
  if (!progress || response.index > raft.log.lastIndex()) return
  progress.recentActive = true
  if (response.reject) handleRejection(raft, progress, response)
  else handleAcknowledgement(raft, progress, response)
}

/**
 * Raft §5.3: goes back to where the logs may agree. The hint is the member's (index, term) there; entries of ours
 * with a later term cannot match at or below it, so that each round skips a whole term.
 */
function handleRejection(raft: Raft, progress: Progress, response: Message): void {
  const { logTerm, rejectHint } = response
  const hint = logTerm > 0 ? raft.log.findConflictByTerm(logTerm, rejectHint).index : rejectHint
  if (!progress.maybeDecreaseTo(response.index, hint)) return
  if (progress.state === 'replicate') progress.becomeProbe()
  sendAppend(raft, response.from)
}

function handleAcknowledgement(raft: Raft, progress: Progress, response: Message): void {
  const { from, index } = response
  // a probe that matches again is no news, but ends the probing
  const probed = progress.match === index && progress.state === 'probe'
  if (!progress.maybeUpdate(index) && !probed) return
  resumeFlow(raft, progress, index)
  if (maybeCommit(raft)) {
    releaseWaitingReads(raft)
    broadcastAppend(raft)
  } else if (from !== raft.id && progress.canBumpCommit(raft.log.committed)) sendAppend(raft, from)
  if (from !== raft.id) while (maybeSendAppend(raft, from, false));
  if (from === raft.leadTransferee && progress.match === raft.log.lastIndex()) sendTimeoutNow(raft, from)
}

function resumeFlow(raft: Raft, progress: Progress, index: number): void {
  if (progress.state === 'probe') progress.becomeReplicate()
  else if (progress.state === 'replicate') progress.inflights.freeTo(index)
  // whatever snapshot it has: what counts is that the log goes on from there
  else if (progress.match + 1 >= raft.log.firstIndex()) {
    progress.becomeProbe()
    progress.becomeReplicate()
  }
}

export function handleHeartbeatResponse(raft: Raft, response: Message): void {
  const progress = raft.tracker.progress.get(response.from)
  if (!progress) return
  progress.recentActive = true
  progress.flowPaused = false
  // also to a full window: an empty MsgApp finds out whether the window was lost
  if (progress.match < raft.log.lastIndex() || progress.state === 'probe') sendAppend(raft, response.from)
  handleReadConfirmation(raft, response.from, response.context)
}

/** How the transport of a snapshot ended (`reject`: it failed). */
export function handleSnapshotStatus(raft: Raft, report: Message): void {
  const progress = raft.tracker.progress.get(report.from)
  if (progress?.state !== 'snapshot') return
  // failed: probe from the match, not from a snapshot the member never got
  if (report.reject) progress.pendingSnapshot = 0
  progress.becomeProbe()
  // sent: wait for its answer; failed: for a heartbeat interval
  progress.flowPaused = true
}

/** A message was probably lost: find out where the member stands. */
export function handleUnreachable(raft: Raft, report: Message): void {
  const progress = raft.tracker.progress.get(report.from)
  if (progress?.state === 'replicate') progress.becomeProbe()
}

/** Raft thesis §3.10: brings the member up to date, then tells it to stand for election at once. */
export function transferLeadership(raft: Raft, request: Message): void {
  const transferee = request.from
  const progress = raft.tracker.progress.get(transferee)
  if (!progress || progress.isLearner || raft.leadTransferee === transferee) return
  raft.leadTransferee = NONE
  if (transferee === raft.id) return
  // it gets one election timeout; then this leader goes on
  raft.electionElapsed = 0
  raft.leadTransferee = transferee
  if (progress.match === raft.log.lastIndex()) sendTimeoutNow(raft, transferee)
  else sendAppend(raft, transferee)
}

function sendTimeoutNow(raft: Raft, to: MemberId): void {
  raft.handedOver = true
  raft.send(raft.draft('MsgTimeoutNow', to))
}
