import type { When } from './combinations.js'
import { isObject, type Json } from './json.js'
import type { KnownSets } from './known-sets.js'
import { byPrecedence, compareText, isDelete } from './overlays.js'
import type { CompiledConfig, CompiledVariant } from './types.js'

interface Patch {
  readonly written: When
  readonly value: Json
}

/** Paths that patches write, key by key; `leaf` is written as a whole. */
type Written = Map<string, Written> | 'leaf'

/**
 * Gives every value the same, whichever label is the stronger? So it is where overlays for different labels write
 * different paths: then any two of them may be laid over a base in either order. Of overlays for the same labels the order
 * is never in question.
 */
export function isOrderFree(patches: readonly Patch[]): boolean {
  const byLabels = new Map<string, Written>()
  for (const { written, value } of patches) {
    const labels = Object.keys(written).sort().join(',')
    byLabels.set(labels, withPatch(byLabels.get(labels), value))
  }
  const all = [...byLabels.values()]
  return all.every((one, at) => all.slice(at + 1).every((other) => !doMeet(one, other)))
}

function withPatch(written: Written | undefined, patch: Json): Written {
  if (written === 'leaf' || !isObject(patch) || isDelete(patch)) return 'leaf'
  const keys = Object.keys(patch)
  // {} makes an object of what is none
  if (keys.length === 0) return 'leaf'
  const here = written ?? new Map<string, Written>()
  for (const key of keys) here.set(key, withPatch(here.get(key), patch[key] as Json))
  return here
}

function doMeet(one: Written, other: Written): boolean {
  if (one === 'leaf' || other === 'leaf') return true
  for (const [key, below] of one) {
    const same = other.get(key)
    if (same && doMeet(below, same)) return true
  }
  return false
}

/** The labels as they are ranked among each other: all that `overlayOrder` says to overlays that ask for no others. */
export function rankOf(labels: ReadonlySet<string>, overlayOrder: readonly string[]): string {
  if (labels.size < 2) return ''
  const rank = (label: string) => {
    const at = overlayOrder.indexOf(label)
    return at < 0 ? overlayOrder.length : at
  }
  return [...labels].sort((a, b) => rank(a) - rank(b) || compareText(a, b)).join(',')
}

/** The same config with its overlays in another order, where that changes no value. `written`: what each asks for. */
export function reordered(
  config: CompiledConfig,
  written: readonly When[],
  overlayOrder: readonly string[],
  known: KnownSets,
): { readonly config: CompiledConfig; readonly written: readonly When[] } {
  const from = byPrecedence(written, overlayOrder)
  const to: number[] = []
  for (const [after, before] of from.entries()) to[before] = after
  const moved = known.moved(config.variants, to)
  const variants = moved.sets.map((overlays, at): CompiledVariant => {
    return { overlays, hash: config.variants[moved.from[at] ?? -1]?.hash ?? '' }
  })
  const overlays = from.flatMap((at) => config.overlays[at] ?? [])
  return { config: { ...config, overlays, variants }, written: from.map((at) => written[at] ?? {}) }
}
