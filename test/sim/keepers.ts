import { limits } from '../../keeper/src/base/limits.js'
import { type Random, seededRandom } from '../../keeper/src/base/random.js'
import type { JoinAnswer } from '../../keeper/src/control/member-types.js'
import type { Member } from '../../keeper/src/node/types.js'
import { createStore } from '../../keeper/src/store/store.js'
import type { AppliedEntry } from '../../keeper/src/store/types.js'
import { Ambush } from './ambush.js'
import { RaftChecker } from './checkers/raft.js'
import { Encounters } from './encounters.js'
import { Interregnum } from './interregnum.js'
import { SimNetwork } from './network.js'
import { SimProcess } from './process.js'
import type { AmbushPlan, InterregnumPlan, MemberPlan } from './swarm.js'
import { Trace } from './trace.js'
import { VirtualTime } from './virtual-time.js'

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

const calmPlan: MemberPlan = {
  flush: {
    stateBytes: 1024 * 1024,
    entries: 60,
    logBytes: 64 * 1024,
    intervalMs: 2_000,
    tailEntries: 40,
    tailBytes: 32 * 1024,
  },
  compaction: { intervalMs: 5_000, keepRevisionsMin: 300 },
  walBytesMax: 16 * 1024,
  electionTimeoutTicks: 10,
  messageBytesMax: limits.raftMessageBytesMax,
}

/** Keepers on machines of their own, their network and their time, all from one seed; watched by the Raft checker. */
export class Keepers {
  readonly time = new VirtualTime()
  readonly random: Random
  readonly trace: Trace
  readonly raft = new RaftChecker()
  readonly network: SimNetwork
  readonly encounters: Encounters
  /** Those that run or may be started; it changes as members come and go. */
  readonly processes: SimProcess[]
  readonly ambush: Ambush
  readonly interregnum: Interregnum
  readonly #makeProcess: (id: number, name?: string, lostDisk?: boolean) => SimProcess
  #ids: number
  /** How many came after the first. */
  recruits = 0
  #failure: Error | undefined

  constructor({ seed, members = 3, print, ...options }: KeepersOptions) {
    const { time, raft } = this
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
        this.check(() => raft.sent(parcel))
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
    const voters = Array.from({ length: members }, (_, at) => at + 1)
    const founders = voters.map((id) => ({ id, name: `n${id}`, peer: `n${id}:7401`, folder: `folder-n${id}` }))
    const parts = {
      time,
      random,
      trace,
      raft,
      founders,
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
    this.#makeProcess = (id, name = `n${id}`, lostDisk = false) => new SimProcess({ ...parts, id, name, lostDisk })
    this.processes = voters.map((id) => this.#makeProcess(id))
    this.#ids = members
  }

  /** A new machine, with an id that nobody had; it is no member yet. */
  recruit(): SimProcess {
    return this.#recruited(this.#makeProcess(++this.#ids))
  }

  /** A new machine for a member that was added under that name. */
  recruitFor(name: string, { id, lostDisk }: JoinAnswer): SimProcess {
    return this.#recruited(this.#makeProcess(id, name, lostDisk))
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
