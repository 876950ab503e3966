import type { Member } from '../../keeper/src/node/types.js'
import type { AppliedEntry, Event } from '../../keeper/src/store/types.js'
import { Aftermath } from './aftermath.js'
import { Archivist } from './archivist.js'
import { FencingChecker } from './checkers/fencing.js'
import { HolderChecker } from './checkers/holders.js'
import { LeaseChecker } from './checkers/leases.js'
import { checkParts } from './checkers/linearizability.js'
import { checkBlind, checkKept, checkLinearizable, checkOrdered } from './checkers/registers.js'
import { checkSerializable } from './checkers/serializable.js'
import { missingNewest, SessionChecker } from './checkers/sessions.js'
import { groupModel } from './checkers/transactions.js'
import { Churn } from './churn.js'
import type { Meetings } from './encounters.js'
import { Keepers } from './keepers.js'
import { LeaseClient } from './lease-client.js'
import { Nemesis } from './nemesis.js'
import { Prober } from './prober.js'
import type { SimProcess } from './process.js'
import { Publisher } from './publisher.js'
import { RegisterClient, registers } from './register-client.js'
import { SessionClient } from './session-client.js'
import { Supervisor } from './supervisor.js'
import { type Plan, planOf } from './swarm.js'
import { Violation } from './trace.js'
import { TxnClient } from './txn-client.js'
import { checkWatched, Watcher } from './watcher.js'

export interface WorldOptions {
  readonly seed: number
  /** What is to be otherwise than the seed's plan has it. */
  readonly plan?: Partial<Plan>
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
  /** Changes of who takes part. */
  readonly changes: number
  /** Clusters that were restored. */
  readonly restored: number
  readonly meetings: Meetings
  readonly failure?: Error
  readonly tail: readonly string[]
}

const configs = ['push/common', 'push/room', 'push/register'] as const
const roles = ['room', 'register'] as const
/** So long after the last change nothing of it is under way any more. */
const settleMs = 3_000
/** Virtual time in which everything must be well again after the harm. */
const healMs = 60_000

/** Keepers, their clients and their fate, all from one seed. */
export class World {
  readonly #seed: number
  readonly #plan: Plan
  readonly #keepers: Keepers
  readonly #sessionChecker = new SessionChecker()
  readonly #clients: readonly RegisterClient[]
  readonly #txnClients: readonly TxnClient[]
  readonly #leaseClients: readonly LeaseClient[]
  readonly #leaseChecker: LeaseChecker
  /** One for each cluster: a restored one begins with what it was restored to. */
  #fencing = new FencingChecker()
  readonly #sessions: readonly { readonly client: SessionClient; readonly subscriptions: readonly string[] }[]
  readonly #prober: Prober
  readonly #publisher: Publisher
  readonly #watchers: readonly Watcher[]
  readonly #nemesis: Nemesis
  readonly #churn: Churn
  readonly #supervisor: Supervisor
  readonly #archivist: Archivist
  readonly #aftermath: Aftermath
  readonly #span = { over: false }
  #raft: Keepers['raft'] | undefined
  #compacted = 0

