/**
 * The interest index: config → groups of subscribers that get the same value → subscribers. Which group a process
 * belongs to is computed once per process and config, and again only when the config's audience or overlays change.
 */

import type { MonotonicMs } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import { inAudience, matches } from '../store/audience.js'
import type { ConfigRecord } from '../store/config-records.js'
import { decodeRecord, recordKey, revisionSuffix } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import type { Filled, SecretValues } from './secret-values.js'
import type { Spread } from './spread.js'
import { EXCLUDED, type Target, targetOf, withSecrets } from './target.js'

/** One process' interest in one config; where it sits in its group belongs to the index. */
export interface Subscriber {
  readonly labels: Readonly<Record<string, string>>
  group: Group<this>
  /** Index in `group.members`. */
  at: number
}

/** Subscribers that get the same value. */
export interface Group<S> {
  readonly key: string
  target: Target
  readonly members: S[]
}

export interface InterestSource {
  readonly store: StoreReader
  readonly logger: Logger
  readonly secrets: SecretValues
}

/** Everyone who wants one config. */
export class Interest<S extends Subscriber> {
  /** Text of the record's key: `/default/config/push/room`. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly groups = new Map<string, Group<S>>()
  count = 0
  /** Something of its ledger changed since the listeners were told. */
  ledgerDirty = false
  /** The newest change is taken up in turns. */
  spread: Spread | undefined
  readonly #source: InterestSource
  #record: ConfigRecord | undefined
  #modRevision = 0
  #wallMs = 0
  /** Groups with an equal value share one target, and so the bytes made from it. */
  #targets = new Map<string, Target>()
  /** By the hash of the value that names them. */
  #filled = new Map<string, Filled>()
  /** Secrets that it names, or did: processes may have them still. */
  readonly #named = new Set<string>()

  constructor(source: InterestSource, namespace: string, name: string) {
    this.#source = source
    this.namespace = namespace
    this.name = name
    this.key = configKey(namespace, name)
    this.#read()
  }

  /** Does the config exist, and when did it last change? */
  get modRevision(): number {
    return this.#modRevision
  }

