import { KeeperError } from '../base/errors.js'
import { type NewcomerOptions, restoreMembership } from './conf-change.js'
import { Inflights } from './inflights.js'
import { RaftLog } from './log.js'
import { type DraftMessage, isLocalThread, newMessage } from './message.js'
import { Progress } from './progress.js'
import { ReadOnly } from './read-only.js'
import { Tracker } from './tracker.js'
import {
  type MemberId,
  type Message,
  type MessageType,
  NONE,
  type RaftConfig,
  type ReadState,
  type Role,
} from './types.js'

/**
 * The state of one member of Raft. What it does on a message is in the handlers (`handlers.ts`), which are plain
 * functions on this; nothing here looks at a clock, and chance comes from the configuration.
 */
export class Raft {
  readonly id: MemberId
  readonly config: RaftConfig
  readonly log: RaftLog
  readonly tracker: Tracker

  /** Only grows. */
  term: number
  /** Whom this member voted for in `term`; changes only from NONE within one term. */
  vote: MemberId
  role: Role = 'follower'
  /** The leader of `term` as far as known: itself exactly when `role` is leader. */
  leader: MemberId = NONE
  /** This member is a learner in its own, perhaps outdated, view. */
  isLearner = false

  /** To leave at once; never to this member itself. */
  messages: Message[] = []
  /** Votes and acknowledgements: to leave, or come back here, once all that is unstable now is durable. */
  messagesAfterAppend: Message[] = []
  readStates: ReadState[] = []

  /** Leadership is on its way there; no proposals meanwhile. Only on a leader. */
  leadTransferee: MemberId = NONE
  /** Some member was told to stand for election at once: it may be elected within the lease. Only on a leader. */
  handedOver = false
  /** At or above the index of the last configuration change in the log not yet applied; one at a time may be. */
  pendingConfIndex = 0
  /** Estimate, never too high, of the payload in the log's uncommitted end. Only on a leader. */
  uncommittedBytes = 0
  readOnly = new ReadOnly()
  /** Read requests that wait for the first commit of this leader's term. */
  waitingReads: Message[] = []

  /** Ticks since the last election timeout began, or since the leader was last heard of. */
  electionElapsed = 0
  heartbeatElapsed = 0
  /** In [electionTimeoutTicks, 2 × electionTimeoutTicks): drawn anew at each change of role or term. */
  electionTimeoutTicks = 0
  /** The connection to the leader broke and nothing came from it since: the lease it had here is void. */
  leaseLost = false

  constructor(config: RaftConfig) {
    validate(config)
    const { hardState, confState } = config.storage.initialState()
    this.id = config.id
    this.config = config
    this.log = new RaftLog(config.storage, config.committedBytesPerReadyMax)
    this.tracker = new Tracker(restoreMembership(confState, this.newcomerOptions()))
    this.isLearner = this.tracker.progress.get(this.id)?.isLearner ?? false
    this.term = hardState.term
    this.vote = hardState.vote
    this.#loadIndexes(hardState.commit)
    this.becomeFollower(this.term, NONE)
  }

  newcomerOptions(): NewcomerOptions {
    const { inflightMessagesMax, inflightBytesMax } = this.config
    return { lastIndex: this.log.lastIndex(), inflightMessagesMax, inflightBytesMax }
  }

  /** A message of this member in its term, not yet sent. */
  draft(type: MessageType, to: MemberId): DraftMessage {
    return newMessage(type, to, this.id, this.term)
  }

  /** Queues a message for the next Ready. */
  send(message: Message): void {
    this.messages.push(message)
  }

  /** Queues a message that vouches for this member's state: it must not leave before that state is durable. */
  sendAfterAppend(message: Message): void {
    this.messagesAfterAppend.push(message)
  }

  becomeFollower(term: number, leader: MemberId): void {
    this.#reset(term)
    this.leader = leader
    this.role = 'follower'
  }

  becomePreCandidate(): void {
    // Raft thesis §9.6: neither term nor vote change; only the real election that may follow does that
    this.tracker.resetVotes()
    this.leader = NONE
    this.role = 'preCandidate'
  }

