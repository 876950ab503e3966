import { limits } from '../base/limits.js'
import type { Digest } from '../base/pieces.js'
import type { ConfigOverlay, Selector } from '../store/config-records.js'
import { audienceText } from './audience.js'
import { type Blame, blame } from './blame.js'
import { canonicalText, encodeTexts, sha256 } from './canonical.js'
import type { ExplainSource } from './explain.js'
import { type Finding, inFile } from './finding.js'
import { filesOf } from './group.js'
import { at, copy, type Json } from './json.js'
import type { KnownSets, Sets } from './known-sets.js'
import { locate } from './locate.js'
import { Origins } from './origins.js'
import { mergePatch } from './overlays.js'
import type { Parsed } from './parse-json.js'
import { hasSecret } from './placeholders.js'
import type { LargePlain } from './plain-blobs.js'
import type { PlainValue } from './plain-value.js'
import type { ConfigReader, ReadFile } from './read-config.js'
import { bindRefs, type RefTargets } from './ref-rules.js'
import type { BoundRefs, Resolved } from './resolve-refs.js'
import type { ConfigSchema, SchemaResult } from './schema.js'
import type { SchemaFault } from './schema-messages.js'
import { secretsOf } from './secrets.js'
import type { CompiledConfig, CompiledVariant, Diagnostic, SourceFile } from './types.js'

/** What compiling one config needs from outside. */
export interface ConfigContext {
  readonly overlayOrder: readonly string[]
  /** Values of the label `env`, where the settings list them. */
  readonly environments: readonly string[]
  /** Labels that every process here has. */
  readonly labels: Readonly<Record<string, string>>
  /** Equal where what is the same for all configs is. */
  readonly forAll: string
  /** As of Settings. */
  readonly saidOfAll: string
  readonly knownSets: KnownSets
  /** Who the config is meant for, whatever the labels here. */
  audienceOf(name: string): Selector
  /** As of Settings. */
  saidOf(name: string): string
  /** SHA-256 of a file's bytes. */
  hashOf(file: SourceFile): string
  /** Of a large one, with what it is cut into. */
  digestOf(file: SourceFile): Digest
  /** Told before work on a file begins. */
  onProgress(path: string): void
  compileSchema(file: SourceFile, text: string): SchemaResult
  /** A parse result from before, or the one that `parse` makes. */
  parsed(file: SourceFile, kind: string, parse: () => Parsed): Parsed
}

export interface ConfigResult {
  /** Absent when there is an error, here or in what it refers to. */
  readonly config?: CompiledConfig
  readonly blobs: ReadonlyMap<string, Uint8Array>
  /** Of one whose blobs are made when somebody comes to them, and are not in `blobs`. */
  readonly large?: LargePlain
  readonly diagnostics: readonly Diagnostic[]
}

/** Everything of one config: laid over each other, resolved, checked, hashed; with all that is wrong at once. */
export function compileConfig(reader: ConfigReader, context: ConfigContext, targets: RefTargets): ConfigResult {
  if (reader.plain) return { ...plainConfig(reader, reader.plain, context), diagnostics: [] }
  const findings: Finding[] = [...reader.findings]
  const { refs, isBlocked } = bindRefs(reader, context, targets, findings)
  const work =
    reader.base &&
    !reader.isSchemaBroken &&
    new ConfigWork(reader, reader.base, context, { refs, source: targets.source }, findings)
  const variants = work ? work.variants() : none
  const diagnostics = locate(findings, (file) => reader.textOf(file))
  if (!work || isBlocked || findings.some(({ severity }) => severity === 'error'))
    return { blobs: new Map(), diagnostics }
  return { ...assemble(reader, work, variants), diagnostics }
}

/** The overlays of each variant, and its value: the same object where they are known to be the same. */
interface Valued {
  readonly sets: Sets
  readonly values: readonly Json[]
}

const none: Valued = { sets: [], values: [] }

