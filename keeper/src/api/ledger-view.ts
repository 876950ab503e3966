import type { AckState, LedgerRow, LedgerView } from '@keeper/proto'
import type { LedgerChange, LedgerEntry } from '../push/types.js'
import { Changes } from './changes.js'
import type { ApiContext } from './types.js'

const ackState: Record<LedgerEntry['state'], keyof typeof AckState> = {
  unknown: 'ACK_STATE_UNSPECIFIED',
  sent: 'ACK_STATE_UNSPECIFIED',
  received: 'ACK_STATE_RECEIVED',
  applied: 'ACK_STATE_APPLIED',
  rejected: 'ACK_STATE_REJECTED',
  failed: 'ACK_STATE_FAILED',
}

/** Where the processes stand with `names`; all configs when absent. */
export const ledgerEntries = (
  context: ApiContext,
  namespace: string,
  names?: readonly string[],
): readonly LedgerEntry[] =>
  names ? names.flatMap((name) => context.hub.ledger({ namespace, name })) : context.hub.ledger({ namespace })

/**
 * Tells when rows of `names` (all when absent) changed, until `signal` aborts. `wait` resolves at the next change since
 * it was last called, so that whoever is slow sees the newest only.
 */
export function ledgerChanges(context: ApiContext, names: readonly string[] | undefined, signal: AbortSignal): Changes {
  const changes = new Changes(signal)
  const concerned = (change: LedgerChange) => change.all || !names || names.some((name) => change.names.has(name))
  const stop = context.hub.onLedgerChange((change) => concerned(change) && changes.note())
  signal.addEventListener('abort', stop, { once: true })
  return changes
}

/** Rows, and how many processes there are, are current, have rejected or failed. */
export function ledgerView(context: ApiContext, entries: readonly LedgerEntry[]): LedgerView {
  const ownId = context.member.status().identity.memberId
  return {
    revision: context.member.store.revision('system'),
    rows: entries.map((entry) => rowOf(entry, context.memberName, ownId)),
    unreachableMembers: [],
    processes: entries.length,
    current: entries.filter((entry) => entry.current).length,
    rejected: entries.filter((entry) => entry.state === 'rejected').length,
    failed: entries.filter((entry) => entry.state === 'failed').length,
  }
}

const rowOf = (entry: LedgerEntry, memberName: string, ownId: number): LedgerRow => ({
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
  member: entry.member === ownId ? memberName : String(entry.member),
})
