import type { KeeperError } from '../base/errors.js'
import type { CompileOutput } from '../compile/types.js'
import { comparisonOf } from './comparison.js'
import { planChangeSet } from './plan.js'
import { ProcessIndex } from './process-index.js'
import { reviewConfig } from './review-config.js'
import type { LiveProcess, Review } from './review-types.js'
import { staleness } from './staleness.js'
import type { ChangeSetPlan, PlannedName, PublishOptions, PublishView } from './types.js'

export interface ReviewOptions {
  /** What an earlier plan showed: a refusal says what moved since. */
  readonly planned?: readonly PlannedName[] | undefined
  /** Compare with what is live, whoever published it; a name that the files do not have is left out. */
  readonly againstLive?: boolean
}

/** Refusals behind which a review looks all the same: what would happen once they are out of the way. */
const passable = new Set(['E_NOT_OWNER', 'E_STALE_SOURCE'])

/**
 * What a publish of compiled files would do, to whom, and what stands in its way; purely, and nothing of it happens.
 * What another source owns is shown as it would be once taken over; held names are listed, for they stay as they are.
 */
export function reviewPublish(
  view: PublishView,
  output: CompileOutput,
  options: PublishOptions,
  processes: readonly LiveProcess[],
  { planned, againstLive = false }: ReviewOptions = {},
): Review {
  const { plan, refusals } = againstLive ? planAgainstLive(view, output, options) : planAnyway(view, output, options)
  const stale = planned && staleness(view, planned, plan.drafts)
  return {
    ...reviewDrafts(view, plan, output, processes),
    refusals: stale ? [...refusals, stale] : refusals,
    holds: plan.held,
    guards: plan.guards,
  }
}

interface Planned {
  readonly plan: ChangeSetPlan
  readonly refusals: readonly KeeperError[]
}

function planAnyway(view: PublishView, output: CompileOutput, options: PublishOptions): Planned {
  const source = view.source(options.source)
  const plan = planChangeSet(view, output, source, options)
  const refusals = plan.problems
  if (refusals.length === 0 || !refusals.every(({ code }) => passable.has(code))) return { plan, refusals }
  return { plan: planChangeSet(view, output, source, { ...options, takeover: true }), refusals }
}

function planAgainstLive(view: PublishView, output: CompileOutput, options: PublishOptions): Planned {
  const release = output.configs.map(({ name }) => name).filter((name) => view.hold(name) !== undefined)
  const plan = planChangeSet(view, output, undefined, { ...options, takeover: true, release })
  return { plan, refusals: plan.problems }
}

function reviewDrafts(
  view: PublishView,
  plan: ChangeSetPlan,
  output: Pick<CompileOutput, 'blobs'>,
  processes: readonly LiveProcess[],
): Omit<Review, 'refusals' | 'holds' | 'guards'> {
  const index = new ProcessIndex(processes)
  const affected = new Set<LiveProcess>()
  const configs = plan.drafts.map((draft) =>
    // One comparison per config: values of ten thousand configs are not kept together.
    reviewConfig(draft, index, comparisonOf({ fresh: output.blobs, stored: view }), (process) => affected.add(process)),
  )
  return {
    revision: view.revision,
    configs,
    processes: processes.length,
    affected: affected.size,
    unknown: [...affected].filter(({ state }) => state === 'unknown').length,
  }
}
