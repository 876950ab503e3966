/**
 * The words of the consensus core, shaped like etcd's raftpb so that transcripts and papers apply line for
 * line. Terms, indexes and ids are safe integers (< 2^53); 0 stands for "none", as in etcd.
 */

export type MemberId = number
export const NONE: MemberId = 0

export type EntryType = 'normal' | 'confChange' | 'confChangeV2'

export interface Entry {
  readonly term: number
  readonly index: number
  readonly type: EntryType
  /** Empty for the entry a leader appends at the start of its term. */
  readonly data: Uint8Array
}

/** What must be on disk before any message of the same Ready but MsgApp leaves. */
export interface HardState {
  readonly term: number
  /** Whom this member voted for in `term`; 0 for nobody. */
  readonly vote: MemberId
  readonly commit: number
}

export interface ConfState {
  readonly voters: readonly MemberId[]
  readonly learners: readonly MemberId[]
  readonly votersOutgoing: readonly MemberId[]
  readonly learnersNext: readonly MemberId[]
  readonly autoLeave: boolean
}

/** A snapshot of Raft: where it stands in the log, and the state machine's bytes (or whatever names them). */
export interface Snapshot {
  readonly index: number
  readonly term: number
  readonly confState: ConfState
  readonly data: Uint8Array
}

export type MessageType =
  | 'MsgHup'
  | 'MsgBeat'
  | 'MsgProp'
  | 'MsgApp'
  | 'MsgAppResp'
  | 'MsgVote'
  | 'MsgVoteResp'
  | 'MsgSnap'
  | 'MsgHeartbeat'
  | 'MsgHeartbeatResp'
  | 'MsgUnreachable'
  | 'MsgSnapStatus'
  | 'MsgCheckQuorum'
  | 'MsgTransferLeader'
  | 'MsgTimeoutNow'
  | 'MsgReadIndex'
  | 'MsgReadIndexResp'
  | 'MsgPreVote'
  | 'MsgPreVoteResp'
  | 'MsgStorageAppend'
  | 'MsgStorageAppendResp'
  | 'MsgStorageApply'
  | 'MsgStorageApplyResp'
  | 'MsgForgetLeader'

export interface Message {
  readonly type: MessageType
  readonly to: MemberId
  readonly from: MemberId
  readonly term: number
  /** Term of the entry at `index`. */
  readonly logTerm: number
  readonly index: number
  readonly entries: readonly Entry[]
  readonly commit: number
  readonly vote: MemberId
  readonly snapshot?: Snapshot
  readonly reject: boolean
  readonly rejectHint: number
  readonly context?: Uint8Array
  /** To be delivered once the work this message asks of storage is durable (asynchronous storage writes). */
  readonly responses: readonly Message[]
}

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader'

export interface SoftState {
  readonly leader: MemberId
  readonly role: Role
}

/** Answer to a read-index request: reads at an applied index ≥ `index` are linearizable for `context`'s request. */
export interface ReadState {
  readonly index: number
  readonly context: Uint8Array
}

/**
 * What the core wants done, in this order: persist `entries` and `hardState` (and `snapshot`) durably, send
 * `messages` (MsgApp may leave before the persist ends; nothing else may), apply `committedEntries`, `advance`.
 */
export interface Ready {
  readonly softState?: SoftState
  readonly hardState?: HardState
  readonly readStates: readonly ReadState[]
  /** To append to the log; an index at or below the log's last replaces everything from there. */
  readonly entries: readonly Entry[]
  readonly snapshot?: Snapshot
  readonly committedEntries: readonly Entry[]
  readonly messages: readonly Message[]
  readonly mustSync: boolean
}

/** The stable log as the core sees it: synchronous, in memory, a mirror of what is on disk. */
export interface RaftStorage {
  initialState(): { hardState: HardState; confState: ConfState }
  /** Entries in [low, high), at least one unless low = high, cut at `bytesMax`. Throws RaftLogError. */
  entries(low: number, high: number, bytesMax: number): readonly Entry[]
  /** Throws RaftLogError 'compacted' below the first index − 1 and 'unavailable' above the last. */
  term(index: number): number
  firstIndex(): number
  lastIndex(): number
  /** Throws RaftLogError 'snapshotTemporarilyUnavailable' when one is being made. */
  snapshot(): Snapshot
}

export interface RaftConfig {
  readonly id: MemberId
  readonly electionTimeoutTicks: number
  readonly heartbeatTicks: number
  readonly storage: RaftStorage
  readonly applied: number
  /** A number in [0, below): the election jitter. */
  readonly random: (below: number) => number
  readonly messageBytesMax: number
  readonly committedBytesPerReadyMax: number
  readonly uncommittedBytesMax: number
  readonly inflightMessagesMax: number
  readonly inflightBytesMax: number
  readonly checkQuorum: boolean
  readonly preVote: boolean
  /**
   * Reads are answered within the leader's lease, without a round trip (thesis §6.4.1). As in etcd the lease is that of
   * `checkQuorum`, which a leader notices to be lost only at the end of the election timeout after: such a read may be
   * stale, where the clocks drift or a member starts again and votes at once, too. For reads that may be.
   */
  readonly leaseReads: boolean
  readonly asyncStorageWrites: boolean
  readonly disableProposalForwarding: boolean
  readonly stepDownOnRemoval: boolean
  readonly disableConfChangeValidation: boolean
}

export type ConfChangeType = 'addNode' | 'removeNode' | 'updateNode' | 'addLearnerNode'
export type ConfChangeTransition = 'auto' | 'jointImplicit' | 'jointExplicit'
export interface ConfChangeSingle {
  readonly type: ConfChangeType
  readonly id: MemberId
}
/** etcd's ConfChangeV2; a V1 change is one single change with transition `auto`. */
export interface ConfChange {
  readonly transition: ConfChangeTransition
  readonly changes: readonly ConfChangeSingle[]
  readonly context?: Uint8Array
}

/** Addresses of the local storage threads in messages of asynchronous storage writes; never a member's id. */
export const LOCAL_APPEND_THREAD: MemberId = Number.MAX_SAFE_INTEGER
export const LOCAL_APPLY_THREAD: MemberId = Number.MAX_SAFE_INTEGER - 1

/**
 * What became of a step. `dropped`: a proposal or read request that was not taken (no leader, transfer under way,
 * uncommitted bytes over the limit) and may be repeated. `localMessage`: a message of local kind came from
 * another member. `unknownPeer`: a response from a member outside the configuration. Both were ignored.
 */
export type StepOutcome = 'ok' | 'dropped' | 'localMessage' | 'unknownPeer'
