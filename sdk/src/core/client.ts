import type { Ack, ProcessIdentity, ServerFrame__Output, Welcome__Output } from '@keeper/proto/wire'
import { KeeperClientError, messageOf } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Runtime } from '../runtime.js'
import type { Transport } from '../transport.js'
import { Applier } from './applier.js'
import { ConfigSet, initialRound } from './config-set.js'
import { EndpointRing } from './endpoints.js'
import type { Held } from './held.js'
import type { Listener } from './listener.js'
import { Requests } from './requests.js'
import { Session } from './session.js'

/** `fenced`: a newer incarnation took this one's place, and it runs on with what it has, for good. */
export type ConnectionState = 'joining' | 'live' | 'away' | 'fenced' | 'left'

export interface Connection {
  readonly state: ConnectionState
  /** When this state began. */
  readonly since: Date
  /** The keeper that this process talks, or last talked, to. */
  readonly endpoint: string
  /** The newest config revision it runs with; undefined when there is none. */
  readonly revision: number | undefined
  /** Why it is not live. */
  readonly error: KeeperClientError | undefined
}

/** What the process knew before: from the last-good file. */
export interface Memory {
  readonly clusterId: string
  readonly endpoint: string | undefined
  readonly good: ReadonlyMap<string, Held>
}

export interface ClientDeps {
  readonly runtime: Runtime
  readonly transport: Transport
  readonly log: Logger
  readonly identity: ProcessIdentity
  readonly namespace: string
  readonly sdk: string
  readonly endpoints: readonly string[]
  readonly ttlMs: number
  readonly memory: Memory
  /** Something that the last-good file keeps has changed. */
  goodChanged(): void
}

/**
 * The SDK without its edges: one session, its configs, its requests, and one outbox that is emptied once a turn. It
 * knows no socket, file, clock or chance of its own.
 */
export class Client {
  readonly configs: ConfigSet
  readonly applier: Applier
  readonly requests: Requests
  readonly #deps: ClientDeps
  readonly #session: Session
  readonly #listeners = new Set<(connection: Connection) => void>()
  #state: ConnectionState = 'joining'
  #since: Date
  #fencedOut = false
  #error: KeeperClientError | undefined
  #clusterId: string
  #goodEndpoint: string | undefined
  #failedAttempts = 0
  #acks: Ack[] = []
  #subscribed = new Set<string>()
  #subscribeId = 0
  #flushing = false
  readonly #endpoints: EndpointRing

