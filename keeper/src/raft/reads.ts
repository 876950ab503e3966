import type { Raft } from './raft.js'
import { broadcastHeartbeat } from './replication.js'
import { type Message, NONE, type StepOutcome } from './types.js'

/** The context that names a read request. */
const contextOf = (request: Message): Uint8Array => request.entries[0]?.data ?? new Uint8Array()

/** The leader answers a read at once if it alone decides, and otherwise makes sure that it still leads. */
export function leaderReadIndex(raft: Raft, request: Message): StepOutcome {
  if (raft.decidesAlone) answerRead(raft, request, raft.log.committed)
  else if (committedInTerm(raft)) confirmRead(raft, request)
  // until then it does not know how far its predecessors committed (Raft §8)
  else raft.waitingReads.push(request)
  return 'ok'
}

/** A follower passes a read on to the leader. */
export function forwardReadIndex(raft: Raft, request: Message): StepOutcome {
  if (raft.leader === NONE) return 'dropped'
  raft.send({ ...request, to: raft.leader, from: request.from === NONE ? raft.id : request.from })
  return 'ok'
}

/** The leader's answer to a read that this follower passed on. */
export function handleReadIndexResponse(raft: Raft, response: Message): void {
  if (response.entries.length === 1) raft.readStates.push({ index: response.index, context: contextOf(response) })
}

/** Reads that waited for the first commit of the term. */
export function releaseWaitingReads(raft: Raft): void {
  if (raft.waitingReads.length === 0 || !committedInTerm(raft)) return
  const requests = raft.waitingReads
  raft.waitingReads = []
  for (const request of requests) confirmRead(raft, request)
}

/** A follower confirmed that this member led when the heartbeat with that context left. */
export function handleReadConfirmation(raft: Raft, from: number, context: Uint8Array | undefined): void {
  if (!context || context.length === 0) return
  const acknowledged = raft.readOnly.acknowledge(from, context)
  if (!acknowledged || raft.tracker.voteResult((id) => acknowledged.has(id) || undefined) !== 'won') return
  for (const { request, index } of raft.readOnly.takeThrough(context)) answerRead(raft, request, index)
}

const committedInTerm = (raft: Raft): boolean => raft.log.matchesTerm(raft.term, raft.log.committed)

function confirmRead(raft: Raft, request: Message): void {
  const index = raft.log.committed
  const context = contextOf(request)
  if (raft.config.leaseReads && !raft.handedOver) {
    answerRead(raft, request, index)
    return
  }
  raft.readOnly.add(index, context, request)
  raft.readOnly.acknowledge(raft.id, context)
  broadcastHeartbeat(raft, context)
}

function answerRead(raft: Raft, request: Message, index: number): void {
  if (request.from === NONE || request.from === raft.id) {
    raft.readStates.push({ index, context: contextOf(request) })
    return
  }
  const response = raft.draft('MsgReadIndexResp', request.from)
  response.index = index
  response.entries = request.entries
  raft.send(response)
}
