import { decodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { matches } from '../store/audience.js'
import type { ConfigFile, ConfigOverlay, ConfigVariant } from '../store/config-records.js'
import { defaultAt } from './default-place.js'
import { at, below, child, type Json, steps } from './json.js'
import { touches } from './overlays.js'
import { type Format, formatOf, parseConfig, placesOf } from './parse.js'
import { placeholdersIn } from './placeholders.js'
import { LineIndex } from './text.js'

/** A config that can be explained: a ConfigRecord of the store, or a CompiledConfig. */
export interface Explainable {
  readonly name: string
  readonly overlays: readonly ConfigOverlay[]
  readonly variants: readonly Pick<ConfigVariant, 'overlays' | 'hash'>[]
  readonly files: readonly ConfigFile[]
  readonly schemaHash?: string
}

/** What explaining reads. */
export interface ExplainSource {
  /** A config as it is live (or was compiled); undefined when there is none. */
  config(name: string): Explainable | undefined
  /** Bytes of a value, source file or schema. */
  blob(hash: string): Uint8Array | undefined
}

/** One file that has a say in a value. */
export interface Layer {
  readonly kind: 'base' | 'overlay' | 'default'
  readonly file: string
  /** 1-based; absent when the place is not known. */
  readonly line?: number
  readonly column?: number
  /** JSON pointer in that file. */
  readonly pointer: string
  /** Labels of an overlay. */
  readonly when?: Readonly<Record<string, string>>
  /** `merged`: it sets some members of an object, others come from below. */
  readonly effect: 'set' | 'merged' | 'deleted'
  /** As it stands in the file, before references and units; absent when it is deleted. */
  readonly value?: Json
}

/** Where a value came from. */
export interface Explanation {
  readonly name: string
  readonly pointer: string
  /** The effective value; absent when there is none. */
  readonly value?: Json
  /** Strongest first: the first is where the value came from, the others are what it was laid over. */
  readonly layers: readonly Layer[]
  /** The references that the strongest layer is made of, each with where its value came from. */
  readonly refs: readonly { readonly text: string; readonly from: Explanation }[]
}

/**
 * Where did this value come from? Pure: reads the config's own source files out of `source` and gives every layer that
 * set, merged into or deleted the value at `pointer` for a process with these labels (none: the base), with file, line
 * and column, and follows references into the configs that they name, with the same labels. For an object, ask for the
 * pointers below it (`leavesOf` lists them) to know where each member came from.
 * Throws E_NOT_FOUND when there is neither a value nor a layer, or when a file is gone.
 */
export function explainValue(
  { name, pointer, labels }: { name: string; pointer: string; labels?: Readonly<Record<string, string>> },
  source: ExplainSource,
): Explanation {
  const explanation = explain(name, pointer, labels ?? {}, source)
  if (explanation.value === undefined && explanation.layers.length === 0)
    throw new KeeperError(
      'E_NOT_FOUND',
      `${name} has nothing at ${pointer || 'its root'}, and no file says anything of it`,
    )
  return explanation
}

/** Pointers of all values below `value` that are no objects, in order; arrays count as one value. At most `max`. */
export function leavesOf(value: Json, pointer = '', max = 1_000): string[] {
  const isLeaf = typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0
  if (isLeaf) return [pointer]
  const leaves: string[] = []
  for (const [key, part] of Object.entries(value as Record<string, Json>)) {
    if (leaves.length >= max) break
    leaves.push(...leavesOf(part, child(pointer, key), max - leaves.length))
  }
  return leaves
}

function explain(
  name: string,
  pointer: string,
  labels: Readonly<Record<string, string>>,
  source: ExplainSource,
): Explanation {
  const config = source.config(name)
  if (!config) throw new KeeperError('E_NOT_FOUND', `no config ${name}`, { name })
  const matched = config.overlays.flatMap(({ when }, index) => (matches(when, labels) ? [index] : []))
  const variant = config.variants.find(({ overlays }) => overlays.join() === matched.join()) ?? config.variants[0]
  const bytes = variant && source.blob(variant.hash)
  const value = bytes && at(JSON.parse(decodeText(bytes)), pointer)
  const found = layersOf(config, variant?.overlays ?? [], pointer, source)
  const refs = refsOf(found[0], labels, source)
  return { name, pointer, ...(value !== undefined && { value }), layers: found.map(({ layer }) => layer), refs }
}

/** A layer, and what of the pointer goes on inside of the reference that stands there. */
interface FoundLayer {
  readonly layer: Layer
  readonly rest: string
}

function layersOf(config: Explainable, set: readonly number[], pointer: string, source: ExplainSource): FoundLayer[] {
  const own = set.toReversed().flatMap((index) => config.overlays[index] ?? [])
  const layers = [
    ...own.flatMap((overlay) => (overlay.of === undefined ? overlayLayer(config, overlay, pointer, source) : [])),
    ...baseLayer(config, pointer, source),
  ]
  return layers.length > 0 ? layers : defaultLayers(config, pointer, source)
}

function overlayLayer(
  config: Explainable,
  { file: path, when, at: inFile = '' }: ConfigOverlay,
  pointer: string,
  source: ExplainSource,
): FoundLayer[] {
  const file = readSource(config, path, source)
  const patch = at(file.value, inFile) ?? {}
  const found = reach(patch, pointer)
  const touch = touches(patch, found.pointer)
  if (touch === 'untouched') return []
  const stands = inFile + found.pointer
  const layer: Layer = { kind: 'overlay', file: path, pointer: stands, when, ...effect(touch, found.value) }
  return [{ layer: { ...layer, ...place(file, stands) }, rest: pointer.slice(found.pointer.length) }]
}

function baseLayer(config: Explainable, pointer: string, source: ExplainSource): FoundLayer[] {
  const [first] = config.files
  if (!first) return []
  const file = readSource(config, first.path, source)
  const found = reach(file.value, pointer)
  if (found.value === undefined) return []
  const layer: Layer = { kind: 'base', file: first.path, pointer: found.pointer, ...effect('set', found.value) }
  return [{ layer: { ...layer, ...place(file, found.pointer) }, rest: pointer.slice(found.pointer.length) }]
}

const isTemplate = (value: Json | undefined): boolean =>
  typeof value === 'string' && placeholdersIn(value).some(({ kind }) => kind === 'ref')

/** The value at `pointer`, or the reference on the way there that brings it. */
function reach(value: Json | undefined, pointer: string): { value: Json | undefined; pointer: string } {
  let here = value
  let reached = ''
  for (const step of steps(pointer)) {
    const next = below(here, step)
    if (next === undefined) return isTemplate(here) ? { value: here, pointer: reached } : { value: undefined, pointer }
    here = next
    reached = child(reached, step)
  }
  return { value: here, pointer: reached }
}

const effect = (touch: 'set' | 'deleted', value: Json | undefined): Pick<Layer, 'effect' | 'value'> => {
  if (touch === 'deleted' || value === undefined) return { effect: 'deleted' }
  const isPatch = typeof value === 'object' && value !== null && !Array.isArray(value)
  return { effect: isPatch ? 'merged' : 'set', value }
}

interface SourceText {
  readonly text: string
  readonly format: Format
  readonly value: Json
}

function readSource({ files }: Explainable, path: string, source: ExplainSource): SourceText {
  const file = files.find((one) => one.path === path)
  const bytes = file && source.blob(file.hash)
  const format = (file?.format ?? formatOf(path)) as Format | undefined
  if (!bytes || !format) throw new KeeperError('E_NOT_FOUND', `the text of ${path} is gone`, { path })
  const text = new TextDecoder().decode(bytes)
  return { text, format, value: parseConfig(format, text).value ?? {} }
}

/** Of the value, or of what is nearest above it. */
function place({ text, format }: SourceText, pointer: string): { line: number; column: number } | undefined {
  const path = steps(pointer)
  const upwards = [pointer, ...path.map((_, index) => path.slice(0, path.length - 1 - index).reduce(child, ''))]
  const places = placesOf(format, text, new Set(upwards))
  const found = upwards.find((one) => places.has(one))
  const stands = found === undefined ? undefined : places.get(found)
  return stands && new LineIndex(text).position(stands.value)
}

/** The schema's default, where no file says anything. */
function defaultLayers(config: Explainable, pointer: string, source: ExplainSource): FoundLayer[] {
  const path = config.files.find(({ hash, path }) => hash === config.schemaHash && path.endsWith('.schema.json'))?.path
  if (path === undefined) return []
  const file = readSource(config, path, source)
  const found = defaultAt(file.value, pointer)
  if (!found) return []
  const layer: Layer = { kind: 'default', file: path, pointer: found.pointer, ...effect('set', found.value) }
  return [{ layer: { ...layer, ...place(file, found.pointer) }, rest: '' }]
}

/** What the references of the strongest layer lead to. */
function refsOf(
  strongest: FoundLayer | undefined,
  labels: Readonly<Record<string, string>>,
  source: ExplainSource,
): Explanation['refs'] {
  const text = strongest?.layer.value
  if (!strongest || typeof text !== 'string') return []
  return placeholdersIn(text).flatMap((one) => {
    if (one.kind !== 'ref') return []
    // A whole object was taken: the rest of the way goes on in there.
    const rest = one.text === text ? strongest.rest : ''
    return [{ text: one.text, from: explain(one.name, one.pointer + rest, labels, source) }]
  })
}
