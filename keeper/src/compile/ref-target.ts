import { decodeText, encodeText } from '../base/codec.js'
import type { ConfigOverlay } from '../store/config-records.js'
import { canonicalText, sha256 } from './canonical.js'
import type { Filling } from './gapped-text.js'
import { at } from './json.js'
import type { CompiledConfig } from './types.js'

/** What a config has at a pointer, and on which of its overlays that depends. */
export interface RefTarget {
  /** Equal for equal overlays with equal values. */
  readonly key: string
  /** Equal for equal overlays. */
  readonly shape: string
  /** The overlays that make a difference, as whoever refers shall list them. */
  readonly overlays: readonly ConfigOverlay[]
  /** The value when exactly these of `overlays` (indices, ascending) match; undefined when there is nothing. */
  fillingFor(matched: readonly number[]): Filling | undefined
}

interface Outcome {
  readonly overlays: readonly number[]
  readonly filling: Filling | undefined
}

type BlobOf = (hash: string) => Uint8Array | undefined

/** Looks a value up in every variant of a compiled config. */
export function refTarget(config: CompiledConfig, blobOf: BlobOf, pointer: string): RefTarget {
  const outcomes = outcomesOf(config, blobOf, pointer)
  const relevant = relevantOverlays(outcomes, config.overlays.length)
  const told = new Map(outcomes.map((one) => [one.overlays.filter((i) => relevant.has(i)).join(), one]))
  const listed = [...relevant]
  const overlays = listed.map((index): ConfigOverlay => {
    const overlay = config.overlays[index] as ConfigOverlay
    return { ...overlay, of: overlay.of ?? config.name }
  })
  const shape = JSON.stringify(overlays)
  const only = told.get('')?.filling
  return {
    key: sha256(encodeText([shape, ...Array.from(told.values(), textOf)].join('\n'))),
    shape,
    overlays,
    fillingFor: listed.length === 0 ? () => only : (matched) => told.get(keyOf(matched, listed))?.filling,
  }
}

const keyOf = (matched: readonly number[], listed: readonly number[]): string =>
  matched.map((index) => listed[index]).join()

const textOf = ({ filling }: Outcome): string => filling?.text ?? ''

function outcomesOf(config: CompiledConfig, blobOf: BlobOf, pointer: string): Outcome[] {
  const byHash = new Map<string, Omit<Outcome, 'overlays'>>()
  return config.variants.map(({ overlays, hash }) => {
    let known = byHash.get(hash)
    if (!known) {
      const value = at(JSON.parse(decodeText(blobOf(hash) ?? new Uint8Array())), pointer)
      known = { filling: value === undefined ? undefined : { value, text: canonicalText(value) } }
      byHash.set(hash, known)
    }
    return { overlays, ...known }
  })
}

/** Leaves out one overlay after the other, as long as those that stay still tell all values apart. */
function relevantOverlays(outcomes: readonly Outcome[], count: number): ReadonlySet<number> {
  const texts = new Set(outcomes.map(textOf))
  if (texts.size < 2) return new Set()
  const kept = new Set(Array.from({ length: count }, (_, index) => index))
  for (const index of [...kept].toReversed()) {
    kept.delete(index)
    if (!decides(kept, outcomes)) kept.add(index)
  }
  return new Set([...kept].sort((a, b) => a - b))
}

function decides(kept: ReadonlySet<number>, outcomes: readonly Outcome[]): boolean {
  const known = new Map<string, string>()
  return outcomes.every((outcome) => {
    const text = textOf(outcome)
    const key = outcome.overlays.filter((index) => kept.has(index)).join()
    const before = known.get(key)
    known.set(key, text)
    return before === undefined || before === text
  })
}
