import { KeeperError } from '../base/errors.js'
import { Listeners } from '../base/listeners.js'
import type { Logger } from '../base/logger.js'
import { decodeConfChange } from '../raft/conf-change-codec.js'
import type { MemoryStorage } from '../raft/memory-storage.js'
import type { RawNode } from '../raft/raw-node.js'
import type { ConfState, Entry, MemberId, Message, Snapshot } from '../raft/types.js'
import type { MemberDisk, StagedSnapshot } from '../storage/types.js'
import type { AppliedEntry, StateMachine } from '../store/types.js'
import type { StateRecord, Transport } from '../transport/types.js'
import type { Flusher } from './flusher.js'

export interface StatePortParts {
  readonly raw: RawNode
  readonly disk: MemberDisk
  readonly log: MemoryStorage
  readonly store: StateMachine
  readonly transport: Transport | undefined
  readonly logger: Logger
  readonly confState: ConfState
  readonly flusher: () => Flusher
  /** A membership change was applied, or refused by the configuration. */
  readonly decided: (index: number, refused?: KeeperError) => void
  /** This member led and is no voter any more; `removal` says so when it takes no part at all. */
  readonly departs: (removal: KeeperError | undefined) => void
  /** This member had a vote and takes no part any more; others may not know yet. */
  readonly lingers: (removal: KeeperError) => void
  /** Those take no part any more. */
  readonly left: (ids: readonly MemberId[]) => void
  readonly fault: (error: unknown) => void
  readonly wake: () => void
}

const noData = new Uint8Array()

/** How committed entries and snapshots get into the state machine, and snapshots out of it. */
export class StatePort {
  readonly #parts: StatePortParts
  readonly #applied = new Listeners<[applied: AppliedEntry]>()
  readonly #replaced = new Listeners<[index: number]>()
  /** The newest snapshot that came whole and that the core has not taken yet. */
  #staged: { readonly snapshot: Snapshot; readonly staged: StagedSnapshot } | undefined
  /** Counts installed snapshots: records staged before one of them are gone. */
  #installs = 0
  #confState: ConfState

  constructor(parts: StatePortParts) {
    this.#parts = parts
    this.#confState = parts.confState
  }

  /** The configuration as of the applied index. */
  get confState(): ConfState {
    return this.#confState
  }

  /** As of the applied index, in whatever way. */
  takesPart(id: MemberId): boolean {
    return takesPart(this.#confState, id)
  }

  onApplied(listener: (applied: AppliedEntry) => void): () => void {
    return this.#applied.add(listener)
  }

  onReplaced(listener: (index: number) => void): () => void {
    return this.#replaced.add(listener)
  }

  /** Throws E_HALTED at what this version does not know. */
  apply(entries: readonly Entry[]): void {
    const { store } = this.#parts
    const flusher = this.#parts.flusher()
    for (const entry of entries) {
      const { index, term, type } = entry
      if (type !== 'normal') this.#changeMembership(entry)
      const applied = store.apply({ index, term, data: type === 'normal' ? entry.data : noData })
      flusher.applied(entry)
      this.#applied.call(applied)
    }
    if (entries.length > 0) flusher.maybeFlush()
  }

  /** A change that the configuration forbids changes nothing, on any member. */
  #changeMembership({ index, data }: Entry): void {
    const { raw, decided, logger } = this.#parts
    const before = this.#confState
    try {
      this.#confState = raw.applyConfChange(decodeConfChange(data))
      decided(index)
    } catch (error) {
      if (!(error instanceof KeeperError) || error.code !== 'E_INVALID_ARGUMENT') throw error
      logger.warn({ index, error }, 'membership change refused')
      decided(index, error)
    }
    this.#maybeLeave(before)
    const { id } = raw.status()
    this.#parts.left(takingPart(before).filter((one) => one !== id && !this.takesPart(one)))
  }

