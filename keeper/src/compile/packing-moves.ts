import type { Moved } from './known-sets.js'
import { moveBetween, withMove } from './overlay-order.js'
import type { MadeConfig } from './worked.js'
import type { ChangedConfig } from './worker-messages.js'

/** Configs whose overlays changed places, and no more. */
export interface Moves {
  /** What was done to some of them, each once. */
  readonly all: readonly Moved[]
  /** The places of the configs, and for each which of `all` was done to it. */
  readonly places: readonly number[]
  readonly by: readonly number[]
}

export class PackedMoves implements Moves {
  readonly all: Moved[] = []
  readonly places: number[] = []
  readonly by: number[] = []
  readonly #known = new Map<Moved, number>()

  /** False when there is more to tell of it. */
  take({ at, made, before }: ChangedConfig): boolean {
    const moved = before && moveBetween(before, made)
    if (!moved) return false
    const known = this.#known.get(moved) ?? this.all.push(moved) - 1
    this.#known.set(moved, known)
    this.places.push(at)
    this.by.push(known)
    return true
  }
}

/** By place. */
export function unpackedMoves(
  { all, places, by }: Moves,
  before: readonly (MadeConfig | undefined)[],
): Map<number, MadeConfig> {
  return new Map(
    places.map((place, at) => [place, withMove(before[place] as MadeConfig, all[by[at] ?? -1] as Moved)] as const),
  )
}
