/**
 * The system keyspace's records: keys, kinds, and their JSON. Everything a keeper remembers beyond the users' own
 * keys is one of these; their shapes stand here and in the files `*-records.ts` beside. Keys begin with `/<namespace>/`; values are JSON with a format version `v`.
 */

import { decodeText, encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type {
  ChangeSetRecord,
  ConfigRecord,
  HistoryRecord,
  HoldRecord,
  PendingRecord,
  SeatRecord,
  SourceRecord,
} from './config-records.js'
import type { MemberSettings } from './member-settings.js'
import type { InstanceRecord, LastWordRecord, SessionRecord } from './process-records.js'
import type { SecretRecord } from './secret-records.js'
import type { StoreReader } from './types.js'

export const DEFAULT_NAMESPACE = 'default'

/** What a timeline tells of: change sets, names and sources, secrets, processes, keepers; a gap in it. */
export const timelineKinds = [
  ...(['published', 'refused', 'parked', 'rejected', 'superseded', 'expired'] as const),
  ...(['held', 'released', 'takeover', 'source', 'secret'] as const),
  ...(['joined', 'left', 'process-rejected', 'process-failed'] as const),
  ...(['member', 'leader', 'gap'] as const),
]
export type TimelineKind = (typeof timelineKinds)[number]

/** One line of the timeline. */
export interface TimelineEntry {
  readonly kind: TimelineKind
  /** For people, one line, no secrets. */
  readonly text: string
  readonly author?: string
  readonly reason?: string
  readonly source?: string
  /** Configs, instances or members that it is about: the first of them. */
  readonly names?: readonly string[]
  readonly changeSet?: string
  readonly code?: string
}

/** `/<ns>/event/<revision>`: what happened, in the order of the log; kept by number and age. */
export interface EventRecord {
  readonly v: 1
  readonly wallMs: number
  readonly entries: readonly TimelineEntry[]
}

/**
 * `/<ns>/member/<id>`, in the default namespace: one keeper of the cluster. Written by whoever adds it, before it takes
 * part, and then kept current by itself; stays when it was removed, so that it can be told.
 */
export interface MemberRecord {
  readonly v: 1
  readonly id: number
  readonly name: string
  /** Random name of its data folder; empty until somebody joined under the name. */
  readonly folder: string
  /** Where the other members reach it, `host:port`. */
  readonly peer: string
  /** Where clients reach it; empty until it has said so. */
  readonly clients: readonly string[]
  /** Of its binary; empty until it has said so. */
  readonly version: string
  /** The newest cluster version that it understands. */
  readonly format: number
  /** Bits of what it knows beside that. */
  readonly features: number
  /** How it was started; absent until it has said so, and where its program says no such thing. */
  readonly settings?: MemberSettings
  /** What it is to be, committed before the effect; absent for the founders. */
  readonly wanted?: 'learner' | 'voter' | 'removed'
}

export interface RecordTypes {
  config: ConfigRecord
  history: HistoryRecord
  changeset: ChangeSetRecord
  source: SourceRecord
  seat: SeatRecord
  hold: HoldRecord
  pending: PendingRecord
  event: EventRecord
  session: SessionRecord
  instance: InstanceRecord
  lastword: LastWordRecord
  member: MemberRecord
  secret: SecretRecord
}
export type RecordKind = keyof RecordTypes

/** The key of a record. */
export const recordKey = (namespace: string, kind: RecordKind, ...path: string[]): Uint8Array =>
  encodeText(`/${namespace}/${kind}/${path.join('/')}`)

/** The prefix of all records of a kind (below `path`), and the first key after them. */
export function recordRange(
  namespace: string,
  kind: RecordKind,
  ...path: string[]
): { key: Uint8Array; rangeEnd: Uint8Array } {
  const prefix = `/${namespace}/${kind}/${path.map((part) => `${part}/`).join('')}`
  return { key: encodeText(prefix), rangeEnd: encodeText(`${prefix.slice(0, -1)}0`) }
}

/** `push/room` of `/default/config/push/room`. */
export function recordPath(key: Uint8Array): { namespace: string; kind: string; path: string } {
  const text = decodeText(key)
  const [, namespace = '', kind = ''] = text.split('/', 3)
  return { namespace, kind, path: text.slice(namespace.length + kind.length + 3) }
}

export const encodeRecord = <K extends RecordKind>(_kind: K, record: RecordTypes[K]): Uint8Array =>
  encodeText(JSON.stringify(record))

/** Throws E_CORRUPT for what is no record, E_DATA_VERSION for a newer one. */
export function decodeRecord<K extends RecordKind>(kind: K, bytes: Uint8Array): RecordTypes[K] {
  let record: RecordTypes[K]
  try {
    record = JSON.parse(decodeText(bytes))
  } catch (cause) {
    throw new KeeperError('E_CORRUPT', `${kind} record is not JSON`, {}, { cause })
  }
  if (record.v !== 1) throw new KeeperError('E_DATA_VERSION', `${kind} record has format ${String(record.v)}`)
  return record
}

/** Was the member taken out of the cluster, or is it about to be? */
export function wasRemoved(store: Pick<StoreReader, 'get'>, id: number): boolean {
  const kv = store.get('system', recordKey(DEFAULT_NAMESPACE, 'member', String(id)))
  return kv !== undefined && decodeRecord('member', kv.value).wanted === 'removed'
}

/** The suffix that `revisionSuffix` appends to a key. */
export const revisionSuffix = (revision: number): string => String(revision).padStart(16, '0')
