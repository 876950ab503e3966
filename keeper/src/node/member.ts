import type { CancelTimer } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { ConfChange, MemberId } from '../raft/types.js'
import type { AppliedEntry, Command, CommandResult, Keyspace, StoreReader } from '../store/types.js'
import { type Engine, loadEngine } from './boot.js'
import { Compactor } from './compactor.js'
import { type DrainParts, drain } from './drain.js'
import { Flusher } from './flusher.js'
import { Lessor } from './lessor.js'
import { Listeners } from './listeners.js'
import { loopHost } from './loop-host.js'
import { Membership } from './membership.js'
import { type MemberOptions, type Settings, settingsOf } from './options.js'
import { Peers } from './peers.js'
import { type Answerer, Questions } from './questions.js'
import { ReadRounds } from './reads.js'
import { ReadyLoop } from './ready-loop.js'
import { Recovery } from './recovery.js'
import { Renewals } from './renewals.js'
import { Standing } from './standing.js'
import { StatePort } from './state-port.js'
import { Traffic } from './traffic.js'
import type { MemberEntry, MemberStatus, StartedMember } from './types.js'

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
  readonly #traffic: Traffic
  readonly #reads: ReadRounds
  readonly #lessor: Lessor
  readonly #renewals: Renewals
  readonly #compactor: Compactor
  readonly #flusher: Flusher
  readonly #recovery: Recovery
  readonly #membership: Membership
  readonly #questions: Questions
  readonly #state: StatePort
  readonly #peers: Peers
  readonly #loop: ReadyLoop
  readonly #leadership = new Listeners<[leading: boolean, term: number]>()
  readonly #standing: Standing
  readonly #drainParts: DrainParts
  readonly halted: Promise<void>
  #cancelTick: CancelTimer = () => {}
  #fault: KeeperError | undefined
  #tellHalted: () => void = () => {}
  #stopping: Promise<void> | undefined

  constructor(options: MemberOptions, settings: Settings, engine: Engine) {
    const { disk, clock, random } = options
    const { raw, log, store } = engine
    const incarnation = Buffer.from(random.bytes(8))
    const names = { incarnation: incarnation.toString('hex'), patienceTicks: settings.patienceTicks }
    const applied = disk.recovered.flush.index
    const fault = (error: unknown) => this.#halt(error)
    this.store = store
    this.halted = new Promise((resolve) => {
      this.#tellHalted = resolve
    })
    this.#options = options
    this.#settings = settings
    this.#engine = engine
    this.#logger = options.logger.child({ member: disk.recovered.identity.memberName })
    const send: Peers['send'] = (to, messages) => this.#peers.send(to, messages)
    const parts = { disk, log, store, clock, logger: this.#logger, fault }
    const confirmLeading = () => this.#standing.confirmLeading()
    const core = { raw, confirmLeading, closed: () => this.#closed(), wake: () => this.#loop.wake() }
    this.#state = new StatePort({
      ...parts,
      ...core,
      transport: options.transport,
      confState: engine.confState,
      flusher: () => this.#flusher,
      decided: (index, refused) => this.#membership.decided(index, refused),
    })
    this.#flusher = new Flusher(
      { ...parts, policy: settings.flush, confState: () => this.#state.confState, done: () => this.#loop.wake() },
      applied,
    )
    this.#traffic = new Traffic({
      ...names,
      ...core,
      store,
      clock,
      random,
      applied,
      send,
      quotaBytes: settings.quotaBytes,
      logFull: () => this.#flusher.logBytes > limits.raftLogBytesMax,
    })
    this.#reads = new ReadRounds({
      ask: (context) => raw.readIndex(context) === 'ok',
      patience: { retryTicks: settings.heartbeatTicks * 5, failTicks: settings.patienceTicks },
      incarnation,
      applied,
    })
    this.#standing = new Standing({
      raw,
      halted: () => this.#fault !== undefined,
      changed: (leading, term) => this.#noteLeadership(leading, term),
      confirm: () => this.#confirmed(),
    })
    const lessorHost = {
      ...{ ...parts, ...core },
      revoke: (keyspace: Keyspace, id: bigint) => this.#proposeOwn({ kind: 'leaseRevoke', keyspace, id }),
      nextTurn: () => new Promise<void>((resolve) => settings.nextTurn(resolve)),
    }
    this.#lessor = new Lessor(lessorHost, {
      confirmMs: (settings.electionTimeoutTicks * settings.tickMs) / 2,
      gapMs: settings.electionTimeoutTicks * settings.tickMs,
      expiriesPerTickMax: limits.leaseExpiriesPerTickMax,
    })
    const leader = () => this.#standing.leader()
    this.#renewals = new Renewals({ leader, send, nextTurn: settings.nextTurn }, this.#lessor, names)
    this.#compactor = new Compactor({
      store,
      clock,
      policy: settings.compaction,
      propose: (keyspace, revision) => this.#proposeOwn({ kind: 'compact', keyspace, revision }),
    })
    this.#questions = new Questions({ clock, incarnation: names.incarnation, send })
    this.#recovery = new Recovery(
      {
        logger: this.#logger,
        leader: () => this.#standing.otherLeader(),
        send,
        lastIndex: () => log.lastIndex(),
        markClean: () => disk.setCondition('clean'),
        fault,
      },
      { active: engine.recovering, incarnation: names.incarnation },
    )
    this.#membership = new Membership({
      ...core,
      clock,
      silenceMs: 2 * settings.electionTimeoutTicks * settings.tickMs,
      patienceTicks: settings.patienceTicks,
      heir: () => this.#standing.heir(),
    })
    this.#peers = new Peers({
      ...core,
      store,
      membership: this.#membership,
      transport: options.transport,
      recovery: this.#recovery,
      forwarding: this.#traffic.forwarding,
      renewals: this.#renewals,
      state: this.#state,
      queue: this.#traffic.queue,
      questions: this.#questions,
      applied: () => store.appliedIndex,
      halted: () => this.#fault !== undefined,
      fault,
    })
    this.#drainParts = {
      ...{ ...core, clock, settings, traffic: this.#traffic, standing: this.#standing },
      failed: () => this.#fault !== undefined,
    }
    this.#loop = new ReadyLoop(
      raw,
      loopHost({
        disk,
        log,
        flusher: this.#flusher,
        state: this.#state,
        peers: this.#peers,
        reads: this.#reads,
        feed: () => {
          this.#traffic.feed()
          this.#reads.start()
        },
        standingChanged: () => {
          this.#standing.note()
          this.#membership.noteStanding()
        },
        fault,
        nextTurn: settings.nextTurn,
      }),
    )
    this.#state.onApplied((entry) => this.#noteApplied(entry))
    this.#state.onReplaced((index) => this.#noteReplaced(index))
  }

  async begin(): Promise<void> {
    const { notes, condition, reason } = this.#options.disk.recovered
    for (const note of notes) this.#logger.warn({ condition, reason }, note)
    this.#peers.start()
    this.#armTick()
    if (!this.#standing.alone) {
      this.#loop.wake()
      return
    }
    this.#engine.raw.campaign()
    await this.linearizableRead()
  }

  propose(command: Command, options: { signal?: AbortSignal } = {}): Promise<CommandResult> {
    return this.#traffic.propose(command, options.signal)
  }

  async linearizableRead(options: { signal?: AbortSignal } = {}): Promise<void> {
    const closed = this.#closed()
    if (closed) throw closed
    await this.#confirmed(options.signal)
  }

  onApplied(listener: (applied: AppliedEntry) => void): () => void {
    return this.#state.onApplied(listener)
  }

  onReplaced(listener: () => void): () => void {
    return this.#state.onReplaced(listener)
  }

  onLeadership(listener: (leading: boolean, term: number) => void): () => void {
    return this.#leadership.add(listener)
  }

  async renewLeases(keyspace: Keyspace, ids: readonly bigint[]): Promise<readonly bigint[]> {
    const closed = this.#closed()
    if (closed) throw closed
    return this.#renewals.renew(keyspace, ids)
  }

  leaseRemainingMs(keyspace: Keyspace, id: bigint): number | undefined {
    return this.#lessor.remainingMs(keyspace, id)
  }

  ask(to: MemberId, topic: string, body: Uint8Array, options: { timeoutMs?: number } = {}): Promise<Uint8Array> {
    const closed = this.#closed()
    return closed ? Promise.reject(closed) : this.#questions.ask(to, topic, body, options.timeoutMs)
  }

  memberList(): readonly MemberEntry[] {
    return this.#membership.list()
  }

  changeMembership(change: ConfChange): Promise<void> {
    return this.#membership.change(change)
  }

  transferLeadership(to?: MemberId): Promise<MemberId> {
    return this.#membership.transfer(to)
  }

  onAsk(topic: string, answerer: Answerer): () => void {
    return this.#questions.onAsk(topic, answerer)
  }

  status(): MemberStatus {
    const { role, term, leader, commit } = this.#engine.raw.status()
    const recovering = this.#recovery.active ? 'recovering' : 'clean'
    return {
      identity: this.#options.disk.recovered.identity,
      role: this.#fault ? 'follower' : role,
      term,
      leader: this.#fault ? 0 : leader,
      commitIndex: commit,
      appliedIndex: this.store.appliedIndex,
      flushedIndex: this.#flusher.flushedIndex,
      condition: this.#fault ? 'halted' : this.#stopping ? 'stopped' : recovering,
      ...(this.#fault && { fault: this.#fault }),
      logBytes: this.#flusher.logBytes,
    }
  }

  failure(): KeeperError | undefined {
    return this.#fault
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  // -- what the parts tell

  #noteApplied(entry: AppliedEntry): void {
    this.#traffic.applied(entry)
    this.#lessor.applied(entry)
    this.#reads.applied(entry.index)
    this.#recovery.applied(entry.index)
    this.#membership.applied(entry)
  }

  #noteReplaced(index: number): void {
    this.#traffic.skippedTo(index)
    this.#membership.skippedTo(index)
    this.#reads.applied(index)
    this.#recovery.applied(index)
  }

  #noteLeadership(leading: boolean, term: number): void {
    this.#logger.info({ term }, leading ? 'leads' : 'leads no more')
    this.#lessor.leadership(leading)
    if (leading) this.#compactor.restart()
    this.#leadership.call(leading, term)
  }

  // -- time

  #armTick(): void {
    this.#cancelTick = this.#options.clock.setTimer(this.#settings.tickMs, () => this.#tick())
  }

  #tick(): void {
    if (this.#fault) return
    try {
      // nor does a recovering member stand for election
      if (!this.#recovery.active) this.#engine.raw.tick()
    } catch (thrown) {
      this.#halt(thrown)
      return
    }
    this.#traffic.tick()
    this.#reads.tick()
    this.#lessor.tick()
    this.#renewals.tick()
    this.#recovery.tick()
    this.#membership.tick()
    if (this.#standing.leading && !this.#stopping) this.#compactor.tick()
    this.#flusher.maybeFlush()
    this.#loop.wake()
    this.#armTick()
  }

  #confirmed(signal?: AbortSignal): Promise<void> {
    this.#loop.wake()
    return this.#reads.read(signal)
  }

  #proposeOwn(body: Command['body']): Promise<CommandResult> {
    return this.#traffic.propose({ principal: 'system', body })
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
    void this.#loop.end()
    this.#rejectAll(this.#fault)
    this.#standing.note()
    this.#tellHalted()
  }

  #rejectAll(error: KeeperError): void {
    this.#traffic.rejectAll(error)
    this.#reads.rejectAll(error)
    this.#renewals.rejectAll(error)
    this.#questions.rejectAll(error)
    this.#membership.rejectAll(error)
  }

  async #stop(): Promise<void> {
    await Promise.resolve()
    if (!this.#fault) await drain(this.#drainParts)
    this.#cancelTick()
    await this.#loop.end()
    this.#standing.end()
    this.#rejectAll(new KeeperError('E_STOPPED', 'this keeper stopped'))
    await this.#options.transport?.close()
    if (!this.#fault) await this.#flusher.flushNow().catch((error) => this.#halt(error))
    await this.#flusher.settled()
    await this.#options.disk.close()
  }
}
