/** Configs.Apply: a directory comes in as messages, is compiled, published, and followed into the processes. */

import type {
  ApplyHeader__Output,
  ApplyRequest__Output,
  ApplyResponse,
  PathChange,
  ConfigDelta as WireConfigDelta,
  Diagnostic as WireDiagnostic,
  PublishResult as WirePublishResult,
} from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { largeWorkDone } from '../base/garbage.js'
import { limits } from '../base/limits.js'
import type { CompileOutput, Diagnostic, SourceTree } from '../compile/types.js'
import type { Owners } from '../control/owners.js'
import type { ConfigDelta, PathDelta, PublishResult } from '../control/types.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import type { Caller, Sink } from './calls.js'
import { ledgerChanges, ledgerEntries, ledgerView } from './ledger-view.js'
import { checkCluster, publishRequest } from './publish-request.js'
import { diagnosticOf, TreeGatherer } from './tree-gatherer.js'
import type { ApiContext } from './types.js'
import { wireStatus } from './wire-status.js'

/**
 * Gathers what a client sends, within the limits of a directory. `onLarge`: a large file comes, what was before it is not worth its
 * memory any more. Throws E_TOO_LARGE, E_FRAME_ORDER, E_INVALID_ARGUMENT.
 */
export async function gather(
  requests: AsyncIterable<ApplyRequest__Output>,
  gatherer: TreeGatherer,
  onLarge: () => Promise<void>,
): Promise<{ header: ApplyHeader__Output; tree: SourceTree }> {
  let header: ApplyHeader__Output | undefined
  let hasLarge = false
  for await (const request of requests) {
    if (request.header) {
      if (header) throw new KeeperError('E_FRAME_ORDER', 'an apply has one header')
      header = request.header
    } else if (!header) throw new KeeperError('E_FRAME_ORDER', 'the first message of an apply is its header')
    else if (request.file) {
      if (!hasLarge && request.file.length >= limits.compileHeavyBytes) {
        // once: what it costs is not to be had for each message
        hasLarge = true
        await onLarge()
      }
      gatherer.piece(request.file)
    } else if (request.problem) gatherer.problem(diagnosticOf(request.problem))
  }
  if (!header) throw new KeeperError('E_FRAME_ORDER', 'an apply begins with a header')
  largeWorkDone()
  return { header, tree: gatherer.tree() }
}

/** What the compiler knows of large files goes before new ones come. */
export const forgetLarge = async ({ compiler }: ApiContext): Promise<void> => compiler.forget?.()

/** Answers with the result, then, if asked to wait, with the ledger until enough have applied or cannot any more. */
export async function apply(
  context: ApiContext,
  requests: AsyncIterable<ApplyRequest__Output>,
  sink: Sink<ApplyResponse>,
  caller: Caller,
): Promise<void> {
  const { header, result } = await gatheredAndPublished(context, requests, caller)
  sink.send({ result })
  if (!result.ok || !result.changed || header.waitShare === 0) return
  const names = (result.deltas ?? []).map((delta) => delta.name ?? '')
  await follow(context, header.namespace || DEFAULT_NAMESPACE, names, header, sink, caller.signal)
}

async function gatheredAndPublished(
  context: ApiContext,
  requests: AsyncIterable<ApplyRequest__Output>,
  caller: Caller,
): Promise<{ header: ApplyHeader__Output; result: WirePublishResult }> {
  const gatherer = new TreeGatherer(limits, context.incoming)
  try {
    const { header, tree } = await gather(requests, gatherer, () => forgetLarge(context))
    if (!(header.waitShare >= 0 && header.waitShare <= 1)) {
      throw new KeeperError('E_INVALID_ARGUMENT', `wait_share is a share between 0 and 1, not ${header.waitShare}`)
    }
    const namespace = header.namespace || DEFAULT_NAMESPACE
    context.authorize(caller.principal, 'config.publish', namespace)
    // Before the compile: a takeover is from whoever owned it when it was asked for.
    const seen = header.takeover ? await context.publisher.owners(namespace) : undefined
    const output = await context.compiler.compile(tree)
    return { header, result: await publish(context, header, { output, seen }, caller) }
  } finally {
    gatherer.release()
  }
}

/** Refusals that are the sender's to mend come back as a result; everything else fails the call. */
export const refusals = new Set([
  'E_INVALID_CONFIG',
  'E_HELD',
  'E_NOT_OWNER',
  'E_TAKEN_OVER',
  'E_STALE_SOURCE',
  'E_CONFLICT',
  'E_TOO_LARGE',
  'E_MOVED',
  'E_TYPE_CHANGED',
  'E_SETTINGS_DIFFER',
])

async function publish(
  context: ApiContext,
  header: ApplyHeader__Output,
  { output, seen }: { output: CompileOutput; seen: Owners | undefined },
  { principal }: Caller,
): Promise<WirePublishResult> {
  const request = publishRequest(header, output, principal)
  try {
    checkCluster(header, context.member.status().identity.clusterId)
    const result = await context.publisher.publish({ ...request, ...(seen && { seen }) })
    return wireResult(result)
  } catch (error) {
    if (!(error instanceof KeeperError) || !refusals.has(error.code)) throw error
    if (!header.dryRun) await context.publisher.noteRefusal(request, error)
    return { ok: false, changed: false, diagnostics: wireDiagnostics(output.diagnostics), status: wireStatus(error) }
  }
}

export const wireResult = (result: PublishResult): WirePublishResult => ({
  ok: true,
  changed: result.changed,
  revision: result.revision,
  changeSet: result.changeSet,
  deltas: result.deltas.map(wireDelta),
  diagnostics: wireDiagnostics(result.diagnostics),
  held: (result.held ?? []).map((one) => ({ ...one })),
  ...(result.parked && {
    parked: { id: result.parked.id, guards: result.parked.guards.map(({ message }) => message) },
  }),
})

export const wireDelta = ({ name, kind, fromRevision, paths, reaches }: ConfigDelta): WireConfigDelta => ({
  ...{ name, kind, fromRevision, reaches },
  paths: paths.map(wirePath),
})

export const wirePath = ({ pointer, before = '', after = '' }: PathDelta): PathChange => ({
  ...{ pointer, beforeJson: before, afterJson: after },
})

export const wireDiagnostics = (diagnostics: readonly Diagnostic[]): WireDiagnostic[] =>
  diagnostics.slice(0, limits.diagnosticsMax).map((diagnostic) => ({ ...diagnostic }))

async function follow(
  context: ApiContext,
  namespace: string,
  names: readonly string[],
  { waitShare, waitTimeoutMs }: ApplyHeader__Output,
  sink: Sink<ApplyResponse>,
  gone: AbortSignal,
): Promise<void> {
  const ended = new AbortController()
  const timeoutMs = Math.min(waitTimeoutMs || limits.applyWaitDefaultMs, limits.applyWaitMaxMs)
  const cancel = context.clock.setTimer(timeoutMs, () => ended.abort())
  gone.addEventListener('abort', () => ended.abort(), { once: true })
  const changes = ledgerChanges(context, names, ended.signal)
  try {
    for (;;) {
      const progress = ledgerView(context, await ledgerEntries(context, namespace, names))
      sink.send({ progress })
      const { processes = 0, current = 0, rejected = 0, failed = 0 } = progress
      const wanted = Math.ceil(processes * waitShare)
      if (current >= wanted || processes - rejected - failed < wanted) return
      await sink.writable()
      await changes.wait()
    }
  } catch (error) {
    // Past the timeout the last view stands: the client sees from it who is missing.
    if (!ended.signal.aborted) throw error
  } finally {
    cancel()
    ended.abort()
  }
}
