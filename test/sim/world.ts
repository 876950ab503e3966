import { checkBlind, checkKept, checkLinearizable, checkOrdered } from './checkers/registers.js'
import { missingNewest, SessionChecker } from './checkers/sessions.js'
import { Keepers } from './keepers.js'
import { Nemesis } from './nemesis.js'
import type { SimProcess, Wraps } from './process.js'
import { Publisher } from './publisher.js'
import { RegisterClient } from './register-client.js'
import { SessionClient } from './session-client.js'
import { Violation } from './trace.js'
import { checkWatched, Watcher } from './watcher.js'

export interface WorldOptions {
  readonly seed: number
  /** Virtual milliseconds of harm; the healing comes on top. */
  readonly chaosMs?: number
  /** Default: three, in every fifth world five. */
  readonly members?: number
  readonly clients?: number
  readonly sessions?: number
  readonly wraps?: Wraps
  /** No harm at all. */
  readonly peaceful?: boolean
  /** Gets every line of the trace. */
  readonly print?: (line: string) => void
}

export interface Verdict {
  readonly seed: number
  readonly digest: string
  readonly operations: number
  readonly deliveries: number
  readonly elections: number
  readonly faults: number
  readonly entries: number
  readonly events: number
  readonly parcels: number
  readonly welcomes: number
  readonly sessionsLost: number
  readonly virtualMs: number
  readonly failure?: Error
  readonly tail: readonly string[]
}

const configs = ['push/common', 'push/room', 'push/register'] as const
const roles = ['room', 'register'] as const
/** Virtual time in which everything must be well again after the harm. */
const healMs = 60_000

type Numbers = 'seed' | 'chaosMs' | 'members' | 'clients' | 'sessions'

/** Keepers, their clients and their fate, all from one seed. */
export class World {
  readonly #options: Required<Pick<WorldOptions, Numbers>> & WorldOptions
  readonly #keepers: Keepers
  readonly #sessionChecker = new SessionChecker()
  readonly #clients: readonly RegisterClient[]
  readonly #sessions: readonly { readonly client: SessionClient; readonly subscriptions: readonly string[] }[]
  readonly #publisher: Publisher
  readonly #watcher: Watcher
  readonly #nemesis: Nemesis
  #over = false

