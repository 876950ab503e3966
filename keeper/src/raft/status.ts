import type { ProgressState } from './progress.js'
import type { Raft } from './raft.js'
import { type ConfState, type HardState, type MemberId, NONE, type SoftState } from './types.js'

export interface ProgressStatus {
  readonly match: number
  readonly next: number
  readonly state: ProgressState
  readonly pendingSnapshot: number
  readonly recentActive: boolean
  readonly paused: boolean
  readonly isLearner: boolean
  /** MsgApps on their way. */
  readonly inflight: number
  readonly inflightFull: boolean
}

export interface RaftStatus extends HardState, SoftState {
  readonly id: MemberId
  readonly applied: number
  readonly lastIndex: number
  readonly leadTransferee: MemberId
  /** Bytes of payload that are not committed and applied yet; 0 unless leader. */
  readonly uncommittedBytes: number
  readonly config: ConfState
  /** What the leader knows of each member, ascending by id; empty on others. */
  readonly progress: ReadonlyMap<MemberId, ProgressStatus>
}

export function statusOf(raft: Raft): RaftStatus {
  return {
    id: raft.id,
    term: raft.term,
    vote: raft.vote,
    commit: raft.log.committed,
    leader: raft.leader,
    role: raft.role,
    applied: raft.log.applied,
    lastIndex: raft.log.lastIndex(),
    leadTransferee: raft.role === 'leader' ? raft.leadTransferee : NONE,
    uncommittedBytes: raft.uncommittedBytes,
    config: raft.tracker.config,
    progress: raft.role === 'leader' ? progressOf(raft) : new Map(),
  }
}

function progressOf(raft: Raft): Map<MemberId, ProgressStatus> {
  const statuses = new Map<MemberId, ProgressStatus>()
  for (const [id, progress] of raft.tracker.progress) {
    const { match, next, state, pendingSnapshot, recentActive, paused, isLearner, inflights } = progress
    const flow = { inflight: inflights.count, inflightFull: inflights.full }
    statuses.set(id, { match, next, state, pendingSnapshot, recentActive, paused, isLearner, ...flow })
  }
  return statuses
}
