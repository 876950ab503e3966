/**
 * Sessions that only the log knows here: their stream is at another member, or was before this one started. They
 * appear in the ledger as unknown, so that nobody takes silence for success.
 */

import { inAudience } from '../store/audience.js'
import { labelsOf, type SessionRecord } from '../store/process-records.js'
import { decodeRecord, recordRange } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import { groupKey } from './interest.js'
import { targetOf } from './target.js'
import type { InstanceEntry, LedgerEntry } from './types.js'

interface Absentee {
  readonly namespace: string
  readonly id: bigint
  readonly record: SessionRecord
  /** Revision of the record. */
  readonly since: number
}

export class Roster {
  readonly #store: StoreReader
  readonly #absentees = new Map<string, Absentee>()

  constructor(store: StoreReader) {
    this.#store = store
  }

  get size(): number {
    return this.#absentees.size
  }

  /** `id` is the decimal text that ends the record's key. */
  put(namespace: string, id: string, record: SessionRecord, since: number): void {
    this.#absentees.set(id, { namespace, id: BigInt(id), record, since })
  }

  /** Gives what was known of the session. */
  delete(id: string): SessionRecord | undefined {
    const absentee = this.#absentees.get(id)
    this.#absentees.delete(id)
    return absentee?.record
  }

  /** Reads all sessions of a namespace again, but those that `isHere`. */
  load(namespace: string, isHere: (id: string) => boolean): void {
    const { kvs } = this.#store.range('system', {
      ...recordRange(namespace, 'session'),
      limit: 0,
      revision: 0,
      keysOnly: false,
      countOnly: false,
    })
    for (const kv of kvs) {
      const id = Buffer.from(kv.key).toString('utf8').split('/').pop() ?? ''
      if (!isHere(id)) this.put(namespace, id, decodeRecord('session', kv.value), kv.modRevision)
    }
  }

  clear(): void {
    this.#absentees.clear()
  }

  /** A row for each that the config is meant for. */
  *ledger(namespace: string, name: string): Iterable<LedgerEntry> {
    const kv = this.#store.get('system', Buffer.from(`/${namespace}/config/${name}`))
    const config = kv && decodeRecord('config', kv.value)
    if (!kv || !config || config.removed) return
    for (const absentee of this.#absentees.values()) {
      const { identity, member } = absentee.record
      const labels = labelsOf(identity)
      if (absentee.namespace !== namespace || !inAudience(config.audience, labels)) continue
      const target = targetOf(name, groupKey(config, labels), config, kv.modRevision, () => 0)
      yield {
        name,
        cluster: identity.cluster,
        role: identity.role,
        instance: identity.instance,
        wantedRevision: target.revision,
        wantedHash: target.hash,
        revision: 0,
        hash: '',
        state: 'unknown',
        reason: '',
        atUnixMs: 0,
        current: false,
        connected: false,
        member,
        since: absentee.since,
      }
    }
  }

  *instances(): Iterable<InstanceEntry> {
    for (const { namespace, id, record, since } of this.#absentees.values())
      yield {
        namespace,
        identity: record.identity,
        sessionId: id,
        connected: false,
        member: record.member,
        since,
        startedUnixMs: record.openedWallMs,
        lagMs: 0,
        silentMs: Number.POSITIVE_INFINITY,
        configs: 0,
        configsCurrent: 0,
      }
  }
}