  becomeCandidate(): void {
    this.#reset(this.term + 1)
    this.vote = this.id
    this.role = 'candidate'
  }

  /** Takes office; the caller appends the empty entry that begins the term. */
  becomeLeader(): void {
    this.#reset(this.term)
    this.leader = this.id
    this.role = 'leader'
    const own = this.tracker.progress.get(this.id)
    own?.becomeReplicate()
    if (own) own.recentActive = true
    // there may be a change in the uncommitted end of the log; to look would cost more than to wait for it
    this.pendingConfIndex = this.log.lastIndex()
  }

  /** Something came from the leader of this term. */
  heardFromLeader(leader: MemberId): void {
    this.electionElapsed = 0
    this.leader = leader
    this.leaseLost = false
  }

  /** Is it the only voter? A leader that was removed and is still in office decides nothing alone. */
  get decidesAlone(): boolean {
    return this.tracker.isSingleton && this.tracker.voters[0] === this.id
  }

  /** May this member stand for election? */
  get promotable(): boolean {
    const own = this.tracker.progress.get(this.id)
    return own !== undefined && !own.isLearner && this.log.unstable.snapshot === undefined
  }

  /** Raft thesis §6.4.1 and §4.2.3: a leader was heard of within the least election timeout. */
  get inLease(): boolean {
    if (!this.config.checkQuorum || this.leader === NONE || this.leaseLost) return false
    return this.electionElapsed < this.config.electionTimeoutTicks
  }

  #reset(term: number): void {
    if (this.term !== term) {
      this.term = term
      this.vote = NONE
    }
    this.leader = NONE
    this.leadTransferee = NONE
    this.handedOver = false
    this.electionElapsed = 0
    this.heartbeatElapsed = 0
    this.leaseLost = false
    this.electionTimeoutTicks = this.config.electionTimeoutTicks + this.config.random(this.config.electionTimeoutTicks)
    this.pendingConfIndex = 0
    this.uncommittedBytes = 0
    this.readOnly = new ReadOnly()
    this.waitingReads = []
    this.tracker.resetVotes()
    this.#resetProgress()
  }

  /**
   * Own match is the last index though its end may not be durable yet: only entries of the own term commit by
   * counting, and those are counted here only when their append is acknowledged.
   */
  #resetProgress(): void {
    const last = this.log.lastIndex()
    const { inflightMessagesMax, inflightBytesMax } = this.config
    const fresh = new Map<MemberId, Progress>()
    for (const [id, { isLearner }] of this.tracker.progress) {
      const inflights = new Inflights(inflightMessagesMax, inflightBytesMax)
      fresh.set(id, new Progress({ next: last + 1, match: id === this.id ? last : 0, inflights, isLearner }))
    }
    this.tracker.install({ config: this.tracker.config, progress: fresh })
  }

  #loadIndexes(commit: number): void {
    const { log } = this
    if (commit > log.lastIndex())
      throw new KeeperError('E_LOST_TAIL', `entry ${commit} is committed, but the log ends at ${log.lastIndex()}`)
    // a snapshot vouches for more than an older hard state
    log.committed = Math.max(log.committed, commit)
    if (this.config.applied > 0) log.appliedTo(this.config.applied, 0)
  }
}

function validate(config: RaftConfig): void {
  const faults: readonly [boolean, string][] = [
    [config.id === NONE || isLocalThread(config.id), 'id must not be 0 nor that of a storage thread'],
    [config.heartbeatTicks < 1, 'heartbeatTicks must be at least 1'],
    [config.electionTimeoutTicks <= config.heartbeatTicks, 'electionTimeoutTicks must be above heartbeatTicks'],
    [config.inflightMessagesMax < 1, 'inflightMessagesMax must be at least 1'],
    [config.inflightBytesMax < config.messageBytesMax, 'inflightBytesMax must not be below messageBytesMax'],
    [config.committedBytesPerReadyMax < 1, 'committedBytesPerReadyMax must be at least 1'],
    [config.leaseReads && !config.checkQuorum, 'leaseReads need checkQuorum'],
  ]
  for (const [wrong, reason] of faults) if (wrong) throw new KeeperError('E_INVALID_ARGUMENT', `raft: ${reason}`)
}
