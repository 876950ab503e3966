import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { oneLine } from '../base/one-line.js'
import type { ConfigRecord, HoldRecord } from '../store/config-records.js'
import type { RecordKind, RecordTypes, TimelineEntry } from '../store/records.js'
import { encodeRecord, recordKey, recordRange, revisionSuffix } from '../store/records.js'
import type { Compare, Operation } from '../store/types.js'
import { blobsOf } from './digest.js'
import { DOOMED_KEY } from './doomed.js'
import { few } from './owners.js'
import { revisionsToKeep } from './retention.js'
import type { Draft, PublishOptions, PublishView, Stored } from './types.js'
import { historyKey } from './view.js'

type Put = Extract<Operation, { kind: 'put' }>
type Delete = Extract<Operation, { kind: 'delete' }>

/** Above so many configs the conditions are on whole key ranges: each would cost the transaction's operations. */
export const WHOLESALE_CONFIGS = 1_000

const plainPut = { lease: 0n, revisionSuffix: false, prevKv: false, ignoreValue: false, ignoreLease: false } as const

/** The operations and conditions of one atomic step, gathered. */
export class Writes {
  readonly puts: Put[] = []
  readonly deletes: Delete[] = []
  readonly compares: Compare[] = []
  readonly #told: TimelineEntry[] = []
  #toldAt = -1

  put<K extends RecordKind>(key: Uint8Array, kind: K, record: RecordTypes[K], revisionSuffix = false): void {
    this.puts.push({ kind: 'put', key, value: encodeRecord(kind, record), ...plainPut, revisionSuffix })
  }

