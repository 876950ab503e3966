import type { ChangesHandlers, RollbackRequest__Output, UndoRequest__Output } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { wireResult } from './apply.js'
import type { Calls } from './calls.js'
import { rollbackFromWire } from './configs-service.js'
import { explain } from './explain.js'
import { followChange } from './follow.js'
import { diff, edit, sendFiles } from './live-files.js'
import { plan } from './plan.js'
import { affectedLimit, spreadOf } from './publish-request.js'
import type { ApiContext } from './types.js'

/** keeper.v1.Changes: looking before, waiting after, and going back. */
export function changesService(context: ApiContext, calls: Calls): ChangesHandlers {
  const oneOfFew = atMost(limits.appliesInFlightMax)
  return {
    Plan: calls.bidi((requests, sink, caller) => oneOfFew(() => plan(context, requests, sink, caller))),
    Follow: calls.serverStream((request, sink, caller) => {
      context.authorize(caller.principal, 'config.read', request.namespace)
      return followChange(context, request, sink, caller)
    }),
    Undo: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'config.publish', request.changeSet)
      return wireResult(await context.publisher.undo(undoFromWire(request, principal)))
    }),
    PlanUndo: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'config.read', request.changeSet)
      return wireResult(await context.publisher.undo({ ...undoFromWire(request, principal), dryRun: true }))
    }),
    PlanRollback: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'config.read', request.name)
      return wireResult(await context.publisher.rollback({ ...rollbackFromWire(request, principal), dryRun: true }))
    }),
    GuardedUndo: calls.unary(async ({ undo, maxAffected, dryRun }, { principal }) => {
      const request = given('undo', undo)
      context.authorize(principal, dryRun ? 'config.read' : 'config.publish', request.changeSet)
      const affected = affectedLimit(maxAffected)
      return wireResult(await context.publisher.undo({ ...undoFromWire(request, principal), affected, dryRun }))
    }),
    GuardedRollback: calls.unary(async ({ rollback, maxAffected, dryRun }, { principal }) => {
      const request = given('rollback', rollback)
      context.authorize(principal, dryRun ? 'config.read' : 'config.publish', request.name)
      const affected = affectedLimit(maxAffected)
      return wireResult(await context.publisher.rollback({ ...rollbackFromWire(request, principal), affected, dryRun }))
    }),
    Diff: calls.unary(async (request, caller) => {
      context.authorize(caller.principal, 'config.read', request.name)
      await context.member.linearizableRead({ signal: caller.signal })
      return diff(context, request)
    }),
    Files: calls.serverStream((request, sink, caller) => {
      context.authorize(caller.principal, 'config.read', request.namespace)
      return sendFiles(context, request, sink, caller)
    }),
    Explain: calls.unary(async (request, caller) => {
      context.authorize(caller.principal, 'config.read', request.name)
      await context.member.linearizableRead({ signal: caller.signal })
      return explain(context, request)
    }),
    Edit: calls.bidi((requests, sink, caller) => oneOfFew(() => edit(context, requests, sink, caller))),
    GuardedEdit: calls.bidi((requests, sink, caller) => oneOfFew(() => edit(context, requests, sink, caller))),
  }
}

/** Throws E_INVALID_ARGUMENT for a request that has nothing in it. */
function given<Request extends UndoRequest__Output | RollbackRequest__Output>(
  field: string,
  request: Request | null,
): Request {
  if (request) return request
  throw new KeeperError('E_INVALID_ARGUMENT', `${field} is missing`)
}

/** Throws E_INVALID_ARGUMENT. */
function undoFromWire(request: UndoRequest__Output, principal: string) {
  const { namespace, changeSet, author, reason, spreadMs } = request
  return { namespace, changeSet, spreadMs: spreadOf(spreadMs), author: author || principal, reason, principal }
}

/** Lets so many run at once. Rejects E_TOO_MANY for one more. */
function atMost(max: number): (run: () => Promise<void>) => Promise<void> {
  let running = 0
  return async (run) => {
    if (running >= max) throw new KeeperError('E_TOO_MANY', `${max} directories are being looked at already`)
    running++
    try {
      await run()
    } finally {
      running--
    }
  }
}