  #maybeLeave(before: ConfState): void {
    const { raw, departs, lingers } = this.#parts
    const { id, role } = raw.status()
    const removed = takesPart(before, id) && !takesPart(this.#confState, id)
    const removal = removed ? new KeeperError('E_MEMBER_REMOVED', 'it was removed from the cluster') : undefined
    if (role === 'leader' && votes(before, id) && !votes(this.#confState, id)) departs(removal)
    else if (removal && votes(before, id)) lingers(removal)
    else if (removal) throw removal
  }

  /** Writes a snapshot's records beside the state; undefined when another one replaced everything meanwhile. */
  async receive(records: AsyncIterable<StateRecord>): Promise<StagedSnapshot | undefined> {
    const installs = this.#installs
    const staged = await this.#stage(records)
    if (installs === this.#installs) return staged
    this.#drop(staged)
    return undefined
  }

  /** The core took a snapshot, and its records are on disk. */
  stage(snapshot: Snapshot, staged: StagedSnapshot): void {
    this.#drop(this.#staged?.staged)
    this.#staged = { snapshot, staged }
  }

  /** Records that are not wanted after all. */
  discard(staged: StagedSnapshot): void {
    this.#drop(staged)
  }

  /** Replaces everything by the snapshot that the core took. */
  async install(snapshot: Snapshot): Promise<void> {
    const { disk, store, log, logger } = this.#parts
    const staged = this.#staged
    this.#staged = undefined
    if (staged?.snapshot.index !== snapshot.index) throw recordsMissing(snapshot)
    await this.#parts.flusher().hold()
    const { index, term, confState } = snapshot
    await disk.installSnapshot({ index, term, confState, staged: staged.staged })
    this.#installs++
    await store.load(index, term, disk.stateRecords())
    log.applySnapshot(snapshot)
    this.#confState = confState
    this.#parts.flusher().replaced(index)
    logger.info({ index }, 'state replaced by a snapshot')
    this.#replaced.call(index)
  }

  /** Streams the last flush to a member that lags behind the log. */
  sendSnapshot(message: Message): void {
    const { raw, wake, fault, logger } = this.#parts
    const report = (outcome: 'finished' | 'failed') => {
      try {
        raw.reportSnapshot(message.to, outcome)
      } catch (thrown) {
        return fault(thrown)
      }
      wake()
    }
    this.#stream(message).then(
      () => report('finished'),
      (error) => {
        logger.warn({ to: message.to, error }, 'snapshot did not arrive')
        report('failed')
      },
    )
  }

  /** A sender that breaks off is nothing to halt for; a disk that fails is, though nobody waits for what it was to write. */
  async #stage(records: AsyncIterable<StateRecord>): Promise<StagedSnapshot> {
    let broken: unknown
    const watched = async function* () {
      try {
        yield* records
      } catch (thrown) {
        broken = thrown
        throw thrown
      }
    }
    try {
      return await this.#parts.disk.stageSnapshot(watched())
    } catch (thrown) {
      // nor is a disk with no room for it, which writes other things on
      const noRoom = thrown instanceof KeeperError && thrown.code === 'E_NO_SPACE'
      if (thrown !== broken && !noRoom) this.#parts.fault(thrown)
      throw thrown
    }
  }

  #drop(staged: StagedSnapshot | undefined): void {
    staged?.discard().catch(this.#parts.fault)
  }

  async #stream(message: Message): Promise<void> {
    // a flush from before the member was added does not concern it: it would not take it
    if (!takesPart(message.snapshot?.confState, message.to)) await this.#parts.flusher().flushNow()
    const { index, term, confState, records } = await this.#parts.disk.openSnapshot()
    const snapshot: Snapshot = { index, term, confState, data: noData }
    await this.#parts.transport?.sendSnapshot(message.to, { ...message, snapshot }, records)
  }
}

const recordsMissing = ({ index }: Snapshot) =>
  new KeeperError('E_INTERNAL', `snapshot ${index} was taken, but its records are not here`)

const votes = ({ voters, votersOutgoing }: ConfState, id: MemberId): boolean =>
  voters.includes(id) || votersOutgoing.includes(id)

const takingPart = ({ voters, learners, votersOutgoing, learnersNext }: ConfState): readonly MemberId[] => [
  ...new Set([...voters, ...learners, ...votersOutgoing, ...learnersNext]),
]

const takesPart = (confState: ConfState | undefined, id: MemberId): boolean =>
  confState !== undefined && takingPart(confState).includes(id)
