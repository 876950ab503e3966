import { encodeConfChange, leaveJointChange } from './conf-change-codec.js'
import { handleVoteRequest, learnCommit, refuseVote, startElection, withinLease } from './election.js'
import { entriesBytes, payloadBytes } from './entry-bytes.js'
import { type Handler, handlers, requestHandlers } from './handlers.js'
import { newMessage } from './message.js'
import type { Raft } from './raft.js'
import { type Entry, type Message, type MessageType, NONE, type Snapshot, type StepOutcome } from './types.js'

/** Messages that every role treats alike. */
const common: Partial<Record<MessageType, Handler>> = {
  MsgHup: (raft) => startElection(raft, raft.config.preVote ? 'preElection' : 'election'),
  MsgVote: handleVoteRequest,
  MsgPreVote: handleVoteRequest,
  MsgStorageAppendResp: handleStorageAppendResponse,
  MsgStorageApplyResp: handleStorageApplyResponse,
}

/** Takes one message: settles the term, then does what the role does on it. */
export function step(raft: Raft, message: Message): StepOutcome {
  if (message.reject && voteAnswers.has(message.type)) learnCommit(raft, message)
  // term 0: of this member itself, or a request passed on
  if (message.term > raft.term && !acceptHigherTerm(raft, message)) return 'ok'
  if (message.term < raft.term && message.term !== 0) {
    answerLowerTerm(raft, message)
    return 'ok'
  }
  const request = requestHandlers[raft.role][message.type]
  if (request) return request(raft, message)
  const handler = common[message.type] ?? handlers[raft.role][message.type]
  handler?.(raft, message)
  return 'ok'
}

const voteAnswers: ReadonlySet<MessageType> = new Set(['MsgVoteResp', 'MsgPreVoteResp'])

const fromLeader = (type: MessageType): boolean => type === 'MsgApp' || type === 'MsgHeartbeat' || type === 'MsgSnap'

/** Follows into a later term (Raft §5.1); false: the message is to be ignored. */
function acceptHigherTerm(raft: Raft, message: Message): boolean {
  const { type } = message
  if ((type === 'MsgVote' || type === 'MsgPreVote') && withinLease(raft, message)) return false
  // a pre-vote and its grant speak of a term that nobody has begun
  if (type === 'MsgPreVote' || (type === 'MsgPreVoteResp' && !message.reject)) return true
  raft.becomeFollower(message.term, fromLeader(type) ? message.from : NONE)
  return true
}

function answerLowerTerm(raft: Raft, message: Message): void {
  const { type, from } = message
  if ((raft.config.checkQuorum || raft.config.preVote) && (type === 'MsgHeartbeat' || type === 'MsgApp')) {
    // its votes would be ignored within the lease: this answer makes an outdated leader follow into the later term
    raft.sendAfterAppend(raft.draft('MsgAppResp', from))
  } else if (type === 'MsgPreVote') {
    // tells a candidate that is behind in terms of the present one, or it could go on asking forever
    refuseVote(raft, message)
  } else if (type === 'MsgStorageAppendResp' && message.snapshot) {
    // entries of an earlier term may be overwritten by a write under way; a snapshot is committed state in any term
    appliedSnapshot(raft, message.snapshot)
  }
}

/** Storage has everything up to there, in the term in which it was asked. */
function handleStorageAppendResponse(raft: Raft, response: Message): void {
  if (response.index !== 0) raft.log.unstable.stableTo(response.logTerm, response.index)
  if (response.snapshot) appliedSnapshot(raft, response.snapshot)
}

function handleStorageApplyResponse(raft: Raft, response: Message): void {
  const last = response.entries.at(-1)
  if (!last) return
  appliedTo(raft, last.index, entriesBytes(response.entries))
  raft.uncommittedBytes = Math.max(0, raft.uncommittedBytes - payloadBytes(response.entries))
}

function appliedSnapshot(raft: Raft, snapshot: Snapshot): void {
  raft.log.unstable.stableSnapshotTo(snapshot.index)
  appliedTo(raft, snapshot.index, 0)
}

function appliedTo(raft: Raft, index: number, bytes: number): void {
  raft.log.appliedTo(Math.max(index, raft.log.applied), bytes)
  const { autoLeave } = raft.tracker.config
  if (autoLeave && raft.role === 'leader' && raft.log.applied >= raft.pendingConfIndex) proposeLeavingJoint(raft)
}

/** May be dropped while leadership is transferred; the next applied entry brings it up again. */
function proposeLeavingJoint(raft: Raft): void {
  const entry: Entry = { term: 0, index: 0, type: 'confChangeV2', data: encodeConfChange(leaveJointChange) }
  const message = newMessage('MsgProp')
  message.entries = [entry]
  step(raft, message)
}
