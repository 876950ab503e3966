/** Changes.Plan: a directory comes in as for an apply, and goes back as what it would do, to whom. */

import type { ApplyRequest__Output, PlannedConfig, PlannedOutcome, PlanPiece, PlanSummary } from '@keeper/proto'
import { asKeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { CompileOutput } from '../compile/types.js'
import { idleReleases } from '../control/plan.js'
import { ProcessLabels } from '../control/process-labels.js'
import { reviewPublish } from '../control/review.js'
import type { LiveProcess, Outcome, Review, ReviewedConfig } from '../control/review-types.js'
import { viewOf } from '../control/view.js'
import { audienceLabels } from '../store/audience.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { forgetLarge, gather, wireDiagnostics } from './apply.js'
import type { Caller, Sink } from './calls.js'
import { checkCluster, publishRequest } from './publish-request.js'
import { TreeGatherer } from './tree-gatherer.js'
import type { ApiContext } from './types.js'
import { wireStatus } from './wire-status.js'

export async function plan(
  context: ApiContext,
  requests: AsyncIterable<ApplyRequest__Output>,
  sink: Sink<PlanPiece>,
  caller: Caller,
): Promise<void> {
  const gatherer = new TreeGatherer(limits, context.incoming)
  try {
    const gathered = await gather(requests, gatherer, () => forgetLarge(context))
    await planTree(context, gathered, sink, caller)
  } finally {
    gatherer.release()
  }
}

async function planTree(
  context: ApiContext,
  { header, tree }: Awaited<ReturnType<typeof gather>>,
  sink: Sink<PlanPiece>,
  { principal, signal }: Caller,
): Promise<void> {
  const namespace = header.namespace || DEFAULT_NAMESPACE
  context.authorize(principal, 'config.read', namespace)
  const { clusterId, storeEpoch } = context.member.status().identity
  checkCluster(header, clusterId)
  const output = await context.compiler.compile(tree)
  const request = publishRequest(header, output, principal)
  await context.member.linearizableRead({ signal })
  const { processes, unreachable } = await liveProcesses(context, namespace)
  const options = {
    takeover: false,
    release: [],
    gitCommit: '',
    ...request,
    changeSet: '',
    wallMs: context.clock.wall(),
  }
  const labels = new ProcessLabels()
  const view = viewOf(context.member.store, namespace, labels)
  const review = reviewPublish(view, output, options, processes, {
    planned: request.planned,
    againstLive: header.againstLive,
  })
  const refusals = [context.publisher.refusedHere() ?? [], review.refusals].flat()
  const diagnostics = [...output.diagnostics, ...idleReleases(view, options.release)]
  const summary = summaryOf({ ...output, diagnostics }, { ...review, refusals })
  sink.send({ summary: { ...summary, clusterId, storeEpoch, unreachableMembers: unreachable } })
  for (const config of review.configs) if (!sink.send({ config: wireConfig(config) })) await sink.writable()
}

/** The live processes of a namespace, asked of all members. */
export async function liveProcesses(
  { hub }: ApiContext,
  namespace: string,
): Promise<{ processes: LiveProcess[]; unreachable: string[] }> {
  const { rows, unreachable } = await hub.everywhere.instances()
  const silent = new Set(unreachable)
  const mine = rows.filter((row) => row.namespace === namespace)
  const processes = mine.map(({ identity, connected, member }): LiveProcess => {
    const { cluster, role, instance, labels } = identity
    const state = silent.has(member) ? 'unknown' : connected ? 'connected' : 'away'
    return { instance, labels: { ...labels, cluster, role, instance }, state }
  })
  processes.sort((a, b) => (a.instance < b.instance ? -1 : 1))
  return { processes, unreachable: unreachable.map((member) => hub.nameOf(member)) }
}

const summaryOf = (output: CompileOutput, review: Review): PlanSummary => ({
  ok: output.ok,
  diagnostics: wireDiagnostics(output.diagnostics),
  refusals: review.refusals.map((refusal) => wireStatus(asKeeperError(refusal))),
  revision: review.revision,
  configs: review.configs.length,
  processes: review.processes,
  affected: review.affected,
  unknown: review.unknown,
  holds: review.holds.map((hold) => ({ ...hold })),
  guards: review.guards.map((guard) => ({ ...guard })),
})

export const wireConfig = (config: ReviewedConfig): PlannedConfig => ({
  name: config.name,
  kind: config.kind,
  fromRevision: config.fromRevision,
  digest: config.digest,
  audience: audienceLabels(config.audience),
  nobody: config.audience.nobody === true,
  hasSchema: config.hasSchema,
  processes: config.processes,
  affected: config.affected,
  outcomes: config.outcomes.map(wireOutcome),
  outcomesTotal: config.outcomesTotal,
  types: config.types.map((type) => ({ ...type, overlays: [...type.overlays] })),
})

const wireOutcome = (outcome: Outcome): PlannedOutcome => ({
  ...outcome,
  overlays: [...outcome.overlays],
  overlaysBefore: [...outcome.overlaysBefore],
  instances: [...outcome.instances],
  paths: outcome.paths.map(({ pointer, before = '', after = '' }) => ({
    pointer,
    beforeJson: before,
    afterJson: after,
  })),
})
