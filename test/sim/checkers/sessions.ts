import { Violation } from '../trace.js'

export interface Received {
  readonly name: string
  readonly revision: number
  readonly hash: string
  /** SHA-256 of the bytes that came. */
  readonly sum: string
  readonly value: unknown
  readonly removed: boolean
}

/** What was published last, per config. */
export interface Newest {
  readonly revision: number
  readonly hash: string
}

const countOf = (value: unknown): number =>
  typeof value === 'object' && value !== null && 'n' in value && typeof value.n === 'number' ? value.n : 0

/** A process sees the newest of each config that it lacks, once, and never an older one (DESIGN 14). */
export class SessionChecker {
  deliveries = 0

  got(who: string, before: { revision: number; value: unknown } | undefined, now: Received): void {
    this.deliveries++
    if (before && now.revision <= before.revision)
      throw new Violation('sessions', `${who} holds ${now.name} r${before.revision} and was sent r${now.revision}`)
    if (!now.removed && now.sum !== now.hash)
      throw new Violation('sessions', `${who} got ${now.name} r${now.revision} whose bytes do not fit its hash`)
    // published values count up, whatever their revisions say
    if (before && !now.removed && countOf(now.value) <= countOf(before.value))
      throw new Violation('sessions', `${who} had ${now.name} n${countOf(before.value)}, then n${countOf(now.value)}`)
  }
}

/** Everyone has the newest of all it asked for. */
export function missingNewest(
  newest: ReadonlyMap<string, Newest>,
  subscriptions: readonly string[],
  held: ReadonlyMap<string, { readonly revision: number }>,
): string | undefined {
  return subscriptions.find((name) => {
    const wanted = newest.get(name)
    return wanted !== undefined && held.get(name)?.revision !== wanted.revision
  })
}
