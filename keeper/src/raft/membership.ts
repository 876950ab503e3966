import { changeMembership, type Membership, restoreMembership } from './conf-change.js'
import type { Raft } from './raft.js'
import { broadcastAppend, maybeCommit, maybeSendAppend } from './replication.js'
import { type ConfChange, type ConfState, NONE, type Snapshot } from './types.js'

/** Applies a committed change. Throws E_INVALID_ARGUMENT, and changes nothing, if the configuration forbids it. */
export function applyConfChange(raft: Raft, change: ConfChange): ConfState {
  switchTo(raft, changeMembership(raft.tracker, raft.newcomerOptions(), change))
  return raft.tracker.config
}

/** Log and configuration are now the snapshot's, and nothing is known of anyone's log. Throws before it changes anything. */
export function restoreSnapshot(raft: Raft, snapshot: Snapshot): void {
  const membership = restoreMembership(snapshot.confState, { ...raft.newcomerOptions(), lastIndex: snapshot.index })
  raft.log.restore(snapshot)
  switchTo(raft, membership)
}

function switchTo(raft: Raft, membership: Membership): void {
  raft.tracker.install(membership)
  const own = raft.tracker.progress.get(raft.id)
  raft.isLearner = own?.isLearner ?? false
  if (raft.role !== 'leader') return
  if (!own || own.isLearner) leaveOffice(raft)
  else if (raft.tracker.config.voters.length > 0) continueAsLeader(raft)
}

/** A removed leader may go on until the change is known to a quorum (Raft thesis §4.2.2), or step down at once. */
function leaveOffice(raft: Raft): void {
  if (raft.config.stepDownOnRemoval) raft.becomeFollower(raft.term, NONE)
}

function continueAsLeader(raft: Raft): void {
  // a smaller quorum may commit more
  if (maybeCommit(raft)) broadcastAppend(raft)
  else for (const id of raft.tracker.progress.keys()) if (id !== raft.id) maybeSendAppend(raft, id, false)
  if (!raft.tracker.voters.includes(raft.leadTransferee)) raft.leadTransferee = NONE
}
