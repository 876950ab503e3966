import { limits } from '../base/limits.js'
import type { ConfigContext, ConfigResult } from './config.js'
import type { ConfigGroup } from './group.js'
import { orderByRefs, type RefOrder } from './order-by-refs.js'
import { blobIn } from './plain-blobs.js'
import type { RefTargets } from './ref-rules.js'
import { type RefTarget, refTarget } from './ref-target.js'
import type { Grouped } from './tree-groups.js'
import type { CompiledConfig, Diagnostic } from './types.js'
import type { ConfigUnit } from './unit.js'

interface Compiled {
  readonly results: readonly ConfigResult[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * The units of all configs of a tree, and what they come to. Those that cannot have changed since the tree before are not
 * even looked at: among tens of thousands that takes longer than compiling one.
 */
export class TreeUnits {
  #names: readonly string[] = []
  #groups: readonly ConfigGroup[] = []
  #context: ConfigContext | undefined
  #placeOf: ReadonlyMap<string, number> = new Map()
  #units: readonly ConfigUnit[] = []
  /** Undefined where a unit has not been compiled yet. */
  #results: (ConfigResult | undefined)[] = []
  /** Places of results with diagnostics. */
  #telling = new Set<number>()
  /** Those that refer, each after what it refers to. */
  #referring: readonly ConfigUnit[] = []
  #circles: RefOrder['circles'] = new Map()
  readonly #targets = new WeakMap<ConfigResult, Map<string, RefTarget>>()

  /** `unitOf` gives a unit for a group that the one of its name before is not for. Results are by name. */
  compile(grouped: Grouped, context: ConfigContext, unitOf: (group: ConfigGroup) => ConfigUnit): Compiled {
    try {
      return this.#compile(grouped, context, unitOf)
    } catch (thrown) {
      // what was not reached would be taken for what has not changed
      this.#context = undefined
      throw thrown
    }
  }

  #compile(grouped: Grouped, context: ConfigContext, unitOf: (group: ConfigGroup) => ConfigUnit): Compiled {
    const isSameWorld = context === this.#context
    // names of results that are others than before, or gone
    const fresh = goneNames(this.#names, grouped.names)
    const stale = this.#update(grouped, context, unitOf)
    const targets = this.#targetsHere()
    for (const at of stale) {
      const unit = this.#units[at] as ConfigUnit
      if (isReferring(unit)) continue
      this.#set(at, unit.compile(targets), fresh)
      unit.release(false)
    }
    const isLeft = isSameWorld ? leftAlone(fresh, stale, this.#units, this.#circles) : () => false
    this.#compileReferring(targets, fresh, isLeft)
    return { results: this.#results.slice() as ConfigResult[], diagnostics: this.#diagnostics() }
  }

  /** Gives the places of those that are to be looked at. */
  #update({ groups, names }: Grouped, context: ConfigContext, unitOf: (group: ConfigGroup) => ConfigUnit): number[] {
    const isMoved = names !== this.#names
    const [units, results, stale] = [[] as ConfigUnit[], [] as (ConfigResult | undefined)[], [] as number[]]
    let isRewired = isMoved
    for (const [at, group] of groups.entries()) {
      const was = isMoved ? (this.#placeOf.get(group.name) ?? -1) : at
      const unit = this.#units[was]
      const isSame = unit && context === this.#context && group === this.#groups[was]
      const now = isSame || (unit?.isOf(group) && unit.takes(group, context)) ? (unit as ConfigUnit) : unitOf(group)
      units.push(now)
      results.push(now === unit ? this.#results[was] : undefined)
      if (!isSame) stale.push(at)
      if (now !== unit && (isReferring(now) || isReferring(unit))) isRewired = true
    }
    if (isMoved) this.#placeOf = new Map(names.map((name, at) => [name, at]))
    ;[this.#names, this.#groups, this.#context, this.#units, this.#results] = [names, groups, context, units, results]
    if (isMoved) this.#telling = new Set(results.flatMap((result, at) => (result?.diagnostics.length ? [at] : [])))
    if (isRewired) this.#rewire()
    return stale
  }

  #rewire(): void {
    const { order, circles } = orderByRefs(
      this.#units.filter(isReferring).map(({ name }) => name),
      (name) => this.#unitOf(name)?.refNames ?? [],
    )
    this.#referring = order.map((name) => this.#unitOf(name)).filter(isReferring) as ConfigUnit[]
    this.#circles = circles
  }

  #compileReferring(targets: RefTargets, fresh: Set<string>, isLeft: (unit: ConfigUnit) => boolean): void {
    // in a circle nobody comes after the others: none shall see what another came to in the tree before
    for (const name of this.#circles.keys()) this.#results[this.#placeOf.get(name) ?? -1] = undefined
    let isAny = false
    for (const unit of this.#referring) {
      if (isLeft(unit)) continue
      isAny = true
      this.#set(this.#placeOf.get(unit.name) ?? -1, unit.compile(targets, this.#circles.get(unit.name)), fresh)
    }
    if (isAny) keepSome(this.#referring)
  }

  #set(at: number, result: ConfigResult, fresh: Set<string>): void {
    if (this.#results[at] === result) return
    this.#results[at] = result
    fresh.add(this.#names[at] ?? '')
    if (result.diagnostics.length > 0) this.#telling.add(at)
    else this.#telling.delete(at)
  }

  #diagnostics(): Diagnostic[] {
    const places = [...this.#telling].sort((a, b) => a - b)
    return places.flatMap((at) => this.#results[at]?.diagnostics ?? [])
  }

  #targetsHere(): RefTargets {
    return {
      find: (name, pointer) => {
        if (!this.#placeOf.has(name)) return undefined
        const result = this.#resultOf(name)
        return result?.config ? this.#target(result, pointer) : 'broken'
      },
      source: {
        config: (name) => this.#resultOf(name)?.config,
        blob: (hash) => this.#blob(hash),
      },
      circle: (from, to) => (this.#circles.get(from)?.includes(to) ? this.#circles.get(from) : undefined),
    }
  }

  /** Only faults ask, so nothing is kept for it. */
  #blob(hash: string): Uint8Array | undefined {
    for (const result of this.#results) {
      const bytes = result && blobIn(result, hash)
      if (bytes) return bytes
    }
    return undefined
  }

  #target(result: ConfigResult, pointer: string): RefTarget {
    const known = this.#targets.get(result) ?? new Map<string, RefTarget>()
    this.#targets.set(result, known)
    const target =
      known.get(pointer) ?? refTarget(result.config as CompiledConfig, (hash) => blobIn(result, hash), pointer)
    known.set(pointer, target)
    return target
  }

  #unitOf = (name: string): ConfigUnit | undefined => this.#units[this.#placeOf.get(name) ?? -1]

  #resultOf = (name: string): ConfigResult | undefined => this.#results[this.#placeOf.get(name) ?? -1]
}

const isReferring = (unit: ConfigUnit | undefined): boolean => unit !== undefined && unit.refNames.length > 0

/** Who refers is left alone as long as nothing that it refers to is `fresh`, unless it is new itself or in a circle. */
function leftAlone(
  fresh: ReadonlySet<string>,
  stale: readonly number[],
  units: readonly ConfigUnit[],
  circles: RefOrder['circles'],
): (unit: ConfigUnit) => boolean {
  const renewed = new Set(stale.map((at) => units[at]))
  return (unit) => {
    if (renewed.has(unit) || circles.has(unit.name)) return false
    for (const name of unit.refNames) if (fresh.has(name)) return false
    return true
  }
}

function goneNames(before: readonly string[], after: readonly string[]): Set<string> {
  if (before === after) return new Set()
  const gone = new Set(before)
  for (const name of after) gone.delete(name)
  return gone
}

/** What others take from one config changes for all of them at once: those that refer stay ready, as many as may. */
function keepSome(referring: readonly ConfigUnit[]): void {
  let bytes = 0
  for (const unit of referring) {
    bytes += unit.bytes
    unit.release(bytes <= limits.compileKeptBytesMax)
  }
}
