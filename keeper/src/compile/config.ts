import { limits } from '../base/limits.js'
import { blame } from './blame.js'
import { canonicalJson, sha256 } from './canonical.js'
import { type Finding, inFile, type Remark } from './finding.js'
import { type ConfigGroup, type GroupFile, groupProblems, type OverlayFile } from './group.js'
import { copy, isArray, type Json } from './json.js'
import { type LocatableText, locate } from './locate.js'
import { audienceOf } from './naming.js'
import { byPrecedence, checkBase, checkOverlay, combinations, mergePatch } from './overlays.js'
import { type Format, parseConfig } from './parse.js'
import type { Parsed } from './parse-json.js'
import type { ConfigSchema, SchemaResult } from './schema.js'
import { decodeSource } from './text.js'
import type { CompiledConfig, CompiledVariant, Diagnostic, SourceFile } from './types.js'

/** What compiling one config needs from outside. */
export interface ConfigContext {
  readonly overlayOrder: readonly string[]
  /** SHA-256 of a file's bytes. */
  hashOf(file: SourceFile): string
  /** Told before work on a file begins. */
  onProgress(path: string): void
  compileSchema(file: SourceFile, text: string): SchemaResult
  /** A parse result from before, or the one that `parse` makes. */
  parsed(file: SourceFile, kind: string, parse: () => Parsed): Parsed
}

export interface ConfigResult {
  /** Absent when there is an error. */
  readonly config?: CompiledConfig
  readonly blobs: ReadonlyMap<string, Uint8Array>
  readonly diagnostics: readonly Diagnostic[]
}

/** A file that parsed, with its value. */
export interface ReadFile extends GroupFile {
  readonly value: Json
}
export interface ReadOverlay extends OverlayFile {
  readonly value: Json
}

/** Everything of one config: read, laid over each other, checked, hashed; with all that is wrong at once. */
export function compileConfig(group: ConfigGroup, context: ConfigContext): ConfigResult {
  const reader = new GroupReader(group, context)
  const { base, schema, overlays } = reader
  const findings: Finding[] = reader.findings
  const variants =
    base && !reader.isSchemaBroken ? compileVariants(group, base, overlays, schema, context, findings) : []
  const diagnostics = locate(findings, (file) => reader.textOf(file))
  if (!base || findings.some(({ severity }) => severity === 'error')) return { blobs: new Map(), diagnostics }
  return { ...assemble(group, overlays, variants, context), diagnostics }
}

/** Reads the files of a group and remembers what went wrong. */
class GroupReader {
  readonly findings: Finding[]
  readonly base: ReadFile | undefined
  readonly overlays: readonly ReadOverlay[]
  readonly schema: ConfigSchema | undefined
  readonly isSchemaBroken: boolean
  readonly #context: ConfigContext
  readonly #group: ConfigGroup

  constructor(group: ConfigGroup, context: ConfigContext) {
    this.#group = group
    this.#context = context
    this.findings = groupProblems(group)
    const order = byPrecedence(context.overlayOrder)
    const [base] = group.bases.flatMap((file) => this.#read(file, 'base', checkBase))
    this.base = group.bases.length === 1 ? base : undefined
    this.overlays = [...group.overlays]
      .sort((a, b) => order(a.when, b.when))
      .flatMap((overlay) => this.#read(overlay, 'overlay', checkOverlay))
      .filter((overlay) => this.#fitsBase(overlay))
    const [schemaFile] = group.schemas
    this.schema = schemaFile && this.#readSchema(schemaFile)
    this.isSchemaBroken = schemaFile !== undefined && this.schema === undefined
  }

  textOf(path: string): LocatableText | undefined {
    const { bases, overlays, schemas } = this.#group
    const found = [...bases, ...overlays, ...schemas].find(({ file }) => file.path === path)
    const decoded = found && decodeSource(found.file.bytes)
    return found && decoded && 'text' in decoded ? { text: decoded.text, format: found.format } : undefined
  }

  #read<F extends GroupFile>(from: F, kind: string, check: (value: Json) => Remark[]): (F & { value: Json })[] {
    const { file, format } = from
    this.#context.onProgress(file.path)
    const parsed = this.#context.parsed(file, kind, () => parseBytes(file.bytes, format, check))
    this.findings.push(...inFile(file.path, parsed.remarks))
    return parsed.value === undefined ? [] : [{ ...from, value: parsed.value }]
  }

  #fitsBase({ file, value }: ReadOverlay): boolean {
    const fits = !this.base || isArray(this.base.value) === isArray(value)
    const message = 'the overlay and its base must both be objects, or both arrays'
    if (!fits) this.findings.push(...inFile(file.path, [{ rule: 'overlay/type', pointer: '', message }]))
    return fits
  }

  #readSchema({ file }: GroupFile): ConfigSchema | undefined {
    this.#context.onProgress(file.path)
    const decoded = decodeSource(file.bytes)
    const result: SchemaResult =
      'text' in decoded ? this.#context.compileSchema(file, decoded.text) : { remarks: [decoded.remark] }
    this.findings.push(...inFile(file.path, result.remarks))
    return result.schema
  }
}

