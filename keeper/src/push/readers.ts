/**
 * Processes without a session: who reads a config by HTTP and says who it is. Soft state of the member that answers
 * them, rebuilt as they ask again; what they say of a revision stands in the ledger beside the sessions'.
 */

import type { Clock, MonotonicMs } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { decodeRecord, recordKey } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import { groupKey } from './interest.js'
import type { SecretValues } from './secret-values.js'
import { type Target, targetOf } from './target.js'
import type { LedgerEntry } from './types.js'

/** Which process, reading which config. `labels` hold its cluster, role and instance, too. */
export interface Reader {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** What is known of it now. `hash` is '' where only the revision is. */
export interface ReaderWord {
  readonly revision: number
  readonly hash: string
  readonly state: LedgerEntry['state']
  readonly reason: string
}

interface Row extends ReaderWord {
  readonly labels: Readonly<Record<string, string>>
  readonly atUnixMs: number
  heardAt: MonotonicMs
}

export interface ReadersOptions {
  readonly store: StoreReader
  readonly clock: Clock
  readonly member: number
  readonly limits: {
    readonly httpReadersMax: number
    readonly httpReaderSilentMs: number
    readonly httpReaderForgottenMs: number
  }
  readonly secrets: Pick<SecretValues, 'redact'>
  /** Rows of a config changed. */
  changed(name: string): void
}

export class Readers {
  readonly #options: ReadersOptions
  /** By config, then by process. */
  readonly #rows = new Map<string, Map<string, Row>>()
  #count = 0

  constructor(options: ReadersOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#count
  }

  /** It asks, and lives; `holding` is the revision that it says it has, 0 for none. Past the limit it is not listed. */
  asks(reader: Reader, holding: number): void {
    const row = this.#find(reader)
    if (row) row.heardAt = this.#options.clock.monotonic()
    else if (this.#hasRoom())
      this.#set(reader, { revision: holding, hash: '', state: holding > 0 ? 'received' : 'unknown', reason: '' })
  }

  /** It was sent a value; what it said of that very revision before stays. */
  sent(reader: Reader, { revision, hash }: { readonly revision: number; readonly hash: string }): void {
    const row = this.#find(reader)
    if (!row && !this.#hasRoom()) return
    if (row && row.revision === revision && row.hash === hash) row.heardAt = this.#options.clock.monotonic()
    else this.#set(reader, { revision, hash, state: 'sent', reason: '' })
  }

  /** Its word on a revision. Throws E_TOO_MANY past the limit. */
  says(reader: Reader, word: Omit<ReaderWord, 'hash'>): void {
    const row = this.#find(reader)
    if (!row && !this.#hasRoom())
      throw new KeeperError('E_TOO_MANY', `a member lists at most ${this.#options.limits.httpReadersMax} readers`)
    // A word on an older revision than it was sent since is late.
    if (row && row.revision > word.revision && row.state !== 'sent') return
    const wanted = this.#target(reader)
    const hash = wanted.revision === word.revision ? wanted.hash : row?.revision === word.revision ? row.hash : ''
    this.#set(reader, { ...word, hash, reason: this.#redacted(reader, word.reason) })
  }

  /** Ledger rows of a config but for processes that have one by their session; `known` holds `processKey`s. */
  entries(namespace: string, name: string, known: ReadonlySet<string>): LedgerEntry[] {
    const rows = this.#rows.get(configKey(namespace, name))
    if (!rows) return []
    const { clock, limits } = this.#options
    const entries: LedgerEntry[] = []
    for (const [key, row] of rows) {
      const silentMs = clock.monotonic() - row.heardAt
      if (silentMs > limits.httpReaderForgottenMs) this.#forget(namespace, name, key)
      else if (!known.has(key)) entries.push(...this.#entry({ namespace, name, labels: row.labels }, row, silentMs))
    }
    return entries
  }

  #entry(reader: Reader, row: Row, silentMs: number): LedgerEntry[] {
    const target = this.#target(reader)
    if (target.kind !== 'value') return []
    const { cluster = '', role = '', instance = '' } = row.labels
    const { revision, hash, state, reason, atUnixMs } = row
    return [
      {
        ...{ name: reader.name, cluster, role, instance, revision, hash, state, reason, atUnixMs },
        wantedRevision: target.revision,
        wantedHash: target.hash,
        current: state === 'applied' && revision === target.revision,
        connected: silentMs <= this.#options.limits.httpReaderSilentMs,
        member: this.#options.member,
        reader: true,
      },
    ]
  }

  /** It was never sent a secret here, but may have one from elsewhere. */
  #redacted(reader: Reader, words: string): string {
    const names = (this.#config(reader)?.record.secrets ?? []).map(({ name }) => name)
    return this.#options.secrets.redact(reader.namespace, names, words)
  }

  #config({ namespace, name }: Reader) {
    const kv = this.#options.store.get('system', recordKey(namespace, 'config', name))
    return kv && { record: decodeRecord('config', kv.value), kv }
  }

  #target(reader: Reader): Target {
    const { name, labels } = reader
    const { record, kv } = this.#config(reader) ?? {}
    return targetOf(name, groupKey(record, labels), record, kv?.modRevision ?? 0, () => 0)
  }

  #find({ namespace, name, labels }: Reader): Row | undefined {
    return this.#rows.get(configKey(namespace, name))?.get(processKey(labels))
  }

  #set(reader: Reader, word: ReaderWord): void {
    const { clock, changed } = this.#options
    const key = configKey(reader.namespace, reader.name)
    const rows = this.#rows.get(key) ?? new Map<string, Row>()
    this.#rows.set(key, rows)
    const process = processKey(reader.labels)
    if (!rows.has(process)) this.#count++
    rows.set(process, { ...word, labels: reader.labels, atUnixMs: clock.wall(), heardAt: clock.monotonic() })
    changed(reader.name)
  }

  /** Forgets the silent ones first where there is none. */
  #hasRoom(): boolean {
    const { limits, clock } = this.#options
    if (this.#count < limits.httpReadersMax) return true
    for (const [config, rows] of this.#rows)
      for (const [key, row] of rows)
        if (clock.monotonic() - row.heardAt > limits.httpReaderSilentMs) this.#delete(config, key)
    return this.#count < limits.httpReadersMax
  }

  #forget(namespace: string, name: string, key: string): void {
    this.#delete(configKey(namespace, name), key)
  }

  #delete(config: string, key: string): void {
    const rows = this.#rows.get(config)
    if (rows?.delete(key)) this.#count--
    if (rows?.size === 0) this.#rows.delete(config)
  }
}

const configKey = (namespace: string, name: string): string => `${namespace}/${name}`

/** One word for one process. */
export const processKey = (labels: Readonly<Record<string, string>>): string =>
  [labels.cluster, labels.role, labels.instance].join('\0')
