import type { AckState, LedgerRow, LedgerView } from '@keeper/proto'
import type { Gathered } from '../push/everywhere.js'
import type { LedgerEntry } from '../push/types.js'
import { Changes } from './changes.js'
import { type Standing, standingOf } from './standing.js'
import type { ApiContext } from './types.js'

const ackState: Record<LedgerEntry['state'], keyof typeof AckState> = {
  unknown: 'ACK_STATE_UNSPECIFIED',
  sent: 'ACK_STATE_UNSPECIFIED',
  received: 'ACK_STATE_RECEIVED',
  applied: 'ACK_STATE_APPLIED',
  rejected: 'ACK_STATE_REJECTED',
  failed: 'ACK_STATE_FAILED',
}

/** Where the processes of all members stand with `names`; all configs when absent. */
export async function ledgerEntries(
  context: ApiContext,
  namespace: string,
  names?: readonly string[],
): Promise<Gathered<LedgerEntry>> {
  const { everywhere } = context.hub
  if (!names) return everywhere.ledger({ namespace })
  const each = await Promise.all(names.map((name) => everywhere.ledger({ namespace, name })))
  const unreachable = [...new Set(each.flatMap((one) => one.unreachable))]
  return { rows: each.flatMap((one) => one.rows), unreachable }
}

/**
 * Tells when rows of `names` (all when absent) changed, until `signal` aborts. `wait` resolves at the next change since
 * it was last called, so that whoever is slow sees the newest only.
 */
export function ledgerChanges(context: ApiContext, names: readonly string[] | undefined, signal: AbortSignal): Changes {
  const changes = new Changes(signal)
  context.hub.everywhere.watch(names, signal, () => changes.note())
  return changes
}

/** Rows, and how many processes there are, are current, have rejected or failed. */
export function ledgerView(context: ApiContext, { rows, unreachable }: Gathered<LedgerEntry>): LedgerView {
  const silent = new Set(unreachable)
  return {
    revision: context.member.store.revision('system'),
    rows: rows.map((entry) => rowOf(entry, standingOf(entry, silent), context.hub.nameOf(entry.member))),
    unreachableMembers: unreachable.map((member) => context.hub.nameOf(member)),
    processes: rows.length,
    current: rows.filter((entry) => entry.current).length,
    rejected: rows.filter((entry) => entry.state === 'rejected').length,
    failed: rows.filter((entry) => entry.state === 'failed').length,
  }
}

export const rowOf = (entry: LedgerEntry, standing: Standing, member: string): LedgerRow => ({
  name: entry.name,
  cluster: entry.cluster,
  role: entry.role,
  instance: entry.instance,
  wantedRevision: entry.wantedRevision,
  revision: entry.revision,
  state: ackState[entry.state],
  reason: entry.reason,
  atUnixMs: Math.trunc(entry.atUnixMs),
  current: entry.current,
  connected: entry.connected,
  member,
  dueUnixMs: entry.dueUnixMs ?? 0,
  standing,
})
