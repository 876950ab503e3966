import type { CancelTimer } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { Listeners } from '../base/listeners.js'
import type { Logger } from '../base/logger.js'
import type { ConfChange, MemberId } from '../raft/types.js'
import type { AppliedEntry, Command, CommandResult, Keyspace, StoreReader } from '../store/types.js'
import { type Engine, loadEngine } from './boot.js'
import { assemble, type MemberParts } from './member-parts.js'
import { memberStatus } from './member-status.js'
import { openedSnapshot } from './opened-snapshot.js'
import { type MemberOptions, type Settings, settingsOf } from './options.js'
import type { Answerer } from './questions.js'
import type { MemberEntry, MemberStatus, OpenedSnapshot, StartedMember } from './types.js'

/**
 * Starts a member on an opened data folder. A single voter is ready to write when this resolves. Rejects E_LOST_TAIL
 * or E_CORRUPT when the folder is damaged and no other member can vouch for it; the disk is closed then.
 */
export async function startMember(options: MemberOptions): Promise<StartedMember> {
  const settings = settingsOf(options)
  try {
    const engine = await loadEngine(options, settings)
    const member = new RunningMember(options, settings, engine)
    await member.begin()
    return member
  } catch (thrown) {
    await options.disk.close()
    throw thrown
  }
}

class RunningMember implements StartedMember {
  readonly store: StoreReader
  readonly #options: MemberOptions
  readonly #settings: Settings
  readonly #engine: Engine
  readonly #logger: Logger
  readonly #parts: MemberParts
  readonly #leadership = new Listeners<[leading: boolean, term: number]>()
  readonly halted: Promise<void>
  #cancelTick: CancelTimer = () => {}
  #fault: KeeperError | undefined
  #tellHalted: () => void = () => {}
  #stopping: Promise<void> | undefined

