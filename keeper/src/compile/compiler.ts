import { limits } from '../base/limits.js'
import { nobody } from './audience.js'
import { canonicalJson, sha256 } from './canonical.js'
import type { ConfigContext, ConfigResult } from './config.js'
import { type ConfigGroup, filesOf, groupFiles } from './group.js'
import { locate } from './locate.js'
import { settingsPath } from './naming.js'
import { orderByRefs } from './order-by-refs.js'
import { compareText } from './overlays.js'
import type { Parsed } from './parse-json.js'
import type { RefTargets } from './ref-rules.js'
import { type RefTarget, refTarget } from './ref-target.js'
import { SchemaCompiler, type SchemaResult } from './schema.js'
import { defaultSettings, readSettings, type Settings, settingsName } from './settings.js'
import type { CompiledConfig, CompileOutput, Diagnostic, SourceFile, SourceTree } from './types.js'
import { ConfigUnit } from './unit.js'

export interface CompileOptions {
  /**
   * Labels that every process has where the configs are to go: `serve --label env=prod`. Undefined when that is not
   * known, as in a check: then every environment that the settings list is compiled for.
   */
  readonly labels?: Readonly<Record<string, string>>
  /** Called with the path of the file that is worked on next. */
  readonly onProgress?: (path: string) => void
}

/** Compiles a whole tree: all of it, or nothing. Pure; without a deadline (see CompileWorker). */
export const compileTree = (tree: SourceTree, options: CompileOptions = {}): CompileOutput =>
  new IncrementalCompiler(options).compile(tree)

/** Parse results of larger files are not kept: their configs are, and that is what an unchanged file costs. */
const keptParseBytesMax = 256 * 1024

/**
 * Compiles tree after tree and does again only what changed: configs are kept by the hashes of their files and by what
 * they refer to, schemas and parse results by content. The output is the one that compileTree gives. Bytes of a
 * SourceFile must not change once it was handed in; hashes are remembered by the array's identity.
 */
export class IncrementalCompiler {
  readonly #options: CompileOptions
  readonly #hashes = new WeakMap<Uint8Array, string>()
  readonly #schemaCompiler = new SchemaCompiler()
  readonly #settings = new Generations<ReadSettings>()
  readonly #units = new Generations<ConfigUnit>()
  readonly #schemas = new Generations<SchemaResult>()
  readonly #parsed = new Generations<Parsed>()
  readonly #targets = new WeakMap<ConfigResult, Map<string, RefTarget>>()

  constructor(options: CompileOptions = {}) {
    this.#options = options
  }