class ConfigWork {
  /** Of processes here. */
  readonly audience: Selector
  readonly overlays: readonly ConfigOverlay[]
  readonly #reader: ConfigReader
  readonly #base: ReadFile
  readonly #context: ConfigContext
  readonly #refs: BoundRefs
  readonly #origins: Origins
  readonly #findings: Finding[]
  readonly #blame: Blame

  constructor(
    reader: ConfigReader,
    base: ReadFile,
    context: ConfigContext,
    { refs, source }: { readonly refs: BoundRefs; readonly source: ExplainSource },
    findings: Finding[],
  ) {
    this.#reader = reader
    this.#base = base
    this.#context = context
    this.#refs = refs
    this.#origins = new Origins(source)
    this.#findings = findings
    this.audience = reader.frame.audience
    const own = reader.overlays.map(({ file, at, when }): ConfigOverlay => {
      return { file: file.path, ...(at !== '' && { at }), when }
    })
    this.overlays = [...own, ...refs.overlays]
    this.#blame = blame(base, reader.overlays, reader.group.schemas[0]?.file.path, reader.schema?.source)
  }

  variants(): Valued {
    const sets = this.#context.knownSets.combinations(
      this.overlays.map(({ when }) => when),
      this.#readers(),
    )
    if (!sets) return this.#tooMany()
    this.#tellUnreachable(this.#context.knownSets.reached(sets))
    this.#context.onProgress(this.#base.file.path)
    return { sets, values: this.#valuesOf(sets) }
  }

  /** Where the settings list environments, every process has one of them. */
  #readers(): Pick<Selector, 'labels'> {
    const { environments, labels } = this.#context
    if (environments.length === 0 || Object.hasOwn(labels, 'env')) return this.audience
    return { labels: { env: environments, ...this.audience.labels } }
  }

  /** What is sound is made once for all sets that come to the same. */
  #valuesOf(sets: Sets): Json[] {
    const { overlays, refs } = this.#reader
    if (refs.length > 0 || overlays.length < 2) return sets.map((set) => this.#valueOf(set))
    const alike = this.#context.knownSets.alike(sets, this.#reader.names)
    const known = new Map<number | undefined, Json>()
    return sets.map((set, at) => {
      const found = this.#findings.length
      const value = known.get(alike[at]) ?? this.#valueOf(set)
      if (this.#findings.length === found) known.set(alike[at], value)
      return value
    })
  }

  #valueOf(set: readonly number[]): Json {
    const { overlays, schema, refs } = this.#reader
    const merged = set.reduce<Json>((value, index) => {
      const overlay = overlays[index]
      return overlay ? mergePatch(value, overlay.value) : value
    }, this.#base.value)
    if (refs.length === 0) return schema ? this.#checked(schema, copy(merged), set) : merged
    // Defaults may refer, too; and what is referred to may have to be turned into the units of this schema.
    const filled = schema ? schema.check(copy(merged)).value : copy(merged)
    const resolved = this.#refs.resolve(filled, set)
    this.#findings.push(...this.#blame(set, resolved.faults.map(faultOfRef)))
    return schema ? this.#checked(schema, resolved.value, set, resolved) : resolved.value
  }

  #checked(schema: ConfigSchema, draft: Json, set: readonly number[], resolved?: Resolved): Json {
    const { value, faults } = schema.check(draft)
    const known = faults
      .filter((fault) => fault.rule === 'schema/type' || !hasSecret(at(value, fault.pointer)))
      .flatMap((fault) => (resolved ? this.#throughRef(fault, resolved, set) : fault))
    this.#findings.push(...this.#blame(set, known))
    return value
  }

  /** A fault in what a reference brought is told where the reference stands; none where it is not known what it brings. */
  #throughRef(fault: SchemaFault, { spots, unknown }: Resolved, set: readonly number[]): SchemaFault[] {
    const spot = [...spots.keys()].find((one) => fault.pointer === one || fault.pointer.startsWith(`${one}/`))
    if (spot === undefined) return [fault]
    if (unknown.has(spot)) return []
    const text = spots.get(spot) ?? ''
    const labels = Object.assign({}, ...set.map((index) => this.overlays[index]?.when))
    // What is missing stands nowhere: the object that lacks it does.
    const stands = fault.anchor?.startsWith(spot) ? fault.anchor : fault.pointer
    const origin = this.#origins.of(text, stands.slice(spot.length), labels)
    const { spot: _, ...rest } = fault
    return [{ ...rest, anchor: spot, message: `${fault.message} (from ${text}${origin ? `, ${origin}` : ''})` }]
  }

  #tooMany(): Valued {
    const ofOthers = this.#refs.overlays.length
    const others = ofOthers > 0 ? `, ${ofOthers} of them of what it refers to,` : ''
    const message = `${this.overlays.length} overlays${others} make too many combinations, more than ${limits.overlayCombinationsMax}`
    this.#findings.push(...inFile(this.#base.file.path, [{ rule: 'limit/overlay-combinations', message }]))
    return none
  }

  #tellUnreachable(reached: ReadonlySet<number>): void {
    this.#reader.overlays.forEach(({ file, at }, index) => {
      if (reached.has(index)) return
      const message = `no process can match this overlay: the config is for ${audienceText(this.audience)}`
      this.#findings.push({
        severity: 'warning',
        rule: 'overlay/unreachable',
        file: file.path,
        ...(at !== '' && { pointer: at }),
        message,
      })
    })
  }
}

