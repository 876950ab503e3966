import { canonicalText, encodeInPool, sha256 } from './canonical.js'
import type { ConfigResult } from './config.js'
import { type Filling, GappedText } from './gapped-text.js'
import { copy, type Json } from './json.js'
import { mergePatch } from './overlays.js'
import type { ConfigReader } from './read-config.js'
import type { RefTarget } from './ref-target.js'
import { BoundRefs, keyOf } from './resolve-refs.js'
import type { ConfigSchema } from './schema.js'
import type { CompiledVariant } from './types.js'

/** What a reference leads to, as RefTargets says. */
export type Found = RefTarget | 'broken' | undefined

/** A config with more of its own overlays together than that is laid over anew. */
const ownSetsMax = 64

/**
 * The values of a sound config with gaps where its references stand: where these come to something else, and by the same
 * overlays, the gaps are filled anew. It gives what compileConfig gives, or nothing wherever there is something to tell.
 */
export class Refill {
  /** Of its base file. */
  readonly path: string
  readonly #schema: ConfigSchema | undefined
  /** Of each variant. */
  readonly #texts: readonly GappedText[]
  /** Of each reference, in the order in which they are written. */
  readonly #slots: readonly Slot[]

  /** Undefined where values would have to be made as a whole. `found`: what each of the reader's references led to. */
  static of(reader: ConfigReader, { config, diagnostics }: ConfigResult, found: readonly Found[]): Refill | undefined {
    const { base } = reader
    if (!base || !config || config.secrets || diagnostics.length > 0) return undefined
    const slots = slotsOf(reader, found)
    const texts = slots && gappedTexts(reader, base.value, config.variants)
    return texts && new Refill(base.file.path, reader.schema, texts, slots)
  }

  private constructor(
    path: string,
    schema: ConfigSchema | undefined,
    texts: readonly GappedText[],
    slots: readonly Slot[],
  ) {
    this.path = path
    this.#schema = schema
    this.#texts = texts
    this.#slots = slots
  }

  /** `before`: a sound result of the same config, however its references were filled. */
  fill({ config, blobs: had }: ConfigResult, found: readonly Found[]): ConfigResult | undefined {
    if (!config || !this.#isSameShape(found)) return undefined
    const blobs = new Map<string, Uint8Array>()
    const hashes = config.variants.length > 1 ? new Map<string, string>() : undefined
    const variants: CompiledVariant[] = []
    for (const { overlays } of config.variants) {
      const text = this.#textOf(variants.length, overlays, found as readonly RefTarget[])
      if (text === undefined) return undefined
      const hash = hashes?.get(text) ?? add(blobs, text)
      hashes?.set(text, hash)
      variants.push({ overlays, hash })
    }
    for (const { hash } of config.files) {
      const bytes = had.get(hash)
      if (bytes) blobs.set(hash, bytes)
    }
    return { config: { ...config, variants }, blobs, diagnostics: nothing }
  }

  #isSameShape(found: readonly Found[]): boolean {
    for (let at = 0; at < found.length; at++) if (this.#slots[at]?.shape !== shapeOf(found[at])) return false
    return true
  }

  #textOf(variant: number, set: readonly number[], found: readonly RefTarget[]): string | undefined {
    const fillings = this.#slots.map((slot, at) => fillingOf(slot, set, found[at]))
    const text = this.#texts[variant]?.fill(fillings)
    // secrets have to be listed, and a reference in what a reference brings is none
    if (text === undefined || text.includes('${')) return undefined
    if (!this.#schema) return text
    const { value, faults } = this.#schema.check(JSON.parse(text))
    return faults.length > 0 ? undefined : canonicalText(value)
  }
}

const nothing: readonly [] = []

interface Slot {
  /** The target's. */
  readonly shape: string
  /** Where its overlays stand among the config's. */
  readonly indices: readonly number[]
}

const shapeOf = (found: Found): string | undefined => (typeof found === 'object' ? found.shape : undefined)

function fillingOf({ indices }: Slot, set: readonly number[], target: RefTarget | undefined): Filling | undefined {
  if (indices.length === 0) return target?.fillingFor(indices)
  return target?.fillingFor(indices.flatMap((index, at) => (set.includes(index) ? [at] : [])))
}

function slotsOf({ overlays, refs }: ConfigReader, found: readonly Found[]): readonly Slot[] | undefined {
  const bound = new BoundRefs(overlays.length)
  const slots: Slot[] = []
  for (const [at, { ref }] of refs.entries()) {
    const target = found[at]
    if (typeof target !== 'object') return undefined
    slots.push({ shape: target.shape, indices: bound.bind(ref, target) })
  }
  return slots
}

/** For each variant; the same object where its own overlays are the same. */
function gappedTexts(reader: ConfigReader, base: Json, variants: readonly CompiledVariant[]) {
  const numbers = new Map(reader.refs.map(({ ref }, at) => [keyOf(ref), at]))
  const known = new Map<string, GappedText>()
  const texts: GappedText[] = []
  for (const { overlays: set } of variants) {
    const own = set.filter((index) => index < reader.overlays.length)
    const text = known.get(own.join()) ?? GappedText.of(laidOver(reader, base, own), (ref) => numbers.get(keyOf(ref)))
    if (!text || known.size > ownSetsMax) return undefined
    known.set(own.join(), text)
    texts.push(text)
  }
  return texts
}

function laidOver({ overlays, schema }: ConfigReader, base: Json, set: readonly number[]): Json {
  const merged = set.reduce<Json>((value, index) => mergePatch(value, overlays[index]?.value ?? {}), base)
  return schema ? schema.check(copy(merged)).value : merged
}

function add(blobs: Map<string, Uint8Array>, text: string): string {
  const bytes = encodeInPool(text)
  const hash = sha256(bytes)
  blobs.set(hash, bytes)
  return hash
}
