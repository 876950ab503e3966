/** For tests: a keyspace as plainly as can be, with every state it ever had. */

import type { Event, KeyValue } from '../types.js'

export interface ModelKv {
  readonly value: string
  readonly create: number
  readonly mod: number
  readonly version: number
  readonly lease: bigint
}
type ModelState = ReadonlyMap<string, ModelKv>

export interface ModelEvent {
  readonly key: string
  readonly revision: number
  readonly now: ModelKv | undefined
  readonly before: ModelKv | undefined
}

/** One keyspace; `write` is one revision. */
export class Model {
  revision = 1
  compacted = 0
  readonly states: ModelState[] = [new Map(), new Map()]
  readonly events: ModelEvent[] = []

  get now(): ModelState {
    return this.states[this.revision] as ModelState
  }

  /** Applies puts and deletes of distinct keys as one revision; none when nothing changes. */
  write(changes: readonly (readonly [key: string, value: string | undefined, lease: bigint])[]): void {
    const state = new Map(this.now)
    const revision = this.revision + 1
    const before = this.events.length
    for (const [key, value, lease] of changes) {
      const old = state.get(key)
      if (value === undefined && !old) continue
      const now = value === undefined ? undefined : next(old, value, revision, lease)
      if (now) state.set(key, now)
      else state.delete(key)
      this.events.push({ key, revision, now, before: old })
    }
    if (this.events.length === before) return
    this.revision = revision
    this.states.push(state)
  }

  /** Keys from low to high (excluded) at a revision, in order. */
  range(revision: number, low: string, high: string): string[] {
    const state = this.states[revision] as ModelState
    return [...state.keys()]
      .filter((key) => low <= key && key < high)
      .sort()
      .map((key) => showModel(key, state.get(key)))
  }
}

const next = (old: ModelKv | undefined, value: string, revision: number, lease: bigint): ModelKv => ({
  value,
  create: old?.create ?? revision,
  mod: revision,
  version: (old?.version ?? 0) + 1,
  lease,
})

export const showModel = (key: string, kv: ModelKv | undefined): string =>
  kv ? `${key}=${brief(kv.value)}@${kv.create}/${kv.mod}/${kv.version}#${kv.lease}` : 'none'

export const showModelEvent = (event: ModelEvent): string =>
  `${event.revision} ${event.key} ${showModel(event.key, event.now)} was ${showModel(event.key, event.before)}`

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const brief = (value: string): string => (value.length > 40 ? `${value.slice(0, 40)}…${value.length}` : value)

export const showKv = (kv: KeyValue | undefined): string =>
  kv
    ? `${text(kv.key)}=${brief(text(kv.value))}@${kv.createRevision}/${kv.modRevision}/${kv.version}#${kv.lease}`
    : 'none'

export const showStoreEvent = (event: Event): string =>
  `${event.kv.modRevision} ${text(event.kv.key)} ${event.type === 'put' ? showKv(event.kv) : 'none'} was ${showKv(event.prevKv)}`
