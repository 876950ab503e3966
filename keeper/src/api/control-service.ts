import type {
  ChangeSetView,
  ControlHandlers,
  PendingRequest__Output,
  PendingSet,
  VerdictRequest__Output,
} from '@keeper/proto'
import { limits } from '../base/limits.js'
import { byAge, findPending, pendingDeltas } from '../control/parking.js'
import { changeSets, deltasOf, isStale } from '../control/past.js'
import type { PublishView, Stored } from '../control/types.js'
import { viewOf } from '../control/view.js'
import type { ChangeSetRecord, PendingRecord } from '../store/config-records.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { wireDelta, wireResult } from './apply.js'
import type { Calls } from './calls.js'
import { TimelineFeed, tellEvents } from './events.js'
import { inTurns } from './in-turns.js'
import type { ApiContext } from './types.js'

/** keeper.v1.Control: parked change sets and who decides about them, change sets that were, the timeline. */
export function controlService(context: ApiContext, calls: Calls): ControlHandlers {
  const { member, publisher } = context
  const feed = new TimelineFeed(member)
  return {
    Pending: calls.unary(async (request, caller) => {
      context.authorize(caller.principal, 'config.read', '')
      await member.linearizableRead({ signal: caller.signal })
      return { sets: pending(context, request) }
    }),
    Approve: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'config.approve', request.id)
      return wireResult(await publisher.approve(verdictOf(request, principal)))
    }),
    Reject: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'config.approve', request.id)
      const record = await publisher.reject(verdictOf(request, principal))
      return pendingSet(viewOf(member.store, request.namespace || DEFAULT_NAMESPACE), record)
    }),
    ChangeSets: calls.unary(async (request, caller) => {
      context.authorize(caller.principal, 'config.read', '')
      await member.linearizableRead({ signal: caller.signal })
      const namespace = request.namespace || DEFAULT_NAMESPACE
      const sets = changeSets(member.store, namespace, Math.min(request.limit || 20, limits.rangeLimitDefault))
      const viewOfSet = (set: Stored<ChangeSetRecord>) => changeSetView(context, namespace, set, request.diff)
      return { sets: await inTurns(sets, viewOfSet, caller.signal) }
    }),
    Events: calls.serverStream(async (request, sink, caller) => {
      context.authorize(caller.principal, 'config.read', '')
      await tellEvents(context, feed, request, sink, caller)
    }),
  }
}

const verdictOf = ({ namespace, id, author, reason }: VerdictRequest__Output, principal: string) => ({
  ...{ namespace, id, author: author || principal, reason, principal },
})

function pending({ member }: ApiContext, { namespace, id }: PendingRequest__Output): PendingSet[] {
  const view = viewOf(member.store, namespace || DEFAULT_NAMESPACE)
  if (id === '') return [...view.pending()].sort(byAge).map(({ record }) => pendingSet(view, record))
  const { record } = findPending(view, id)
  return [{ ...pendingSet(view, record), deltas: pendingDeltas(view, record).map(wireDelta) }]
}

const pendingSet = (view: PublishView, record: PendingRecord): PendingSet => ({
  id: record.id,
  source: record.source,
  author: record.author,
  reason: record.reason,
  action: record.action,
  gitCommit: record.gitCommit,
  wallMs: record.wallMs,
  expiresMs: record.wallMs + limits.pendingAgeMs,
  guards: record.guards.map((guard) => ({ ...guard })),
  names: record.changes.slice(0, limits.eventNamesMax).map(({ name }) => name),
  changes: record.changes.length,
  stale: isStale(view, record),
  rejectedBy: record.rejected?.author ?? '',
  rejectedReason: record.rejected?.reason ?? '',
  lacksSecrets: record.secrets?.filter((name) => !view.hasSecret(name)) ?? [],
})

function changeSetView(
  { member }: ApiContext,
  namespace: string,
  set: Stored<ChangeSetRecord>,
  diff: boolean,
): ChangeSetView {
  const { id, names, removed, author, reason, source, action, wallMs, approved } = set.record
  return {
    ...{ revision: set.modRevision, id, names: [...names], removed: [...removed] },
    ...{ author, reason, source, action, wallMs },
    approvedBy: approved?.author ?? '',
    approvedReason: approved?.reason ?? '',
    deltas: diff ? deltasOf(member.store, namespace, set).map(wireDelta) : [],
  }
}
