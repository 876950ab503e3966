import type { ClusterHandlers, InstancesResponse, InstanceView, SourceStatus } from '@keeper/proto'
import { readConfigs, readRecords } from '../control/view.js'
import type { InstanceEntry } from '../push/types.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import type { Calls } from './calls.js'
import type { ApiContext } from './types.js'

/** keeper.v1.Cluster: what this member is, and which processes there are. */
export function clusterService(context: ApiContext, calls: Calls): ClusterHandlers {
  return {
    Status: calls.unary((request, { principal }) => {
      context.authorize(principal, 'cluster.read', '')
      return status(context, request.namespace || DEFAULT_NAMESPACE)
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

function status(context: ApiContext, namespace: string) {
  const { store } = context.member
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
    sessions: context.hub.stats().streams,
    configs: readConfigs(store, namespace).filter(({ record }) => !record.removed).length,
    holds: readRecords(store, namespace, 'hold').map(({ path }) => path),
    sources: sources(context, namespace),
    logBytes: raft.logBytes,
    bytesInUse: store.bytesInUse(),
    startedUnixMs: context.startedUnixMs,
    alarms: [...raft.alarms],
    freeBytes: Number.isFinite(raft.freeBytes) ? raft.freeBytes : 0,
  }
}

/** All sources the store knows, and what this member watches beside them. */
function sources(context: ApiContext, namespace: string): SourceStatus[] {
  const watched = new Map(
    context
      .sources()
      .filter((state) => state.namespace === namespace)
      .map((state) => [state.source, state]),
  )
  const known = readRecords(context.member.store, namespace, 'source')
  const names = [...new Set([...known.map(({ path }) => path), ...watched.keys()])].sort()
  return names.map((source) => {
    const stored = known.find(({ path }) => path === source)
    const state = watched.get(source)
    return {
      source,
      configs: Object.keys(stored?.record.published ?? {}).length,
      directory: state?.directory ?? '',
      lastError: state?.lastError ?? '',
      lastPublishedRevision: Math.max(state?.lastPublishedRevision ?? 0, stored?.kv.modRevision ?? 0),
    }
  })
}

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
