import type { SnapshotsHandlers } from '@keeper/proto'
import { encodeSnapshot, SNAPSHOT_FORMAT } from '../node/snapshot-format.js'
import type { Calls } from './calls.js'
import type { ApiContext } from './types.js'

/** keeper.v1.Snapshots: all that the cluster has acknowledged, as a file. Any member can make one. */
export function snapshotService(context: ApiContext, calls: Calls): SnapshotsHandlers {
  const { member, memberName, authorize, clock, version } = context
  return {
    Save: calls.serverStream(async (_request, sink, { principal, signal }) => {
      authorize(principal, 'cluster.snapshot', '')
      // what was acknowledged before the call is in it, whichever member is asked
      await member.linearizableRead({ signal })
      const { index, term, count, records, userRevision, systemRevision } = await member.openSnapshot()
      const { clusterId, storeEpoch } = member.status().identity
      const header = {
        ...{ format: SNAPSHOT_FORMAT, clusterId, storeEpoch, memberName, index, term, userRevision, systemRevision },
        ...{ records: count, wallMs: clock.wall(), version },
      }
      for await (const piece of encodeSnapshot(header, records)) {
        const recordsTotal = piece.records === 0 ? count : 0
        // ready for more, or the client is slow: nothing is gathered here
        if (!sink.send({ ...piece, recordsTotal })) await sink.writable()
      }
    }),
  }
}
