import { type Random, seededRandom } from '../../keeper/src/base/random.js'
import { createStore } from '../../keeper/src/store/store.js'
import { RaftChecker } from './checkers/raft.js'
import { SimNetwork } from './network.js'
import { SimProcess, type Wraps } from './process.js'
import { Trace } from './trace.js'
import { VirtualTime } from './virtual-time.js'

export interface KeepersOptions {
  readonly seed: number
  readonly members?: number
  readonly wraps?: Wraps
  /** Gets every line of the trace. */
  readonly print?: (line: string) => void
  readonly streamsLost?: (process: SimProcess) => void
}

/** Keepers on machines of their own, their network and their time, all from one seed; watched by the Raft checker. */
export class Keepers {
  readonly time = new VirtualTime()
  readonly random: Random
  readonly trace: Trace
  readonly raft = new RaftChecker()
  readonly network: SimNetwork
  readonly processes: readonly SimProcess[]
  #failure: Error | undefined

  constructor({ seed, members = 3, wraps = {}, print, streamsLost = () => {} }: KeepersOptions) {
    const { time, raft } = this
    const random = seededRandom(seed)
    const trace = new Trace(() => time.now, print)
    this.random = random
    this.trace = trace
    this.network = new SimNetwork({
      time,
      random,
      trace,
      ownerOf: (id) => this.processes[id - 1]?.owner,
      watch: (parcel) => this.check(() => raft.sent(parcel)),
    })
    const voters = Array.from({ length: members }, (_, at) => at + 1)
    const parts = {
      time,
      random,
      trace,
      raft,
      voters,
      wraps,
      streamsLost,
      network: () => this.network,
      fail: (error: unknown) => this.fail(error),
      createStore: (reader: Parameters<typeof createStore>[0]['reader']) => createStore({ reader }),
    }
    this.processes = voters.map((id) => new SimProcess({ ...parts, id }))
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