  /** The group that a process with these labels belongs to; made if there is none yet. */
  groupFor(labels: Readonly<Record<string, string>>): Group<S> {
    const key = groupKey(this.#record, labels)
    let group = this.groups.get(key)
    if (!group) {
      group = { key, target: this.#target(key), members: [] }
      this.groups.set(key, group)
    }
    return group
  }

  add(subscriber: S, group: Group<S>): void {
    subscriber.group = group
    subscriber.at = group.members.length
    group.members.push(subscriber)
    this.count++
  }

  remove(subscriber: S): void {
    const { group, at } = subscriber
    const last = group.members.pop()
    if (last && last !== subscriber) {
      group.members[at] = last
      last.at = at
    }
    if (group.members.length === 0) this.groups.delete(group.key)
    this.count--
  }

  /** The secrets that any variant names. */
  get secrets(): ReadonlySet<string> {
    return new Set((this.#record?.secrets ?? []).map(({ name }) => name))
  }

  /** A process' words without the secrets that it was sent. */
  redacted(words: string): string {
    if (words === '' || this.#named.size === 0) return words
    return this.#source.secrets.redact(this.namespace, this.#named, words)
  }

  /** Forgets a group that nobody joined. */
  discard(group: Group<S>): this {
    if (group.members.length === 0) this.groups.delete(group.key)
    return this
  }

  /**
   * Takes the record as the store has it now. Of the entry that changed it, if known: the leader's clock, and ours when
   * it was applied here, from which on a spread counts.
   */
  refresh(wallMs = 0, appliedAt?: MonotonicMs): void {
    const before = this.#record
    this.#read(wallMs)
    const spreadMs = this.#record?.spreadMs ?? 0
    this.spread = appliedAt !== undefined && spreadMs > 0 ? { startedAt: appliedAt, ms: spreadMs } : undefined
    if (shapeOf(before) === shapeOf(this.#record)) {
      for (const group of this.groups.values()) group.target = this.#target(group.key, group.target)
    } else this.#regroup()
  }

  #read(wallMs = 0): void {
    const kv = this.#source.store.get('system', recordKey(this.namespace, 'config', this.name))
    const gone = this.#record && !kv
    if (gone && this.#record) this.#record = { ...this.#record, removed: true, variants: [] }
    else this.#record = kv && decodeRecord('config', kv.value)
    this.#modRevision = kv?.modRevision ?? (gone ? this.#source.store.revision('system') : 0)
    this.#wallMs = wallMs
    this.#targets = new Map()
    this.#fill()
  }

  #fill(): void {
    for (const name of this.secrets) this.#named.add(name)
    const hashes = new Set(this.#record?.secrets && this.#record.variants.map(({ hash }) => hash))
    this.#filled = new Map(
      [...hashes].flatMap((hash) => {
        const filled = this.#source.secrets.fill(this.namespace, hash)
        return filled ? [[hash, filled]] : []
      }),
    )
  }

  /** What its processes held last stays when a value is not whole in the store: a defect, told loudly. */
  #target(key: string, before?: Target): Target {
    const bare = targetOf(this.name, key, this.#record, this.#modRevision, (revision) => this.#committedMs(revision))
    const next = this.#opened(bare)
    if (next.refusal) {
      const { code, message } = next.refusal
      this.#source.logger.error({ config: this.name, code }, `no value to send: ${message}`)
      return before?.kind === 'value' ? before : next
    }
    if (next.kind === 'value' && !this.#source.store.hasBlob(bare.hash)) {
      this.#source.logger.error({ config: this.name, hash: next.hash }, 'a live value is missing from the store')
      return before ?? { ...next, kind: 'absent', hash: '' }
    }
    const id = `${next.kind} ${next.revision} ${next.hash}`
    const same = before && isSame(before, next)
    const shared = this.#targets.get(id) ?? (same ? before : next)
    this.#targets.set(id, shared)
    return shared
  }

  #opened(bare: Target): Target {
    const { size } = this.#filled
    if (size === 0) return bare
    const secretsRevision = Math.max(...[...this.#filled.values()].map(({ revision }) => revision))
    return withSecrets(bare, this.#filled.get(bare.hash), secretsRevision)
  }

  #regroup(): void {
    const everyone = [...this.groups.values()].flatMap((group) => group.members)
    this.groups.clear()
    this.count = 0
    for (const subscriber of everyone) this.add(subscriber, this.groupFor(subscriber.labels))
  }

  #committedMs(revision: number): number {
    if (revision === this.#modRevision && this.#wallMs > 0) return this.#wallMs
    const key = recordKey(this.namespace, 'history', this.name, revisionSuffix(revision))
    const kv = this.#source.store.get('system', key)
    return kv ? decodeRecord('history', kv.value).wallMs : 0
  }
}

/** All interests of this member. */
export class InterestIndex<S extends Subscriber> {
  readonly #source: InterestSource
  readonly #interests = new Map<string, Interest<S>>()

  constructor(source: InterestSource) {
    this.#source = source
  }

  /** By the text of a config record's key. */
  byKey(key: string): Interest<S> | undefined {
    return this.#interests.get(key)
  }

  find(namespace: string, name: string): Interest<S> | undefined {
    return this.#interests.get(configKey(namespace, name))
  }

  all(): Iterable<Interest<S>> {
    return this.#interests.values()
  }

  /** The interest in a config, made if nobody wanted it yet; `settle` forgets it again if it stays so. */
  open(namespace: string, name: string): Interest<S> {
    const known = this.find(namespace, name)
    if (known) return known
    const made = new Interest<S>(this.#source, namespace, name)
    this.#interests.set(made.key, made)
    return made
  }

  /** Forgets an interest that nobody has. */
  settle(interest: Interest<S>): void {
    if (interest.count === 0) this.#interests.delete(interest.key)
  }
}

const isSame = (a: Target, b: Target): boolean =>
  a.hash === b.hash && a.kind === b.kind && a.revision === b.revision && a.late?.revision === b.late?.revision

const configKey = (namespace: string, name: string): string => `/${namespace}/config/${name}`

/** What the grouping of processes depends on, as text. */
const shapeOf = (record: ConfigRecord | undefined): string =>
  record
    ? JSON.stringify([
        record.audience.labels,
        record.audience.nobody ?? false,
        record.overlays.map((overlay) => overlay.when),
        record.variants.length === 0,
      ])
    : ''

/** Which variant a process gets, as a key: the overlays that match it, `0,2`; EXCLUDED outside the audience. */
export function groupKey(record: ConfigRecord | undefined, labels: Readonly<Record<string, string>>): string {
  if (!record) return ''
  if (record.removed) return ''
  if (!inAudience(record.audience, labels)) return EXCLUDED
  return record.overlays.flatMap((overlay, at) => (matches(overlay.when, labels) ? [at] : [])).join(',')
}