const faultOfRef = (fault: Resolved['faults'][number]): SchemaFault => ({
  ...fault,
  schemaPointer: '',
  isContainer: false,
})

type Made = Pick<Required<ConfigResult>, 'config' | 'blobs'> & Pick<ConfigResult, 'large'>

function plainConfig({ group, frame }: ConfigReader, value: PlainValue, context: ConfigContext): Made {
  if (!(value instanceof Uint8Array)) {
    const large = { ...value, file: context.digestOf(value.source) }
    const { hash } = large.digest ?? large.file
    return { config: { ...frame, overlays: [], variants: [{ overlays: [], hash }] }, blobs: new Map(), large }
  }
  const files = filesOf(group).map(({ file }, at): [string, Uint8Array] => [
    frame.files[at]?.hash as string,
    file.bytes,
  ])
  const known = files.find(([, bytes]) => bytes === value)
  const hash = known?.[0] ?? sha256(value)
  return {
    config: { ...frame, overlays: [], variants: [{ overlays: [], hash }] },
    blobs: new Map([[hash, value], ...files]),
  }
}

function assemble({ group, refs, frame }: ConfigReader, { overlays }: ConfigWork, valued: Valued): Made {
  const values = [...new Set(valued.values)]
  const texts = values.map(canonicalText)
  const encoded = encodeTexts(texts)
  const hashes = new Map(values.map((value, at) => [value, sha256(encoded[at] as Uint8Array)]))
  const blobs = new Map(values.map((value, at) => [hashes.get(value) as string, encoded[at] as Uint8Array]))
  // who takes the result has the file, too
  for (const [at, { file }] of filesOf(group).entries())
    if (!file.onDisk) blobs.set(frame.files[at]?.hash as string, file.bytes)
  const variants = valued.sets.map((overlays, at): CompiledVariant => {
    return { overlays, hash: hashes.get(valued.values[at] as Json) as string }
  })
  const names = [...new Set(refs.map(({ ref }) => ref.name))].sort()
  const secrets = secretsOf(values.filter((_, at) => texts[at]?.includes('${')))
  const config: CompiledConfig = {
    ...frame,
    overlays,
    variants,
    ...(names.length > 0 && { refs: names }),
    ...(secrets.length > 0 && { secrets }),
  }
  return { config, blobs }
}
