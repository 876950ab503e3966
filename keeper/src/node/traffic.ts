import type { Clock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import type { Random } from '../base/random.js'
import type { RawNode } from '../raft/raw-node.js'
import type { MemberId } from '../raft/types.js'
import type { AppliedEntry, Command, CommandResult, StoreReader } from '../store/types.js'
import type { PeerMessage } from '../transport/types.js'
import { Forwarding } from './forwarding.js'
import { Gathering } from './gathering.js'
import { groupOf, ProposalQueue, placeGroup, stampBatch } from './proposal-queue.js'
import { Waiters } from './waiters.js'
import { Writes } from './writes.js'

export interface TrafficParts {
  readonly raw: RawNode
  readonly store: StoreReader
  readonly clock: Clock
  readonly random: Random
  /** Why nothing is taken that makes the store larger; undefined when all is well. */
  readonly mayNotGrow: () => KeeperError | undefined
  readonly patienceTicks: number
  readonly incarnation: string
  readonly applied: number
  readonly send: (to: MemberId, messages: readonly PeerMessage[]) => void
  /** The log in memory is at its limit: nothing is appended until a flush lets go of some. */
  readonly logFull: () => boolean
  readonly closed: () => KeeperError | undefined
  readonly wake: () => void
}

/** Everything between `propose` and the outcome of a command: queue, log or leader, and who waits for what. */
export class Traffic {
  readonly queue: ProposalQueue
  readonly forwarding: Forwarding
  readonly #parts: TrafficParts
  readonly #gathering: Gathering
  readonly #waiters: Waiters
  readonly #writes: Writes

  constructor(parts: TrafficParts) {
    const { patienceTicks, incarnation, applied, send, store, mayNotGrow, closed, wake } = parts
    this.#parts = parts
    this.#gathering = new Gathering(parts.clock, wake)
    this.queue = new ProposalQueue(patienceTicks)
    this.forwarding = new Forwarding({ send, incarnation, patienceTicks })
    this.#waiters = new Waiters({ applied, patienceTicks })
    const { queue } = this
    const waiters = this.#waiters
    this.#writes = new Writes({
      queue,
      waiters,
      store,
      mayNotGrow,
      closed,
      wake,
      forwarded: () => this.forwarding.count,
    })
  }

  /** Commands whose outcome somebody here waits for. */
  get underWay(): number {
    return this.queue.count + this.#waiters.count + this.forwarding.count
  }

  propose(command: Command, signal?: AbortSignal): Promise<CommandResult> {
    return this.#writes.propose(command, signal)
  }

  proposeTogether(commands: readonly Command[]): Promise<readonly (CommandResult | KeeperError)[]> {
    return this.#writes.proposeTogether(commands)
  }

  /** Hands what waits to the log, or to the leader. */
  feed(): void {
    const { role, leader, term } = this.#parts.raw
    this.forwarding.overtaken(term)
    if (role !== 'leader') this.#gathering.stop()
    if (role === 'leader') this.#append()
    else if (leader !== 0) this.#forward(leader, term)
  }

  applied(entry: AppliedEntry): void {
    this.#gathering.applied(entry.index)
    this.#waiters.applied(entry, this.forwarding.count > 0)
  }

  skippedTo(index: number): void {
    this.#gathering.applied(index)
    this.#waiters.skippedTo(index)
  }

  tick(): void {
    const { role, leader } = this.#parts.raw
    this.forwarding.tick()
    if (role !== 'leader') this.#waiters.tick()
    if (leader === 0) this.queue.tick()
  }

  rejectAll(error: KeeperError): void {
    this.#gathering.stop()
    this.queue.rejectAll(error)
    this.forwarding.rejectAll(error)
    this.#waiters.rejectAll(error)
  }

  /** Everything that waits, in as few entries as it fits. */
  #append(): void {
    const { raw, clock, random, logFull } = this.#parts
    for (let group = this.queue.peek(); group; group = this.queue.peek()) {
      const fillsEntry = group.count < this.queue.count
      if (!fillsEntry && this.#gathering.waits(group.count)) return
      if (logFull() || raw.propose(stampBatch(group, clock, random)) !== 'ok') return
      this.queue.remove(group)
      const { lastIndex, term } = raw
      this.#gathering.appended(lastIndex, group.count)
      placeGroup(group, lastIndex, term)
    }
  }

  #forward(leader: MemberId, term: number): void {
    for (let group = this.queue.peek(); group; group = this.queue.peek()) {
      this.queue.remove(group)
      for (const bundle of group.bundles)
        if (bundle.foreign) bundle.refuse(new KeeperError('E_PROPOSAL_DROPPED', `member ${leader} leads now`))
      const own = group.bundles.filter((bundle) => !bundle.foreign)
      if (own.length > 0) this.forwarding.forward(groupOf(own), leader, term)
    }
  }
}
