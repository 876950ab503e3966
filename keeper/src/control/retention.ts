import { limits } from '../base/limits.js'
import type { ConfigRecord } from '../store/config-records.js'
import { blobsOf } from './digest.js'
import type { PublishView } from './types.js'

/** So many of the newest revisions tell what one more takes. */
const LOOKED_AT = 8

/** What is asked of the view. */
export type RetainedView = Pick<PublishView, 'historyRevisions' | 'historyAt' | 'blobBytes' | 'blobPieces'>

/**
 * How many revisions of a config's history are kept, of which `newest` is live: as many as their number and
 * `historyBytesPerConfig` allow, and at least the one before it. All of them lie on every member's disk; what one has in
 * common with another lies there once.
 */
export function revisionsToKeep(view: RetainedView, newest: ConfigRecord | undefined): number {
  if (!newest) return limits.historyRevisionsPerConfig
  const bytes = [...new Set(blobsOf(newest))].reduce((sum, hash) => sum + view.blobBytes(hash), 0)
  // what is small need not be looked at
  if (bytes * limits.historyRevisionsPerConfig <= limits.historyBytesPerConfig) return limits.historyRevisionsPerConfig
  return revisionsThatFit(bytes, bytesOfOneMore(view, newest.name) ?? bytes)
}

/** When the newest takes so many bytes, values and files, and each of the others so many that the one behind it lacks. */
export function revisionsThatFit(newest: number, other: number): number {
  const others = Math.floor((limits.historyBytesPerConfig - newest) / Math.max(1, other))
  return Math.min(limits.historyRevisionsPerConfig, 1 + Math.max(1, others))
}

/** The mean of some of the newest; undefined for a config with one revision. */
function bytesOfOneMore(view: RetainedView, name: string): number | undefined {
  const revisions = view.historyRevisions(name).slice(-LOOKED_AT).reverse()
  if (revisions.length < 2) return undefined
  const known = new Set<string>()
  let bytes = 0
  for (const [at, revision] of revisions.entries()) {
    const record = view.historyAt(name, revision)
    for (const piece of record ? blobsOf(record.config).flatMap((hash) => view.blobPieces(hash)) : []) {
      if (known.has(piece.hash)) continue
      known.add(piece.hash)
      if (at > 0) bytes += piece.bytes
    }
  }
  return bytes / (revisions.length - 1)
}
