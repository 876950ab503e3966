/**
 * Parked change sets: what a guard stopped waits in the store for somebody's word, whole, so that it is published as it
 * was seen. One per source: a newer one takes its place.
 */

import { createHash } from 'node:crypto'
import { decodeText, encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { CompiledConfig, CompileOutput } from '../compile/types.js'
import type { ConfigRecord, Guard, PendingRecord } from '../store/config-records.js'
import { recordKey, recordRange } from '../store/records.js'
import type { Compare } from '../store/types.js'
import { blobsOf } from './digest.js'
import { draftsOf, planIntervention, publishedSince, titleOf } from './intervention.js'
import { planChangeSet } from './plan.js'
import type { ChangeSetPlan, PublishOptions, PublishView, Stored } from './types.js'
import { compareHashes, Writes } from './writes.js'

/** The step that parks, or the set that is parked already. */
export interface Parking {
  readonly id: string
  readonly writes: Writes
  /** Blobs to write before, beside those of the change set. */
  readonly content: { readonly hash: string; readonly bytes: Uint8Array }
}

const BLOBS_COMPARED_MAX = 1_000

/** Parks what a plan would do, with the configs that it was made of. Throws E_DECLINED when a watched folder asks again for what was rejected, E_TOO_MANY. */
export function planParking(
  view: PublishView,
  configs: readonly CompiledConfig[],
  plan: ChangeSetPlan,
  options: PublishOptions,
): Parking {
  const bytes = encodeText(JSON.stringify(configs))
  const content = { hash: createHash('sha256').update(bytes).digest('hex'), bytes }
  const writes = new Writes()
  const known = view.pending().find(({ record }) => isOfSame(record, plan, options))
  if (known && isSame(view, known.record, content.hash, plan, options)) {
    if (!known.record.rejected) return { id: known.record.id, writes, content }
    if (options.action === 'watch') throw declined(known.record)
  }
  const record = pendingRecord(content.hash, plan, options)
  makeRoom(writes, view, known)
  const hashes = new Set([content.hash, ...plan.drafts.flatMap((draft) => blobsOf(draft.record))])
  compareHashes(writes, view, hashes, hashes.size <= BLOBS_COMPARED_MAX)
  writes.expectUnwritten(recordRange(view.namespace, 'pending'), view.revision)
  writes.put(recordKey(view.namespace, 'pending', record.id), 'pending', record)
  const { author, reason, source, changeSet, wallMs } = options
  const text = `${titleOf(record)} by ${author} waits for approval: ${words(plan.guards)}`
  const names = plan.deltas.map(({ name }) => name)
  writes.tell(view.namespace, wallMs, { kind: 'parked', text, author, reason, source, names, changeSet })
  return { id: record.id, writes, content }
}

/** Does the plan take the parked one's place? Of a source any, of an intervention one in the same names. */
const isOfSame = (record: PendingRecord, plan: ChangeSetPlan, { source }: PublishOptions): boolean =>
  record.source === source &&
  (record.intervention !== undefined) === (plan.intervention !== undefined) &&
  (!record.intervention || namesOf(record.changes) === namesOf(plan.deltas))

const namesOf = (changes: readonly { readonly name: string }[]): string =>
  JSON.stringify(changes.map(({ name }) => name).sort())

/** Would its approval do the same? One that can be approved no more gives way. */
const isSame = (
  view: PublishView,
  record: PendingRecord,
  content: string,
  plan: ChangeSetPlan,
  { spreadMs = 0 }: PublishOptions,
): boolean =>
  record.content === content && (record.spreadMs ?? 0) === spreadMs && movedSince(view, record, plan).length === 0

const words = (guards: readonly Guard[]): string => guards.map(({ message }) => message).join('; ')

export const parkedError = (id: string, guards: readonly Guard[]): KeeperError =>
  new KeeperError('E_PARKED', `${id} waits for approval: ${words(guards)}`, {
    id,
    guards: guards.map((one) => one.kind),
  })

function declined({ id, rejected }: PendingRecord): KeeperError {
  const why = rejected?.reason ? `: ${rejected.reason}` : ''
  return new KeeperError('E_DECLINED', `${rejected?.author} rejected ${id}${why}`, {
    id,
    author: rejected?.author ?? '',
  })
}

function pendingRecord(content: string, plan: ChangeSetPlan, options: PublishOptions): PendingRecord {
  const { changeSet, source, author, reason, action, gitCommit, place = '', takeover, release, wallMs } = options
  const { spreadMs = 0 } = options
  const changes = plan.deltas.map(({ name, kind, fromRevision }) => ({ name, kind, fromRevision }))
  const { guards, intervention } = plan
  const secrets = plan.drafts.flatMap(({ record }) => record.secrets?.map(({ name }) => name) ?? [])
  return {
    ...{ v: 1, id: changeSet, source, content, changes, guards },
    ...{ author, reason, action, gitCommit, place, takeover, release, wallMs },
    ...(spreadMs > 0 && { spreadMs }),
    ...(secrets.length > 0 && { secrets: [...new Set(secrets)].sort() }),
    ...(intervention && { intervention }),
  }
}

/** The source's older one goes. Throws E_TOO_MANY when so many wait that nobody can be looking. */
function makeRoom(writes: Writes, view: PublishView, known: Stored<PendingRecord> | undefined): void {
  const others = view.pending().filter(({ record }) => record.id !== known?.record.id)
  if (known) writes.delete(recordKey(view.namespace, 'pending', known.record.id))
  if (others.length < limits.pendingMax) return
  const oldest = others.filter(({ record }) => record.rejected).sort(byAge)[0]
  if (!oldest) throw new KeeperError('E_TOO_MANY', `${limits.pendingMax} change sets wait for approval already`)
  writes.delete(recordKey(view.namespace, 'pending', oldest.record.id))
}

export const byAge = (a: Stored<PendingRecord>, b: Stored<PendingRecord>): number => a.record.wallMs - b.record.wallMs

/** The parked set with this id, or with the only one that begins so. Throws E_NOT_FOUND, E_INVALID_ARGUMENT. */
export function findPending(view: Pick<PublishView, 'pending'>, id: string): Stored<PendingRecord> {
  const found = view.pending().filter(({ record }) => id !== '' && record.id.startsWith(id))
  const exact = found.find(({ record }) => record.id === id) ?? (found.length === 1 ? found[0] : undefined)
  if (exact) return exact
  if (found.length > 1)
    throw new KeeperError('E_INVALID_ARGUMENT', `${found.length} parked change sets begin with ${id}`)
  const message = `no change set ${id} is parked (\`keeper pending\` shows those that are): it was decided upon, a newer one of its source took its place, or it was too old`
  throw new KeeperError('E_NOT_FOUND', message, { id })
}

/** The configs that were parked. Throws E_NOT_FOUND when they are gone. */
export function parkedConfigs(view: Pick<PublishView, 'blob'>, record: PendingRecord): readonly CompiledConfig[] {
  const bytes = view.blob(record.content)
  if (!bytes) throw new KeeperError('E_NOT_FOUND', `what ${record.id} would publish is gone`, { id: record.id })
  return JSON.parse(decodeText(bytes)) as readonly CompiledConfig[]
}

const parkedOutput = (view: PublishView, record: PendingRecord): CompileOutput => ({
  ...{ configs: parkedConfigs(view, record), blobs: new Map(), diagnostics: [], ok: true },
})

/** The change set as it was parked, if live is still as it was then. Throws E_PENDING_STALE, E_NOT_FOUND, E_SECRET_UNKNOWN. */
export function planApproval(
  view: PublishView,
  id: string,
  { author, reason, wallMs }: { author: string; reason: string; wallMs: number },
): ChangeSetPlan {
  const { record } = findPending(view, id)
  if (record.rejected) throw declined(record)
  if (record.wallMs < wallMs - limits.pendingAgeMs) throw pendingStale(record, `it is older than ${days} days`)
  const options = { ...optionsOf(record), wallMs, approved: { author, reason, wallMs } }
  const plan = planParked(view, record, options)
  const [problem] = plan.problems
  if (problem) throw pendingStale(record, problem.message)
  const others = movedSince(view, record, plan)
  if (others.length > 0) throw pendingStale(record, `${others.slice(0, 5).join(', ')} moved since`, others)
  return { ...plan, compares: [...plan.compares, stillParked(view, record)] }
}

const days = limits.pendingAgeMs / 86_400_000

const pendingStale = ({ id }: PendingRecord, why: string, names: readonly string[] = []): KeeperError =>
  new KeeperError('E_PENDING_STALE', `${id} can be approved no more: ${why}`, { id, names: names.slice(0, 100) })

/** What it would do to what is live now. */
export const pendingDeltas = (view: PublishView, record: PendingRecord): ChangeSetPlan['deltas'] =>
  planParked(view, record, optionsOf(record)).deltas

/** Throws E_SECRET_UNKNOWN when a secret that it names was removed meanwhile. */
function planParked(view: PublishView, record: PendingRecord, options: PublishOptions): ChangeSetPlan {
  try {
    return planContent(view, record, options)
  } catch (thrown) {
    throw thrown instanceof KeeperError && thrown.code === 'E_SECRET_UNKNOWN' ? lacksSecret(record, thrown) : thrown
  }
}

function lacksSecret({ id }: PendingRecord, { message, details }: KeeperError): KeeperError {
  const [name = 'NAME'] = details.missing as string[]
  const remedy = `put it again (\`keeper secret put ${name}\`), or \`keeper reject ${id}\``
  return new KeeperError('E_SECRET_UNKNOWN', `${id} cannot be approved: ${message}; ${remedy}`, { ...details, id })
}

function planContent(view: PublishView, record: PendingRecord, options: PublishOptions): ChangeSetPlan {
  const { intervention } = record
  if (!intervention) return planChangeSet(view, parkedOutput(view, record), view.source(record.source), options)
  const content = parkedConfigs(view, record) as readonly ConfigRecord[]
  return planIntervention(view, draftsOf(view, content, record.id), intervention, options)
}

/** The options with which it was parked; its id is that of the change set it becomes. */
const optionsOf = (record: PendingRecord): PublishOptions => {
  const { source, author, reason, action, takeover, release, id, gitCommit, place, wallMs, spreadMs = 0 } = record
  return { source, author, reason, action, takeover, release, changeSet: id, wallMs, gitCommit, place, spreadMs }
}

const movedSince = (view: PublishView, record: PendingRecord, plan: ChangeSetPlan): string[] => [
  ...moved(record, plan),
  ...(record.intervention ? publishedSince(view, record.intervention) : []),
]

/** Names that the plan would change otherwise than was seen. */
export function moved({ changes }: PendingRecord, plan: ChangeSetPlan): string[] {
  const line = (one: { name: string; kind: string; fromRevision: number }) =>
    `${one.name} ${one.kind} ${one.fromRevision}`
  const then = new Map(changes.map((one) => [line(one), one.name]))
  const now = new Map(plan.deltas.map((one) => [line(one), one.name]))
  const differ = [...then].filter(([key]) => !now.has(key)).concat([...now].filter(([key]) => !then.has(key)))
  return [...new Set(differ.map(([, name]) => name))]
}

/** Only one may decide: the record must still be as it was read. */
function stillParked(view: PublishView, { id }: PendingRecord): Compare {
  const operand = view.pending().find(({ record }) => record.id === id)?.modRevision ?? 0
  return { target: 'modRevision', key: recordKey(view.namespace, 'pending', id), comparison: 'equal', operand }
}

/** Marks a parked set as rejected; it stays for a while, so that a watched folder does not park it again. */
export function planRejection(
  view: PublishView,
  id: string,
  { author, reason, wallMs }: { author: string; reason: string; wallMs: number },
): { readonly writes: Writes; readonly record: PendingRecord } {
  const stored = findPending(view, id)
  if (stored.record.rejected) throw declined(stored.record)
  const record: PendingRecord = { ...stored.record, rejected: { author, reason, wallMs } }
  const writes = new Writes()
  const key = recordKey(view.namespace, 'pending', record.id)
  writes.expect(key, stored)
  writes.put(key, 'pending', record)
  const text = `${titleOf(record)} is rejected by ${author}`
  const { source } = record
  writes.tell(view.namespace, wallMs, { kind: 'rejected', text, author, reason, source, changeSet: record.id })
  return { writes, record }
}
