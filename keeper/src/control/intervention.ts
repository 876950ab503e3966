/**
 * What a person does to live configs past their source: a rollback, an undo, an edit. Their writes, holds and guards are
 * the same whether they are done at once, or were parked and are approved.
 */

import type { CompiledBlobs } from '../compile/types.js'
import type { ConfigRecord, ParkedIntervention, PendingRecord } from '../store/config-records.js'
import { recordKey, recordRange, type TimelineEntry } from '../store/records.js'
import { deltaOf } from './deltas.js'
import { blobsOf } from './digest.js'
import { everybody, guardsOf } from './guards.js'
import { removedRecord } from './plan.js'
import type { ChangeSetPlan, Draft, PublishOptions, PublishView } from './types.js'
import { carryRevisions } from './variants.js'
import { Writes, writeDrafts, writeHold } from './writes.js'

/** The step from `drafts` with its holds; no step without drafts. `blobs` has the values that the store lacks. */
export function planIntervention(
  view: PublishView,
  drafts: readonly Draft[],
  intervention: ParkedIntervention,
  options: PublishOptions,
  blobs: CompiledBlobs = new Map<string, Uint8Array>(),
): ChangeSetPlan {
  const writes = new Writes()
  if (drafts.length > 0) writeIntervention(writes, view, drafts, intervention, options)
  const { puts, deletes, compares } = writes
  const processes = drafts.length > 0 ? view.processes() : []
  const values = { fresh: blobs, stored: view }
  return {
    ...{ puts, deletes, compares, drafts, intervention, held: [], problems: [] },
    guards: options.approved ? [] : guardsOf(drafts, processes, options.affected ?? everybody),
    deltas: drafts.map(({ record, before }) => deltaOf(before, record, processes, values)),
    blobsNeeded: [...new Set(drafts.flatMap(({ record }) => blobsOf(record)))].filter((hash) => !view.hasBlob(hash)),
  }
}

function writeIntervention(
  writes: Writes,
  view: PublishView,
  drafts: readonly Draft[],
  { holds, undoes, compiledAt }: ParkedIntervention,
  options: PublishOptions,
): void {
  writeDrafts(writes, view, drafts, undoes === undefined ? options : { ...options, undoes })
  for (const name of holds) writeHold(writes, view, name, options)
  if (compiledAt !== undefined) writes.expectUnwritten(recordRange(view.namespace, 'config'), view.revision)
  const names = new Set(drafts.map(({ record }) => record.name))
  for (const { record } of view.pending()) {
    if (!record.intervention || !record.changes.some(({ name }) => names.has(name))) continue
    writes.delete(recordKey(view.namespace, 'pending', record.id))
    if (record.id !== options.changeSet && !record.rejected)
      writes.tell(view.namespace, options.wallMs, supersededEntry(record, options))
  }
}

/** A parked one of the same names can do no more what was seen of it. */
const supersededEntry = (record: PendingRecord, { action, author, changeSet }: PublishOptions): TimelineEntry => ({
  kind: 'superseded',
  text: `${titleOf(record)} gave way to the ${action} by ${author}`,
  ...{ author, changeSet },
})

/** A parked change set in the words of the timeline. */
export const titleOf = ({ id, source, action, intervention }: PendingRecord): string =>
  intervention ? `${action} ${id}` : `${id} of ${source}`

/** What is kept of drafts while they are parked: all but which change set it is, so that the same is the same. */
export const parkedContent = (drafts: readonly Draft[]): ConfigRecord[] =>
  drafts.map(({ record }) => ({ ...record, changeSet: '' }))

/** The drafts as they were parked, of what is live now. */
export const draftsOf = (view: PublishView, content: readonly ConfigRecord[], changeSet: string): Draft[] =>
  content.map((parked) => {
    const before = view.config(parked.name)
    if (parked.removed) return { record: removedRecord(parked, changeSet), before }
    return { record: { ...parked, variants: carryRevisions(parked, before), changeSet }, before }
  })

/** Configs that were published after the intervention was compiled with all of them as they were. */
export const publishedSince = (view: PublishView, { compiledAt }: ParkedIntervention): string[] =>
  compiledAt === undefined
    ? []
    : view.configs().flatMap(({ record, modRevision }) => (modRevision > compiledAt ? [record.name] : []))