  constructor(options: WorldOptions) {
    this.#options = { chaosMs: 20_000, members: options.seed % 5 === 0 ? 5 : 3, clients: 4, sessions: 6, ...options }
    const { print = () => {} } = options
    const streamsLost: (process: SimProcess) => void = (process) => {
      for (const { client } of this.#sessions) client.lost(process)
    }
    const keepers = new Keepers({
      seed: options.seed,
      members: this.#options.members,
      wraps: options.wraps ?? {},
      print,
      streamsLost,
    })
    const { time, random, trace, processes, network } = keepers
    const base = { time, random, trace }
    this.#keepers = keepers
    const over = () => this.#over
    this.#clients = Array.from(
      { length: this.#options.clients },
      (_, at) => new RegisterClient({ ...base, number: at + 1, processes, over }),
    )
    this.#sessions = Array.from({ length: this.#options.sessions }, (_, at) => {
      const role = roles[at % roles.length] as string
      const subscriptions = ['push/common', `push/${role}`]
      const checker = this.#sessionChecker
      const wrap = options.wraps?.connection
      const client = new SessionClient({
        ...base,
        name: `${role}-${at}`,
        role,
        subscriptions,
        processes,
        checker,
        wrap,
      })
      return { client, subscriptions }
    })
    this.#publisher = new Publisher({ ...base, processes, configs, over })
    this.#watcher = new Watcher({ time, random, processes })
    const clients = this.#sessions.map(({ client }) => client)
    this.#nemesis = new Nemesis({ ...base, network, processes, sessions: clients })
  }

  async run(): Promise<Verdict> {
    try {
      await this.#live()
    } catch (error) {
      this.#keepers.fail(error)
    }
    return this.#verdict()
  }

  async #live(): Promise<void> {
    const { chaosMs, peaceful } = this.#options
    for (const process of this.#keepers.processes) process.start()
    for (const { client } of this.#sessions) client.start()
    for (const runs of [...this.#clients, this.#publisher, this.#watcher])
      runs.run().catch((error) => this.#keepers.fail(error))
    if (!peaceful) this.#nemesis.run().catch((error) => this.#keepers.fail(error))
    await this.#keepers.time.run(chaosMs, () => this.#keepers.failure !== undefined)
    this.#nemesis.heal()
    this.#over = true
    const deadline = this.#keepers.time.now + healMs
    let looked = -1
    await this.#keepers.time.run(deadline, () => {
      if (this.#keepers.failure) return true
      if (this.#keepers.time.now < looked + 100) return false
      looked = this.#keepers.time.now
      this.#keepRunning()
      return this.#unfinished() === undefined
    })
    const unfinished = this.#keepers.failure ? undefined : this.#unfinished()
    if (unfinished) throw new Violation('liveness', `${healMs} ms after all harm ended: ${unfinished}`)
    if (!this.#keepers.failure) await this.#examine()
  }

  /** A member that an earlier fault stopped after the healing is started again, as a supervisor does. */
  #keepRunning(): void {
    for (const process of this.#keepers.processes) {
      if (process.halted) process.crash('kill')
      process.start()
    }
  }

  /** What is not as it should be when nothing does harm any more. */
  #unfinished(): string | undefined {
    for (const process of this.#keepers.processes) {
      const status = process.member?.status()
      if (status?.condition !== 'clean') return `member ${process.id} is ${status?.condition ?? 'down'}`
      if (status.leader === 0) return `member ${process.id} knows no leader`
      if (status.appliedIndex < this.#keepers.raft.appliedMax)
        return `member ${process.id} applied ${status.appliedIndex}`
    }
    const busy = this.#clients.findIndex((client) => client.doing !== 'nothing any more')
    if (busy >= 0) return `client ${busy + 1} is at: ${this.#clients[busy]?.doing}`
    if (!this.#publisher.idle) return 'the publisher is not done'
    for (const { client, subscriptions } of this.#sessions) {
      const missing = missingNewest(this.#publisher.newest, subscriptions, client.held)
      if (missing) return `${client.name} lacks the newest ${missing}`
    }
    return undefined
  }

  async #examine(): Promise<void> {
    const events = this.#keepers.raft.events
      .flatMap((entry) => entry.events)
      .filter((event) => event.keyspace === 'user')
    const operations = this.#clients.flatMap((client) => client.operations)
    checkOrdered(events)
    checkKept(operations, events)
    checkBlind(
      this.#clients.flatMap((client) => client.dropped),
      events,
    )
    checkLinearizable(operations)
    for (const process of this.#keepers.processes) {
      const looking = this.#watcher.look(process)
      await this.#keepers.time.run(this.#keepers.time.now + 1_000)
      await looking
    }
    checkWatched(this.#watcher, events)
    if (this.#watcher.events.at(-1)?.kv.modRevision !== events.at(-1)?.kv.modRevision)
      throw new Violation('watch', 'the watcher did not see the last event')
  }

  #verdict(): Verdict {
    return {
      seed: this.#options.seed,
      digest: this.#keepers.trace.digest(),
      operations: this.#clients.reduce((sum, client) => sum + client.operations.length, 0) + this.#publisher.published,
      deliveries: this.#sessionChecker.deliveries,
      elections: this.#keepers.raft.elections,
      faults: this.#nemesis.faults,
      entries: this.#keepers.raft.appliedMax,
      events: this.#keepers.time.events,
      parcels: this.#keepers.network.parcels,
      welcomes: this.#sessions.reduce((sum, { client }) => sum + client.welcomes, 0),
      sessionsLost: this.#sessions.reduce((sum, { client }) => sum + client.sessionsLost, 0),
      virtualMs: this.#keepers.time.now,
      ...(this.#keepers.failure && { failure: this.#keepers.failure }),
      tail: this.#keepers.trace.tail(this.#keepers.failure ? 120 : 0),
    }
  }
}