function parseBytes(bytes: Uint8Array, format: Format, check: (value: Json) => Remark[]): Parsed {
  const decoded = decodeSource(bytes)
  if ('remark' in decoded) return { remarks: [decoded.remark] }
  const parsed = parseConfig(format, decoded.text)
  if (parsed.value === undefined) return parsed
  const remarks = check(parsed.value)
  return remarks.length === 0 ? parsed : { remarks }
}

interface ValuedVariant {
  readonly overlays: readonly number[]
  readonly value: Json
}

function compileVariants(
  group: ConfigGroup,
  base: ReadFile,
  overlays: readonly ReadOverlay[],
  schema: ConfigSchema | undefined,
  context: ConfigContext,
  findings: Finding[],
): ValuedVariant[] {
  const audience = audienceOf(group.name)
  const sets = combinations(
    overlays.map(({ when }) => when),
    audience.labels,
  )
  if (!sets) {
    const message = `${overlays.length} overlays make too many combinations, more than ${limits.overlayCombinationsMax}`
    findings.push(...inFile(base.file.path, [{ rule: 'limit/overlay-combinations', message }]))
    return []
  }
  const reached = new Set(sets.flat())
  overlays.forEach(({ file }, index) => {
    if (!reached.has(index)) findings.push(unreachable(file.path))
  })
  context.onProgress(base.file.path)
  const fault = blame(base, overlays, group.schemas[0]?.file.path, schema?.source)
  return sets.map((set) => {
    const merged = set.reduce<Json>((value, index) => mergePatch(value, overlays[index]?.value ?? {}), base.value)
    if (!schema) return { overlays: set, value: merged }
    const { value, faults } = schema.check(copy(merged))
    findings.push(...fault(set, faults))
    return { overlays: set, value }
  })
}

const unreachable = (file: string): Finding => ({
  severity: 'warning',
  rule: 'overlay/unreachable',
  file,
  message: 'no process can match this overlay: its label contradicts the cluster or role of the folder',
})

function assemble(
  group: ConfigGroup,
  overlays: readonly ReadOverlay[],
  valued: readonly ValuedVariant[],
  context: ConfigContext,
): Pick<Required<ConfigResult>, 'config' | 'blobs'> {
  const blobs = new Map<string, Uint8Array>()
  const variants = valued.map(({ overlays, value }): CompiledVariant => {
    const bytes = canonicalJson(value)
    const hash = sha256(bytes)
    blobs.set(hash, bytes)
    return { overlays, hash }
  })
  const [schema] = group.schemas
  const files = [...group.bases, ...overlays, ...group.schemas].map(({ file }) => {
    const hash = context.hashOf(file)
    blobs.set(hash, file.bytes)
    return { path: file.path, hash }
  })
  const config: CompiledConfig = {
    name: group.name,
    audience: audienceOf(group.name),
    overlays: overlays.map(({ file, when }) => ({ file: file.path, when })),
    variants,
    files,
    ...(schema && { schemaHash: context.hashOf(schema.file) }),
  }
  return { config, blobs }
}
