import { isShared } from '../base/shared-bytes.js'
import type { Sets } from './known-sets.js'
import { type Moves, PackedMoves, unpackedMoves } from './packing-moves.js'
import { restoredPlain, type WrittenPlain, writtenPlain } from './plain-blobs.js'
import { bytesOf } from './source-file.js'
import type { CompiledConfig, CompiledVariant, SourceFile } from './types.js'
import type { MadeConfig } from './worked.js'
import type { ChangedConfig, PackedConfigs } from './worker-messages.js'

/**
 * Configs on their way from thread to thread. A message of thousands of small objects and buffers takes longer than making
 * them: so they go as one text, short values in one buffer, and buffers are handed over, not copied. Of a config that has
 * other values and nothing else there are only their hashes, in columns with those of all others of that kind; of one whose
 * overlays changed places, which.
 */
export function packed(changed: readonly ChangedConfig[]): PackedConfigs {
  const [whole, blobs, shapes]: [Written[], Uint8Array[], Shapes] = [[], [], new Shapes()]
  const [valued, hashes, values]: [number[], string[], Uint8Array[]] = [[], [], []]
  const moves = new PackedMoves()
  for (const one of changed) {
    if (moves.take(one)) continue
    if (!one.before || one.made.large || !hasOnlyOtherValues(one.made.config, one.before.config))
      whole.push(written(one, shapes, blobs))
    else {
      valued.push(one.at)
      putValues(one.made, one.before, hashes, values)
    }
  }
  const text: Text = { shapes: shapes.all, whole, moves }
  return {
    text: JSON.stringify(text),
    valued: Uint32Array.from(valued),
    hashes: hashes.join(''),
    lengths: Uint32Array.from(values, ({ length }) => length),
    ...joined([...blobs, ...values]),
  }
}

/** Hashes of all values, and the bytes of those that are new, each once. */
function putValues({ config, blobs }: MadeConfig, before: MadeConfig, hashes: string[], values: Uint8Array[]): void {
  const put = config.variants.length > 1 ? new Set<string>() : undefined
  for (const { hash } of config.variants) {
    hashes.push(hash)
    if (before.blobs.has(hash) || put?.has(hash)) continue
    values.push(blobs.get(hash) as Uint8Array)
    put?.add(hash)
  }
}

function joined(blobs: readonly Uint8Array[]): Pick<PackedConfigs, 'short' | 'long'> {
  const short = Buffer.allocUnsafeSlow(blobs.reduce((sum, { length }) => sum + (isShort(length) ? length : 0), 0))
  const long: Uint8Array[] = []
  let end = 0
  for (const bytes of blobs) {
    if (!isShort(bytes.length)) long.push(isShared(bytes) ? bytes : new Uint8Array(bytes))
    else {
      short.set(bytes, end)
      end += bytes.length
    }
  }
  return { short, long }
}

/** What to hand over: of what is shared both sides have it. */
export const buffersOf = ({ short, long }: PackedConfigs): ArrayBuffer[] =>
  [short, ...long].filter((bytes) => !isShared(bytes)).map(({ buffer }) => buffer as ArrayBuffer)

/** What `packed` was given: place by place. `before` has at each place what was `before`. */
export function unpacked(
  { text, valued, hashes, lengths, short, long }: PackedConfigs,
  before: readonly (MadeConfig | undefined)[],
  fileOf: (path: string) => SourceFile | undefined,
): ReadonlyMap<number, MadeConfig> {
  let end = 0
  let next = 0
  const take = (length: number): Uint8Array => {
    if (!isShort(length)) return long[next++] as Uint8Array
    end += length
    return short.subarray(end - length, end)
  }
  const { shapes, whole, moves }: Text = JSON.parse(text)
  const made = unpackedMoves(moves, before)
  for (const one of whole) made.set(one.at, restored(one, shapes, before[one.at], fileOf, take))
  const hash = column(hashes)
  let length = 0
  for (const at of valued)
    made.set(
      at,
      revalued(before[at] as MadeConfig, hash, () => take(lengths[length++] ?? 0)),
    )
  return made
}

interface Text {
  readonly shapes: readonly Sets[]
  readonly whole: readonly Written[]
  readonly moves: Moves
}

/** A config with its variants and blobs side by side. */
interface Written {
  readonly at: number
  /** What of it is not as it was; absent where all of it is. */
  readonly config?: Partial<CompiledConfig>
  /** `config` is all there is: it has another set of keys, or is new. */
  readonly isWhole?: true
  /** Which of the shapes its variants have. */
  readonly shape: number
  /** Which value each variant has: of those that the variants had before, each counted once, and then of `hashes`. */
  readonly values: readonly number[]
  readonly hashes: string
  /** New ones, but for source files: whoever asks has them. */
  readonly blobs: string
  readonly lengths: readonly number[]
  readonly hasSameBlobs: boolean
  /** Where its blobs are made of its file. */
  readonly plain?: WrittenPlain
}

/** Thousands of variants are told apart by the same overlays in config after config. */
class Shapes {
  readonly all: Sets[] = []
  readonly #byLast = new Map<readonly number[] | undefined, number>()

  of(variants: readonly CompiledVariant[]): number {
    const last = variants.at(-1)?.overlays
    const known = this.#byLast.get(last)
    const sets = known === undefined ? undefined : this.all[known]
    if (
      known !== undefined &&
      sets?.length === variants.length &&
      variants.every((one, at) => one.overlays === sets[at])
    )
      return known
    const fresh = this.all.push(variants.map(({ overlays }) => overlays)) - 1
    this.#byLast.set(last, fresh)
    return fresh
  }
}

