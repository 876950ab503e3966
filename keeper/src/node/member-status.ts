import type { KeeperError } from '../base/errors.js'
import type { RawNode } from '../raft/raw-node.js'
import type { Identity } from '../storage/types.js'
import type { Flusher } from './flusher.js'
import type { Alarm, MemberStatus } from './types.js'

/** What a member tells of itself; one that halted leads nobody and follows nobody. */
export function memberStatus(parts: {
  readonly identity: Identity
  readonly raw: RawNode
  readonly flusher: Flusher
  readonly appliedIndex: number
  readonly recovering: boolean
  readonly stopping: boolean
  readonly fault: KeeperError | undefined
  readonly alarms: readonly Alarm[]
  readonly freeBytes: number
  readonly unansweredMs: number
}): MemberStatus {
  const { identity, raw, flusher, appliedIndex, fault, alarms, freeBytes, unansweredMs } = parts
  const { role, term, leader, commit } = raw.status()
  const running = parts.stopping ? 'stopped' : parts.recovering ? 'recovering' : 'clean'
  return {
    identity,
    role: fault ? 'follower' : role,
    term,
    leader: fault ? 0 : leader,
    commitIndex: commit,
    appliedIndex,
    flushedIndex: flusher.flushedIndex,
    condition: fault ? 'halted' : running,
    ...(fault && { fault }),
    logBytes: flusher.logBytes,
    alarms,
    freeBytes,
    unansweredMs,
  }
}
