/**
 * The system keyspace's records: keys, shapes, and their JSON. Everything a keeper remembers beyond the users' own
 * keys is one of these. Keys begin with `/<namespace>/`; values are JSON with a format version `v`.
 */

import { decodeText, encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { Sealed } from '../base/sealing.js'
import type { MemberSettings } from './member-settings.js'
import type { StoreReader } from './types.js'

export const DEFAULT_NAMESPACE = 'default'

/** Who gets a config: every given label must match; cluster, role and instance are labels too. `nobody` matches no process. */
export interface Selector {
  /** Label → its value, or the values of which it may have any. */
  readonly labels: Readonly<Record<string, string | readonly string[]>>
  readonly nobody?: boolean
}

/** What is laid over a base for the processes whose labels match. */
export interface ConfigOverlay {
  readonly file: string
  /** JSON pointer of the patch in its file; absent when it is the whole file. */
  readonly at?: string
  readonly when: Readonly<Record<string, string>>
  /** Set when it is laid over another config, which this one refers to: it only says when the referred value differs. */
  readonly of?: string
}

/** A secret that a config names, and where: the values have its name there, never its bytes. */
export interface SecretUse {
  readonly name: string
  /** JSON pointers, sorted. */
  readonly pointers: readonly string[]
}

/** A file that a config was made of: bytes by their SHA-256. */
export interface ConfigFile {
  readonly path: string
  readonly hash: string
  /** How it is read, where its extension does not say so: `properties-flat`. */
  readonly format?: string
}

export interface ConfigVariant {
  /** Ascending indices into `overlays`; [] is the base. */
  readonly overlays: readonly number[]
  /** Blob of the canonical JSON. */
  readonly hash: string
  /** Revision at which this variant got this value; 0 stands for the record's own modRevision. */
  readonly revision: number
}

/** `/<ns>/config/<name>`: what is live. */
export interface ConfigRecord {
  readonly v: 1
  readonly name: string
  readonly audience: Selector
  readonly overlays: readonly ConfigOverlay[]
  readonly variants: readonly ConfigVariant[]
  readonly files: readonly ConfigFile[]
  /** Names of the configs whose values it takes by `${ref:…}`, sorted; absent when it takes none. */
  readonly refs?: readonly string[]
  /** Absent when it names none. */
  readonly secrets?: readonly SecretUse[]
  readonly schemaHash?: string
  /** Set on the record of a config that was removed; its variants are empty. */
  readonly removed?: true
  /** Processes take it up within so many milliseconds, each at a moment of its own. */
  readonly spreadMs?: number
  readonly changeSet: string
}

/** `/<ns>/history/<name>/<revision>`: a ConfigRecord as published at that revision, with who and why. */
export interface HistoryRecord {
  readonly v: 1
  readonly config: ConfigRecord
  readonly author: string
  readonly reason: string
  readonly source: string
  readonly wallMs: number
  /** `apply`, `watch`, `rollback`, … */
  readonly action: string
  /** Who let it through, when a guard had parked it. */
  readonly approved?: Verdict
}

/** What somebody decided about a parked change set. */
export interface Verdict {
  readonly author: string
  readonly reason: string
  readonly wallMs: number
}

/** `/<ns>/changeset/<revision>`: one publish. */
export interface ChangeSetRecord {
  readonly v: 1
  readonly id: string
  readonly names: readonly string[]
  readonly removed: readonly string[]
  readonly author: string
  readonly reason: string
  readonly source: string
  readonly wallMs: number
  readonly action: string
  /** Id of the change set that this one took back. */
  readonly undoes?: string
  readonly approved?: Verdict
}

/** A folder as a source published it: where it lay (`host:/path`), what it was made of, and its commit where there is one. */
export interface PublishedTree {
  readonly place: string
  /** SHA-256 over all names and their digests. */
  readonly tree: string
  readonly gitCommit: string
  readonly author: string
  readonly wallMs: number
}

/** `/<ns>/source/<source>`: what a source last published: name → digest of its compiled config (not what is live). */
export interface SourceRecord {
  readonly v: 1
  readonly published: Readonly<Record<string, string>>
  /** Prefix (the first segment of names) → since when nobody else may publish below it. */
  readonly since?: Readonly<Record<string, { readonly wallMs: number; readonly author: string }>>
  /** What it was made of, newest first: a folder that equals an older one is stale. At most limits.sourceTreesMax. */
  readonly trees?: readonly PublishedTree[]
}

/** `/<ns>/seat/<source>`: the member whose watched directory speaks for the source; bound to that member's lease. */
export interface SeatRecord {
  readonly v: 1
  readonly member: number
  readonly name: string
  readonly directory: string
  readonly sinceWallMs: number
}

/** `/<ns>/hold/<name>`: a rollback, undo or edit keeps sources from changing the name. */
export interface HoldRecord {
  readonly v: 1
  readonly author: string
  readonly reason: string
  readonly wallMs: number
  /** `rollback`, `undo`, `edit`. */
  readonly action?: string
}

/** Why a change set waits for a person. */
export interface Guard {
  readonly kind: 'removes' | 'empties' | 'affects'
  readonly message: string
}

/** `/<ns>/pending/<id>`: a change set that a guard parked, until somebody approves or rejects it, or it is too old. */
export interface PendingRecord {
  readonly v: 1
  readonly id: string
  readonly source: string
  /** Blob of the compiled configs, as JSON. */
  readonly content: string
  /** What it changes, each with the revision that was live. */
  readonly changes: readonly { readonly name: string; readonly kind: string; readonly fromRevision: number }[]
  readonly guards: readonly Guard[]
  readonly author: string
  readonly reason: string
  readonly action: string
  readonly gitCommit: string
  readonly place: string
  readonly takeover: boolean
  readonly release: readonly string[]
  readonly wallMs: number
  /** Kept for a while, so that a watched folder does not ask again and again. */
  readonly rejected?: Verdict
}

/** One line of the timeline. */
export interface TimelineEntry {
  /** `published`, `refused`, `parked`, `approved`, `rejected`, `held`, `released`, `joined`, `left`, `leader`, … */
  readonly kind: string
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

/** `/<ns>/session/<id>`, bound to the lease of the same id. */
export interface SessionRecord {
  readonly v: 1
  readonly identity: ProcessIdentity
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string
  /** Grows with each attached stream; an older one is fenced. */
  readonly attachment: number
  /** The process' own number of the attempt that made it; absent where it counts none. */
  readonly attempt?: number
  /** Member with the newest stream. */
  readonly member: number
  readonly principal: string
  readonly openedWallMs: number
}

/** `/<ns>/instance/<cluster>/<role>/<instance>`: a live process; bound to its session's lease. */
export interface InstanceRecord {
  readonly v: 1
  readonly session: string
  readonly identity: ProcessIdentity
  readonly startedWallMs: number
}

/** `/<ns>/lastword/<cluster>/<role>/<instance>`: what an ended process last ran with. */
export interface LastWordRecord {
  readonly v: 1
  readonly identity: ProcessIdentity
  readonly endedWallMs: number
  readonly why: 'left' | 'expired' | 'replaced'
  readonly applied: Readonly<
    Record<string, { readonly revision: number; readonly hash: string; readonly state: string }>
  >
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

/** `/<ns>/secret/<name>`: a secret, sealed; its bytes stand nowhere else. */
export interface SecretRecord {
  readonly v: 1
  readonly sealed: Sealed
  /** How many values it has had. */
  readonly version: number
  readonly author: string
  readonly reason: string
  readonly wallMs: number
}

/** What is sealed of a secret: beside it a salt, so that no hash of a value with the secret can be guessed at. */
export interface SecretPlain {
  /** Base64, 16 bytes. */
  readonly salt: string
  readonly text: string
}

/** Where the text of a value stands for a secret; whoever uses it counts matches from the start. */
export const secretPlaceholder = /\$\{secret:([^{}]*)\}/g

/** What a secret may be called. */
export const isSecretName = (name: string): boolean => /^[a-z0-9](?:[a-z0-9._/-]{0,126}[a-z0-9])?$/i.test(name)

/** To what the bytes of a secret are bound. */
export const secretContext = (namespace: string, name: string): string => `secret ${namespace}/${name}`

export interface ProcessIdentity {
  readonly cluster: string
  readonly role: string
  readonly instance: string
  readonly incarnation: string
  readonly labels: Readonly<Record<string, string>>
  readonly addresses: Readonly<Record<string, string>>
  readonly host: string
  readonly pid: number
  readonly sdk: string
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

/** All labels of a process, with cluster, role and instance among them. */
export const labelsOf = (
  identity: Pick<ProcessIdentity, 'cluster' | 'role' | 'instance' | 'labels'>,
): Record<string, string> => ({
  ...identity.labels,
  cluster: identity.cluster,
  role: identity.role,
  instance: identity.instance,
})

/** Does every label of `when` match? */
export const matches = (when: Selector['labels'], labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(when).every(([label, value]) => {
    if (!Object.hasOwn(labels, label)) return false
    return typeof value === 'string' ? labels[label] === value : value.includes(labels[label] ?? '')
  })

/** The labels of an audience as text, several values as `room|gate`; nothing for nobody. */
export const audienceLabels = ({ labels, nobody }: Selector): Record<string, string> =>
  Object.fromEntries(nobody ? [] : Object.entries(labels).map(([label, values]) => [label, [values].flat().join('|')]))

/** Is the config meant for a process with these labels? */
export const inAudience = (audience: Selector, labels: Readonly<Record<string, string>>): boolean =>
  !audience.nobody && matches(audience.labels, labels)

/** The variant a process with these labels gets; the base when its record knows no better. */
export function variantFor<V extends Pick<ConfigVariant, 'overlays'>>(
  record: { readonly overlays: ConfigRecord['overlays']; readonly variants: readonly V[] },
  labels: Readonly<Record<string, string>>,
): V | undefined {
  const matched = record.overlays.flatMap((overlay, at) => (matches(overlay.when, labels) ? [at] : []))
  const wanted = matched.join(',')
  return record.variants.find((variant) => variant.overlays.join(',') === wanted)
}