  constructor({ seed, plan, print = () => {} }: WorldOptions) {
    this.#seed = seed
    this.#plan = { ...planOf(seed), ...plan }
    const keepers = new Keepers({
      seed,
      plan: this.#plan,
      ambush: this.#plan.ambush,
      interregnum: this.#plan.interregnum,
      // the operator of a restored cluster leaves its members as they are
      crowned: (member) => this.#aftermath.restored > 0 || this.#churn.crowned(member),
      members: this.#plan.voters,
      print,
      streamsLost: (process) => {
        for (const { client } of this.#sessions) client.lost(process)
      },
      firstApplied: (_process, member, entry) => this.#noteApplied(member, entry),
    })
    const { time, random, trace, processes, network, encounters } = keepers
    const over = () => this.#span.over
    const base = { time, random, trace, processes, encounters, over }
    this.#keepers = keepers
    this.#clients = Array.from(
      { length: this.#plan.clients },
      (_, at) => new RegisterClient({ ...base, number: at + 1 }),
    )
    this.#txnClients = Array.from(
      { length: this.#plan.txnClients },
      (_, at) => new TxnClient({ ...base, number: at + 1 }),
    )
    this.#leaseChecker = new LeaseChecker(() => time.now)
    const locks = { checker: this.#leaseChecker, holders: new HolderChecker(() => time.now) }
    this.#leaseClients = Array.from(
      { length: this.#plan.leaseClients },
      (_, at) => new LeaseClient({ ...base, number: at + 1, ...locks }),
    )
    this.#sessions = Array.from({ length: this.#plan.sessions }, (_, at) => this.#newSession(at))
    this.#prober = new Prober({ ...base, number: 0, keys: registers, everyMs: this.#plan.probeMs })
    this.#publisher = new Publisher({ ...base, configs })
    const compacted = () => this.#fencing.compactedTo('user')
    const storeEpoch = () => keepers.storeEpoch
    this.#watchers = Array.from({ length: this.#plan.watchers }, () => new Watcher({ ...base, compacted, storeEpoch }))
    const sessions = this.#sessions.map(({ client }) => client)
    this.#churn = new Churn({
      ...base,
      churnMs: this.#plan.churnMs,
      hasteShare: this.#plan.hasteShare,
      patienceMs: this.#plan.churnPatienceMs,
      recruit: () => (keepers.recruits < this.#plan.spares ? keepers.recruit() : undefined),
      recruitFor: (name, answer) => {
        if (keepers.processes.some(({ id }) => id === answer.id)) return undefined
        return keepers.recruits < this.#plan.spares ? keepers.recruitFor(name, answer) : undefined
      },
      retire: (process) => keepers.retire(process),
      fail: (error) => keepers.fail(error),
    })
    this.#nemesis = new Nemesis(
      { ...base, network, sessions, mayDamage: (process) => this.#mayDamage(process) },
      this.#plan,
    )
    this.#supervisor = new Supervisor(base)
    const acknowledged = () => this.#acknowledged()
    this.#archivist = new Archivist({ keepers, random, everyMs: this.#plan.archiveMs, acknowledged, over })
    this.#aftermath = new Aftermath({
      ...{ keepers, base, configs, plan: this.#plan, span: this.#span },
      ...{ archivist: this.#archivist, publisher: this.#publisher, sessions: this.#sessions, watchers: this.#watchers },
    })
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
    const { time, processes } = this.#keepers
    for (const process of processes) process.start()
    for (const { client } of this.#sessions) client.start()
    const running: { run(): Promise<void> }[] = [
      ...this.#clients,
      ...this.#txnClients,
      ...this.#leaseClients,
      this.#prober,
      this.#publisher,
      ...this.#watchers,
      this.#nemesis,
      this.#churn,
      this.#supervisor,
      this.#archivist,
    ]
    if (this.#plan.ambush) running.push(this.#keepers.ambush)
    for (const one of running) one.run().catch((error) => this.#keepers.fail(error))
    await time.run(this.#plan.chaosMs, () => this.#keepers.failure !== undefined)
    this.#keepers.ambush.end()
    this.#keepers.interregnum.end()
    this.#nemesis.heal()
    this.#supervisor.downMsMax = 0
    this.#span.over = true
    await this.#finish()
    if (!this.#keepers.failure) await this.#examine()
    if (!this.#keepers.failure) await this.#aftermath.run()
  }

  /** All harm has ended: everything must be done and well before the deadline. */
  async #finish(): Promise<void> {
    const { time } = this.#keepers
    let settleAt = time.now + settleMs
    await this.#keepers.finish(() => {
      if (!this.#churn.done) settleAt = time.now + settleMs
      else if (settleAt <= time.now) this.#churn.settle()
      return this.#unfinished()
    }, healMs)
  }

  /** Revisions up to which somebody was told that it is written. */
  #acknowledged(): { userRevision: number; systemRevision: number } {
    const clients = this.#aftermath.restored > 0 ? this.#aftermath.clients : this.#clients
    const writes = clients.flatMap(({ operations }) => operations.findLast(({ kind }) => kind === 'write') ?? [])
    return {
      userRevision: Math.max(0, ...writes.map(({ revision }) => revision)),
      systemRevision: Math.max(0, ...[...this.#publisher.newest.values()].map(({ revision }) => revision)),
    }
  }

  /** Fewer than half of the voters may lose what they synced, and none while the voters change. */
  #mayDamage(process: SimProcess): boolean {
    if (this.#churn.busy || this.#keepers.processes.some((one) => one !== process && one.damaged)) return false
    return this.#churn.lastingVoters >= 3
  }

  #newSession(at: number): { client: SessionClient; subscriptions: readonly string[] } {
    const { time, random, trace, processes } = this.#keepers
    const role = roles[at % roles.length] as string
    const subscriptions = ['push/common', `push/${role}`]
    const client = new SessionClient({
      ...{ time, random, trace, processes, subscriptions, role },
      name: `${role}-${at}`,
      checker: this.#sessionChecker,
    })
    return { client, subscriptions }
  }

  /** Of all members one applied this entry first. */
  #noteApplied({ store }: Member, entry: AppliedEntry): void {
    // leases of clients that live no more came back with the restored state, or did not
    if (this.#aftermath.restored === 0) this.#leaseChecker.applied((id) => store.lease('user', id) !== undefined)
    if (this.#keepers.raft !== this.#raft) this.#beginCluster()
    this.#fencing.applied(entry)
    const compacted = { user: store.compactedRevision('user'), system: store.compactedRevision('system') }
    for (const keyspace of ['user', 'system'] as const) this.#fencing.compacted(keyspace, compacted[keyspace])
    if (compacted.user + compacted.system > this.#compacted) this.#keepers.encounters.happened('compaction')
    this.#compacted = compacted.user + compacted.system
  }

  #beginCluster(): void {
    this.#raft = this.#keepers.raft
    this.#fencing = new FencingChecker()
    this.#compacted = 0
  }

  /** What is not as it should be when nothing does harm any more. */
  #unfinished(): string | undefined {
    if (!this.#churn.done) return 'the change of a member is not done'
    const intent = this.#churn.unfinished()
    if (intent) return intent
    const unwell = this.#keepers.unwell(new Set(this.#churn.members().map(({ id }) => id)))
    if (unwell) return unwell
    const busy = this.#clients.findIndex((client) => client.doing !== 'nothing any more')
    if (busy >= 0) return `client ${busy + 1} is at: ${this.#clients[busy]?.doing}`
    const others = [...this.#txnClients, ...this.#leaseClients]
    const waiting = others.find((client) => client.doing !== 'nothing any more')
    if (waiting) return `a client is at: ${waiting.doing}`
    if (!this.#publisher.idle) return 'the publisher is not done'
    for (const { client, subscriptions } of this.#sessions) {
      const missing = missingNewest(this.#publisher.newest, subscriptions, client.held, this.#keepers.storeEpoch)
      if (missing) return `${client.name} lacks the newest ${missing}`
    }
    return undefined
  }

  async #examine(): Promise<void> {
    const last = this.#userEvents().at(-1)?.kv.modRevision
    for (const watcher of this.#watchers) await this.#keepers.watchToTheEnd(watcher, last)
    const events = this.#userEvents()
    const operations = this.#clients.flatMap((client) => client.operations)
    checkOrdered(events)
    checkKept(operations, events)
    checkBlind(
      this.#clients.flatMap((client) => client.dropped),
      events,
    )
    checkLinearizable([...operations, ...this.#prober.operations])
    this.#examineTransactions(events)
    for (const watcher of this.#watchers) checkWatched(watcher, events)
  }

  #userEvents(): Event[] {
    const events = this.#keepers.raft.events.flatMap((entry) => entry.events)
    return events.filter((event) => event.keyspace === 'user')
  }

  #examineTransactions(events: readonly Event[]): void {
    const calls = this.#txnClients.flatMap((client) => client.calls)
    const verdict = checkParts(groupModel, calls, ({ group }) => group)
    if (!verdict.linearizable) {
      const [last, stuck] = [verdict.longest.at(-1), verdict.stuck].map((one) => JSON.stringify(one))
      throw new Violation('linearizable', `of ${calls.length} transactions none of ${stuck} fits behind ${last}`)
    }
    checkSerializable(
      this.#txnClients.flatMap((client) => client.serializable),
      events,
    )
  }

  #verdict(): Verdict {
    const { trace, raft, time, network, encounters, failure } = this.#keepers
    const sum = <T>(from: readonly T[], of: (one: T) => number) => from.reduce((total, one) => total + of(one), 0)
    return {
      seed: this.#seed,
      digest: trace.digest(),
      operations:
        sum(this.#clients, (client) => client.operations.length) +
        this.#prober.reads +
        sum(this.#txnClients, (client) => client.calls.length + client.serializable.length) +
        this.#publisher.published,
      deliveries: this.#sessionChecker.deliveries,
      elections: raft.elections,
      faults: encounters.strikes,
      entries: raft.appliedMax,
      events: time.events,
      parcels: network.parcels,
      welcomes: sum(this.#sessions, ({ client }) => client.welcomes),
      sessionsLost: sum(this.#sessions, ({ client }) => client.sessionsLost),
      virtualMs: time.now,
      changes: this.#churn.changes,
      restored: this.#aftermath.restored,
      meetings: encounters.meetings(),
      ...(failure && { failure }),
      tail: trace.tail(failure ? 120 : 0),
    }
  }
}
