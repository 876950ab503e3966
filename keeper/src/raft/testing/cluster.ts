import { decodeConfChange } from '../conf-change-codec.js'
import { MemoryStorage } from '../memory-storage.js'
import { RawNode } from '../raw-node.js'
import type { ConfState, Entry, MemberId, Message, RaftConfig, ReadState, Snapshot } from '../types.js'

export type Options = Partial<Omit<RaftConfig, 'id' | 'storage'>>

export const confState = (voters: readonly MemberId[], learners: readonly MemberId[] = []): ConfState => ({
  voters,
  learners,
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
})

/** No limits, no jitter: election after 10 ticks, heartbeat every tick. */
export const defaults: Omit<RaftConfig, 'id' | 'storage'> = {
  electionTimeoutTicks: 10,
  heartbeatTicks: 1,
  applied: 0,
  random: () => 0,
  messageBytesMax: Number.POSITIVE_INFINITY,
  committedBytesPerReadyMax: Number.POSITIVE_INFINITY,
  uncommittedBytesMax: Number.POSITIVE_INFINITY,
  inflightMessagesMax: 256,
  inflightBytesMax: Number.POSITIVE_INFINITY,
  checkQuorum: false,
  preVote: false,
  leaseReads: false,
  asyncStorageWrites: false,
  disableProposalForwarding: false,
  stepDownOnRemoval: false,
  disableConfChangeValidation: false,
}

export const normalEntry = (term: number, index: number, text = ''): Entry => ({
  term,
  index,
  type: 'normal',
  data: Buffer.from(text),
})

/** A log whose entries have these terms, from index 1 on. */
export const logOfTerms = (...terms: readonly number[]): Entry[] => terms.map((term, at) => normalEntry(term, at + 1))

/** One member with its disk; applies at once and keeps what it applied. */
export class TestMember {
  readonly id: MemberId
  readonly storage: MemoryStorage
  readonly options: Options
  raw: RawNode
  applied: Entry[] = []
  /** Survives a crash, as the state machine does. */
  #appliedIndex = 0
  reads: ReadState[] = []

  constructor(id: MemberId, state: ConfState, options: Options = {}, log: readonly Entry[] = [], term?: number) {
    this.id = id
    this.options = options
    this.storage = new MemoryStorage()
    this.storage.setConfState(state)
    this.storage.append(log)
    const lastTerm = term ?? log.at(-1)?.term ?? 0
    if (lastTerm > 0) this.storage.setHardState({ term: lastTerm, vote: 0, commit: 0 })
    this.raw = this.#start()
  }

  /** Crash and start again with what is on disk: log, hard state and state machine. */
  restart(): void {
    this.reads = []
    this.raw = this.#start()
  }

  /** Handles one Ready whole; the messages it sends. */
  processReady(): readonly Message[] {
    const ready = this.raw.ready()
    if (ready.hardState) this.storage.setHardState(ready.hardState)
    if (ready.snapshot) this.#install(ready.snapshot)
    this.storage.append(ready.entries)
    this.reads.push(...ready.readStates)
    for (const entry of ready.committedEntries) this.#apply(entry)
    this.raw.advance()
    return ready.messages
  }

  /** Everything this member has to do until it waits for others; the messages it sends. */
  settle(): Message[] {
    const messages: Message[] = []
    while (this.raw.hasReady()) messages.push(...this.processReady())
    return messages
  }

  /** What was applied, as text, without empty entries. */
  get appliedTexts(): string[] {
    return this.applied.filter((entry) => entry.data.length > 0).map((entry) => Buffer.from(entry.data).toString())
  }

  get log(): readonly Entry[] {
    return this.storage.entries(this.storage.firstIndex(), this.storage.lastIndex() + 1, Number.POSITIVE_INFINITY)
  }

  propose(text: string) {
    return this.raw.propose(Buffer.from(text))
  }

  tick(count = 1): void {
    for (let rest = count; rest > 0; rest--) this.raw.tick()
  }

  #install(snapshot: Snapshot): void {
    this.storage.applySnapshot(snapshot)
    this.#appliedIndex = snapshot.index
  }

  #apply(entry: Entry): void {
    this.applied.push(entry)
    this.#appliedIndex = entry.index
    if (entry.type !== 'normal') this.storage.setConfState(this.raw.applyConfChange(decodeConfChange(entry.data)))
  }

  #start(): RawNode {
    return new RawNode({
      ...defaults,
      ...this.options,
      id: this.id,
      storage: this.storage,
      applied: this.#appliedIndex,
    })
  }
}

/** Members and a network that delivers everything at once, but for links that are cut. */
export class Cluster {
  readonly members = new Map<MemberId, TestMember>()
  readonly #isolated = new Set<MemberId>()
  readonly #initial: ConfState

  /** `logs` gives each member its log; without it all start empty. */
  constructor(size: number, options: Options = {}, logs?: readonly (readonly Entry[])[]) {
    const ids = Array.from({ length: size }, (_, at) => at + 1)
    this.#initial = confState(ids)
    const term = Math.max(0, ...(logs ?? []).flat().map((entry) => entry.term))
    for (const id of ids) this.members.set(id, new TestMember(id, confState(ids), options, logs?.[id - 1], term))
  }

  /** Adds a member with an empty log, which knows with whom the cluster began. */
  add(id: MemberId, options: Options = {}): TestMember {
    const member = new TestMember(id, this.#initial, options)
    this.members.set(id, member)
    return member
  }

  member(id: MemberId): TestMember {
    const member = this.members.get(id)
    if (!member) throw new Error(`there is no member ${id}`)
    return member
  }

  isolate(...ids: readonly MemberId[]): void {
    for (const id of ids) this.#isolated.add(id)
  }

  heal(): void {
    this.#isolated.clear()
  }

  /** Delivers until nobody has anything to do; what was delivered. */
  settle(): Message[] {
    const delivered: Message[] = []
    for (let round = this.#collect(); round.length > 0; round = this.#collect()) {
      delivered.push(...round)
      for (const message of round) this.member(message.to).raw.step(message)
    }
    return delivered
  }

  elect(id: MemberId): TestMember {
    this.member(id).raw.campaign()
    this.settle()
    return this.member(id)
  }

  roles(): string[] {
    return [...this.members.values()].map(({ raw }) => raw.status().role)
  }

  #collect(): Message[] {
    const messages: Message[] = []
    for (const member of this.members.values()) messages.push(...member.settle())
    return messages.filter(
      ({ from, to }) => this.members.has(to) && !this.#isolated.has(from) && !this.#isolated.has(to),
    )
  }
}

/** A message with everything else empty. */
export const message = (fields: Partial<Message> & Pick<Message, 'type' | 'from' | 'to' | 'term'>): Message => ({
  logTerm: 0,
  index: 0,
  entries: [],
  commit: 0,
  vote: 0,
  reject: false,
  rejectHint: 0,
  responses: [],
  ...fields,
})
