import {
  type AckState,
  type ClientFrame__Output,
  type ConfigChange,
  type HeldConfig__Output,
  type Hello__Output,
  type SubscribeFailure,
  toSafe,
} from '@keeper/proto/wire'
import { hashOf } from '../core/values.js'
import { MemoryKv } from './memory-kv.js'
import type { Peer, PeerHandler } from './memory-transport.js'

/** What a process said of a revision of a config. */
export interface TestAck {
  readonly instance: string
  readonly config: string
  readonly revision: number
  readonly state: 'received' | 'applied' | 'rejected' | 'failed'
  readonly reason: string
}

interface Attached {
  readonly peer: Peer
  readonly instance: string
  readonly incarnation: string
  readonly sessionId: string
  readonly subscribed: Set<string>
  /** Revision of the newest push without a last word; 0 when there is none. */
  owes: number
}

/** One keeper's side of the session protocol, in memory: configs, subscriptions, acks, keys and values. */
export class MemoryKeeper {
  readonly acks: TestAck[] = []
  readonly kv = new MemoryKv()
  readonly #configs = new Map<string, ConfigChange & { name: string; revision: number }>()
  readonly #refused = new Map<string, string>()
  readonly #attached = new Map<string, Attached>()
  readonly #secrets = new Map<string, Buffer>()
  readonly #waiting = new Set<() => void>()
  #revision = 0
  #sessions = 0

