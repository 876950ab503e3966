import { decodeText, encodeText } from '../../keeper/src/base/codec.js'
import { epochAfter, rebuild } from '../../keeper/src/node/rebuild.js'
import type { Member } from '../../keeper/src/node/types.js'
import { decodeRecord, recordKey } from '../../keeper/src/store/records.js'
import type { Event } from '../../keeper/src/store/types.js'
import { type Archive, type Archivist, recordsOf } from './archivist.js'
import type { ClientParts } from './asking.js'
import { checkBlind, checkKept, checkLinearizable, checkOrdered, type Operation } from './checkers/registers.js'
import { missingNewest, type Newest } from './checkers/sessions.js'
import { type FaultKind, faultKinds } from './fault-kinds.js'
import type { Scene } from './faults/scene.js'
import type { Keepers } from './keepers.js'
import { Nemesis } from './nemesis.js'
import { Prober } from './prober.js'
import type { Publisher } from './publisher.js'
import { RegisterClient, registers } from './register-client.js'
import type { SessionClient } from './session-client.js'
import { type Plan, pick } from './swarm.js'
import { Violation } from './trace.js'
import { checkWatched, type Watcher } from './watcher.js'

export interface AftermathParts {
  readonly keepers: Keepers
  readonly plan: Plan
  readonly archivist: Archivist
  readonly publisher: Publisher
  readonly sessions: readonly { readonly client: SessionClient; readonly subscriptions: readonly string[] }[]
  readonly configs: readonly string[]
  /** What every client has. */
  readonly base: Omit<ClientParts, 'number'> & Pick<Scene, 'encounters'>
  /** Clients begin something new until it is. */
  readonly span: { over: boolean }
  /** They go on from what they saw of the old cluster. */
  readonly watchers: readonly Watcher[]
}

const harmedMs = 3_000
const healMs = 60_000
/** Nobody had such a number before. */
const firstClient = 100

/**
 * All members are lost, and a new cluster of the next epoch goes on from a snapshot that was saved. It must have all that
 * was acknowledged before, and whoever had seen more of the old one must not take what comes for old.
 */
export class Aftermath {
  readonly #parts: AftermathParts
  /** Events of the user keyspace that the present cluster has, from before it was restored. */
  #past: readonly Event[] = []
  /** Epoch of a cluster that is lost → all user events that it had. */
  readonly #histories = new Map<number, readonly Event[]>()
  #numbers = firstClient
  #clients: readonly RegisterClient[] = []
  restored = 0

  constructor(parts: AftermathParts) {
    this.#parts = parts
  }

  /** Those of the present cluster. */
  get clients(): readonly RegisterClient[] {
    return this.#clients
  }

  async run(): Promise<void> {
    const { keepers, plan, archivist } = this.#parts
    while (this.restored < plan.restores && archivist.saved.length > 0 && !keepers.failure) await this.#once()
  }

  async #once(): Promise<void> {
    const { keepers, archivist, publisher } = this.#parts
    const archive = pick(keepers.random, archivist.saved)
    const { userRevision, index, storeEpoch } = archive.header
    this.#histories.set(keepers.storeEpoch, [...this.#past, ...this.#present()])
    this.#past = (this.#histories.get(storeEpoch) ?? []).filter(({ kv }) => kv.modRevision <= userRevision)
    keepers.trace.note(`all is lost but the snapshot of ${index}, e${storeEpoch} r${userRevision}`)
    this.restored++
    this.#clients = []
    await this.#refound(archive)
    await keepers.finish(() => keepers.unwell(), healMs)
    for (const { member } of keepers.processes) if (member) this.#expectPast(member)
    publisher.newest.clear()
    for (const [name, newest] of this.#published()) publisher.newest.set(name, newest)
    await keepers.finish(() => this.#behind(publisher.newest), healMs)
    if (!keepers.failure) await this.#live()
  }

  async #refound({ header, bytes }: Archive): Promise<void> {
    const { keepers, plan } = this.#parts
    const { index, term } = header
    // a file of the cluster before the last is restored a second time, if need be
    const storeEpoch = epochAfter(header, keepers.storeEpoch + 1)
    await keepers.refound({ clusterId: `sim-${storeEpoch}`, storeEpoch }, plan.voters, async (disk, voters) => {
      await rebuild(disk, { index, term, records: await recordsOf(bytes), entries: [] }, voters)
    })
  }

  /** What the events of before say is what the new cluster has. */
  #expectPast({ store }: Member): void {
    const newest = new Map(this.#past.map((event) => [decodeText(event.kv.key), event]))
    for (const key of [...registers, 'blind']) {
      const [event, kv] = [newest.get(key), store.get('user', encodeText(key))]
      if (event?.kv.modRevision === kv?.modRevision && event?.kv.version === kv?.version && sameValue(event, kv))
        continue
      throw new Violation('restored', `${key} is r${kv?.modRevision} and not r${event?.kv.modRevision}`)
    }
  }