  /** What the timeline shall say of the step; all that is told of one step is one record, of one namespace. */
  tell(namespace: string, wallMs: number, ...entries: readonly TimelineEntry[]): void {
    this.#told.push(...entries.map(shortEntry))
    if (this.#told.length === 0) return
    const at = this.#toldAt < 0 ? this.puts.length : this.#toldAt
    this.#toldAt = at
    const value = encodeRecord('event', { v: 1, wallMs, entries: this.#told })
    this.puts[at] = { kind: 'put', key: recordKey(namespace, 'event', ''), value, ...plainPut, revisionSuffix: true }
  }

  delete(key: Uint8Array): void {
    this.deletes.push({ kind: 'delete', key, prevKv: false })
  }

  /** The step happens only if the key is still as it was read (`undefined`: not there). */
  expect(key: Uint8Array, read: Stored<unknown> | undefined): void {
    this.compares.push({ target: 'modRevision', key, comparison: 'equal', operand: read?.modRevision ?? 0 })
  }

  /** The step happens only if nothing in the range was written after `revision`. */
  expectUnwritten(range: { key: Uint8Array; rangeEnd: Uint8Array }, revision: number): void {
    this.compares.push({ target: 'modRevision', ...range, comparison: 'less', operand: revision + 1 })
  }
}

/** Config, history and change set records for `drafts`, with the history trimmed. */
export function writeDrafts(
  writes: Writes,
  view: PublishView,
  drafts: readonly Draft[],
  options: PublishOptions,
): void {
  const wholesale = drafts.length > WHOLESALE_CONFIGS
  for (const draft of drafts) writeDraft(writes, view, draft, options, wholesale)
  if (wholesale) writes.expectUnwritten(recordRange(view.namespace, 'config'), view.revision)
  compareBlobs(writes, view, drafts)
  compareSecrets(writes, view, drafts)
  const { author, reason, wallMs, action, changeSet, undoes } = options
  const names = drafts.filter(({ record }) => !record.removed).map(({ record }) => record.name)
  const removed = drafts.filter(({ record }) => record.removed).map(({ record }) => record.name)
  writes.put(
    recordKey(view.namespace, 'changeset', ''),
    'changeset',
    {
      v: 1,
      id: changeSet,
      names,
      removed,
      author,
      reason,
      source: sourceText(options),
      wallMs,
      action,
      ...(undoes !== undefined && { undoes }),
      ...approvedBy(options),
    },
    true,
  )
  writes.tell(view.namespace, wallMs, publishedEntry([...names, ...removed], options))
  for (const revision of view.surplusChangeSets()) {
    writes.delete(recordKey(view.namespace, 'changeset', revisionSuffix(revision)))
  }
}

/**
 * Every blob that is named must be there: none of them is about to be deleted and the list of those is as it was read.
 * Small change sets name each blob besides. Throws E_CONFLICT while one is about to be deleted: it is gone in a moment,
 * and written anew then.
 */
const compareBlobs = (writes: Writes, view: PublishView, drafts: readonly Draft[]): void =>
  compareHashes(
    writes,
    view,
    new Set(drafts.flatMap(({ record }) => blobsOf(record))),
    drafts.length <= WHOLESALE_CONFIGS,
  )

/** As `compareBlobs`, for any hashes; one by one besides, when `each`. */
export function compareHashes(writes: Writes, view: PublishView, hashes: ReadonlySet<string>, each: boolean): void {
  const doomed = view.doomed()
  const meeting = [...hashes].filter((hash) => doomed.hashes.has(hash))
  if (meeting.length > 0) throw new KeeperError('E_CONFLICT', 'a value of the change set is being deleted', { meeting })
  const operand = doomed.modRevision
  writes.compares.push({ target: 'modRevision', key: DOOMED_KEY, comparison: 'equal', operand })
  if (!each) return
  for (const hash of hashes) writes.compares.push({ target: 'blob', hash })
}

/** Every secret that is named must be there, and be there still. Throws E_SECRET_UNKNOWN. */
function compareSecrets(writes: Writes, view: PublishView, drafts: readonly Draft[]): void {
  const users = new Map<string, string>()
  for (const { record } of drafts) for (const { name } of record.secrets ?? []) users.set(name, record.name)
  const missing = [...users.keys()].filter((name) => !view.hasSecret(name)).sort()
  const [first = ''] = missing
  if (missing.length > 0)
    throw new KeeperError(
      'E_SECRET_UNKNOWN',
      `${users.get(first)} names the secret ${missing.join(', ')}, which is not there`,
      {
        missing,
      },
    )
  for (const name of users.keys())
    writes.compares.push({
      ...{ target: 'version', comparison: 'greater', operand: 0 },
      key: recordKey(view.namespace, 'secret', name),
    })
}

function writeDraft(
  writes: Writes,
  view: PublishView,
  draft: Draft,
  options: PublishOptions,
  wholesale: boolean,
): void {
  const { author, reason, wallMs, action } = options
  const { before } = draft
  const record = withSpread(draft.record, options.spreadMs)
  const source = sourceText(options)
  const key = recordKey(view.namespace, 'config', record.name)
  if (!wholesale) writes.expect(key, before)
  writes.put(key, 'config', record)
  const history = { v: 1, config: record, author, reason, source, wallMs, action, ...approvedBy(options) } as const
  writes.put(recordKey(view.namespace, 'history', record.name, ''), 'history', history, true)
  for (const revision of outdated(view, record.name, before?.record, wallMs))
    writes.delete(historyKey(view.namespace, record.name, revision))
}

/** The spread is this change set's, never that of an old revision that it brings back. */
function withSpread({ spreadMs: _old, ...record }: ConfigRecord, spreadMs = 0): ConfigRecord {
  return spreadMs > 0 ? { ...record, spreadMs } : record
}

const approvedBy = ({ approved }: PublishOptions) => (approved ? { approved } : {})

function publishedEntry(names: readonly string[], options: PublishOptions): TimelineEntry {
  const { author, reason, source, action, changeSet, approved } = options
  const what = `${action} by ${author}: ${few(names)}${approved ? `, approved by ${approved.author}` : ''}`
  return { kind: 'published', text: what, author, reason, source, names, changeSet }
}

/** Cut to what a timeline needs. */
export const shortEntry = (entry: TimelineEntry): TimelineEntry => ({
  ...entry,
  text: cut(oneLine(entry.text)),
  ...(entry.reason !== undefined && { reason: cut(oneLine(entry.reason)) }),
  ...(entry.names && { names: entry.names.slice(0, limits.eventNamesMax) }),
})

const cut = (text: string): string =>
  text.length > limits.eventTextChars ? `${text.slice(0, limits.eventTextChars - 1)}…` : text

/** The source as people shall read it in the history, with the commit where there is one. */
const sourceText = ({ source, gitCommit }: PublishOptions): string =>
  gitCommit === '' ? source : `${source} @ ${gitCommit}`

/** The oldest revisions of a name's history that are too many or too old, a few at a time; never what is live. */
function outdated(view: PublishView, name: string, live: ConfigRecord | undefined, wallMs: number): number[] {
  const revisions = view.historyRevisions(name)
  // as what is live: the bytes of what takes its place are not in the store yet
  const surplus = revisions.length + 1 - revisionsToKeep(view, live)
  const candidates = revisions.slice(0, Math.min(revisions.length - 1, limits.historyTrimsPerPublish))
  const young = candidates.findIndex(
    (revision, at) => at >= surplus && (view.historyAt(name, revision)?.wallMs ?? 0) >= wallMs - limits.historyAgeMs,
  )
  return young < 0 ? candidates : candidates.slice(0, young)
}

/** A hold on `name`: sources leave it alone until it is released. */
export function writeHold(writes: Writes, view: PublishView, name: string, options: PublishOptions): void {
  const { author, reason, wallMs, action } = options
  const record: HoldRecord = { v: 1, author, reason, wallMs, action }
  writes.put(recordKey(view.namespace, 'hold', name), 'hold', record)
  writes.tell(view.namespace, wallMs, {
    kind: 'held',
    text: `${name} is held by ${author}`,
    author,
    reason,
    names: [name],
  })
}
