import { newMessage } from './message.js'
import type { Raft } from './raft.js'
import { step } from './step.js'
import { NONE } from './types.js'

/** One tick of the logical clock. */
export function tick(raft: Raft): void {
  if (raft.role === 'leader') tickLeader(raft)
  else tickElection(raft)
}

function tickElection(raft: Raft): void {
  raft.electionElapsed++
  if (!raft.promotable || raft.electionElapsed < raft.electionTimeoutTicks) return
  raft.electionElapsed = 0
  step(raft, newMessage('MsgHup', NONE, raft.id))
}

function tickLeader(raft: Raft): void {
  raft.heartbeatElapsed++
  raft.electionElapsed++
  if (raft.electionElapsed >= raft.config.electionTimeoutTicks) endElectionTimeout(raft)
  if (raft.role !== 'leader' || raft.heartbeatElapsed < raft.config.heartbeatTicks) return
  raft.heartbeatElapsed = 0
  step(raft, newMessage('MsgBeat', NONE, raft.id))
}

function endElectionTimeout(raft: Raft): void {
  raft.electionElapsed = 0
  if (raft.config.checkQuorum) step(raft, newMessage('MsgCheckQuorum', NONE, raft.id))
  // a transfer gets one election timeout (Raft thesis §3.10)
  raft.leadTransferee = NONE
}
