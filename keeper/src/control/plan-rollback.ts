import { KeeperError } from '../base/errors.js'
import type { ConfigRecord } from '../store/config-records.js'
import { blobsOf, digestOf } from './digest.js'
import { planIntervention } from './intervention.js'
import { removedRecord } from './plan.js'
import type { ChangeSetPlan, PublishOptions, PublishView, Stored } from './types.js'
import { carryRevisions } from './variants.js'

export interface RollbackTarget {
  readonly name: string
  readonly toRevision?: number
  readonly stepsBack?: number
}

/**
 * Writes an old revision's values as a new revision and holds the name, so that the source's next change of it is
 * refused until released. A target that is live already gives a plan without puts. Throws E_NOT_FOUND for a name or
 * revision that is not in the history, E_INVALID_ARGUMENT when neither revision nor steps are given.
 */
export function planRollback(view: PublishView, target: RollbackTarget, options: PublishOptions): ChangeSetPlan {
  const live = view.config(target.name)
  if (!live) throw new KeeperError('E_NOT_FOUND', `no config ${target.name}`, { name: target.name })
  const revision = revisionOf(view, target)
  const old = view.historyAt(target.name, revision)?.config
  if (!old) throw notInHistory(view, target.name, `r${revision}`)
  const record = restored(old, live, options.changeSet)
  const holds = [target.name]
  if (same(record, live.record)) return planIntervention(view, [], { holds }, options)
  requireBlobs(view, record, `r${revision}`)
  return planIntervention(view, [{ record, before: live }], { holds }, options)
}

/** Throws E_NOT_FOUND when something that the record names is no longer there. */
export function requireBlobs(view: PublishView, record: ConfigRecord, which: string): void {
  const missing = blobsOf(record).filter((hash) => !view.hasBlob(hash))
  if (missing.length > 0)
    throw new KeeperError('E_NOT_FOUND', `values of ${record.name} ${which} are gone`, {
      missing: missing.slice(0, 20),
    })
}

function revisionOf(view: PublishView, { name, toRevision, stepsBack }: RollbackTarget): number {
  if (toRevision) return toRevision
  if (!stepsBack) throw new KeeperError('E_INVALID_ARGUMENT', 'give a revision to go back to, or how many steps')
  const revision = view.historyRevisions(name).at(-1 - stepsBack)
  if (revision === undefined) throw notInHistory(view, name, `~${stepsBack}`)
  return revision
}

function notInHistory(view: PublishView, name: string, what: string): KeeperError {
  const revisions = view.historyRevisions(name)
  const known = revisions.slice(-5).map((revision) => `r${revision}`)
  return new KeeperError('E_NOT_FOUND', `${name} has no ${what}; the newest are ${known.join(', ')}`, { name })
}

export const restored = (old: ConfigRecord, live: Stored<ConfigRecord>, changeSet: string): ConfigRecord =>
  old.removed ? removedRecord(live.record, changeSet) : { ...old, variants: carryRevisions(old, live), changeSet }

const same = (a: ConfigRecord, b: ConfigRecord): boolean =>
  Boolean(a.removed) === Boolean(b.removed) && (a.removed === true || digestOf(a) === digestOf(b))