  /** Publishes one change set and gives its revision; undefined removes a config. */
  publish(values: Readonly<Record<string, unknown>>): number {
    const revision = ++this.#revision
    const changes = Object.entries(values).map(([name, value]) => this.#change(name, value, revision))
    for (const change of changes) this.#configs.set(change.name, change)
    for (const session of this.#attached.values()) this.#push(session, changes)
    return revision
  }

  /** Subscriptions to `name` get this code from now on. */
  refuse(name: string, code: string): void {
    this.#refused.set(name, code)
  }

  /** Resolves with the last word of every process that is attached now and wants any of `names`. */
  async settled(names: readonly string[], revision: number): Promise<TestAck[]> {
    const asked = [...this.#attached.values()].flatMap((session) =>
      names.filter((name) => session.subscribed.has(name)).map((name) => ({ session, name })),
    )
    const isOpen = ({ session, name }: (typeof asked)[number]) =>
      this.#attached.get(session.instance) === session &&
      session.subscribed.has(name) &&
      !this.#lastWord(session.instance, name, revision)
    while (asked.some(isOpen)) await new Promise<void>((resolve) => this.#waiting.add(resolve))
    return asked.flatMap(({ session, name }) => this.#lastWord(session.instance, name, revision) ?? [])
  }

  /** Breaks every stream. */
  dropAll(): void {
    for (const session of [...this.#attached.values()]) {
      this.#attached.delete(session.instance)
      session.peer.end()
    }
    this.#wake()
  }

  /** Resolves when every process that is attached has said its last word of all that it was sent. */
  async quiet(): Promise<void> {
    const owing = () => [...this.#attached.values()].some(({ owes }) => owes > 0)
    while (owing()) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  attach(peer: Peer): PeerHandler {
    let session: Attached | undefined
    return {
      onFrame: (frame) => {
        if (frame.hello) session = this.#hello(peer, frame.hello)
        else if (session) this.#onFrame(session, frame)
        this.#wake()
      },
      onClosed: () => {
        if (session && this.#attached.get(session.instance) === session) this.#attached.delete(session.instance)
        this.#wake()
      },
    }
  }

  #change(name: string, value: unknown, revision: number) {
    if (value === undefined) return { name, revision, removed: true }
    const bytes = Buffer.from(JSON.stringify(value))
    return { name, revision, hash: hashOf(bytes), value: bytes }
  }

  #hello(peer: Peer, hello: Hello__Output): Attached {
    const { instance = '', incarnation = '' } = hello.identity ?? {}
    this.#fence(instance, incarnation)
    const resumed = this.#secrets.get(hello.sessionId)?.equals(hello.sessionSecret) ?? false
    const sessionId = resumed ? hello.sessionId : String(++this.#sessions)
    const sessionSecret = resumed ? Buffer.alloc(0) : Buffer.from(`secret of ${sessionId}`)
    if (!resumed) this.#secrets.set(sessionId, sessionSecret)
    const session = { peer, instance, incarnation, sessionId, subscribed: new Set<string>(), owes: 0 }
    this.#attached.set(instance, session)
    const { lacking, ...answer } = this.#subscribe(session, hello.subscriptions, hello.held)
    const times = { ttlMs: 15_000, heartbeatIntervalMs: 5_000, reconnectDelayMs: 100 }
    const place = { clusterId: 'test', memberName: 'test', storeEpoch: 1, revision: this.#revision }
    peer.send({ welcome: { sessionId, sessionSecret, attachment: 1, resumed, ...place, ...times, ...answer } })
    this.#push(session, lacking)
    return session
  }

  #fence(instance: string, incarnation: string): void {
    const before = this.#attached.get(instance)
    if (!before) return
    this.#attached.delete(instance)
    if (before.incarnation === incarnation) return
    before.peer.send({ goodbye: { status: { code: 'E_FENCED', message: `${instance} was started again` } } })
    before.peer.end()
  }

  #onFrame(session: Attached, frame: ClientFrame__Output): void {
    if (frame.heartbeat) session.peer.send({ heartbeat: { sequence: frame.heartbeat.sequence, ttlMs: 15_000 } })
    for (const ack of frame.acks?.acks ?? []) this.#onAck(session, toSafe(ack.revision), ack)
    if (frame.subscribe) {
      const { id, names, cancel, held } = frame.subscribe
      for (const name of cancel) session.subscribed.delete(name)
      const { lacking, ...answer } = this.#subscribe(session, names, held)
      session.peer.send({ subscribed: { id, ...answer } })
      this.#push(session, lacking)
    }
    if (frame.requests) {
      session.peer.send({ replies: { replies: this.kv.answer(session.sessionId, frame.requests.requests) } })
    }
  }

  #subscribe(session: Attached, names: readonly string[], held: readonly HeldConfig__Output[]) {
    const hashes = new Map(held.map((one) => [one.name, one.hash]))
    const refused: SubscribeFailure[] = []
    const [absent, current, lacking]: [string[], string[], ConfigChange[]] = [[], [], []]
    for (const name of names) {
      const code = this.#refused.get(name)
      const config = this.#configs.get(name)
      if (code) refused.push({ name, status: { code, message: `${name} is not for ${session.instance}` } })
      else session.subscribed.add(name)
      if (code) continue
      if (!config || config.removed) absent.push(name)
      else if (hashes.get(name) === config.hash) current.push(name)
      else lacking.push(config)
    }
    return { refused, absent, current, lacking, pending: lacking.length }
  }

  #push(session: Attached, all: readonly ConfigChange[]): void {
    const changes = all.filter((change) => session.subscribed.has(change.name ?? ''))
    const revision = Math.max(...changes.map((change) => Number(change.revision)))
    if (changes.length === 0) return
    session.owes = revision
    session.peer.send({ push: { storeEpoch: 1, revision, changes } })
  }

  #onAck(session: Attached, revision: number, ack: { state: AckState; reason: string }): void {
    const state = states[ack.state]
    if (!state) return
    if (state !== 'received' && revision >= session.owes) session.owes = 0
    for (const config of this.#namesOf(session, revision)) {
      this.acks.push({ instance: session.instance, config, revision, state, reason: ack.reason })
    }
  }

  /** An ack is for all of a push: the configs that this process wants, up to that revision. */
  #namesOf(session: Attached, revision: number): string[] {
    return [...session.subscribed].filter((name) => (this.#configs.get(name)?.revision ?? Infinity) <= revision)
  }

  #lastWord(instance: string, config: string, revision: number): TestAck | undefined {
    return this.acks.findLast(
      (ack) =>
        ack.instance === instance && ack.config === config && ack.revision >= revision && ack.state !== 'received',
    )
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
    this.#waiting.clear()
  }
}

const states: Partial<Record<AckState, TestAck['state']>> = {
  ACK_STATE_RECEIVED: 'received',
  ACK_STATE_APPLIED: 'applied',
  ACK_STATE_REJECTED: 'rejected',
  ACK_STATE_FAILED: 'failed',
}
