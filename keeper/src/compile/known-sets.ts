import type { Selector } from '../store/config-records.js'
import { allowed } from './audience.js'
import { combinations, compareSets, type When } from './combinations.js'
import type { SetNames } from './covering.js'
import { Generations } from './generations.js'
import type { CompiledVariant } from './types.js'

/** The overlays of each variant. */
export type Sets = readonly (readonly number[])[]

/** Sets whose overlays stand in other places. */
export interface Moved {
  readonly sets: Sets
  /** For each of `sets` its place before. */
  readonly from: readonly number[]
}

interface KnownMove extends Moved {
  readonly before: Sets
  readonly to: string
}

const none: Sets = [[]]

/**
 * Config after config has overlays for the same labels: the combinations of them are found once, and moved once. They are
 * the same objects then, which tells packing that they are the same.
 */
export class KnownSets {
  readonly #combined = new Generations<{ readonly sets: Sets | undefined }>()
  readonly #alike = new WeakMap<Sets, { readonly key: string; readonly alike: readonly number[] }>()
  readonly #reached = new WeakMap<Sets, ReadonlySet<number>>()
  /** By the last of the sets. */
  readonly #moved = new WeakMap<readonly number[], KnownMove[]>()

  /** As `combinations`. */
  combinations(overlays: readonly When[], readers: Pick<Selector, 'labels'>): Sets | undefined {
    if (overlays.length === 0) return none
    const labels = [...new Set(overlays.flatMap((when) => Object.keys(when)))].sort()
    const key = JSON.stringify([overlays, labels.map((label) => allowed(readers, label) ?? null)])
    return this.#combined.get(key, () => ({ sets: combinations(overlays, readers) })).sets
  }

  /** For each set the place of the first that has its name. */
  alike(sets: Sets, { key, nameOf }: SetNames): readonly number[] {
    const known = this.#alike.get(sets)
    if (known?.key === key) return known.alike
    const places = new Map<string, number>()
    const alike = sets.map((set, at) => {
      const name = nameOf(set)
      const first = places.get(name) ?? at
      if (first === at) places.set(name, at)
      return first
    })
    this.#alike.set(sets, { key, alike })
    return alike
  }

  /** All overlays of the sets. */
  reached(sets: Sets): ReadonlySet<number> {
    const reached = this.#reached.get(sets) ?? new Set(sets.flat())
    this.#reached.set(sets, reached)
    return reached
  }

  /** `to`: the place that each overlay goes to. */
  moved(variants: readonly CompiledVariant[], to: readonly number[]): Moved {
    const last = variants.at(-1)?.overlays ?? []
    const known = this.#moved.get(last) ?? []
    const isSame = ({ before }: KnownMove) =>
      before.length === variants.length && variants.every(({ overlays }, at) => overlays === before[at])
    const found = known.find((one) => one.to === to.join() && isSame(one))
    if (found) return found
    const before = variants.map(({ overlays }) => overlays)
    const move = { before, to: to.join(), ...movedSets(before, to) }
    this.#moved.set(last, [move, ...known].slice(0, movesKept))
    return move
  }

  /** Forgets combinations that nobody asked for since the turn before last. */
  turn(): void {
    this.#combined.turn()
  }
}

/** There and back, for sets that end alike. */
const movesKept = 4

function movedSets(before: Sets, to: readonly number[]): Moved {
  const moved = before
    .map((set, from) => ({ set: set.map((at) => to[at] ?? at).sort((a, b) => a - b), from }))
    .sort((a, b) => compareSets(a.set, b.set))
  return { sets: moved.map(({ set }) => set), from: moved.map(({ from }) => from) }
}
