import { limits } from '../base/limits.js'
import type { Digest } from '../base/pieces.js'
import { nobody } from './audience.js'
import { canonicalJson, sha256 } from './canonical.js'
import type { ConfigContext, ConfigResult } from './config.js'
import { Generations } from './generations.js'
import { type ConfigGroup, filesOf } from './group.js'
import { KnownSets } from './known-sets.js'
import { locate } from './locate.js'
import { settingsPath } from './naming.js'
import { ParsedTexts } from './parsed-texts.js'
import { digestOfFile } from './plain-value.js'
import { SchemaCompiler, type SchemaResult } from './schema.js'
import { defaultSettings, readSettings, type Settings, settingsName } from './settings.js'
import { contentOf, lengthOf, readableOf } from './source-file.js'
import { TreeGroups } from './tree-groups.js'
import { TreeUnits } from './tree-units.js'
import type { CompileOutput, Diagnostic, SourceFile, SourceTree } from './types.js'
import { ConfigUnit } from './unit.js'
import { outputOf, type Worked, workedOf } from './worked.js'

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

/**
 * Parse results of larger files are not kept, nor their configs when they changed: what is live is, and that is what an
 * unchanged file costs.
 */
const keptBytesMax = 256 * 1024

const isSmall = (file: SourceFile): boolean => lengthOf(file) <= keptBytesMax

function smallBytesIn({ files }: SourceTree): number {
  let sum = 0
  for (const file of files) if (isSmall(file)) sum += lengthOf(file)
  return sum
}

/**
 * Compiles tree after tree and does again only what changed: configs are kept by the hashes of their files and by what
 * they refer to, schemas and parse results by content. The output is the one that compileTree gives. Bytes of a
 * SourceFile must not change once it was handed in; hashes are remembered by the identity of the array, or of the file on disk.
 */
export class IncrementalCompiler {
  readonly #options: CompileOptions
  readonly #hashes = new WeakMap<object, string>()
  readonly #digests = new WeakMap<object, Digest>()
  readonly #contents = new WeakMap<ConfigGroup, string>()
  readonly #schemaCompiler = new SchemaCompiler()
  readonly #groups = new TreeGroups()
  readonly #worlds = new Generations<World>()
  readonly #units = new TreeUnits()
  /** By content: what comes back after a while is not made anew. */
  readonly #known = new Generations<ConfigUnit>()
  readonly #schemas = new Generations<SchemaResult>()
  readonly #parsed = new ParsedTexts()
  readonly #sets = new KnownSets()
  #tree: SourceTree = { files: [], problems: [] }
  #keepsParsed: boolean | undefined
  #settingsResult: ConfigResult | undefined

  constructor(options: CompileOptions = {}) {
    this.#options = options
  }

  compile(tree: SourceTree): CompileOutput {
    return outputOf(this.work(tree))
  }

