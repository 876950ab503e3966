import type { When } from './combinations.js'
import type { ConfigResult } from './config.js'
import type { SetNames } from './covering.js'
import type { KnownSets, Moved } from './known-sets.js'
import { compareText } from './overlays.js'
import type { CompiledConfig, CompiledVariant } from './types.js'
import type { MadeConfig } from './worked.js'

/** The overlays of a config, the weakest first, as far as others have them alike: the same object for all these. */
export interface Stack {
  /** What each asks for. */
  readonly written: readonly When[]
  /** Of sets of them as they stood when they were read. */
  readonly names: SetNames
  /** Where each stood then. */
  readonly read: readonly number[]
}

/** A stack in another order. */
export interface Turn {
  readonly after: Stack
  /** For each overlay its place before. */
  readonly from: readonly number[]
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

/** A sound result of a config with this stack, and what it comes to in another order. */
export interface Reordered {
  readonly stack: Stack
  readonly result: ConfigResult
}

/** Undefined where the order makes a value that no variant had before, so that it has to be made. */
export function reordered(
  { config, blobs, diagnostics }: ConfigResult,
  stack: Stack,
  overlayOrder: readonly string[],
  known: KnownSets,
): Reordered | undefined {
  if (!config || diagnostics.length > 0) return undefined
  const turn = known.turned(stack, overlayOrder)
  const moved = known.moved(config.variants, stack, turn)
  // which secrets are left would have to be read out of the values
  if (!moved || (moved.loses && config.secrets)) return undefined
  const made = withMove({ config, blobs }, moved)
  moves.set(made.config.variants, moved)
  return { stack: turn.after, result: { ...made, diagnostics } }
}

/** What a move makes of a config. */
export function withMove({ config, blobs }: MadeConfig, { sets, from, turned, loses }: Moved): MadeConfig {
  const variants = sets.map((overlays, at): CompiledVariant => {
    return { overlays, hash: config.variants[from[at] ?? -1]?.hash ?? '' }
  })
  const after = { ...config, overlays: turned.flatMap((at) => config.overlays[at] ?? []), variants }
  return { config: after, blobs: loses ? leftOf(blobs, after) : blobs }
}

/** Of configs that were reordered. */
const moves = new WeakMap<readonly CompiledVariant[], Moved>()

/** What makes one of the other, if a move does. */
export function moveBetween(before: MadeConfig, after: MadeConfig): Moved | undefined {
  const moved = moves.get(after.config.variants)
  if (!moved || moved.sets.length !== before.config.variants.length) return undefined
  return isMovedBy(moved, before, after) && isSameBeside(before, after) ? moved : undefined
}

const isMovedBy = ({ from, turned, loses }: Moved, before: MadeConfig, after: MadeConfig): boolean =>
  (loses || before.blobs === after.blobs) &&
  turned.length === before.config.overlays.length &&
  after.config.variants.every(({ hash }, at) => hash === before.config.variants[from[at] ?? -1]?.hash) &&
  after.config.overlays.every((one, at) => one === before.config.overlays[turned[at] ?? -1])

const isSameBeside = ({ config: one }: MadeConfig, { config: other }: MadeConfig): boolean =>
  one.files === other.files && one.audience === other.audience && one.secrets === other.secrets && !one.refs

/** Of `blobs` those that the config still names. */
function leftOf(blobs: ReadonlyMap<string, Uint8Array>, { variants, files }: CompiledConfig) {
  const hashes = new Set([...variants, ...files].map(({ hash }) => hash))
  return new Map([...blobs].filter(([hash]) => hashes.has(hash)))
}