  /** The newest of each config, as the new cluster has it. */
  #published(): ReadonlyMap<string, Newest> {
    const store = this.#parts.keepers.processes[0]?.member?.store
    const found = this.#parts.configs.flatMap((name) => {
      const kv = store?.get('system', recordKey('default', 'config', name))
      if (!kv) return []
      const hash = decodeRecord('config', kv.value).variants[0]?.hash ?? ''
      return [[name, { revision: kv.modRevision, hash }] as const]
    })
    return new Map(found)
  }

  /** A process that still holds something else. */
  #behind(newest: ReadonlyMap<string, Newest>): string | undefined {
    for (const { client, subscriptions } of this.#parts.sessions) {
      const missing = missingNewest(newest, subscriptions, client.held, this.#parts.keepers.storeEpoch)
      if (missing) return `${client.name} lacks ${missing} of the restored cluster`
    }
    return undefined
  }

  async #live(): Promise<void> {
    const { keepers, plan, archivist, publisher, base, span } = this.#parts
    const clients = Array.from({ length: 2 }, () => new RegisterClient({ ...base, number: ++this.#numbers }))
    this.#clients = clients
    const prober = new Prober({ ...base, number: 0, keys: registers, everyMs: plan.probeMs })
    const nemesis = this.#nemesis()
    const since = keepers.time.now
    span.over = false
    for (const one of [...clients, prober, nemesis, publisher, archivist])
      one.run().catch((error) => keepers.fail(error))
    await keepers.time.run(since + harmedMs, () => keepers.failure !== undefined)
    nemesis.heal()
    span.over = true
    await keepers.finish(() => this.#unfinished(clients), healMs)
    if (!keepers.failure) await this.#examine(clients, [...this.#initial(since), ...prober.operations])
  }

  /** Whatever takes nothing from a disk. */
  #nemesis(): Nemesis {
    const { keepers, plan, sessions, base } = this.#parts
    const mild: readonly FaultKind[] = [...faultKinds.network, ...faultKinds.process, ...faultKinds.client]
    const harm = new Map([...plan.harm].filter(([kind]) => mild.includes(kind)))
    const scene = { ...base, network: keepers.network, sessions: sessions.map(({ client }) => client) }
    return new Nemesis({ ...scene, mayDamage: () => false }, { harm, calmMs: plan.calmMs })
  }

  #unfinished(clients: readonly RegisterClient[]): string | undefined {
    const { keepers, publisher } = this.#parts
    const busy = clients.find(({ doing }) => doing !== 'nothing any more')
    if (busy) return `a client of the restored cluster is at: ${busy.doing}`
    if (!publisher.idle) return 'the publisher is not done'
    return keepers.unwell() ?? this.#behind(publisher.newest)
  }

  async #examine(clients: readonly RegisterClient[], others: readonly Operation[]): Promise<void> {
    const { watchers } = this.#parts
    await this.#watchToTheEnd()
    const events = [...this.#past, ...this.#present()]
    const operations = clients.flatMap((client) => client.operations)
    checkOrdered(events)
    checkKept(operations, events)
    checkBlind(
      clients.flatMap(({ dropped }) => dropped),
      events,
    )
    checkLinearizable([...operations, ...others])
    for (const watcher of watchers) checkWatched(watcher, events)
  }

  async #watchToTheEnd(): Promise<void> {
    const { keepers, watchers } = this.#parts
    const last = [...this.#past, ...this.#present()].at(-1)?.kv.modRevision
    for (const watcher of watchers) {
      // the first time it may learn that it has to begin anew
      await keepers.watchToTheEnd(watcher)
      await keepers.watchToTheEnd(watcher, last)
    }
  }

  /** What is there from before, as if it were written just now. */
  #initial(now: number): Operation[] {
    const newest = new Map(this.#past.map(({ kv }) => [decodeText(kv.key), kv]))
    return registers.flatMap((key) => {
      const kv = newest.get(key)
      const moments = { calledAt: now - 1, returnedAt: now }
      if (!kv) return []
      return { client: 0, kind: 'write', key, value: decodeText(kv.value), revision: kv.modRevision, ...moments }
    })
  }

  /** User events that were applied since the present cluster began. */
  #present(): Event[] {
    const events = this.#parts.keepers.raft.events.flatMap((entry) => entry.events)
    return events.filter(({ keyspace }) => keyspace === 'user')
  }
}

const sameValue = (event: Event | undefined, kv: { readonly value: Uint8Array } | undefined): boolean =>
  event === undefined || kv === undefined ? event === kv : Buffer.compare(event.kv.value, kv.value) === 0
