import { decodeConfChange } from '../../keeper/src/raft/conf-change-codec.js'
import { MemoryStorage } from '../../keeper/src/raft/memory-storage.js'
import { RawNode } from '../../keeper/src/raft/raw-node.js'
import type { ConfState, Entry, HardState, Message, RaftConfig, Ready, Snapshot } from '../../keeper/src/raft/types.js'

/** Storage that always has a snapshot of the newest applied state. */
class AlwaysSnapshotted extends MemoryStorage {
  newest: Snapshot

  constructor(initial: Snapshot) {
    super()
    this.newest = initial
    if (initial.index > 0) this.applySnapshot(initial)
  }

  override snapshot(): Snapshot {
    return this.newest
  }
}

export const emptyConfState: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}

/** etcd's test defaults: election 3 ticks, heartbeat 1 tick, no limits. */
export const defaultConfig: Omit<RaftConfig, 'id' | 'storage'> = {
  electionTimeoutTicks: 3,
  heartbeatTicks: 1,
  applied: 0,
  random: () => 0,
  messageBytesMax: Number.POSITIVE_INFINITY,
  committedBytesPerReadyMax: Number.POSITIVE_INFINITY,
  uncommittedBytesMax: Number.POSITIVE_INFINITY,
  inflightMessagesMax: Number.POSITIVE_INFINITY,
  inflightBytesMax: Number.POSITIVE_INFINITY,
  checkQuorum: false,
  preVote: false,
  leaseReads: false,
  asyncStorageWrites: false,
  disableProposalForwarding: false,
  stepDownOnRemoval: false,
  disableConfChangeValidation: false,
}

/** A member whose state machine strings together what is applied, and whose storage does what it is told, when told. */
export class TestMember {
  readonly id: number
  readonly config: RaftConfig
  readonly storage: AlwaysSnapshotted
  readonly raw: RawNode
  readonly appendWork: Message[] = []
  readonly applyWork: Message[] = []

  constructor(id: number, options: Omit<RaftConfig, 'id' | 'storage'>, initial: Snapshot) {
    this.id = id
    this.storage = new AlwaysSnapshotted(initial)
    this.config = { ...options, id, storage: this.storage }
    this.raw = new RawNode(this.config)
  }

  /** Handles one Ready; the messages to others, and `ready` for the record. */
  processReady(): { ready: Ready; messages: readonly Message[] } {
    const ready = this.raw.ready()
    if (!this.config.asyncStorageWrites) {
      this.#persist(ready.entries, ready.hardState, ready.snapshot)
      this.#apply(ready.committedEntries)
      this.raw.advance()
      return { ready, messages: ready.messages }
    }
    const messages = ready.messages.filter((message) => !this.#keepForThread(message))
    return { ready, messages }
  }

  /** Persists the oldest batch; undefined if there is none. Its responses are for the caller to deliver. */
  processAppend(): Message | undefined {
    const work = this.appendWork.shift()
    if (!work) return undefined
    const { term, vote, commit, entries, snapshot } = work
    this.#persist(entries, term + vote + commit > 0 ? { term, vote, commit } : undefined, snapshot)
    return work
  }

  processApply(): Message | undefined {
    const work = this.applyWork.shift()
    if (work) this.#apply(work.entries)
    return work
  }

  #keepForThread(message: Message): boolean {
    if (message.type === 'MsgStorageAppend') this.appendWork.push(message)
    else if (message.type === 'MsgStorageApply') this.applyWork.push(message)
    else return false
    return true
  }

  #persist(entries: readonly Entry[], hardState?: HardState, snapshot?: Snapshot): void {
    if (hardState) this.storage.setHardState(hardState)
    if (snapshot) this.storage.applySnapshot(snapshot)
    else this.storage.append(entries)
    if (snapshot && snapshot.index > this.storage.newest.index) this.storage.newest = snapshot
  }

  #apply(entries: readonly Entry[]): void {
    for (const { index, term, type, data } of entries) {
      const change = type === 'normal' ? undefined : decodeConfChange(data)
      const before = this.storage.newest
      const confState = change ? this.raw.applyConfChange(change) : before.confState
      const update = change ? (change.context ?? new Uint8Array()) : data
      this.storage.newest = { index, term, confState, data: Buffer.concat([before.data, update]) }
    }
  }
}
