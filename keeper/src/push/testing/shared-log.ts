/** Members with the real store over one log that nothing delays: what is proposed in one turn is one entry for all. */

import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.js'
import { KeeperError } from '../../base/errors.js'
import type { Json } from '../../compile/json.js'
import { secretsOf } from '../../compile/secrets.js'
import type { Member, MemberEntry, MemberStatus } from '../../node/types.js'
import { encodeBatch } from '../../store/command-codec.js'
import type { ConfigRecord } from '../../store/config-records.js'
import { DEFAULT_NAMESPACE, encodeRecord, recordKey } from '../../store/records.js'
import { createStore, type Store } from '../../store/store.js'
import { MemoryState } from '../../store/testing/memory-state.js'
import type { AppliedEntry, Command, CommandBody, CommandResult } from '../../store/types.js'

interface Proposed {
  readonly command: Command
  resolve(result: CommandResult): void
}

export interface PublishedVariant {
  readonly overlays?: readonly number[]
  readonly value: unknown
  readonly revision?: number
}

/** One config to publish; its base alone if only `value` is given. */
export interface Publication {
  readonly value?: unknown
  readonly variants?: readonly PublishedVariant[]
  readonly overlays?: ConfigRecord['overlays']
  readonly audience?: ConfigRecord['audience']
  readonly removed?: true
  readonly spreadMs?: number
}

export const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

export class SharedLog {
  readonly members: LogMember[] = []
  readonly #clock: Clock
  #index = 0
  #queue: Proposed[] = []
  #before: () => void = () => {}

  constructor(clock: Clock, names: readonly string[]) {
    this.#clock = clock
    names.forEach((name, at) => {
      this.members.push(new LogMember(this, name, at + 1))
    })
  }

