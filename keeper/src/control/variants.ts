import type { CompiledConfig } from '../compile/types.js'
import type { ConfigRecord, ConfigVariant } from '../store/config-records.js'
import type { Stored } from './types.js'

type When = Readonly<Record<string, string>>
type Shape = { readonly overlays: readonly { readonly when: When }[] }

/**
 * The variants of a new record. A variant keeps its revision when every process that will get it has that very value
 * already; otherwise it gets 0, which stands for the record's own revision. So a process' value never has a revision
 * below the one it held before: not even when an overlay vanishes and the process falls back to a base that has been
 * there for long.
 */
export function carryRevisions(
  next: Pick<CompiledConfig, 'overlays' | 'variants'>,
  live: Stored<ConfigRecord> | undefined,
): ConfigVariant[] {
  if (!live || live.record.removed) return next.variants.map((variant) => ({ ...variant, revision: 0 }))
  const before = live.record
  const same = sameOverlays(next, before)
  return next.variants.map((variant) => {
    const held = same
      ? before.variants.filter((old) => old.overlays.join() === variant.overlays.join())
      : before.variants.filter((old) => someProcessGetsBoth(next, variant.overlays, before, old.overlays))
    const unchanged = held.length > 0 && held.every((old) => old.hash === variant.hash)
    const revision = unchanged ? Math.max(...held.map((old) => old.revision || live.modRevision)) : 0
    return { overlays: variant.overlays, hash: variant.hash, revision }
  })
}

const whenText = (when: When): string => JSON.stringify(Object.entries(when).sort())

const sameOverlays = (a: Shape, b: Shape): boolean =>
  a.overlays.length === b.overlays.length &&
  a.overlays.every((overlay, at) => whenText(overlay.when) === whenText(b.overlays[at]?.when ?? {}))

/** Can labels match exactly `chosenA` of a's overlays and exactly `chosenB` of b's? The fewest labels that might are the witness. */
function someProcessGetsBoth(a: Shape, chosenA: readonly number[], b: Shape, chosenB: readonly number[]): boolean {
  const labels: Record<string, string> = {}
  for (const [shape, chosen] of [
    [a, chosenA],
    [b, chosenB],
  ] as const) {
    for (const at of chosen) {
      for (const [label, value] of Object.entries(shape.overlays[at]?.when ?? {})) {
        if (Object.hasOwn(labels, label) && labels[label] !== value) return false
        labels[label] = value
      }
    }
  }
  return matchesExactly(a, chosenA, labels) && matchesExactly(b, chosenB, labels)
}

const matchesExactly = (shape: Shape, chosen: readonly number[], labels: When): boolean =>
  shape.overlays.every(
    (overlay, at) =>
      chosen.includes(at) ===
      Object.entries(overlay.when).every(([label, value]) => Object.hasOwn(labels, label) && labels[label] === value),
  )
