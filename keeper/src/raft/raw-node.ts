import { KeeperError } from '../base/errors.js'
import { encodeConfChange } from './conf-change-codec.js'
import { applyConfChange } from './membership.js'
import { type DraftMessage, isLocalThread, isLocalType, isResponseType, newMessage } from './message.js'
import { Raft } from './raft.js'
import {
  type Accepted,
  acceptReady,
  collectReady,
  hardStateOf,
  hasReady,
  softStateOf,
  storageAppendResponse,
  storageApplyResponse,
} from './ready.js'
import { type RaftStatus, statusOf } from './status.js'
import { step } from './step.js'
import { tick } from './tick.js'
import {
  type ConfChange,
  type ConfState,
  type EntryType,
  type MemberId,
  type Message,
  type MessageType,
  NONE,
  type RaftConfig,
  type Ready,
  type Role,
  type StepOutcome,
} from './types.js'

/**
 * One member of Raft, driven from outside and synchronous: feed it messages (`step`), time (`tick`) and proposals;
 * then, while `hasReady`, take a `ready`, persist its snapshot, entries and hard state, send its messages (MsgApp
 * may leave before the persist is durable, nothing else), apply its committed entries (with `applyConfChange` for
 * each change among them), and call `advance`. Steps and ticks may come between `ready` and `advance`.
 *
 * With asynchronous storage writes there is no `advance`: the Ready's MsgStorageAppend and MsgStorageApply name the
 * work, and their `responses` are to be delivered (to this member by `step`) when it is done.
 *
 * A KeeperError thrown by any method but `applyConfChange` and the constructor means that the state is beyond trust
 * (E_LOST_TAIL, E_CORRUPT, E_INTERNAL): the member must stop.
 */
export class RawNode {
  readonly #raft: Raft
  readonly #accepted: Accepted
  /** What the last Ready's persist and apply allow: stepped by `advance`. */
  #onAdvance: Message[] | undefined

  /** Throws E_INVALID_ARGUMENT for a contradictory configuration, E_LOST_TAIL if the log ends below the commit index. */
  constructor(config: RaftConfig) {
    this.#raft = new Raft(config)
    this.#accepted = { softState: softStateOf(this.#raft), hardState: hardStateOf(this.#raft) }
  }