  /** As compile; what stayed as it is stays the same object, so that whoever sends it on can leave it out. */
  work(tree: SourceTree): Worked {
    const file = tree.files.find(({ path }) => path === settingsPath)
    this.#tree = tree
    this.#keepsParsed = undefined
    const { settings, context, diagnostics } = this.#readWorld(file)
    const grouped = this.#groups.update(tree.files, settings.flatProperties)
    const world = file ? this.#hashOf(file) : ''
    const made = this.#units.compile(grouped, context, (group) => this.#unit(group, context, world))
    for (const cache of [this.#worlds, this.#known, this.#schemas, this.#sets]) cache.turn()
    const found = [
      ...tree.problems,
      ...locate(grouped.findings, () => undefined),
      ...diagnostics,
      ...settings.problemsWith(grouped.names),
      ...made.diagnostics,
    ]
    return workedOf(file ? [...this.#settingsConfig(settings, file), ...made.results] : made.results, found)
  }

  #readWorld(file: SourceFile | undefined): World {
    const key = file ? this.#hashOf(file) : ''
    return this.#worlds.get(key, () => {
      const { settings, diagnostics } = file ? readSettings(file) : { settings: defaultSettings, diagnostics: [] }
      const problems = environmentProblems(settings, this.#options.labels)
      // A wrong environment would make errors of everything that is right for the others.
      const labels = problems.length > 0 ? withoutEnv(this.#options.labels) : this.#options.labels
      return { settings, context: this.#context(settings, labels), diagnostics: [...diagnostics, ...problems] }
    })
  }

  #unit(group: ConfigGroup, context: ConfigContext, world: string): ConfigUnit {
    const content = this.#contentOf(group)
    if (content === '') return new ConfigUnit(group, context)
    const unit = this.#known.get(`${world}\n${content}`, () => new ConfigUnit(group, context))
    return unit.takes(group, context) ? unit : new ConfigUnit(group, context)
  }

  /** Equal for groups of the same files; '' for one with a large file. */
  #contentOf(group: ConfigGroup): string {
    const known = this.#contents.get(group)
    if (known !== undefined) return known
    const files = filesOf(group)
    const parts = files.map(({ file, format }) => `${format} ${file.path}\n${this.#hashOf(file)}`)
    const content = files.every(({ file }) => isSmall(file)) ? parts.join('\n') : ''
    this.#contents.set(group, content)
    return content
  }

  #context(settings: Settings, labels: CompileOptions['labels'] = {}): ConfigContext {
    const { onProgress = () => {} } = this.#options
    return {
      overlayOrder: settings.overlayOrder,
      environments: settings.environments,
      knownSets: this.#sets,
      labels,
      forAll: JSON.stringify(labels),
      audienceOf: settings.audienceOf,
      saidOf: settings.saidOf,
      saidOfAll: settings.saidOfAll,
      onProgress,
      hashOf: (file) => this.#hashOf(file),
      digestOf: (file) => this.#digestOf(file),
      compileSchema: (file, text) => this.#schemas.get(this.#hashOf(file), () => this.#schemaCompiler.compile(text)),
      parsed: (file, kind, parse) => {
        this.#keepsParsed ??= smallBytesIn(this.#tree) <= limits.compileKeptTextBytesMax
        return this.#keepsParsed && isSmall(file) ? this.#parsed.get(file, kind, parse) : parse()
      },
    }
  }

  /** The settings are kept as a config for nobody: with history, undone with the change set that changed them. */
  #settingsConfig({ value }: Settings, file: SourceFile): ConfigResult[] {
    if (value === undefined) return []
    const known = this.#settingsResult
    const bytes = canonicalJson(value)
    const [hash, fileHash] = [sha256(bytes), this.#hashOf(file)]
    const files = [{ path: file.path, hash: fileHash }]
    if (known?.config?.files[0]?.hash === fileHash) return [known]
    const blobs = new Map([
      [hash, bytes],
      [fileHash, file.bytes],
    ])
    const config = { name: settingsName, audience: nobody, overlays: [], variants: [{ overlays: [], hash }], files }
    this.#settingsResult = { config, blobs, diagnostics: [] }
    return [this.#settingsResult]
  }

  #hashOf(file: SourceFile): string {
    if (lengthOf(file) >= limits.compileHeavyBytes) return this.#digestOf(file).hash
    const known = this.#hashes.get(file.bytes)
    if (known !== undefined) return known
    const hash = sha256(file.bytes)
    this.#hashes.set(file.bytes, hash)
    return hash
  }

  #digestOf(file: SourceFile): Digest {
    const known = this.#digests.get(contentOf(file))
    if (known) return known
    const digest = digestOfFile(readableOf(file))
    this.#digests.set(contentOf(file), digest)
    return digest
  }
}

/** What the settings and the keeper's labels say. */
interface World {
  readonly settings: Settings
  readonly context: ConfigContext
  readonly diagnostics: readonly Diagnostic[]
}

const withoutEnv = ({ env: _, ...others }: CompileOptions['labels'] = {}) => others

/** A keeper has to know its environment where the settings list some: a process would match no overlay of one. */
function environmentProblems({ environments }: Settings, labels: CompileOptions['labels']): Diagnostic[] {
  if (labels === undefined || environments.length === 0 || environments.includes(labels.env ?? '')) return []
  const has = labels.env === undefined ? 'has none' : `says env=${labels.env}`
  const message = `the settings list the environments ${environments.join(', ')}, and this keeper ${has}: start it with --label env=${environments[0]}`
  return [{ severity: 'error', rule: 'settings/environment', file: settingsPath, pointer: '/environments', message }]
}
