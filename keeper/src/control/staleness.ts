import { KeeperError } from '../base/errors.js'
import { digestOf } from './digest.js'
import type { Draft, PlannedName, PublishView } from './types.js'

/** A draft as a plan shows it. */
export const plannedOf = ({ record, before }: Draft): PlannedName => ({
  name: record.name,
  fromRevision: before?.modRevision ?? 0,
  digest: record.removed ? '' : digestOf(record),
})

/** E_MOVED when the drafts are not what was planned: something that the plan showed has moved since. */
export function staleness(
  view: PublishView,
  planned: readonly PlannedName[],
  drafts: readonly Draft[],
): KeeperError | undefined {
  const before = new Map(planned.map((one) => [one.name, one]))
  const now = new Map(drafts.map((draft) => [draft.record.name, plannedOf(draft)]))
  const names = [...new Set([...before.keys(), ...now.keys()])].sort()
  const moved = names.filter((name) => !isSame(before.get(name), now.get(name)))
  if (moved.length === 0) return undefined
  const words = moved.slice(0, 5).map((name) => wordsFor(view, name, before.get(name), now.get(name)))
  const more = moved.length > 5 ? ` and ${moved.length - 5} more` : ''
  return new KeeperError('E_MOVED', `not as planned any more: ${words.join('; ')}${more}`, {
    names: moved.slice(0, 100),
  })
}

const isSame = (a: PlannedName | undefined, b: PlannedName | undefined): boolean =>
  a !== undefined && b !== undefined && a.fromRevision === b.fromRevision && a.digest === b.digest

function wordsFor(view: PublishView, name: string, was?: PlannedName, is?: PlannedName): string {
  const live = view.config(name)?.modRevision ?? 0
  if (was && live !== was.fromRevision)
    return `${name} was ${revisionWord(was.fromRevision)} and is ${revisionWord(live)} now`
  if (!was) return `${name} would change now, and would not then`
  if (!is) return `${name} would not change any more`
  return `${name} would become something else`
}

const revisionWord = (revision: number): string => (revision === 0 ? 'not there' : `r${revision}`)
