import { limits } from '../../keeper/src/base/limits.js'
import { type Random, seededRandom } from '../../keeper/src/base/random.js'
import type { FoundingMember, JoinAnswer } from '../../keeper/src/control/member-types.js'
import type { Member } from '../../keeper/src/node/types.js'
import type { Identity, MemberDisk } from '../../keeper/src/storage/types.js'
import { createStore } from '../../keeper/src/store/store.js'
import type { AppliedEntry } from '../../keeper/src/store/types.js'
import { Ambush } from './ambush.js'
import { RaftChecker } from './checkers/raft.js'
import { Encounters } from './encounters.js'
import { Interregnum } from './interregnum.js'
import { SimNetwork } from './network.js'
import { SimProcess } from './process.js'
import type { AmbushPlan, InterregnumPlan, MemberPlan } from './swarm.js'
import { Trace, Violation } from './trace.js'
import { VirtualTime } from './virtual-time.js'
import { slowMessageMsMax } from './watch-stream.js'
import type { Watcher } from './watcher.js'

export interface KeepersOptions {
  readonly seed: number
  readonly members?: number
  /** Gets every line of the trace. */
  readonly print?: (line: string) => void
  readonly streamsLost?: (process: SimProcess) => void
  /** Default: what the simulator's other tests are written for. */
  readonly plan?: MemberPlan
  readonly ambush?: AmbushPlan | undefined
  readonly interregnum?: InterregnumPlan | undefined
  /** A member leads from now on. */
  readonly crowned?: (member: Member) => void
  readonly firstApplied?: (process: SimProcess, member: Member, entry: AppliedEntry) => void
}

/** A cluster, from its founding to the loss of all of its members. */
interface Era {
  readonly cluster: Pick<Identity, 'clusterId' | 'storeEpoch'>
  readonly founders: readonly FoundingMember[]
  readonly raft: RaftChecker
}

const calmPlan: MemberPlan = {
  flush: {
    stateBytes: 1024 * 1024,
    valueBytes: 512 * 1024,
    entries: 60,
    logBytes: 64 * 1024,
    intervalMs: 2_000,
    tailEntries: 40,
    tailBytes: 32 * 1024,
    restBytes: 1024 * 1024,
    restMs: 3_000,
  },
  compaction: { intervalMs: 5_000, keepRevisionsMin: 300 },
  walBytesMax: 16 * 1024,
  electionTimeoutTicks: 10,
  messageBytesMax: limits.raftMessageBytesMax,
}

/** The longest that anything takes which is waited for. */
const patienceMs = 10_000

const foundersFrom = (first: number, count: number): FoundingMember[] =>
  Array.from({ length: count }, (_, at) => first + at).map((id) => ({
    ...{ id, name: `n${id}`, peer: `n${id}:7401`, folder: `folder-n${id}` },
  }))

/** Keepers on machines of their own, their network and their time, all from one seed; watched by the Raft checker. */
export class Keepers {
  readonly time = new VirtualTime()
  readonly random: Random
  readonly trace: Trace
  readonly network: SimNetwork
  readonly encounters: Encounters
  /** Those that run or may be started; it changes as members come and go. */
  readonly processes: SimProcess[]
  readonly ambush: Ambush
  readonly interregnum: Interregnum
  readonly #makeProcess: (era: Era, id: number, name?: string, lostDisk?: boolean) => SimProcess
  #era: Era
  #ids: number
  /** How many came after the first. */
  recruits = 0
  #failure: Error | undefined

