import type { Selector } from '../store/config-records.js'
import { allowed } from './audience.js'
import { combinations, compareSets, type When } from './combinations.js'
import type { SetNames } from './covering.js'
import { Generations } from './generations.js'
import type { Stack, Turn } from './overlay-order.js'
import { byPrecedence } from './overlays.js'
import type { CompiledVariant } from './types.js'

/** The overlays of each variant. */
export type Sets = readonly (readonly number[])[]

/** What becomes of variants when their overlays change places. */
export interface Moved {
  readonly sets: Sets
  /** For each of `sets` the place of a variant before that had the value it has now. */
  readonly from: readonly number[]
  /** For each overlay its place before. */
  readonly turned: readonly number[]
  /** There may have been values that no variant has now. */
  readonly loses: boolean
}

interface KnownMove {
  readonly before: Sets
  /** Undefined where a set has a value that none had before. */
  readonly moved: Moved | undefined
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
  readonly #orders = new Generations<readonly number[]>()
  readonly #stacks = new Generations<Stack>()
  readonly #turns = new WeakMap<Stack, Map<string, Turn>>()
  readonly #moves = new WeakMap<Turn, KnownMove[]>()

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

  /** As byPrecedence. */
  byPrecedence(whens: readonly When[], order: readonly string[]): readonly number[] {
    if (whens.length < 2) return byPrecedence(whens, order)
    return this.#orders.get(JSON.stringify([order, whens]), () => byPrecedence(whens, order))
  }

  /** Of overlays in their order. `names`: as nameSets gives for what they write. */
  stack(overlays: readonly { readonly written: When }[], names: SetNames): Stack {
    const written = overlays.map((one) => one.written)
    const key = JSON.stringify([written, names.key])
    return this.#stacks.get(key, () => ({ written, names, read: written.map((_, at) => at) }))
  }

  turned(stack: Stack, order: readonly string[]): Turn {
    const known = this.#turns.get(stack) ?? new Map<string, Turn>()
    this.#turns.set(stack, known)
    const turn = known.get(order.join()) ?? turnOf(stack, order)
    known.set(order.join(), turn)
    return turn
  }

  /** Undefined where a set has a value that none had before. */
  moved(variants: readonly CompiledVariant[], stack: Stack, turn: Turn): Moved | undefined {
    const known = this.#moves.get(turn) ?? []
    const isSame = ({ before }: KnownMove) =>
      before.length === variants.length && variants.every(({ overlays }, at) => overlays === before[at])
    const found = known.find(isSame)
    if (found) return found.moved
    const before = variants.map(({ overlays }) => overlays)
    const moved = movedSets(before, stack, turn)
    this.#moves.set(turn, [{ before, moved }, ...known].slice(0, movesKept))
    return moved
  }

  /** Forgets what nobody asked for since the turn before last. */
  turn(): void {
    for (const cache of [this.#combined, this.#orders, this.#stacks]) cache.turn()
  }
}

/** Of configs that have overlays alike, and are for others. */
const movesKept = 4

function turnOf({ written, names, read }: Stack, order: readonly string[]): Turn {
  const from = byPrecedence(written, order)
  const pick = <T>(all: readonly T[]): T[] => from.map((at) => all[at] as T)
  return { after: { written: pick(written), names, read: pick(read) }, from }
}

function movedSets(before: Sets, { names, read }: Stack, { after, from: turned }: Turn): Moved | undefined {
  const to: number[] = []
  for (const [after, before] of turned.entries()) to[before] = after
  const sets = before.map((set) => set.map((at) => to[at] ?? at).sort((a, b) => a - b)).sort(compareSets)
  const nameIn = (places: readonly number[], set: readonly number[]) =>
    names.nameInOrder(set.map((at) => places[at] ?? -1))
  const known = new Map(before.map((set, at) => [nameIn(read, set), at]))
  const from = sets.map((set) => known.get(nameIn(after.read, set)) ?? -1)
  if (from.includes(-1)) return undefined
  return { sets, from, turned, loses: new Set(from).size < known.size }
}