  constructor(options: MemberOptions, settings: Settings, engine: Engine) {
    this.store = engine.store
    this.halted = new Promise((resolve) => {
      this.#tellHalted = resolve
    })
    this.#options = options
    this.#settings = settings
    this.#engine = engine
    this.#logger = options.logger.child({ member: options.disk.recovered.identity.memberName })
    this.#parts = assemble(options, settings, engine, {
      logger: this.#logger,
      closed: () => this.#closed(),
      halted: () => this.#fault !== undefined,
      fault: (error) => this.#halt(error),
      leadershipChanged: (leading, term) => this.#noteLeadership(leading, term),
      campaign: () => this.#campaign(),
      propose: (body) => this.#parts.traffic.propose({ principal: 'system', body }),
      confirm: () => this.#confirmed(),
    })
    this.#parts.state.onApplied((entry) => this.#noteApplied(entry))
    this.#parts.state.onReplaced((index) => this.#noteReplaced(index))
  }

  async begin(): Promise<void> {
    const { notes, condition, reason } = this.#options.disk.recovered
    for (const note of notes) this.#logger.warn({ condition, reason }, note)
    this.#parts.peers.start()
    this.#armTick()
    if (!this.#parts.standing.alone) {
      this.#parts.loop.wake()
      return
    }
    this.#engine.raw.campaign()
    await this.linearizableRead()
  }

  propose(command: Command, options: { signal?: AbortSignal } = {}): Promise<CommandResult> {
    return this.#parts.traffic.propose(command, options.signal)
  }

  proposeTogether(commands: readonly Command[]): Promise<readonly (CommandResult | KeeperError)[]> {
    return this.#parts.traffic.proposeTogether(commands)
  }

  flushed(): Promise<void> {
    return this.#parts.flusher.settled()
  }

  async linearizableRead(options: { signal?: AbortSignal } = {}): Promise<void> {
    const closed = this.#closed()
    if (closed) throw closed
    await this.#confirmed(options.signal)
  }

  onApplied(listener: (applied: AppliedEntry) => void): () => void {
    return this.#parts.state.onApplied(listener)
  }

  onReplaced(listener: () => void): () => void {
    return this.#parts.state.onReplaced(listener)
  }

  onLeadership(listener: (leading: boolean, term: number) => void): () => void {
    return this.#leadership.add(listener)
  }

  async renewLeases(keyspace: Keyspace, ids: readonly bigint[]): Promise<readonly bigint[]> {
    const closed = this.#closed()
    if (closed) throw closed
    return this.#parts.renewals.renew(keyspace, ids)
  }

  leaseRemainingMs(keyspace: Keyspace, id: bigint): number | undefined {
    return this.#parts.lessor.remainingMs(keyspace, id)
  }

  ask(to: MemberId, topic: string, body: Uint8Array, options: { timeoutMs?: number } = {}): Promise<Uint8Array> {
    const closed = this.#closed()
    return closed ? Promise.reject(closed) : this.#parts.questions.ask(to, topic, body, options.timeoutMs)
  }

  memberList(): readonly MemberEntry[] {
    return this.#parts.membership.list()
  }

  changeMembership(change: ConfChange): Promise<void> {
    return this.#parts.membership.change(change)
  }

  transferLeadership(to?: MemberId): Promise<MemberId> {
    return this.#parts.membership.transfer(to)
  }

  async openSnapshot(): Promise<OpenedSnapshot> {
    const closed = this.#closed()
    if (closed) throw closed
    return await openedSnapshot(this.#options.disk, this.#parts.flusher, this.store)
  }

  onAsk(topic: string, answerer: Answerer): () => void {
    return this.#parts.questions.onAsk(topic, answerer)
  }

  status(): MemberStatus {
    return memberStatus({
      identity: this.#options.disk.recovered.identity,
      raw: this.#engine.raw,
      flusher: this.#parts.flusher,
      appliedIndex: this.store.appliedIndex,
      recovering: this.#parts.recovery.active,
      stopping: this.#stopping !== undefined,
      fault: this.#fault,
      alarms: this.#parts.growth.alarms(),
      freeBytes: this.#options.disk.space().freeBytes,
      unansweredMs:
        Math.max(this.#parts.traffic.forwarding.unansweredTicks, this.#parts.reads.unansweredTicks) *
        this.#settings.tickMs,
    })
  }

  failure(): KeeperError | undefined {
    return this.#fault
  }

  handOver(): Promise<void> {
    return this.#parts.ending.handOver()
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  // -- what the parts tell

  #noteApplied(entry: AppliedEntry): void {
    this.#parts.traffic.applied(entry)
    this.#parts.lessor.applied(entry)
    this.#parts.reads.applied(entry.index)
    this.#parts.recovery.applied(entry.index)
    this.#parts.membership.applied(entry)
  }

  #noteReplaced(index: number): void {
    this.#parts.traffic.skippedTo(index)
    this.#parts.membership.skippedTo(index)
    this.#parts.reads.applied(index)
    this.#parts.recovery.applied(index)
  }

  #noteLeadership(leading: boolean, term: number): void {
    this.#logger.info({ term }, leading ? 'leads' : 'leads no more')
    this.#parts.lessor.leadership(leading)
    if (leading) this.#parts.compactor.restart()
    this.#leadership.call(leading, term)
  }

  /** A recovering member does not stand for election, nor does one that ends. */
  #campaign(): void {
    if (this.#fault || this.#stopping || this.#parts.recovery.active) return
    try {
      this.#engine.raw.campaign()
    } catch (thrown) {
      this.#halt(thrown)
    }
    this.#parts.loop.wake()
  }

  // -- time

  #armTick(): void {
    this.#cancelTick = this.#options.clock.setTimer(this.#settings.tickMs, () => this.#tick())
  }

  #tick(): void {
    if (this.#fault) return
    try {
      // nor does a recovering member stand for election
      if (!this.#parts.recovery.active) this.#engine.raw.tick()
    } catch (thrown) {
      this.#halt(thrown)
      return
    }
    this.#parts.earlyElection.tick()
    this.#parts.traffic.tick()
    this.#parts.reads.tick()
    this.#parts.lessor.tick()
    this.#parts.renewals.tick()
    this.#parts.recovery.tick()
    this.#parts.membership.tick()
    this.#parts.growth.tick()
    if (this.#parts.standing.leading && !this.#stopping) this.#parts.compactor.tick()
    this.#parts.flusher.maybeFlush()
    this.#parts.loop.wake()
    this.#armTick()
  }

  #confirmed(signal?: AbortSignal): Promise<void> {
    this.#parts.loop.wake()
    return this.#parts.reads.read(signal)
  }

  // -- ends

  #closed(): KeeperError | undefined {
    if (this.#fault) return this.#fault
    return this.#stopping ? new KeeperError('E_STOPPED', 'this keeper stops') : undefined
  }

  /** The member acknowledges nothing from here on, and lives to say why. */
  #halt(error: unknown): void {
    if (this.#fault) return
    const cause = asKeeperError(error)
    const code = cause.code === 'E_NO_SPACE' ? 'E_DISK' : cause.code
    this.#fault = new KeeperError(code, `this member halted: ${cause.message}`, cause.details, { cause })
    this.#logger.error({ error: cause }, 'halted')
    this.#cancelTick()
    this.#parts.earlyElection.stop()
    this.#parts.commitNews.stop()
    void this.#parts.loop.end()
    this.#rejectAll(this.#fault)
    this.#parts.standing.note()
    this.#tellHalted()
  }

  #rejectAll(error: KeeperError): void {
    this.#parts.traffic.rejectAll(error)
    this.#parts.reads.rejectAll(error)
    this.#parts.renewals.rejectAll(error)
    this.#parts.questions.rejectAll(error)
    this.#parts.membership.rejectAll(error)
  }

  async #stop(): Promise<void> {
    await Promise.resolve()
    if (!this.#fault) await this.#parts.ending.drain()
    this.#cancelTick()
    this.#parts.earlyElection.stop()
    this.#parts.commitNews.stop()
    this.#options.disk.waitNoMore()
    await this.#parts.loop.end()
    this.#parts.standing.end()
    this.#rejectAll(new KeeperError('E_STOPPED', 'this keeper stopped'))
    await this.#options.transport?.close()
    if (!this.#fault) await this.#parts.flusher.flushNow().catch((error) => this.#halt(error))
    await this.#parts.flusher.settled()
    await this.#options.disk.close()
  }
}