  /** One tick of the logical clock. */
  tick(): void {
    tick(this.#raft)
  }

  /** Takes a message that came for this member: from another, or a response of its own storage. */
  step(message: Message): StepOutcome {
    const ownThread = isLocalThread(message.from)
    if (isLocalType(message.type) && !ownThread) return 'localMessage'
    if (isResponseType(message.type) && !ownThread && !this.#raft.tracker.progress.has(message.from))
      return 'unknownPeer'
    if (message.type === 'MsgProp' && this.#raft.config.disableProposalForwarding && message.from !== this.#raft.id)
      return 'dropped'
    return step(this.#raft, message)
  }

  get role(): Role {
    return this.#raft.role
  }

  get term(): number {
    return this.#raft.term
  }

  /** 0 when no leader is known. */
  get leader(): MemberId {
    return this.#raft.leader
  }

  get commit(): number {
    return this.#raft.log.committed
  }

  get lastIndex(): number {
    return this.#raft.log.lastIndex()
  }

  /** Stands for election now, with a pre-vote if those are on. */
  campaign(): void {
    this.#stepOwn('MsgHup')
  }

  /** Proposes one entry; a follower passes it on. 'ok' promises nothing but that it was taken. */
  propose(data: Uint8Array): StepOutcome {
    return this.#proposeEntry('normal', data)
  }

  /** Proposes a change of the configuration; one that must not be now is committed as an empty entry instead. */
  proposeConfChange(change: ConfChange, version: 'v1' | 'v2' = 'v2'): StepOutcome {
    return this.#proposeEntry(version === 'v1' ? 'confChange' : 'confChangeV2', encodeConfChange(change))
  }

  /**
   * Applies a committed change. Throws E_INVALID_ARGUMENT, and changes nothing, if the configuration forbids it;
   * every member decides the same.
   */
  applyConfChange(change: ConfChange): ConfState {
    return applyConfChange(this.#raft, change)
  }

  /**
   * Asks up to where reads have to wait; the answer is a ReadState with the same context. `context` must not be
   * empty and not be asked twice. 'dropped' without a leader; an accepted request may get lost with the leader too.
   */
  readIndex(context: Uint8Array): StepOutcome {
    if (context.length === 0) throw new KeeperError('E_INVALID_ARGUMENT', 'a read index needs a context')
    const message = newMessage('MsgReadIndex')
    message.entries = [{ term: 0, index: 0, type: 'normal', data: context }]
    return step(this.#raft, message)
  }

  /** Hands leadership to `to`; a follower passes the wish on. Given up after one election timeout. */
  transferLeader(to: MemberId): void {
    this.#stepOwn('MsgTransferLeader', to)
  }

  /** Takes the leader for gone, without a new term; grants votes again. Nothing with lease reads. */
  forgetLeader(): void {
    this.#stepOwn('MsgForgetLeader')
  }

  /**
   * The connection to `id` broke. If that is the leader, its lease at this member is void until something comes
   * from it again: this member grants pre-votes and votes within the lease. It stands for election itself only when
   * its timeout ends or `campaign` is called. Nothing with lease reads, which count on that lease.
   */
  transportLost(id: MemberId): void {
    const raft = this.#raft
    if (raft.role === 'follower' && raft.leader === id && !raft.config.leaseReads) raft.leaseLost = true
  }

  /** Has nothing come from the leader since the connection to it broke? */
  get leaderLost(): boolean {
    return this.#raft.leaseLost
  }

  /**
   * Does it stand for election with little hope? It waits for pre-votes, to which those do not answer who heard of a leader
   * just now, or was refused a vote by one who voted for another: to `campaign` again soon is better than the next timeout.
   */
  get asksInVain(): boolean {
    return this.#raft.role === 'preCandidate' || this.votesSplit
  }

  /** Was it refused a vote in the election for which it stands? */
  get votesSplit(): boolean {
    return this.#raft.role === 'candidate' && this.#raft.tracker.wasRefused
  }

  /** The last message to `id` was not delivered. */
  reportUnreachable(id: MemberId): void {
    this.#stepOwn('MsgUnreachable', id)
  }

  /**
   * The member lost entries that it had acknowledged: its word no longer counts, and where its log agrees is found out
   * anew. Nothing unless this member leads. (Not in etcd, where such a member must be removed and added again.)
   */
  forgetMatch(id: MemberId): void {
    if (this.#raft.role !== 'leader' || id === this.#raft.id) return
    this.#raft.tracker.progress.get(id)?.forgetMatch(this.#raft.log.lastIndex())
  }

  /**
   * A member that lost its hard state may have voted in this term, and must not vote for another: its vote goes to whoever
   * was elected. True when it has a vote now, which has to be durable before the member answers a candidate; false while
   * no leader of the term is known. (Not in etcd.)
   */
  pledgeToLeader(): boolean {
    const raft = this.#raft
    if (raft.vote === NONE) raft.vote = raft.leader
    return raft.vote !== NONE
  }

  /** How sending a snapshot to `id` ended. */
  reportSnapshot(id: MemberId, outcome: 'finished' | 'failed'): void {
    this.#stepOwn('MsgSnapStatus', id, outcome === 'failed')
  }

  hasReady(): boolean {
    return hasReady(this.#raft, this.#accepted)
  }

  /** Takes the outstanding work. Throws E_INTERNAL if the Ready before it was not advanced. */
  ready(): Ready {
    if (this.#onAdvance) throw new KeeperError('E_INTERNAL', 'a Ready was taken before the last one was advanced')
    const ready = collectReady(this.#raft, this.#accepted)
    if (!this.#raft.config.asyncStorageWrites) this.#onAdvance = this.#stepsAfter(ready)
    acceptReady(this.#raft, this.#accepted, ready)
    return ready
  }

  /** The last Ready is durable, sent and applied. */
  advance(): void {
    const steps = this.#onAdvance
    if (!steps) throw new KeeperError('E_INTERNAL', 'there is no Ready to advance')
    this.#onAdvance = undefined
    for (const message of steps) step(this.#raft, message)
  }

  /** Everything at once, built anew by each call; what is asked for often has a getter of its own. */
  status(): RaftStatus {
    return statusOf(this.#raft)
  }

  /** For simulations that need a certain timeout; lasts until the next change of role or term. */
  setElectionTimeoutTicks(ticks: number): void {
    this.#raft.electionTimeoutTicks = ticks
  }

  #stepsAfter(ready: Ready): Message[] {
    const raft = this.#raft
    const steps = raft.messagesAfterAppend.filter((message) => message.to === raft.id)
    const stable = storageAppendResponse(raft)
    if (stable) steps.push(stable)
    if (ready.committedEntries.length > 0) steps.push(storageApplyResponse(raft, ready.committedEntries))
    return steps
  }

  #proposeEntry(type: EntryType, data: Uint8Array): StepOutcome {
    const message: DraftMessage = newMessage('MsgProp', NONE, this.#raft.id)
    message.entries = [{ term: 0, index: 0, type, data }]
    return step(this.#raft, message)
  }

  #stepOwn(type: MessageType, from: MemberId = NONE, reject = false): void {
    const message = newMessage(type, NONE, from)
    message.reject = reject
    step(this.#raft, message)
  }
}