  propose(command: Command): Promise<CommandResult> {
    return new Promise((resolve) => {
      this.#queue.push({ command, resolve })
      if (this.#queue.length === 1) queueMicrotask(() => this.flush())
    })
  }

  /** Applies what is queued, everywhere, as one entry. */
  flush(): void {
    const proposed = this.#queue
    this.#queue = []
    if (proposed.length === 0) return
    const before = this.#before
    this.#before = () => {}
    before()
    const results = this.apply(proposed.map(({ command }) => command))
    proposed.forEach(({ resolve }, at) => {
      resolve(results[at] as CommandResult)
    })
  }

  apply(commands: readonly Command[]): readonly CommandResult[] {
    const data = encodeBatch({ wallMs: this.#clock.wall(), seed: BigInt(this.#index), commands })
    const entry = { index: ++this.#index, term: 1, data }
    const applied = this.members.map((member) => member.apply(entry))
    return applied[0]?.results ?? []
  }

  /** Publishes configs in one entry and one revision, and throws if that fails. Returns the revision. */
  publish(configs: Readonly<Record<string, Publication>>, namespace = DEFAULT_NAMESPACE): number {
    const results = this.apply(publishBodies(configs, namespace).map((body) => ({ principal: 'ops', body })))
    for (const result of results) if (!result.ok) throw new Error(`${result.code} ${result.message}`)
    return results.at(-1)?.revision ?? 0
  }

  /** A member says where clients reach it. */
  announce(id: number, ...clients: readonly string[]): void {
    const name = this.members[id - 1]?.name ?? ''
    const record = { v: 1, id, name, folder: '', peer: '', clients, version: '', format: 1, features: 0 } as const
    const key = recordKey(DEFAULT_NAMESPACE, 'member', String(id))
    this.apply([{ principal: 'system', body: putBody(key, encodeRecord('member', record)) }])
  }

  /** Calls `act` when the next entry is there, before anybody applies it. */
  beforeNext(act: () => void): void {
    this.#before = act
  }

  revokeLease(id: bigint): void {
    this.apply([{ principal: 'system', body: { kind: 'leaseRevoke', keyspace: 'system', id } }])
  }
}

/** What publishes configs in one revision, the values first. */
export function publishBodies(
  configs: Readonly<Record<string, Publication>>,
  namespace = DEFAULT_NAMESPACE,
): CommandBody[] {
  const blobs = new Map<string, Uint8Array>()
  const success = Object.entries(configs).map(([name, publication]) => ({
    kind: 'put' as const,
    key: recordKey(namespace, 'config', name),
    value: encodeRecord('config', recordOf(name, publication, blobs)),
    lease: 0n,
    revisionSuffix: false,
    prevKv: false,
    ignoreValue: false,
    ignoreLease: false,
  }))
  const puts = [...blobs].map(([hash, bytes]): CommandBody => ({ kind: 'blobPut', hash, chunk: 0, chunks: 1, bytes }))
  const txn: CommandBody = { kind: 'txn', keyspace: 'system', txn: { compares: [], success, failure: [] } }
  return [...puts, txn]
}

const putBody = (key: Uint8Array, value: Uint8Array): CommandBody => ({
  kind: 'txn',
  keyspace: 'system',
  txn: {
    compares: [],
    success: [
      {
        kind: 'put',
        key,
        value,
        lease: 0n,
        revisionSuffix: false,
        prevKv: false,
        ignoreValue: false,
        ignoreLease: false,
      },
    ],
    failure: [],
  },
})

function recordOf(name: string, publication: Publication, blobs: Map<string, Uint8Array>): ConfigRecord {
  const { overlays = [], removed } = publication
  const variants = publication.variants ?? (removed ? [] : [{ value: publication.value }])
  const [cluster = '', role = ''] = name.split('/')
  const labels: Record<string, string> = role === 'common' ? { cluster } : { cluster, role }
  const made = variants.map(({ overlays: matched = [], value, revision = 0 }) => {
    const hash = hashOf(value)
    blobs.set(hash, Buffer.from(JSON.stringify(value)))
    return { overlays: matched, hash, revision }
  })
  return {
    v: 1,
    name,
    audience: publication.audience ?? { labels },
    overlays,
    variants: made,
    files: [],
    secrets: secretsOf(variants.map(({ value }) => value as Json)),
    changeSet: 'c1',
    ...(removed ? { removed } : {}),
    ...(publication.spreadMs !== undefined && { spreadMs: publication.spreadMs }),
  }
}

export class LogMember implements Member {
  readonly store: Store
  readonly name: string
  /** Each batch of renewals that was asked for. */
  readonly renewed: (readonly bigint[])[] = []
  /** What the next proposals are refused with. */
  refuse: KeeperError | undefined
  readonly #log: SharedLog
  readonly #id: number
  readonly answerers = new Map<string, Parameters<Member['onAsk']>[1]>()
  readonly #replaced = new Set<() => void>()
  readonly #listeners = new Set<(applied: AppliedEntry) => void>()

  constructor(log: SharedLog, name: string, id: number) {
    this.#log = log
    this.name = name
    this.#id = id
    this.store = createStore({ reader: new MemoryState() })
  }

  /** While silent it applies without telling; then it tells that everything was replaced, as after a snapshot. */
  silently(act: () => void): void {
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    act()
    for (const listener of listeners) this.#listeners.add(listener)
    for (const listener of this.#replaced) listener()
  }

  apply(entry: { index: number; term: number; data: Uint8Array }): AppliedEntry {
    const applied = this.store.apply(entry)
    for (const listener of this.#listeners) listener(applied)
    return applied
  }

  async propose(command: Command): Promise<CommandResult> {
    if (this.refuse) throw this.refuse
    return this.#log.propose(command)
  }

  proposeTogether(commands: readonly Command[]): Promise<readonly CommandResult[]> {
    return Promise.all(commands.map((command) => this.propose(command)))
  }

  async linearizableRead(): Promise<void> {
    if (this.refuse) throw this.refuse
    this.#log.flush()
  }

  onApplied(listener: (applied: AppliedEntry) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onReplaced(listener: () => void): () => void {
    this.#replaced.add(listener)
    return () => this.#replaced.delete(listener)
  }

  onLeadership(): () => void {
    return () => {}
  }

  async renewLeases(_keyspace: 'user' | 'system', ids: readonly bigint[]): Promise<readonly bigint[]> {
    this.renewed.push(ids)
    return ids.filter((id) => !this.store.lease('system', id))
  }

  leaseRemainingMs(): number | undefined {
    return undefined
  }

  /** Answered by the other member of the log at once, if it listens. */
  async ask(to: number, topic: string, body: Uint8Array): Promise<Uint8Array> {
    const answer = this.#log.members.find((member) => member.#id === to)?.answerers.get(topic)
    if (!answer) throw new KeeperError('E_CONNECTION', `member ${to} is not there`)
    return await answer(body, this.#id)
  }

  onAsk(topic: string, answerer: (body: Uint8Array, from: number) => Uint8Array | Promise<Uint8Array>): () => void {
    this.answerers.set(topic, answerer)
    return () => this.answerers.delete(topic)
  }

  memberList(): readonly MemberEntry[] {
    const { leader } = this.status()
    return this.#log.members.map((member) => ({
      id: member.#id,
      voter: true,
      leads: member.#id === leader,
      active: true,
    }))
  }

  async changeMembership(): Promise<void> {
    throw new KeeperError('E_UNSUPPORTED', 'the members of a shared log stay')
  }

  async transferLeadership(): Promise<number> {
    return this.status().leader
  }

  async openSnapshot(): Promise<never> {
    throw new KeeperError('E_UNSUPPORTED', 'a shared log has no disk')
  }

  status(): MemberStatus {
    return {
      identity: { clusterId: 'cluster-1', memberId: this.#id, memberName: this.name, storeEpoch: 1 },
      role: 'leader',
      term: 1,
      leader: 1,
      commitIndex: this.store.appliedIndex,
      appliedIndex: this.store.appliedIndex,
      flushedIndex: this.store.appliedIndex,
      condition: 'clean',
      logBytes: 0,
      alarms: [],
      unansweredMs: 0,
      freeBytes: 0,
    }
  }

  async stop(): Promise<void> {}
}
