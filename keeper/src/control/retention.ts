import { limits } from '../base/limits.js'

/**
 * How many revisions of a config's history are kept when the newest takes so many bytes, values and files: as many as
 * their number and `historyBytesPerConfig` allow, and at least the one before it. All of them lie on every member's disk.
 */
export function revisionsToKeep(bytes: number): number {
  if (bytes === 0) return limits.historyRevisionsPerConfig
  const bySize = Math.floor(limits.historyBytesPerConfig / bytes)
  return Math.min(limits.historyRevisionsPerConfig, Math.max(2, bySize))
}
