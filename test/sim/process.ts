import { UserEvents } from '../../keeper/src/api/user-events.js'
import { silentLogger } from '../../keeper/src/base/logger.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { FoundingMember } from '../../keeper/src/control/member-types.js'
import type { Members } from '../../keeper/src/control/members.js'
import { startMember } from '../../keeper/src/node/member.js'
import type { MemberOptions } from '../../keeper/src/node/options.js'
import type { Member, StartedMember } from '../../keeper/src/node/types.js'
import type { PushHub } from '../../keeper/src/push/hub.js'
import { openLastingDisk } from '../../keeper/src/storage/lasting-disk.js'
import { openMemberDisk } from '../../keeper/src/storage/member-disk.js'
import type { Identity, MemberDisk } from '../../keeper/src/storage/types.js'
import type { AppliedEntry } from '../../keeper/src/store/types.js'
import type { RaftChecker } from './checkers/raft.js'
import { DoubleDisk } from './disk/double-disk.js'
import type { Fault, RestFault, WriteFault } from './disk/faults.js'
import type { Encounters } from './encounters.js'
import { kindOf } from './fault-kinds.js'
import { MachineClock } from './machine-clock.js'
import type { SimNetwork } from './network.js'
import { openHub, openMembers } from './rooms.js'
import type { MemberPlan } from './swarm.js'
import { type Trace, Violation } from './trace.js'
import type { Owner, VirtualTime } from './virtual-time.js'

export interface ProcessParts {
  readonly id: number
  readonly name: string
  /** The cluster knows another folder under its name. */
  readonly lostDisk: boolean
  readonly cluster: Pick<Identity, 'clusterId' | 'storeEpoch'>
  /** Members of the cluster when it began. */
  readonly founders: readonly FoundingMember[]
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly network: () => SimNetwork
  readonly raft: RaftChecker
  readonly encounters: Encounters
  readonly plan: MemberPlan
  /** It was taken out of the cluster, and knows it. */
  readonly removed: (process: SimProcess) => void
  /** It leads from now on. */
  readonly crowned: (member: Member) => void
  /** The first of all members that applied an entry. */
  readonly firstApplied: (process: SimProcess, member: Member, entry: AppliedEntry) => void
  readonly createStore: NonNullable<MemberOptions['createStore']>
  /** Streams to the process broke. */
  readonly streamsLost: (process: SimProcess) => void
  readonly fail: (error: unknown) => void
}

interface Life {
  readonly owner: Owner
  member?: Member
  hub?: PushHub
  userEvents?: UserEvents
  members?: Members
  disk?: MemberDisk
}

/** One keeper's process on its own machine: started, killed, stopped, paused; its disk outlives it. */
export class SimProcess {
  readonly id: number
  readonly #parts: ProcessParts
  #raw: DoubleDisk
  #life: Life | undefined
  /** Its disk lost something: not clean again before it recovered. */
  damaged = false
  /** Of log and marks, what was damaged since both were last written: each watches over the other's newest. */
  readonly #spoiled = new Set<RestFault['place']>()
  /** The last entry that it had when it was opened. */
  #writtenFrom = 0
  /** It had a folder before. */
  #known = false
  /** It begins with a folder that was made for it. */
  #furnished = false
  /** The disk cannot be used any more: the next start gets another. */
  #condemned = false
  /** So many disks it had before this one. */
  #disks = 0
  /** Its disk takes this much longer for everything. */
  diskSlowness = 1
  /** May it find itself removed? */
  dismissed = false
  /** It is gone for good. */
  departed = false
  readonly clock: MachineClock
  pausedUntil = 0

  constructor(parts: ProcessParts) {
    this.id = parts.id
    this.#parts = parts
    this.#known = parts.lostDisk
    this.clock = new MachineClock(parts.time)
    this.#raw = this.#newDisk()
  }

  get name(): string {
    return this.#parts.name
  }

  get owner(): Owner | undefined {
    return this.#life?.owner
  }

  get member(): Member | undefined {
    return this.#life?.member
  }

  get hub(): PushHub | undefined {
    return this.#life?.hub
  }

  get userEvents(): UserEvents | undefined {
    return this.#life?.userEvents
  }

  get members(): Members | undefined {
    return this.#life?.members
  }

  get running(): boolean {
    return this.#life !== undefined
  }

  get halted(): boolean {
    return this.member?.status().condition === 'halted'
  }

  /** Is nothing wrong with it? */
  get sound(): boolean {
    return this.member?.status().condition === 'clean' && this.pausedUntil <= this.#parts.time.now
  }