  constructor(deps: ClientDeps) {
    this.#deps = deps
    const { runtime, log, memory } = deps
    this.#since = new Date(runtime.wallMs())
    this.#clusterId = memory.clusterId
    this.#goodEndpoint = memory.endpoint
    this.#endpoints = new EndpointRing(deps.endpoints, memory.endpoint, () => runtime.unit())
    const { goodChanged } = deps
    const subscriptionsChanged = () => this.#flushSoon()
    this.configs = new ConfigSet({ runtime, log, good: memory.good, goodChanged, subscriptionsChanged })
    this.applier = new Applier({ runtime, log, configs: this.configs, goodChanged, ack: (ack) => this.#ack(ack) })
    this.requests = new Requests(runtime, {
      wake: () => this.#flushSoon(),
      slow: () => this.#session.probe(),
      stuck: (why) => this.#session.move(why),
    })
    this.#session = this.#newSession()
  }

  get connection(): Connection {
    const { endpoint } = this.#session
    return {
      state: this.#state,
      since: this.#since,
      endpoint,
      revision: this.configs.newestRevision(),
      error: this.#error,
    }
  }

  get sessionId(): bigint {
    return this.#session.id
  }

  /** True once every endpoint was tried in vain, and none has ever answered. */
  get everyEndpointFailed(): boolean {
    return this.#failedAttempts >= this.#endpoints.size
  }

  /** A newer incarnation took this one's place, and with it the last-good file. */
  get fencedOut(): boolean {
    return this.#fencedOut
  }

  /** What the last-good file shall remember. */
  get memory(): Memory {
    const good = new Map(this.configs.goodValues().map((held) => [held.name, held]))
    return { clusterId: this.#clusterId, endpoint: this.#goodEndpoint, good }
  }

  start(): void {
    this.#session.start(this.#clusterId)
  }

  /** Called at each change of state; while joining also at each failed attempt. Returns how to stop it. */
  watch(listener: (connection: Connection) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Has `listener` called for the values there are, once this turn is over. */
  callInitially(listener: Listener): void {
    const entries = [...listener.names].flatMap((name) => this.configs.entry(name) ?? [])
    const round = initialRound(entries)
    if (round.changes.size === 0) return
    listener.enqueue(round, this.applier.track(entries.filter((entry) => entry.held)))
    this.#deps.runtime.defer(() => listener.drain())
  }

  /** No keeper answered while joining: go on with the last good values. */
  startAway(): void {
    this.configs.away()
    this.#become('away', this.#error)
  }

  /** Says what is still to be said and ends. Resolves when the keeper has taken it, or after a bounded wait. */
  leave(reason: string): Promise<void> {
    if (this.#state === 'left') return Promise.resolve()
    const error = new KeeperClientError('E_STOPPED', 'this process left its keepers')
    this.#flush()
    this.configs.close(error)
    this.applier.close()
    this.requests.close(error)
    this.#become('left', undefined)
    return new Promise((resolve) => this.#session.leave(reason, resolve))
  }

  #newSession(): Session {
    return new Session({
      runtime: this.#deps.runtime,
      transport: this.#deps.transport,
      endpoints: this.#endpoints,
      hello: () => this.#hello(),
      onWelcome: (welcome, endpoint) => this.#welcomed(welcome, endpoint),
      onAway: (error) => this.#wentAway(error),
      onFailed: (error) => this.#attemptFailed(error),
      onFenced: (error) => this.#fenced(error),
      onPush: (push, clusterId) => this.applier.receive(push, clusterId),
      onFrame: (frame) => this.#receive(frame),
      isAsking: () => this.requests.waiting,
    })
  }

  #hello() {
    const { identity, namespace, sdk, ttlMs } = this.#deps
    const subscriptions = this.configs.subscriptions()
    this.#subscribed = new Set(subscriptions)
    const held = this.configs.claims(subscriptions, this.#clusterId)
    return { protocol: 1, features: FEATURES, sdk, identity, namespace, subscriptions, held, requestedTtlMs: ttlMs }
  }

  #welcomed(welcome: Welcome__Output, endpoint: string): void {
    this.#acks = []
    this.#clusterId = welcome.clusterId
    if (this.#goodEndpoint !== endpoint) this.#deps.goodChanged()
    this.#goodEndpoint = endpoint
    this.requests.welcomed(welcome.resumed)
    this.configs.live()
    this.configs.answered(welcome)
    this.#become('live', undefined)
    this.#flushSoon()
  }

  #wentAway(error: KeeperClientError): void {
    this.applier.forgetWithheld()
    this.configs.away()
    this.#become('away', error)
  }

  #attemptFailed(error: KeeperClientError): void {
    this.#failedAttempts++
    this.#error = error
    if (this.#state === 'joining') this.#tell()
  }

  #fenced(error: KeeperClientError): void {
    this.#fencedOut = true
    this.configs.away()
    this.requests.close(error)
    this.#become('fenced', error)
  }

  #receive(frame: ServerFrame__Output): void {
    if (frame.subscribed) this.configs.answered(frame.subscribed)
    for (const reply of frame.replies?.replies ?? []) this.requests.onReply(reply)
  }

  #become(state: ConnectionState, error: KeeperClientError | undefined): void {
    this.#state = state
    this.#error = error
    this.#since = new Date(this.#deps.runtime.wallMs())
    this.#tell()
  }

  #tell(): void {
    const { connection } = this
    for (const listener of [...this.#listeners]) {
      try {
        listener(connection)
      } catch (error) {
        this.#deps.log.warn({ error }, `a connection callback failed: ${messageOf(error)}`)
      }
    }
  }

  #ack(ack: Ack): void {
    this.#acks.push(ack)
    this.#flushSoon()
  }

  /** What is said in one turn goes out together. */
  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#deps.runtime.defer(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    if (!this.#session.isLive) return
    this.#sendSubscriptions()
    const acks = this.#acks.splice(0)
    for (let at = 0; at < acks.length; at += acksPerFrame) {
      this.#session.send({ acks: { acks: acks.slice(at, at + acksPerFrame) } })
    }
    const requests = this.requests.take()
    if (requests) this.#session.send({ requests })
  }

  #sendSubscriptions(): void {
    const wanted = new Set(this.configs.subscriptions())
    const names = [...wanted].filter((name) => !this.#subscribed.has(name))
    const cancel = [...this.#subscribed].filter((name) => !wanted.has(name))
    if (names.length + cancel.length === 0) return
    this.#subscribed = wanted
    const id = ++this.#subscribeId
    this.#session.send({ subscribe: { id, names, cancel, held: this.configs.claims(names, this.#clusterId) } })
  }
}

const acksPerFrame = 64
/** Bits in hello: values may come as differences (1), those in the brief form (2); beacons are listened for (4). */
const FEATURES = 1 | 2 | 4
