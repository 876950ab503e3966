import type {
  ConfigSummary,
  ConfigsHandlers,
  ConfigView,
  GetConfigRequest__Output,
  HistoryEntry,
  HistoryRequest__Output,
  HistoryResponse,
  RollbackRequest__Output,
} from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { deltaAt } from '../control/past.js'
import type { ConfigDelta } from '../control/types.js'
import { historyAt, historyRevisions, readConfigs, readRecord } from '../control/view.js'
import { audienceLabels } from '../store/audience.js'
import type { HistoryRecord } from '../store/config-records.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { apply, wirePath, wireResult } from './apply.js'
import { type Caller, type Calls, type Sink, uint } from './calls.js'
import { watchConfig } from './config-watch.js'
import { effectiveView, viewerOf } from './effective.js'
import { inTurns } from './in-turns.js'
import { ledgerChanges, ledgerEntries, ledgerView } from './ledger-view.js'
import { spreadOf } from './publish-request.js'
import type { ApiContext } from './types.js'

/** keeper.v1.Configs: what is live, what was, who changes it, and where the processes stand. */
export function configsService(context: ApiContext, calls: Calls): ConfigsHandlers {
  const { member } = context
  let applies = 0
  return {
    Apply: calls.bidi(async (requests, sink, caller) => {
      if (applies >= limits.appliesInFlightMax) {
        throw new KeeperError('E_TOO_MANY', `${limits.appliesInFlightMax} directories are being applied already`)
      }
      applies++
      try {
        await apply(context, requests, sink, caller)
      } finally {
        applies--
      }
    }),
    Get: calls.unary(async (request, caller) => {
      context.authorize(caller.principal, 'config.read', request.name)
      await member.linearizableRead({ signal: caller.signal })
      return get(context, request)
    }),
    List: calls.unary(async (request, caller) => {
      context.authorize(caller.principal, 'config.read', request.prefix)
      await member.linearizableRead({ signal: caller.signal })
      return { configs: await list(context, request.namespace || DEFAULT_NAMESPACE, request.prefix) }
    }),
    Watch: calls.serverStream((request, sink, caller) => {
      context.authorize(caller.principal, 'config.read', request.name)
      return watchConfig(context, request, sink, caller)
    }),
    History: calls.unary(async (request, caller) => {
      context.authorize(caller.principal, 'config.read', request.name)
      await member.linearizableRead({ signal: caller.signal })
      return history(context, request, caller.signal)
    }),
    Rollback: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'config.publish', request.name)
      return wireResult(await context.publisher.rollback(rollbackFromWire(request, principal)))
    }),
    Release: calls.unary(async ({ name, namespace, author }, { principal }) => {
      context.authorize(principal, 'config.publish', name)
      return { released: await context.publisher.release({ name, namespace, author, principal }) }
    }),
    Ledger: calls.unary(async (request, caller) => {
      context.authorize(caller.principal, 'config.read', request.name)
      await member.linearizableRead({ signal: caller.signal })
      return ledger(context, request)
    }),
    WatchLedger: calls.serverStream(async (request, sink, caller) => {
      context.authorize(caller.principal, 'config.read', request.name)
      await watchLedger(context, request, sink, caller)
    }),
  }
}

/** Throws E_INVALID_ARGUMENT. */
export function rollbackFromWire(request: RollbackRequest__Output, principal: string) {
  const { name, namespace, author, reason, stepsBack } = request
  const toRevision = uint('to_revision', request.toRevision)
  const who = { author: author || principal, reason, principal }
  return { namespace, name, toRevision, stepsBack, spreadMs: spreadOf(request.spreadMs), ...who }
}

function get(context: ApiContext, request: GetConfigRequest__Output): ConfigView {
  const { store } = context.member
  const namespace = request.namespace || DEFAULT_NAMESPACE
  const viewer = viewerOf(store, namespace, request.asInstance, request.asLabels)
  const revision = uint('revision', request.revision)
  const which = { namespace, name: request.name, revision, stepsBack: request.stepsBack }
  return effectiveView(store, which, viewer, context.member.status().identity.storeEpoch)
}

async function list(context: ApiContext, namespace: string, prefix: string): Promise<ConfigSummary[]> {
  const { store } = context.member
  const { rows } = await context.hub.everywhere.ledger({ namespace })
  return readConfigs(store, namespace)
    .filter(({ record }) => record.name.startsWith(prefix))
    .map(({ record, modRevision }) => {
      const entries = rows.filter(({ name }) => name === record.name)
      return {
        name: record.name,
        revision: modRevision,
        removed: record.removed === true,
        held: readRecord(store, namespace, 'hold', record.name) !== undefined,
        audience: audienceLabels(record.audience),
        variants: record.variants.length,
        processes: entries.length,
        applied: entries.filter((entry) => entry.current).length,
      }
    })
}

/** Newest first. */
async function history(
  context: ApiContext,
  request: HistoryRequest__Output,
  signal: AbortSignal | undefined,
): Promise<HistoryResponse> {
  const { store } = context.member
  const namespace = request.namespace || DEFAULT_NAMESPACE
  const revisions = historyRevisions(store, namespace, request.name)
  if (revisions.length === 0) throw new KeeperError('E_NOT_FOUND', `no config ${request.name}`, { name: request.name })
  const wanted = revisions.reverse().slice(0, request.limit || limits.historyRevisionsPerConfig)
  const entryOf = (revision: number): HistoryEntry[] => {
    const record = historyAt(store, namespace, request.name, revision)
    if (!record) return []
    return [
      historyEntry(revision, record, request.diff ? deltaAt(store, namespace, request.name, revision) : undefined),
    ]
  }
  return { entries: (await inTurns(wanted, entryOf, signal)).flat() }
}

function historyEntry(revision: number, record: HistoryRecord, delta: ConfigDelta | undefined): HistoryEntry {
  const { author, reason, source, action, wallMs, config, approved } = record
  const { variants, removed = false, changeSet, files } = config
  return {
    ...{ revision, author, reason, source, action, wallMs, removed, changeSet },
    ...{ hash: variants[0]?.hash ?? '', file: files[0]?.path ?? '', fileHash: files[0]?.hash ?? '' },
    approvedBy: approved?.author ?? '',
    paths: (delta?.paths ?? []).map(wirePath),
    pathsTotal: delta?.paths.length ?? 0,
  }
}

async function ledger(context: ApiContext, request: { name: string; namespace: string }) {
  const { name, namespace } = { ...request, namespace: request.namespace || DEFAULT_NAMESPACE }
  const entries = await ledgerEntries(context, namespace, name === '' ? undefined : [name])
  if (name !== '' && entries.rows.length === 0 && !readRecord(context.member.store, namespace, 'config', name))
    throw new KeeperError('E_NOT_FOUND', `no config ${name}, and no process asks for it`, { name })
  return ledgerView(context, entries)
}

async function watchLedger(
  context: ApiContext,
  request: { name: string; namespace: string },
  sink: Sink<Awaited<ReturnType<typeof ledger>>>,
  { signal }: Caller,
): Promise<void> {
  const changes = ledgerChanges(context, request.name === '' ? undefined : [request.name], signal)
  while (!signal.aborted) {
    sink.send(await ledger(context, request))
    await sink.writable()
    await changes.wait()
  }
}
