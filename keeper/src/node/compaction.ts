/** Keeps history of the last interval, and never fewer revisions than a watcher may be behind (as etcd's periodic mode). */
export interface CompactionPolicy {
  readonly intervalMs: number
  readonly keepRevisionsMin: number
}

export const defaultCompaction: CompactionPolicy = { intervalMs: 3_600_000, keepRevisionsMin: 1_000 }

/**
 * The revision up to which history may go now; undefined if there is nothing to do. `revisionBefore` was current one
 * interval ago.
 */
export function compactionTarget(
  policy: CompactionPolicy,
  keyspace: { readonly revision: number; readonly compacted: number; readonly revisionBefore: number },
): number | undefined {
  const target = Math.min(keyspace.revisionBefore, keyspace.revision - policy.keepRevisionsMin)
  return target > keyspace.compacted ? target : undefined
}
