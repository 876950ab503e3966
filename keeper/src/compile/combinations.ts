import { limits } from '../base/limits.js'
import type { Selector } from '../store/config-records.js'
import { allowed } from './audience.js'

export type When = Readonly<Record<string, string>>

/** A set of overlays that may still match, on the way to a combination: ascending indices. */
type Alive = readonly number[]

/** Half-done sets that may be under way for each combination allowed. */
const underWayFactor = 8

/**
 * Every set of overlays that some process can match exactly, as ascending indices, the least first. `readers` are those
 * who get the config; only they count. Undefined when there are more than limits.overlayCombinationsMax.
 *
 * Label by label: each set splits into one for every value that its overlays name, and one for all other values, if
 * some reader can have another. Sets that have become equal are one; so what grows is the number of outcomes, never the
 * number of assignments.
 */
export function combinations(
  overlays: readonly When[],
  readers: Pick<Selector, 'labels'>,
): readonly (readonly number[])[] | undefined {
  let sets = new Map<string, Alive>([['', overlays.map((_, at) => at)]])
  for (const label of new Set(overlays.flatMap((when) => Object.keys(when)))) {
    const next = new Map<string, Alive>()
    for (const alive of sets.values())
      for (const rest of split(alive, overlays, label, allowed(readers, label))) next.set(rest.join(), rest)
    if (next.size > limits.overlayCombinationsMax * underWayFactor) return undefined
    sets = next
  }
  if (sets.size > limits.overlayCombinationsMax) return undefined
  return [...sets.values()].sort((a, b) => a.length - b.length || compareIndices(a, b))
}

function split(alive: Alive, overlays: readonly When[], label: string, has: readonly string[] | undefined): Alive[] {
  const wanted = (at: number): string | undefined => {
    const when = overlays[at] ?? {}
    return Object.hasOwn(when, label) ? when[label] : undefined
  }
  const named = new Set(alive.flatMap((at) => wanted(at) ?? []))
  if (named.size === 0) return [alive]
  const possible = [...named].filter((value) => has?.includes(value) ?? true)
  const matching = possible.map((value) => alive.filter((at) => [undefined, value].includes(wanted(at))))
  const hasOthers = has?.some((value) => !named.has(value)) ?? true
  return hasOthers ? [alive.filter((at) => wanted(at) === undefined), ...matching] : matching
}

function compareIndices(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, at) => value !== b[at])
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0)
}
