import type { LedgerEntry } from '../push/types.js'

/** Where a process stands with a config, in a word. From worst to best, as a process with several configs is told. */
export const standings = ['rejected', 'failed', 'unknown', 'away', 'not yet', 'waiting', 'applied'] as const
export type Standing = (typeof standings)[number]

/**
 * `current` says whether it runs what is live for it; by default its own member's word. `silent` are members that do
 * not answer: what their processes do is unknown, whatever they did before.
 */
export function standingOf(
  entry: LedgerEntry,
  silent: ReadonlySet<number>,
  current: boolean = entry.current,
): Standing {
  if (silent.has(entry.member)) return 'unknown'
  if (current) return 'applied'
  if (!entry.lacking && (entry.state === 'rejected' || entry.state === 'failed')) return entry.state
  if (!entry.connected) return entry.state === 'unknown' && entry.since !== undefined ? 'unknown' : 'away'
  return entry.lacking && (entry.dueUnixMs ?? 0) > 0 ? 'waiting' : 'not yet'
}

const rank = new Map(standings.map((standing, at) => [standing, at]))

/** The worse of two. */
export const worse = (a: Standing, b: Standing): Standing => ((rank.get(a) ?? 0) <= (rank.get(b) ?? 0) ? a : b)
