import { handleVoteResponse } from './election.js'
import * as follower from './follower.js'
import * as leader from './leader.js'
import type { Raft } from './raft.js'
import { forwardReadIndex, handleReadIndexResponse, leaderReadIndex } from './reads.js'
import type { Message, MessageType, Role, StepOutcome } from './types.js'

export type Handler = (raft: Raft, message: Message) => void
type RequestHandler = (raft: Raft, message: Message) => StepOutcome

/** A candidate that hears of a leader of its term gives up (Raft §5.2). */
const yieldTo =
  (handler: Handler): Handler =>
  (raft, message) => {
    raft.becomeFollower(message.term, message.from)
    handler(raft, message)
  }

const candidate: Partial<Record<MessageType, Handler>> = {
  MsgApp: yieldTo(follower.handleAppend),
  MsgHeartbeat: yieldTo(follower.handleHeartbeat),
  MsgSnap: yieldTo(follower.handleSnapshot),
}

/** What each role does on each message; what is not here it ignores. Terms are settled before (`step.ts`). */
export const handlers: Record<Role, Partial<Record<MessageType, Handler>>> = {
  follower: {
    MsgApp: follower.handleAppend,
    MsgHeartbeat: follower.handleHeartbeat,
    MsgSnap: follower.handleSnapshot,
    MsgTransferLeader: follower.forwardTransfer,
    MsgForgetLeader: follower.forgetLeader,
    MsgTimeoutNow: follower.handleTimeoutNow,
    MsgReadIndexResp: handleReadIndexResponse,
  },
  // a candidate may see answers to its own pre-vote of before, and must not count them
  preCandidate: { ...candidate, MsgPreVoteResp: handleVoteResponse },
  candidate: { ...candidate, MsgVoteResp: handleVoteResponse },
  leader: {
    MsgBeat: leader.beat,
    MsgCheckQuorum: leader.checkQuorum,
    MsgAppResp: leader.handleAppendResponse,
    MsgHeartbeatResp: leader.handleHeartbeatResponse,
    MsgSnapStatus: leader.handleSnapshotStatus,
    MsgUnreachable: leader.handleUnreachable,
    MsgTransferLeader: leader.transferLeadership,
  },
}

const dropped: RequestHandler = () => 'dropped'

/** The application's own requests: the only messages whose fate their sender must know at once. */
export const requestHandlers: Record<Role, Partial<Record<MessageType, RequestHandler>>> = {
  follower: { MsgProp: follower.forwardProposal, MsgReadIndex: forwardReadIndex },
  preCandidate: { MsgProp: dropped, MsgReadIndex: dropped },
  candidate: { MsgProp: dropped, MsgReadIndex: dropped },
  leader: { MsgProp: leader.propose, MsgReadIndex: leaderReadIndex },
}
