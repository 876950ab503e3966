import { KeeperError } from '../base/errors.js'
import type { RawNode } from '../raft/raw-node.js'
import type { MemberId, Message, Snapshot } from '../raft/types.js'
import type { StagedSnapshot } from '../storage/types.js'
import { wasRemoved } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import type { PeerMessage, PeerReceiver, StateRecord, Transport } from '../transport/types.js'
import type { CommitNews } from './commit-news.js'
import type { EarlyElection } from './early-election.js'
import type { Farewell } from './farewell.js'
import type { Forwarding } from './forwarding.js'
import type { Membership } from './membership.js'
import type { Bundle, ProposalQueue } from './proposal-queue.js'
import type { Questions } from './questions.js'
import type { Recovery } from './recovery.js'
import { recoveringHears, recoveringSays } from './recovery-gate.js'
import type { Renewals } from './renewals.js'
import type { StatePort } from './state-port.js'

export interface PeersParts {
  readonly raw: RawNode
  readonly store: StoreReader
  readonly membership: Membership
  readonly transport: Transport | undefined
  readonly recovery: Recovery
  readonly forwarding: Forwarding
  readonly renewals: Renewals
  readonly state: StatePort
  readonly queue: ProposalQueue
  readonly questions: Questions
  readonly earlyElection: EarlyElection
  readonly farewell: Farewell
  readonly commitNews: CommitNews
  readonly applied: () => number
  readonly confirmLeading: () => Promise<void>
  readonly halted: () => boolean
  readonly fault: (error: unknown) => void
  readonly wake: () => void
}

type Handlers = {
  readonly [Kind in PeerMessage['kind']]: (from: MemberId, message: Extract<PeerMessage, { kind: Kind }>) => void
}

/** What this member says to the others and hears from them. */
export class Peers implements PeerReceiver {
  readonly #parts: PeersParts
  readonly #handlers: Handlers

