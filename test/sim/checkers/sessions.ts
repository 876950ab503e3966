import { Violation } from '../trace.js'

export interface Received {
  readonly name: string
  readonly storeEpoch: number
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

type Before = Pick<Received, 'storeEpoch' | 'revision' | 'value'>

const moment = ({ storeEpoch, revision }: Pick<Received, 'storeEpoch' | 'revision'>) => `e${storeEpoch} r${revision}`

const countOf = (value: unknown): number =>
  typeof value === 'object' && value !== null && 'n' in value && typeof value.n === 'number' ? value.n : 0

/** A process sees the newest of each config that it lacks, once, and never an older one (DESIGN 14). */
export class SessionChecker {
  deliveries = 0

  got(who: string, before: Before | undefined, now: Received): void {
    this.deliveries++
    if (!now.removed && now.sum !== now.hash)
      throw new Violation('sessions', `${who} got ${now.name} r${now.revision} whose bytes do not fit its hash`)
    // a restored cluster begins anew, with older values if need be
    if (!before || now.storeEpoch > before.storeEpoch) return
    if (now.storeEpoch < before.storeEpoch || now.revision <= before.revision)
      throw new Violation('sessions', `${who} holds ${now.name} ${moment(before)} and was sent ${moment(now)}`)
    // published values count up, whatever their revisions say
    if (!now.removed && countOf(now.value) <= countOf(before.value))
      throw new Violation('sessions', `${who} had ${now.name} n${countOf(before.value)}, then n${countOf(now.value)}`)
  }
}

/** Everyone has the newest of all it asked for, of the cluster of that epoch: equal bytes of an earlier one will do. */
export function missingNewest(
  newest: ReadonlyMap<string, Newest>,
  subscriptions: readonly string[],
  held: ReadonlyMap<string, Newest & { readonly storeEpoch: number }>,
  storeEpoch: number,
): string | undefined {
  return subscriptions.find((name) => {
    const wanted = newest.get(name)
    const has = held.get(name)
    return wanted && (has?.storeEpoch === storeEpoch ? has.revision !== wanted.revision : has?.hash !== wanted.hash)
  })
}