  start(): void {
    if (this.#life || this.departed) return
    const life: Life = { owner: { dead: false, pausedUntil: 0 } }
    this.#life = life
    this.#note('starts')
    if (this.#condemned) this.#replaceDisk()
    this.#boot(life).catch((error) => this.#startFailed(life, error))
  }

  /** The process dies; with its machine's power, or alone. */
  crash(how: 'power' | 'kill'): void {
    const life = this.#life
    if (!life) return
    this.#note(`crashes (${how})`)
    life.owner.dead = true
    this.#life = undefined
    this.pausedUntil = 0
    if (how === 'power') this.#raw.crash()
    else this.#raw.kill()
    this.#parts.network().local.disconnect(this.id)
    this.#parts.streamsLost(this)
  }

  /** The machine is taken away. */
  depart(): void {
    this.#note('departs')
    this.crash('kill')
    this.departed = true
  }

  /** As on SIGTERM. */
  stop(): void {
    const life = this.#life
    if (!life?.member || life.owner.pausedUntil > this.#parts.time.now) this.crash('kill')
    else this.#shutDown(life, life.member)
  }

  #shutDown(life: Life, member: Member): void {
    this.#note('stops')
    life.hub?.close()
    void life.members?.close()
    member.stop().then(
      () => {
        if (this.#life !== life) return
        this.#note('stopped')
        life.owner.dead = true
        this.#life = undefined
        this.#parts.streamsLost(this)
      },
      (error) => this.#parts.fail(error),
    )
  }

  /** As on SIGSTOP. */
  pause(forMs: number): void {
    if (!this.#life) return
    this.#note(`pauses for ${forMs} ms`)
    this.pausedUntil = this.#parts.time.now + forMs
    this.#life.owner.pausedUntil = this.pausedUntil
  }

  resume(): void {
    this.pausedUntil = 0
    if (this.#life) this.#life.owner.pausedUntil = 0
  }

  /** Only so much space is left on its disk. */
  leaveSpace(freeBytes: number): void {
    this.#note(`has ${freeBytes} bytes of disk left`)
    this.#raw.leave(freeBytes)
  }

  /** A write will fail. */
  inject(fault: WriteFault): void {
    this.#note(`disk fault ${JSON.stringify(fault)}`)
    this.#raw.inject(fault)
  }

  /** Not the newest mark and the very tail that it speaks of: two losses that fit each other are noticed by nobody. */
  mayLose({ place }: RestFault): boolean {
    if (place === 'log') return !this.#spoiled.has('mark')
    return place !== 'mark' || !this.#spoiled.has('log')
  }

  /** The power fails, and something that was synced is not there when the process starts again. */
  damage(fault: RestFault): void {
    this.#note(`loses ${JSON.stringify(fault)}`)
    this.crash('power')
    this.#raw.inject(fault)
    this.damaged = true
    this.#spoiled.add(fault.place)
  }

  /** Its folder is made before its first start, as by `keeper snapshot restore`. */
  async furnish(fill: (disk: MemberDisk) => Promise<void>): Promise<void> {
    const disk = await openMemberDisk(this.#raw.attach(), { identity: this.#identity })
    await fill(disk)
    await disk.close()
    this.#known = true
    this.#furnished = true
  }

  #stands(member: StartedMember): void {
    const { raft } = this.#parts
    const { store } = member
    const { appliedIndex: index } = store
    if (this.#furnished) raft.begins(this.id, index, member.status().term, store.hash())
    else raft.stands(this.id, index, store.hash())
    this.#furnished = false
  }

  get #identity(): Identity {
    return { ...this.#parts.cluster, memberId: this.id, memberName: this.name }
  }

  async #boot(life: Life): Promise<void> {
    const { time, random, trace, name, founders, createStore, network, raft, plan } = this.#parts
    const clock = this.clock.for(life.owner)
    const identity = this.#identity
    // the others know of an earlier folder: whoever comes with a new one has lost its disk
    const condition = this.#known ? 'recovering' : 'clean'
    const parts = { clock, logger: silentLogger }
    const opened = await openLastingDisk(this.#raw.attach(), { identity, condition }, parts)
    this.#known = true
    if (life.owner.dead) return
    const { reason, flush, entries, notes, condition: found, hardState } = opened.recovered
    this.#writtenFrom = flush.index + entries.length
    const { term, vote } = hardState
    const where = `f${flush.index}+${entries.length} t${term} v${vote}`
    trace.note(`n${this.id} opened ${found} ${reason ?? ''} ${where} ${notes.join('; ')}`)
    if (found === 'recovering') this.#expectDamaged(reason)
    life.disk = opened
    const member = await startMember({
      disk: life.disk,
      clock,
      random,
      logger: silentLogger,
      voters: founders.map(({ id }) => id),
      transport: network().local.connect(this.id),
      tickMs: 50,
      electionTimeoutTicks: plan.electionTimeoutTicks,
      messageBytesMax: plan.messageBytesMax,
      flush: plan.flush,
      compaction: plan.compaction,
      nextTurn: (run) => void time.after(0, run, life.owner),
      createStore,
    })
    if (life.owner.dead) return
    this.#watch(member, raft)
    life.member = member
    life.userEvents = new UserEvents(member)
    life.hub = openHub(life.member, { clock, random, name })
    life.members = openMembers(life.member, { clock, random, name, founders, disks: this.#disks })
    this.#stands(member)
    this.#note(`up at ${member.store.appliedIndex}`)
    if (found === 'clean') this.damaged = false
  }

  #watch(member: StartedMember, raft: RaftChecker): void {
    const { trace, fail } = this.#parts
    const guarded =
      <Args extends unknown[]>(check: (...args: Args) => void) =>
      (...args: Args) => {
        try {
          check(...args)
        } catch (error) {
          fail(error)
        }
      }
    void member.halted.then(() => {
      const failure = member.failure()
      this.#note(`halted: ${failure?.code} ${failure?.message}`)
      if (failure?.code === 'E_CORRUPT' && this.damaged) this.#condemned = true
      else if (failure?.code === 'E_MEMBER_REMOVED' && this.dismissed) this.#parts.removed(this)
      else if (failure?.code !== 'E_DISK')
        fail(new Violation('halt', `member ${this.id}: ${failure?.code} ${failure?.message}`))
    })
    member.onApplied(
      guarded((entry) => {
        if (entry.index > this.#writtenFrom) this.#spoiled.clear()
        if (this.damaged && member.status().condition === 'clean') this.damaged = false
        const hash = member.store.hash()
        trace.note(`n${this.id} applied ${entry.index} t${entry.term} ${hash}`)
        if (raft.applied(this.id, entry, hash, member.status().term)) this.#parts.firstApplied(this, member, entry)
      }),
    )
    member.onReplaced(
      guarded(() => {
        this.#note(`took a snapshot at ${member.store.appliedIndex}`)
        this.#parts.encounters.happened('snapshot')
        raft.stands(this.id, member.store.appliedIndex, member.store.hash())
      }),
    )
    member.onLeadership(
      guarded((leading, term) => {
        this.#note(`${leading ? 'leads' : 'leads no more'} in t${term}`)
        if (!leading) return
        this.#parts.encounters.happened('election')
        raft.leads(this.id, term)
        this.#parts.crowned(member)
      }),
    )
  }

  #newDisk(): DoubleDisk {
    const { time, random, plan } = this.#parts
    const owner: Owner = { dead: false, pausedUntil: 0 }
    return new DoubleDisk({
      random,
      clock: new MachineClock(time).for(owner),
      latencyMs: () => this.diskSlowness * (random.unit() < 0.02 ? 10 + random.below(100) : 0.1 + random.unit() * 2),
      walBytesMax: plan.walBytesMax,
      onStruck: (fault) => this.#struck(fault),
    })
  }

  #struck(fault: Fault): void {
    this.#parts.encounters.struck(kindOf[fault.kind])
    const life = this.#life
    if (fault.kind === 'crash') this.#parts.time.after(0, () => life === this.#life && this.crash('power'))
  }

  /** A start may fail for what was done to the disk, and for nothing else. */
  #startFailed(life: Life, error: unknown): void {
    if (this.#life !== life) return
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'none'
    this.#note(`does not start: ${code} ${error instanceof Error ? error.message : ''}`)
    life.owner.dead = true
    this.#life = undefined
    this.#parts.network().local.disconnect(this.id)
    if (code === 'E_DISK' || code === 'E_NO_SPACE') return
    if (code === 'E_CORRUPT' && this.damaged) this.#condemned = true
    else this.#parts.fail(error)
  }

  /** What an operator does with a folder that does not open: an empty one, whose member must recover from the others. */
  #replaceDisk(): void {
    this.#note('gets an empty disk')
    this.#raw = this.#newDisk()
    this.#disks++
    this.#condemned = false
    this.#spoiled.clear()
  }

  #expectDamaged(reason: string | undefined): void {
    if (!this.damaged)
      throw new Violation('disk', `member ${this.id} lost what it had synced (${reason}) without a fault`)
  }

  #note(what: string): void {
    this.#parts.trace.note(`n${this.id} ${what}`)
  }
}
