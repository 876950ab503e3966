/** What the rooms above see of a member. */

import type { KeeperError } from '../base/errors.js'
import type { ProgressState } from '../raft/progress.js'
import type { ConfChange, MemberId, Role } from '../raft/types.js'
import type { Identity, SnapshotView } from '../storage/types.js'
import type { AppliedEntry, Command, CommandResult, StoreReader } from '../store/types.js'

export interface Trace {
  /** W3C traceparent, if the client sent one. */
  readonly traceparent?: string
}

/** Puts commands into the log. */
export interface Proposer {
  /**
   * Resolves with the command's own outcome once it is applied here (`ok: false` is a refused command, not a failure
   * of the proposal). Rejects E_PROPOSAL_DROPPED (was not accepted), E_UNCERTAIN (may still happen), E_TOO_MANY
   * (queue full), E_NO_SPACE, E_STOPPED.
   */
  propose(command: Command, options?: { trace?: Trace; signal?: AbortSignal }): Promise<CommandResult>
  /**
   * Resolves when no flush of the state is under way here. Who proposes megabytes waits for it now and then: on a slow disk
   * they would pile up in memory.
   */
  flushed?(): Promise<void>
}

/**
 * Why the store may not grow: over its quota, the disk of this member is almost full (which others may make up for), or
 * the leader says that those of too many are.
 */
export type Alarm = 'quota' | 'disk-low' | 'cluster-disk-low'

export interface MemberStatus {
  readonly identity: Identity
  readonly role: Role
  readonly term: number
  readonly leader: MemberId
  readonly commitIndex: number
  readonly appliedIndex: number
  readonly flushedIndex: number
  readonly condition: 'clean' | 'recovering' | 'halted' | 'stopped'
  /** Why the member is halted. */
  readonly fault?: KeeperError
  readonly logBytes: number
  readonly alarms: readonly Alarm[]
  /** Of the disk under the data folder; infinite where nobody looks. */
  readonly freeBytes: number
  /** For how long what was asked of the leader, or of a quorum, is without an answer; about 0 when all is well. */
  readonly unansweredMs: number
}

/** A member of the configuration, as another one sees it. */
export interface MemberEntry {
  readonly id: MemberId
  /** Otherwise a learner. */
  readonly voter: boolean
  readonly leads: boolean
  /** It is this one, or it was heard of within two election timeouts; on a follower that says little of other followers. */
  readonly active: boolean
  /** How far its log agrees with the leader's, how many entries that is behind, and how it is sent more: the leader knows. */
  readonly match?: number
  readonly lag?: number
  readonly state?: ProgressState
}

/** The state at one index, and the revisions there. */
export interface OpenedSnapshot extends SnapshotView {
  readonly userRevision: number
  readonly systemRevision: number
}

/** A running member: everything else is built on these. */
export interface Member extends Proposer {
  readonly store: StoreReader
  /**
   * All of them side by side in one entry, where they fit; resolves with what came of each, in order, or why it was not taken.
   * Rejects as `propose` does with what befell all of them.
   */
  proposeTogether(commands: readonly Command[]): Promise<readonly (CommandResult | KeeperError)[]>
  /** Resolves when every write acknowledged before the call is applied here (a read index confirmed by a quorum). */
  linearizableRead(options?: { signal?: AbortSignal }): Promise<void>
  /** Called synchronously after each applied entry, in log order. Returns the way to stop it. */
  onApplied(listener: (applied: AppliedEntry) => void): () => void
  /** Called when a snapshot from the leader replaced all state: whoever mirrors the store must read it again. */
  onReplaced(listener: () => void): () => void
  /** Called when leadership here begins or ends, with the term. */
  onLeadership(listener: (leading: boolean, term: number) => void): () => void
  /** Extends leases at the leader; resolves with those it does not know. */
  renewLeases(keyspace: 'user' | 'system', ids: readonly bigint[]): Promise<readonly bigint[]>
  /** Remaining time of a lease at the leader; undefined if unknown. */
  leaseRemainingMs(keyspace: 'user' | 'system', id: bigint): number | undefined
  /**
   * Asks another member something that is not in the log. Resolves with its answer; rejects E_TIMEOUT, E_CONNECTION,
   * E_UNSUPPORTED (it knows no such topic), and what it answers with.
   */
  ask(to: MemberId, topic: string, body: Uint8Array, options?: { timeoutMs?: number }): Promise<Uint8Array>
  /** Answers what others ask on `topic`. Returns the way to stop it. */
  onAsk(topic: string, answerer: (body: Uint8Array, from: MemberId) => Uint8Array | Promise<Uint8Array>): () => void
  /** Who takes part, learners too, ascending by id. */
  memberList(): readonly MemberEntry[]
  /**
   * Changes who takes part; resolves when the change is applied here. Only the leader can: rejects E_NOT_LEADER,
   * E_CONFLICT (another change is under way), E_INVALID_ARGUMENT (the configuration forbids it), E_PROPOSAL_DROPPED,
   * E_UNCERTAIN, E_UNAVAILABLE (no quorum), E_STOPPED.
   */
  changeMembership(change: ConfChange): Promise<void>
  /**
   * Hands leadership to a voter, or to the one that is most up to date; resolves with who leads then. Rejects
   * E_NOT_LEADER, E_MEMBER_UNKNOWN, E_INVALID_ARGUMENT (a learner), E_UNAVAILABLE (it is not there), E_TIMEOUT.
   */
  transferLeadership(to?: MemberId): Promise<MemberId>
  /** All state that is applied now, made durable: a consistent view, whatever is written meanwhile. Rejects E_CORRUPT. */
  openSnapshot(): Promise<OpenedSnapshot>
  status(): MemberStatus
  stop(): Promise<void>
}

/** A member as who started it sees it. */
export interface StartedMember extends Member {
  /** Resolves when the member can go on no longer (its disk failed, or it met what it does not know); it lives to say so. */
  readonly halted: Promise<void>
  /** Gives leadership to another member if this one has it, and waits for that; it may get it back. */
  handOver(): Promise<void>
  /** Why it halted. */
  failure(): KeeperError | undefined
}