function written(
  { at, made: { config, blobs, large }, before }: ChangedConfig,
  shapes: Shapes,
  out: Uint8Array[],
): Written {
  const { variants } = config
  const hasSameBlobs = before?.blobs === blobs
  const files = new Set(config.files.map(({ hash }) => hash))
  const fresh = hasSameBlobs ? [] : [...blobs].filter(([hash]) => !before?.blobs.has(hash) && !files.has(hash))
  for (const [, bytes] of fresh) out.push(bytes)
  const known = distinct(before?.config.variants)
  const places = new Map(known.map((hash, place) => [hash, place]))
  const values = variants.map(({ hash }) => {
    const place = places.get(hash) ?? places.size
    if (place === places.size) places.set(hash, place)
    return place
  })
  return {
    at,
    ...besideOf(config, before?.config),
    shape: shapes.of(variants),
    values,
    hashes: [...places.keys()].slice(known.length).join(''),
    blobs: fresh.map(([hash]) => hash).join(''),
    lengths: fresh.map(([, { length }]) => length),
    hasSameBlobs,
    ...(large && { plain: writtenPlain(large) }),
  }
}

function restored(
  written: Written,
  shapes: readonly Sets[],
  before: MadeConfig | undefined,
  fileOf: (path: string) => SourceFile | undefined,
  take: (length: number) => Uint8Array,
): MadeConfig {
  const next = column(written.hashes)
  const hashes = [
    ...distinct(before?.config.variants),
    ...Array.from({ length: written.hashes.length / hashChars }, next),
  ]
  const sets = shapes[written.shape] ?? []
  const variants = written.values.map((value, at): CompiledVariant => {
    return { overlays: sets[at] ?? [], hash: hashes[value] ?? '' }
  })
  const kept = written.isWhole ? undefined : before?.config
  const config = { ...kept, ...written.config, variants } as CompiledConfig
  const fresh = new Map(written.lengths.map((length, at) => [hashAt(written.blobs, at), take(length)]))
  const source = written.plain && fileOf(config.files[0]?.path ?? '')
  if (written.plain && source) return { config, blobs: new Map(), large: restoredPlain(written.plain, source) }
  if (written.hasSameBlobs && before) return { config, blobs: before.blobs }
  const blobs = new Map<string, Uint8Array>()
  for (const { hash } of variants) if (!blobs.has(hash)) put(blobs, hash, fresh.get(hash) ?? before?.blobs.get(hash))
  for (const { path, hash } of config.files) put(blobs, hash, before?.blobs.get(hash) ?? bytesAt(fileOf(path), hash))
  return { config, blobs }
}

const bytesAt = (file: SourceFile | undefined, hash: string): Uint8Array | undefined => file && bytesOf(file, hash)

function put(blobs: Map<string, Uint8Array>, hash: string, bytes: Uint8Array | undefined): void {
  if (bytes) blobs.set(hash, bytes)
}

/** `before` with the values whose hashes come next; `take` gives the bytes of one that it did not have. */
function revalued(before: MadeConfig, hash: () => string, take: () => Uint8Array): MadeConfig {
  const blobs = new Map<string, Uint8Array>()
  const variants = before.config.variants.map(({ overlays }): CompiledVariant => {
    const now = hash()
    if (!blobs.has(now)) blobs.set(now, before.blobs.get(now) ?? take())
    return { overlays, hash: now }
  })
  for (const { hash } of before.config.files) put(blobs, hash, before.blobs.get(hash))
  return { config: { ...before.config, variants }, blobs }
}

/** As far as that can be seen at a glance. */
const hasOnlyOtherValues = (config: CompiledConfig, before: CompiledConfig): boolean =>
  isSameBeside(before, config) &&
  before.variants.length === config.variants.length &&
  config.variants.every(({ overlays }, at) => isSameSet(overlays, before.variants[at]?.overlays))

const isSameSet = (one: readonly number[], other: readonly number[] | undefined): boolean =>
  one === other || (one.length === 0 && other?.length === 0)

/** All but the variants, as far as it differs. */
function besideOf(config: CompiledConfig, before: CompiledConfig | undefined): Pick<Written, 'config' | 'isWhole'> {
  const { variants: _, ...beside } = config
  if (!before || Object.keys(before).join() !== Object.keys(config).join()) return { config: beside, isWhole: true }
  if (isSameBeside(before, config)) return {}
  const { audience, files, overlays, ...others } = beside
  return {
    config: {
      ...others,
      ...(audience !== before.audience && { audience }),
      ...(files !== before.files && { files }),
      ...(overlays !== before.overlays && { overlays }),
    },
  }
}

/** Equal but for the variants, as far as that can be seen at a glance. */
const isSameBeside = (one: CompiledConfig, other: CompiledConfig): boolean =>
  one.files === other.files &&
  one.audience === other.audience &&
  (one.overlays === other.overlays || one.overlays.length + other.overlays.length === 0) &&
  (one.refs === other.refs || one.refs?.join() === other.refs?.join()) &&
  (one.secrets ?? other.secrets) === undefined

/** Their hashes, each once. */
const distinct = (variants: readonly CompiledVariant[] = []): readonly string[] => [
  ...new Set(variants.map(({ hash }) => hash)),
]

const isShort = (length: number): boolean => length <= 16 * 1024

const hashChars = 64

const hashAt = (hashes: string, at: number): string => hashes.slice(at * hashChars, (at + 1) * hashChars)

/** Gives one hash after the other. */
function column(hashes: string): () => string {
  let at = 0
  return () => hashAt(hashes, at++)
}
