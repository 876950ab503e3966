/**
 * One session on this member: whom it belongs to, what it is subscribed to, and how far its stream got. A push is
 * always made from the state of now, so that a stream that could not keep up costs one flag, not a queue.
 */

import type { MonotonicMs } from '../base/clock.js'
import { limits } from '../base/limits.js'
import { labelsOf, type ProcessIdentity } from '../store/process-records.js'
import type { Frames } from './chunk-frames.js'
import type { Peer } from './peer.js'
import type { PushCache, PushNode } from './push-cache.js'
import { shareOf } from './spread.js'
import { State, type Subscription } from './subscription.js'
import { dueTarget, lacks } from './target.js'

export interface SessionInit {
  readonly id: bigint
  readonly namespace: string
  readonly principal: string
  readonly identity: ProcessIdentity
  readonly attachment: number
  readonly member: number
  readonly ttlMs: number
  readonly openedWallMs: number
  /** When this attachment began. */
  readonly attachedAt: MonotonicMs
  /** The process can make a value of the one it runs with. */
  readonly takesDeltas: boolean
  /** And needs no more than a check to know that it is the right one. */
  readonly takesBrief: boolean
  /** The process listens for beacons. */
  readonly hearsBeacons: boolean
}

export class Session {
  readonly id: bigint
  readonly namespace: string
  readonly principal: string
  readonly identity: ProcessIdentity
  readonly labels: Readonly<Record<string, string>>
  readonly attachment: number
  readonly member: number
  readonly ttlMs: number
  readonly openedWallMs: number
  readonly attachedAt: MonotonicMs
  readonly takesDeltas: boolean
  readonly takesBrief: boolean
  readonly hearsBeacons: boolean
  /** The turn of a spread that it waits for; 0: none. */
  dueAt = 0 as MonotonicMs
  dueUnixMs = 0
  /** Since when it waits for a difference that is being made; 0: it does not. */
  waitsSince = 0 as MonotonicMs
  /** The stream, while there is one. */
  peer: Peer | undefined
  /** By name: equal sets of changes are walked in equal order. */
  readonly subscriptions: Subscription[] = []
  /** The stream took no more: wait until it is writable. */
  slow = false
  /** Some chunks of a large push went out, and the next are for another turn of the event loop. */
  paused = false
  /** Its process is ending it: what the log says of it next is no surprise. */
  leaving = false
  lagMs = 0
  heardAt = 0 as MonotonicMs
  /** When its lease was last handed to be renewed. */
  renewedAt = 0 as MonotonicMs
  /** The rest of a chunked push; no other push may start before it is through. */
  #chunks: { readonly frames: Frames; next: number } | undefined
  #pushes = 0

  constructor(init: SessionInit) {
    this.id = init.id
    this.namespace = init.namespace
    this.principal = init.principal
    this.identity = init.identity
    this.labels = labelsOf(init.identity)
    this.attachment = init.attachment
    this.member = init.member
    this.ttlMs = init.ttlMs
    this.openedWallMs = init.openedWallMs
    this.attachedAt = init.attachedAt
    this.takesDeltas = init.takesDeltas
    this.takesBrief = init.takesBrief
    this.hearsBeacons = init.hearsBeacons
  }

  get connected(): boolean {
    return this.peer !== undefined
  }

