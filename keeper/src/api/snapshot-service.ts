import type { SnapshotsHandlers } from '@keeper/proto'
import { encodeSnapshot, SNAPSHOT_FORMAT } from '../node/snapshot-format.js'
import type { Calls } from './calls.js'
import type { ApiContext } from './types.js'

export type SavingContext = Pick<ApiContext, 'member' | 'memberName' | 'clock' | 'version'>

/** The file's pieces; what was acknowledged before the first is asked for is in it, whichever member is asked. */
export async function* savedState(
  { member, memberName, clock, version }: SavingContext,
  signal?: AbortSignal,
): AsyncGenerator<{ bytes: Buffer; records: number; recordsTotal: number }> {
  await member.linearizableRead(signal && { signal })
  const { index, term, count, records, userRevision, systemRevision } = await member.openSnapshot()
  const { clusterId, storeEpoch } = member.status().identity
  const header = {
    ...{ format: SNAPSHOT_FORMAT, clusterId, storeEpoch, memberName, index, term, userRevision, systemRevision },
    ...{ records: count, wallMs: clock.wall(), version },
  }
  for await (const piece of encodeSnapshot(header, records))
    yield { ...piece, recordsTotal: piece.records === 0 ? count : 0 }
}

/** keeper.v1.Snapshots: all that the cluster has acknowledged, as a file. Any member can make one. */
export function snapshotService(context: ApiContext, calls: Calls): SnapshotsHandlers {
  return {
    Save: calls.serverStream(async (_request, sink, { principal, signal }) => {
      context.authorize(principal, 'cluster.snapshot', '')
      for await (const piece of savedState(context, signal)) {
        // ready for more, or the client is slow: nothing is gathered here
        if (!sink.send(piece)) await sink.writable()
      }
    }),
  }
}
