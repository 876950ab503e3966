/** Changes.Files, Diff and Edit: the texts of what is live, what differs between revisions, and a text's replacement. */

import type {
  DiffRequest__Output,
  EditHeader__Output,
  EditRequest__Output,
  FilesRequest__Output,
  PlannedConfig,
  LiveFile as WireFile,
  PublishResult as WireResult,
} from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { CompileOutput, SourceFile, SourceTree } from '../compile/types.js'
import { comparisonOf } from '../control/comparison.js'
import { liveFiles } from '../control/plan-edit.js'
import { ProcessIndex } from '../control/process-index.js'
import { reviewConfig } from '../control/review-config.js'
import { viewOf } from '../control/view.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { refusals, wireDiagnostics, wireResult } from './apply.js'
import { type Caller, type Sink, uint } from './calls.js'
import { recordAt } from './effective.js'
import { wireConfig } from './plan.js'
import { affectedLimit, spreadOf } from './publish-request.js'
import { TreeGatherer } from './tree-gatherer.js'
import type { ApiContext } from './types.js'
import { wireStatus } from './wire-status.js'

/** Rejects E_NOT_FOUND for a name that is not live. */
export async function sendFiles(
  { member }: ApiContext,
  { namespace, names }: FilesRequest__Output,
  sink: Sink<WireFile>,
  { signal }: Caller,
): Promise<void> {
  await member.linearizableRead({ signal })
  const view = viewOf(member.store, namespace || DEFAULT_NAMESPACE)
  for (const name of names) {
    const live = view.config(name)
    if (!live) throw new KeeperError('E_NOT_FOUND', `no config ${name}`, { name })
    if (live.record.removed)
      throw new KeeperError('E_NOT_FOUND', `${name} was removed at r${live.modRevision}`, { name })
  }
  for (const file of liveFiles(view, names.length > 0 ? new Set(names) : undefined)) {
    for (let at = 0; at === 0 || at < file.bytes.length; at += limits.blobChunkBytes) {
      const bytes = Buffer.from(file.bytes.subarray(at, at + limits.blobChunkBytes))
      const last = at + limits.blobChunkBytes >= file.bytes.length
      if (!sink.send({ ...file, bytes, last })) await sink.writable()
    }
  }
}

/** The later against the earlier, as a plan would show it. Throws E_NOT_FOUND. */
export function diff({ member }: ApiContext, request: DiffRequest__Output): PlannedConfig {
  const { store } = member
  const which = { namespace: request.namespace || DEFAULT_NAMESPACE, name: request.name }
  const from = { revision: uint('from_revision', request.fromRevision), stepsBack: request.fromStepsBack }
  const to = { revision: uint('to_revision', request.toRevision), stepsBack: request.toStepsBack }
  const before = recordAt(store, { ...which, ...from })
  const after = recordAt(store, { ...which, ...to })
  const draft = { record: after.record, before: { record: before.record, modRevision: before.revision } }
  const comparison = comparisonOf({ fresh: new Map(), stored: store })
  return { ...wireConfig(reviewConfig(draft, new ProcessIndex([]), comparison)), toRevision: after.revision }
}

export async function edit(
  context: ApiContext,
  requests: AsyncIterable<EditRequest__Output>,
  sink: Sink<WireResult>,
  { principal }: Caller,
): Promise<void> {
  const { header, files } = await gatherEdit(requests)
  context.authorize(principal, 'config.publish', header.name)
  let output: CompileOutput | undefined
  const compile = async (tree: SourceTree) => {
    output = await context.compiler.compile(tree)
    return output
  }
  try {
    sink.send(wireResult(await context.publisher.edit({ ...editOf(header, principal), files, compile })))
  } catch (error) {
    if (!(error instanceof KeeperError) || !refusals.has(error.code)) throw error
    const diagnostics = wireDiagnostics(output?.diagnostics ?? [])
    sink.send({ ok: false, changed: false, diagnostics, status: wireStatus(error) })
  }
}

const editOf = (header: EditHeader__Output, principal: string) => ({
  namespace: header.namespace,
  name: header.name,
  baseRevision: uint('base_revision', header.baseRevision),
  author: header.author || principal,
  reason: header.reason,
  dryRun: header.dryRun,
  spreadMs: spreadOf(header.spreadMs),
  affected: affectedLimit(header.maxAffected),
  principal,
})

async function gatherEdit(
  requests: AsyncIterable<EditRequest__Output>,
): Promise<{ header: EditHeader__Output; files: readonly SourceFile[] }> {
  let header: EditHeader__Output | undefined
  const gatherer = new TreeGatherer(limits)
  for await (const request of requests) {
    if (request.header) {
      if (header) throw new KeeperError('E_FRAME_ORDER', 'an edit has one header')
      header = request.header
    } else if (!header) throw new KeeperError('E_FRAME_ORDER', 'the first message of an edit is its header')
    else if (request.file) gatherer.piece(request.file)
  }
  if (!header) throw new KeeperError('E_FRAME_ORDER', 'an edit begins with a header')
  if (header.reason.trim() === '') throw new KeeperError('E_INVALID_ARGUMENT', 'an edit needs a reason')
  const { files } = gatherer.tree()
  if (files.length === 0) throw new KeeperError('E_INVALID_ARGUMENT', 'an edit without a file')
  return { header, files }
}
