import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { ChangeSetRecord, ConfigRecord } from '../store/config-records.js'
import { digestOf } from './digest.js'
import { planIntervention } from './intervention.js'
import { removedRecord } from './plan.js'
import { requireBlobs, restored } from './plan-rollback.js'
import type { ChangeSetPlan, Draft, PublishOptions, PublishView, Stored } from './types.js'

/**
 * Makes live again, in one step, what was before a change set: what it changed as it was, what it removed back, what it
 * added away; and holds the names. Throws E_NOT_FOUND when there is no such change set, or its past is gone, E_MOVED
 * when a name was changed since.
 */
export function planUndo(view: PublishView, changeSet: string, options: PublishOptions): ChangeSetPlan {
  const target = findChangeSet(view, changeSet)
  const { id, names, removed } = target.record
  const all = [...names, ...removed].sort()
  requireUnmoved(view, target, all)
  const drafts = all.flatMap((name) => draftOf(view, target, name, options.changeSet))
  const holds = drafts.map(({ record }) => record.name)
  return planIntervention(view, drafts, { holds, undoes: id }, options)
}

/** The one that is meant: by its id or the beginning of it, by `r12`, or else the newest that was not taken back. */
function findChangeSet(view: PublishView, which: string): Stored<ChangeSetRecord> {
  const known = view.changeSets(limits.undoChangeSetsMax)
  if (which === '') return newestStanding(known)
  const revision = /^r(\d{1,15})$/.exec(which)?.[1]
  const found = known.filter(({ record, modRevision }) =>
    revision === undefined ? record.id.startsWith(which) : modRevision === Number(revision),
  )
  const [only] = found
  if (only && found.length === 1) return only
  const some = known.slice(0, 5).map(({ record, modRevision }) => `${record.id} (r${modRevision}, ${record.action})`)
  if (found.length > 1)
    throw new KeeperError('E_INVALID_ARGUMENT', `${which} begins several change sets: give more of it`)
  const newest = some.length > 0 ? `; the newest are ${some.join(', ')}` : ''
  throw new KeeperError('E_NOT_FOUND', `no change set ${which}${newest}`, { changeSet: which })
}

function newestStanding(known: readonly Stored<ChangeSetRecord>[]): Stored<ChangeSetRecord> {
  const takenBack = new Set<string>()
  for (const changeSet of known) {
    const { id, undoes } = changeSet.record
    if (takenBack.has(id)) continue
    if (undoes === undefined) return changeSet
    takenBack.add(undoes)
  }
  const last = known.find(({ record }) => record.undoes !== undefined)?.record.id
  const redo = last === undefined ? '' : `: all were; \`keeper undo ${last}\` takes the last undo back`
  throw new KeeperError('E_NOT_FOUND', `there is no change set to take back${redo}`)
}

function requireUnmoved(view: PublishView, target: Stored<ChangeSetRecord>, names: readonly string[]): void {
  const moved = names.filter((name) => !isAsLeft(view, target.modRevision, name))
  if (moved.length === 0) return
  const words = moved.slice(0, 5).map((name) => `${name} (r${view.config(name)?.modRevision ?? 0})`)
  const message = `changed since r${target.modRevision}: ${words.join(', ')}; take those changes back first, or roll single names back with \`keeper rollback NAME --to N\``
  throw new KeeperError('E_MOVED', message, { names: moved.slice(0, 100) })
}

/** Is live what the change set made of it? A later change that was taken back in its turn does not count. */
function isAsLeft(view: PublishView, revision: number, name: string): boolean {
  const live = view.config(name)
  const left = view.historyAt(name, revision)?.config
  return live !== undefined && left !== undefined && contentOf(live.record) === contentOf(left)
}

const contentOf = (record: ConfigRecord): string => (record.removed ? '' : digestOf(record))

function draftOf(view: PublishView, target: Stored<ChangeSetRecord>, name: string, changeSet: string): Draft[] {
  const live = view.config(name)
  if (!live) return []
  const old = recordBefore(view, target, name)
  const record = old ? restored(old, live, changeSet) : removedRecord(live.record, changeSet)
  if (contentOf(record) === contentOf(live.record)) return []
  requireBlobs(view, record, `before r${target.modRevision}`)
  return [{ record, before: live }]
}

/** Undefined when the change set brought the name. Throws E_NOT_FOUND where the history is cut just there. */
function recordBefore(view: PublishView, target: Stored<ChangeSetRecord>, name: string): ConfigRecord | undefined {
  const revisions = view.historyRevisions(name)
  const before = revisions.findLast((revision) => revision < target.modRevision)
  if (before !== undefined) return view.historyAt(name, before)?.config
  const isCut = view.createRevision(name) < target.modRevision
  if (isCut) throw new KeeperError('E_NOT_FOUND', `the history of ${name} before r${target.modRevision} is gone`)
  return undefined
}
