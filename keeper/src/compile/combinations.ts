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
  // in an order that is the labels' own: which overlay is the stronger shall decide about no limit
  for (const label of [...new Set(overlays.flatMap((when) => Object.keys(when)))].sort()) {
    const next = new Map<string, Alive>()
    const wanted = overlays.map((when) => (Object.hasOwn(when, label) ? when[label] : undefined))
    const has = allowed(readers, label)
    for (const alive of sets.values()) for (const rest of split(alive, wanted, has)) next.set(rest.join(), rest)
    if (next.size > limits.overlayCombinationsMax * underWayFactor) return undefined
    sets = next
  }
  if (sets.size > limits.overlayCombinationsMax) return undefined
  return [...sets.values()].sort(compareSets)
}

/** `wanted`: the value that each overlay asks for, if it does. `has`: those that readers may have, if not any. */
function split(
  alive: Alive,
  wanted: readonly (string | undefined)[],
  has: readonly string[] | undefined,
): readonly Alive[] {
  const named = new Map<string, number[]>()
  const others: number[] = []
  for (const at of alive) {
    const value = wanted[at]
    if (value === undefined) others.push(at)
    else if (!named.has(value)) named.set(value, [])
  }
  if (named.size === 0) return [alive]
  for (const at of alive) {
    const value = wanted[at]
    if (value !== undefined) named.get(value)?.push(at)
    else for (const set of named.values()) set.push(at)
  }
  const matching = [...named].flatMap(([value, set]) => (has?.includes(value) === false ? [] : [set]))
  const hasOthers = has?.some((value) => !named.has(value)) ?? true
  return hasOthers ? [others, ...matching] : matching
}

/** The order of combinations: the least first. */
export const compareSets = (a: readonly number[], b: readonly number[]): number =>
  a.length - b.length || compareIndices(a, b)

function compareIndices(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, at) => value !== b[at])
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0)
}