  compile(tree: SourceTree): CompileOutput {
    const file = tree.files.find(({ path }) => path === settingsPath)
    const { settings, diagnostics } = this.#readSettings(file)
    const { groups, findings } = groupFiles(tree.files, settings.isFlat)
    const context = this.#context(settings)
    const world = file ? this.#hashOf(file) : ''
    const units = new Map(groups.map((group) => [group.name, this.#unit(group, world, context)]))
    const results = [...this.#compileUnits(units).values()]
    for (const cache of [this.#settings, this.#units, this.#schemas, this.#parsed]) cache.turn()
    const found = [
      ...tree.problems,
      ...locate(findings, () => undefined),
      ...diagnostics,
      ...settings.problemsWith([...units.keys()]),
      ...results.flatMap((result) => result.diagnostics),
    ]
    return outputOf([...settingsConfig(settings, file, (one) => this.#hashOf(one)), ...results], found)
  }

  #readSettings(file: SourceFile | undefined): ReadSettings {
    const read = file
      ? this.#settings.get(this.#hashOf(file), () => readSettings(file))
      : { settings: defaultSettings, diagnostics: [] }
    return { ...read, diagnostics: [...read.diagnostics, ...environmentProblems(read.settings, this.#options.labels)] }
  }

  #unit(group: ConfigGroup, world: string, context: ConfigContext): ConfigUnit {
    const parts = filesOf(group).map(({ file }) => `${file.path}\n${this.#hashOf(file)}`)
    return this.#units.get([world, ...parts].join('\n'), () => new ConfigUnit(group, context))
  }

  /** Each after what it refers to. */
  #compileUnits(units: ReadonlyMap<string, ConfigUnit>): Map<string, ConfigResult> {
    const results = new Map<string, ConfigResult>()
    const refsOf = (name: string) => units.get(name)?.refNames ?? []
    const { order, circles } = orderByRefs(units.keys(), refsOf)
    const targets: RefTargets = {
      find: (name, pointer) => {
        if (!units.has(name)) return undefined
        const result = results.get(name)
        return result?.config ? this.#target(result, pointer) : 'broken'
      },
      circle: (from, to) => (circles.get(from)?.includes(to) ? circles.get(from) : undefined),
    }
    for (const name of order) {
      const unit = units.get(name)
      if (unit)
        results.set(
          name,
          unit.compile(
            unit.refNames.map((ref) => results.get(ref)),
            targets,
          ),
        )
    }
    return new Map([...results].sort(([a], [b]) => compareText(a, b)))
  }

  #target(result: ConfigResult, pointer: string): RefTarget {
    const known = this.#targets.get(result) ?? new Map<string, RefTarget>()
    this.#targets.set(result, known)
    const target = known.get(pointer) ?? refTarget(result.config as CompiledConfig, result.blobs, pointer)
    known.set(pointer, target)
    return target
  }

  #context(settings: Settings): ConfigContext {
    const { labels = {}, onProgress = () => {} } = this.#options
    return {
      overlayOrder: settings.overlayOrder,
      environments: settings.environments,
      labels,
      audienceOf: settings.audienceOf,
      onProgress,
      hashOf: (file) => this.#hashOf(file),
      compileSchema: (file, text) => this.#schemas.get(this.#hashOf(file), () => this.#schemaCompiler.compile(text)),
      parsed: (file, kind, parse) => {
        if (file.bytes.length > keptParseBytesMax) return parse()
        return this.#parsed.get(`${kind} ${file.path} ${this.#hashOf(file)}`, parse)
      },
    }
  }

  #hashOf(file: SourceFile): string {
    const known = this.#hashes.get(file.bytes)
    if (known !== undefined) return known
    const hash = sha256(file.bytes)
    this.#hashes.set(file.bytes, hash)
    return hash
  }
}

interface ReadSettings {
  readonly settings: Settings
  readonly diagnostics: readonly Diagnostic[]
}

/** A keeper has to know its environment where the settings list some: a process would match no overlay of one. */
function environmentProblems({ environments }: Settings, labels: CompileOptions['labels']): Diagnostic[] {
  if (labels === undefined || environments.length === 0 || environments.includes(labels.env ?? '')) return []
  const has = labels.env === undefined ? 'has none' : `says env=${labels.env}`
  const message = `the settings list the environments ${environments.join(', ')}, and this keeper ${has}: start it with --label env=${environments[0]}`
  return [{ severity: 'error', rule: 'settings/environment', file: settingsPath, pointer: '/environments', message }]
}

/** The settings are kept as a config for nobody: with history, undone with the change set that changed them. */
function settingsConfig(
  { value }: Settings,
  file: SourceFile | undefined,
  hashOf: (file: SourceFile) => string,
): ConfigResult[] {
  if (!file || value === undefined) return []
  const bytes = canonicalJson(value)
  const [hash, fileHash] = [sha256(bytes), hashOf(file)]
  const blobs = new Map([
    [hash, bytes],
    [fileHash, file.bytes],
  ])
  const config: CompiledConfig = {
    name: settingsName,
    audience: nobody,
    overlays: [],
    variants: [{ overlays: [], hash }],
    files: [{ path: file.path, hash: fileHash }],
  }
  return [{ config, blobs, diagnostics: [] }]
}

/** A cache that forgets what was not asked for since the turn before last. */
class Generations<V> {
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  get(key: string, make: () => V): V {
    const value = this.#young.get(key) ?? this.#old.get(key) ?? make()
    this.#young.set(key, value)
    return value
  }

  turn(): void {
    this.#old = this.#young
    this.#young = new Map()
  }
}

const severityRank = { error: 0, warning: 1, note: 2 } as const

function outputOf(results: readonly ConfigResult[], found: readonly Diagnostic[]): CompileOutput {
  const diagnostics = inOrder(found)
  const ok = !found.some(({ severity }) => severity === 'error')
  if (!ok) return { configs: [], blobs: new Map(), diagnostics, ok }
  const blobs = new Map<string, Uint8Array>()
  for (const result of results) for (const [hash, bytes] of result.blobs) blobs.set(hash, bytes)
  return { configs: results.flatMap(({ config }) => (config ? [config] : [])), blobs, diagnostics, ok }
}

/** By severity, file and place; at most limits.diagnosticsMax. */
function inOrder(found: readonly Diagnostic[]): Diagnostic[] {
  const sorted = [...found].sort(
    (a, b) =>
      severityRank[a.severity] - severityRank[b.severity] ||
      compareText(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  )
  if (sorted.length <= limits.diagnosticsMax) return sorted
  const kept = sorted.slice(0, limits.diagnosticsMax - 1)
  return [...kept, { severity: 'note', rule: 'limit/diagnostics', file: '', message: 'and more' }]
}