  constructor({ seed, members = 3, print, ...options }: KeepersOptions) {
    const { time } = this
    const random = seededRandom(seed)
    const trace = new Trace(() => time.now, print)
    this.random = random
    this.trace = trace
    this.encounters = new Encounters(() => time.now)
    this.network = new SimNetwork({
      time,
      random,
      trace,
      ownerOf: (id) => this.processes.find((process) => process.id === id)?.owner,
      watch: (parcel) => {
        if (parcel.kind === 'snapshot') this.encounters.happened('snapshot')
        this.check(() => this.raft.sent(parcel))
        this.ambush.sent(parcel)
        this.interregnum.sent(parcel)
      },
    })
    const { encounters } = this
    const processOf = (id: number) => this.processes.find((process) => process.id === id)
    const scene = {
      ...{ time, random, trace, encounters, processOf },
      network: () => this.network,
      ids: () => this.processes.map(({ id }) => id),
    }
    this.ambush = new Ambush({ ...scene, plan: options.ambush })
    this.interregnum = new Interregnum({ ...scene, plan: options.interregnum })
    const founders = foundersFrom(1, members)
    this.#era = { cluster: { clusterId: 'sim', storeEpoch: 1 }, founders, raft: new RaftChecker() }
    const parts = {
      time,
      random,
      trace,
      encounters: this.encounters,
      plan: options.plan ?? calmPlan,
      streamsLost: options.streamsLost ?? (() => {}),
      firstApplied: options.firstApplied ?? (() => {}),
      crowned: options.crowned ?? (() => {}),
      removed: (process: SimProcess) => this.retire(process),
      network: () => this.network,
      fail: (error: unknown) => this.fail(error),
      createStore: (reader: Parameters<typeof createStore>[0]['reader']) => createStore({ reader }),
    }
    this.#makeProcess = (era, id, name = `n${id}`, lostDisk = false) =>
      new SimProcess({ ...parts, ...era, id, name, lostDisk })
    this.processes = founders.map(({ id }) => this.#makeProcess(this.#era, id))
    this.#ids = members
  }

  get raft(): RaftChecker {
    return this.#era.raft
  }

  get storeEpoch(): number {
    return this.#era.cluster.storeEpoch
  }

  /** All members are lost at once, and new machines go on with the state that `fill` gives each of them. */
  async refound(
    cluster: Era['cluster'],
    members: number,
    fill: (disk: MemberDisk, voters: readonly number[]) => Promise<void>,
  ): Promise<void> {
    const founders = foundersFrom(this.#ids + 1, members)
    this.#ids += members
    const era = { cluster, founders, raft: new RaftChecker() }
    const voters = founders.map(({ id }) => id)
    const coming = voters.map((id) => this.#makeProcess(era, id))
    this.trace.note(`cluster ${cluster.clusterId} of ${voters} is made`)
    await this.awaited(Promise.all(coming.map((process) => process.furnish((disk) => fill(disk, voters)))))
    this.#era = era
    const gone = [...this.processes]
    // never none at all: clients look for somebody at any moment
    this.processes.push(...coming)
    for (const process of gone) this.retire(process)
    for (const process of coming) process.start()
  }

  /** What this comes to, while time passes. */
  async awaited<T>(doing: Promise<T>): Promise<T> {
    let over = false
    const noted = doing.finally(() => {
      over = true
    })
    await this.time.run(this.time.now + patienceMs, () => over)
    if (!over) throw new Violation('liveness', `nothing came of it within ${patienceMs} ms`)
    return await noted
  }

  /** At every member, until it has seen the revision. */
  async watchToTheEnd(watcher: Watcher, last = 1): Promise<void> {
    const { time, processes } = this
    for (const process of processes) await this.awaited(watcher.follow(process, 100))
    // messages may be slow, one after the other
    const deadline = time.now + patienceMs
    for (let at = 0; watcher.seen < last && time.now < deadline; at++) {
      await this.awaited(watcher.follow(processes[at % processes.length] as SimProcess, slowMessageMsMax))
      await this.awaited(time.sleep(1))
    }
    if (watcher.seen < last) throw new Violation('watch', `r${last} is not seen, only up to r${watcher.seen}`)
  }

  /** Lets time pass until nothing is unfinished any more; it must be within `withinMs`. */
  async finish(unfinished: () => string | undefined, withinMs: number): Promise<void> {
    const { time } = this
    let looked = -1
    await time.run(time.now + withinMs, () => {
      if (this.#failure) return true
      if (time.now < looked + 100) return false
      looked = time.now
      return unfinished() === undefined
    })
    const left = this.#failure ? undefined : unfinished()
    if (left) throw new Violation('liveness', `${withinMs} ms after all harm ended: ${left}`)
  }

  /** Which of the members is not as it should be when nothing does harm any more. */
  unwell(members: ReadonlySet<number> = new Set()): string | undefined {
    for (const { id, member } of this.processes) {
      if (members.size > 0 && !members.has(id)) continue
      const status = member?.status()
      if (status?.condition !== 'clean') return `member ${id} is ${status?.condition ?? 'down'}`
      if (status.leader === 0) return `member ${id} knows no leader`
      if (status.appliedIndex < this.raft.appliedMax) return `member ${id} applied ${status.appliedIndex}`
    }
    return undefined
  }

  /** A new machine, with an id that nobody had; it is no member yet. */
  recruit(): SimProcess {
    return this.#recruited(this.#makeProcess(this.#era, ++this.#ids))
  }

  /** A new machine for a member that was added under that name. */
  recruitFor(name: string, { id, lostDisk }: JoinAnswer): SimProcess {
    return this.#recruited(this.#makeProcess(this.#era, id, name, lostDisk))
  }

  #recruited(process: SimProcess): SimProcess {
    this.recruits++
    this.processes.push(process)
    return process
  }

  /** The machine is gone for good. */
  retire(process: SimProcess): void {
    const at = this.processes.indexOf(process)
    if (at < 0) return
    process.depart()
    this.processes.splice(at, 1)
  }

  /** What went wrong first. */
  get failure(): Error | undefined {
    return this.#failure
  }

  fail(error: unknown): void {
    if (this.#failure) return
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.trace.note(`FAILED ${this.#failure.message}`)
  }

  check(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.fail(error)
    }
  }
}
