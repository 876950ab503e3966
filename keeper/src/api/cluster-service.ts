import type { ClusterHandlers, InstancesResponse, InstanceView, SourceStatus } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { Drift, type DriftView } from '../control/drift.js'
import type { SourceState } from '../control/types.js'
import { readConfigs, readRecords } from '../control/view.js'
import type { InstanceEntry } from '../push/types.js'
import type { SourceRecord } from '../store/config-records.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import type { Calls } from './calls.js'
import type { ApiContext } from './types.js'
import { wireStatus } from './wire-status.js'

/** keeper.v1.Cluster: what this member is, and which processes there are. */
export function clusterService(context: ApiContext, calls: Calls): ClusterHandlers {
  const drift = new Drift()
  return {
    Status: calls.unary((request, { principal }) => {
      context.authorize(principal, 'cluster.read', '')
      return status(context, request.namespace || DEFAULT_NAMESPACE, drift)
    }),
    Instances: calls.unary((request, { principal }) => {
      context.authorize(principal, 'cluster.read', request.cluster)
      const namespace = request.namespace || DEFAULT_NAMESPACE
      const wanted = (entry: InstanceEntry) =>
        entry.namespace === namespace &&
        (request.cluster === '' || entry.identity.cluster === request.cluster) &&
        (request.role === '' || entry.identity.role === request.role)
      return instances(context, wanted)
    }),
  }
}

function status(context: ApiContext, namespace: string, drift: Drift) {
  const { store } = context.member
  const drifted = drift.read(store, namespace)
  const held = readRecords(store, namespace, 'hold').map(({ path, record }) => ({ ...record, name: path }))
  const { identity, ...raft } = context.member.status()
  return {
    version: context.version,
    clusterId: identity.clusterId,
    storeEpoch: identity.storeEpoch,
    memberName: context.memberName,
    memberId: identity.memberId,
    role: raft.role,
    term: raft.term,
    leader: raft.leader === 0 ? '' : context.hub.nameOf(raft.leader),
    commitIndex: raft.commitIndex,
    appliedIndex: raft.appliedIndex,
    flushedIndex: raft.flushedIndex,
    systemRevision: store.revision('system'),
    userRevision: store.revision('user'),
    stateHash: store.hash(),
    condition: raft.condition,
    sessions: context.hub.stats().sessionsEverywhere,
    sessionsHere: context.hub.stats().streams,
    configs: readConfigs(store, namespace).filter(({ record }) => !record.removed).length,
    holds: held.map(({ name }) => name),
    held,
    pending: readRecords(store, namespace, 'pending').filter(({ record }) => !record.rejected).length,
    unowned: [...drifted.unowned],
    sources: sources(context, namespace, drifted),
    logBytes: raft.logBytes,
    bytesInUse: store.bytesInUse(),
    startedUnixMs: context.startedUnixMs,
    disagreements: context.agreement.disagreements().map(({ code, text }) => wireStatus(new KeeperError(code, text))),
    alarms: [...raft.alarms],
    freeBytes: Number.isFinite(raft.freeBytes) ? raft.freeBytes : 0,
  }
}

/** All sources the store knows, and what this member watches beside them. */
function sources(context: ApiContext, namespace: string, drift: DriftView): SourceStatus[] {
  const watched = new Map(
    context
      .sources()
      .filter((state) => state.namespace === namespace)
      .map((state) => [state.source, state]),
  )
  const known = new Map(readRecords(context.member.store, namespace, 'source').map((one) => [one.path, one]))
  const parked = readRecords(context.member.store, namespace, 'pending').filter(({ record }) => !record.rejected)
  return [...new Set([...known.keys(), ...watched.keys()])].sort().map((source) => {
    const stored = known.get(source)
    const state = watched.get(source)
    return {
      ...publishedStatus(source, stored?.record),
      ...watchStatus(state),
      lastPublishedRevision: Math.max(state?.lastPublishedRevision ?? 0, stored?.kv.modRevision ?? 0),
      pending: parked.find(({ record }) => record.source === source && !record.intervention)?.record.id ?? '',
      drift: [...(drift.bySource.get(source) ?? [])],
    }
  })
}

function publishedStatus(source: string, record: SourceRecord | undefined) {
  const last = record?.trees?.[0]
  const since = Object.entries(record?.since ?? {})
  return {
    source,
    configs: Object.keys(record?.published ?? {}).length,
    prefixes: since.map(([prefix, { wallMs, author }]) => ({ prefix, sinceMs: wallMs, author })),
    gitCommit: last?.gitCommit ?? '',
    place: last?.place ?? '',
  }
}

const watchStatus = (state: SourceState | undefined) => ({
  directory: state?.directory ?? '',
  lastError: state?.lastError ?? '',
  lastErrorCode: state?.lastErrorCode ?? '',
  waitsFor: state?.waitsFor ?? '',
  held: [...(state?.held ?? [])],
})

async function instances(context: ApiContext, wanted: (entry: InstanceEntry) => boolean): Promise<InstancesResponse> {
  const { rows, unreachable } = await context.hub.everywhere.instances()
  return {
    instances: rows.filter(wanted).map((entry) => viewOf(entry, context.hub.nameOf(entry.member))),
    unreachableMembers: unreachable.map((member) => context.hub.nameOf(member)),
  }
}

const viewOf = (entry: InstanceEntry, member: string): InstanceView => ({
  identity: entry.identity,
  sessionId: entry.sessionId.toString(),
  connected: entry.connected,
  member,
  startedUnixMs: entry.startedUnixMs,
  eventLoopLagMs: Math.round(entry.lagMs),
  silentMs: Number.isFinite(entry.silentMs) ? Math.round(entry.silentMs) : 0,
  configs: entry.configs,
  configsCurrent: entry.configsCurrent,
})