  find(name: string): Subscription | undefined {
    const found = this.subscriptions[this.#place(name)]
    return found?.interest.name === name ? found : undefined
  }

  insert(subscription: Subscription): void {
    this.subscriptions.splice(this.#place(subscription.interest.name), 0, subscription)
  }

  remove(subscription: Subscription): void {
    this.subscriptions.splice(this.subscriptions.indexOf(subscription), 1)
  }

  /**
   * Sends one push of everything the process lacks now, if its stream takes any. Where all of that is spread, and the
   * process' turn has not come, `dueAt` says when to call again.
   */
  pump(cache: PushCache, nowUnixMs: number, now: MonotonicMs): void {
    if (!this.peer || this.slow) return
    if (this.#chunks && !this.#sendChunks()) return
    const dueAt = this.#turn()
    this.dueAt = (dueAt > now && dueAt < Number.POSITIVE_INFINITY ? dueAt : 0) as MonotonicMs
    this.dueUnixMs = this.dueAt === 0 ? 0 : Math.round(nowUnixMs + dueAt - now)
    if (this.dueAt > 0) return
    const node = this.#missing(cache, now)
    this.waitsSince = (node ? 0 : this.waitsSince || now) as MonotonicMs
    if (!node || node === cache.root) return
    const frames = cache.frames(node)
    this.#markSent(node.revision, nowUnixMs)
    const only = frames.length === 1 ? frames.at(0) : undefined
    if (only) this.slow = !this.peer.send(only)
    else {
      this.#chunks = { frames, next: 0 }
      this.#sendChunks()
    }
  }

  /** When something that it lacks may be sent: everything else goes along. Infinity when it lacks nothing. */
  #turn(): number {
    let first = Number.POSITIVE_INFINITY
    for (const { hash, group, interest } of this.subscriptions) {
      if (!lacks(hash, group.target)) continue
      const { spread } = interest
      // Whoever has nothing yet, or came after the change, is a newcomer, and newcomers get what is live.
      if (!spread || hash === '' || this.attachedAt >= spread.startedAt) return 0
      first = Math.min(first, spread.startedAt + spread.ms * this.#share())
    }
    return first
  }

  #share(): number {
    const { cluster, role, instance } = this.identity
    return shareOf(`${cluster}/${role}/${instance}`)
  }

  /** All that the process lacks; undefined as long as some of it is being made. */
  #missing(cache: PushCache, now: MonotonicMs): PushNode | undefined {
    const isPatient = this.waitsSince === 0 || now - this.waitsSince < limits.deltaPatienceMs
    let node: PushNode | undefined = cache.root
    for (const { hash, revision, group, state, runHash } of this.subscriptions) {
      if (!lacks(hash, group.target)) continue
      const target = dueTarget(group.target, revision)
      // only from what it said itself that it runs with: what is under way may still be refused
      const hasBase = this.takesDeltas && isPatient && state === State.applied && runHash === hash
      const told = hasBase ? cache.from(runHash, target, this.takesBrief) : target
      node = told && node?.with(told)
    }
    return node
  }

  #markSent(pushRevision: number, nowUnixMs: number): void {
    const push = ++this.#pushes
    for (const subscription of this.subscriptions) {
      if (!lacks(subscription.hash, subscription.group.target)) continue
      const target = dueTarget(subscription.group.target, subscription.revision)
      subscription.hash = target.hash
      subscription.revision = target.revision
      subscription.push = push
      subscription.pushRevision = pushRevision
      subscription.state = State.sent
      subscription.reason = target.kind === 'excluded' ? 'no longer in the audience' : ''
      subscription.atUnixMs = nowUnixMs
      subscription.interest.ledgerDirty = true
    }
  }

  /** True when the last chunk is out and the stream takes more. */
  #sendChunks(): boolean {
    const end = (this.#chunks?.next ?? 0) + limits.pushChunksPerTurn
    while (this.#chunks && this.peer && !this.slow && this.#chunks.next < end) {
      const frame = this.#chunks.frames.at(this.#chunks.next++)
      if (frame) this.slow = !this.peer.send(frame)
      if (this.#chunks.next >= this.#chunks.frames.length) this.#chunks = undefined
    }
    this.paused = this.#chunks !== undefined && !this.slow
    return !this.#chunks && !this.slow
  }

  /** Index of the first subscription whose name is not less. */
  #place(name: string): number {
    let low = 0
    let high = this.subscriptions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.subscriptions[middle]?.interest.name ?? '') < name) low = middle + 1
      else high = middle
    }
    return low
  }
}