  constructor(parts: PeersParts) {
    const { forwarding, renewals, queue, questions } = parts
    this.#parts = parts
    this.#handlers = {
      raft: (from, { message }) => this.#step(from, message),
      removed: (from) => parts.fault(removedFrom(from)),
      propose: (from, message) => {
        const bundle = forwarding.accept(from, message, this.#leadsTerm())
        if (bundle) queue.add(this.#awaited(from, bundle))
      },
      proposed: (_from, message) => forwarding.proposed(message),
      refused: (_from, message) => forwarding.refused(message),
      renew: (from, message) => void renewals.serve(from, message),
      renewed: (_from, message) => renewals.renewed(message),
      recover: (from, message) => void this.#vouch(from, message),
      recoverIndex: (_from, message) => parts.recovery.confirmed(message, parts.applied()),
      ask: (from, message) => void questions.serve(from, message),
      answer: (from, message) => questions.answered(from, message),
    }
  }

  start(): void {
    this.#parts.transport?.start(this)
  }

  readonly send = (to: MemberId, messages: readonly PeerMessage[], atOnce = false): void => {
    if (!this.#parts.halted()) this.#parts.transport?.send(to, messages, atOnce)
  }

  /** Raft's messages: some may wait for others, see CommitNews. */
  sendRaft(messages: readonly Message[]): void {
    this.sendNow(this.#parts.commitNews.sift(messages))
  }

  /** One batch for each peer. */
  sendNow(messages: readonly Message[]): void {
    const batches = new Map<MemberId, PeerMessage[]>()
    for (const message of messages) {
      const said = this.#mayLeave(message)
      if (!said) continue
      if (said.type === 'MsgSnap') {
        this.#parts.state.sendSnapshot(said)
        continue
      }
      const batch = batches.get(said.to)
      if (batch) batch.push({ kind: 'raft', message: said })
      else batches.set(said.to, [{ kind: 'raft', message: said }])
    }
    for (const [to, batch] of batches) this.send(to, batch, true)
  }

  receive(from: MemberId, messages: readonly PeerMessage[]): void {
    this.#parts.membership.heard(from)
    for (const message of messages) {
      if (this.#parts.halted()) return
      this.#handle(from, message)
    }
    this.#parts.wake()
  }

  async receiveSnapshot(_from: MemberId, message: Message, records: AsyncIterable<StateRecord>): Promise<void> {
    const { snapshot } = message
    if (this.#parts.halted() || !snapshot) throw new KeeperError('E_UNAVAILABLE', 'this member takes no snapshot now')
    const staged = await this.#parts.state.receive(records)
    if (!staged) throw new KeeperError('E_UNAVAILABLE', 'another snapshot came meanwhile')
    if (!this.#parts.halted()) this.#guard(() => this.#offer(message, snapshot, staged))
    this.#parts.wake()
  }

  /** A voter whose connection to the leader broke asks the others before its timeout: one of them may have lost it, too (DESIGN 4). */
  connectionLost(to: MemberId): void {
    if (this.#parts.halted()) return
    this.#parts.questions.lost(to)
    this.#guard(() => {
      this.#parts.raw.transportLost(to)
      this.#parts.raw.reportUnreachable(to)
    })
    this.#parts.earlyElection.connectionLost(to)
  }

  unreachable(to: MemberId): void {
    if (!this.#parts.halted()) this.#guard(() => this.#parts.raw.reportUnreachable(to))
  }

  #awaited(from: MemberId, bundle: Bundle): Bundle {
    const placed: Bundle['placed'] = (place) => {
      this.#parts.commitNews.placed(from, place.index)
      bundle.placed(place)
    }
    return { ...bundle, placed }
  }

  /** Whoever came first, or was heard last, goes on; two of them could vote twice. */
  displaced(error: KeeperError): void {
    if (!this.#parts.halted()) this.#parts.fault(error)
  }

  #offer(message: Message, snapshot: Snapshot, staged: StagedSnapshot): void {
    const { raw, state } = this.#parts
    raw.step(message)
    // one that brings nothing new is ignored, and must not displace one that waits to be installed
    if (raw.commit === snapshot.index) state.stage(snapshot, staged)
    else state.discard(staged)
  }

  #handle<Kind extends PeerMessage['kind']>(from: MemberId, message: Extract<PeerMessage, { kind: Kind }>): void {
    const handler: (from: MemberId, message: Extract<PeerMessage, { kind: Kind }>) => void =
      this.#handlers[message.kind as Kind]
    this.#guard(() => handler(from, message))
  }

  /** What the core throws means that its state is beyond trust. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      this.#parts.fault(thrown)
    }
  }

  #step(from: MemberId, message: Message): void {
    if (this.#isRemoved(from)) {
      this.#parts.farewell.asked(from)
      return
    }
    // a snapshot comes with its records, see receiveSnapshot
    if (message.type === 'MsgSnap') return
    const { raw, recovery } = this.#parts
    const heard = recovery.active ? recoveringHears(message, raw.commit) : message
    if (heard) raw.step(heard)
  }

  /** One that missed its own removal would ask for votes for ever. */
  #isRemoved(id: MemberId): boolean {
    return !this.#parts.state.takesPart(id) && wasRemoved(this.#parts.store, id)
  }

  #mayLeave(message: Message): Message | undefined {
    const { raw, recovery } = this.#parts
    return recovery.active ? recoveringSays(message, raw.commit, recovery.vouched) : message
  }

  #leadsTerm(): number | undefined {
    const { role, term } = this.#parts.raw
    return role === 'leader' ? term : undefined
  }

  /** A member lost what it may have acknowledged: take its word back, then see how far a quorum without it stands. */
  async #vouch(from: MemberId, { id }: Extract<PeerMessage, { kind: 'recover' }>): Promise<void> {
    const term = this.#leadsTerm()
    if (term === undefined) return
    this.#parts.raw.forgetMatch(from)
    this.#parts.wake()
    const confirmed = await this.#parts.confirmLeading().then(
      () => true,
      (_error: KeeperError) => false,
    )
    if (confirmed) this.send(from, [{ kind: 'recoverIndex', id, index: this.#parts.applied(), term }])
  }
}

const removedFrom = (by: MemberId) =>
  new KeeperError('E_MEMBER_REMOVED', `it was removed from the cluster, as member ${by} says`)
