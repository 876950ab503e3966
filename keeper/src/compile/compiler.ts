import { limits } from '../base/limits.js'
import { sha256 } from './canonical.js'
import { type ConfigContext, type ConfigResult, compileConfig } from './config.js'
import { type ConfigGroup, groupFiles } from './group.js'
import { locate } from './locate.js'
import { compareText, defaultOverlayOrder } from './overlays.js'
import type { Parsed } from './parse-json.js'
import { SchemaCompiler, type SchemaResult } from './schema.js'
import type { CompileOutput, Diagnostic, SourceFile, SourceTree } from './types.js'

export interface CompileOptions {
  /** Labels from the weakest to the strongest; others come after these, by name. Default: env, idc, zone, track, instance. */
  readonly overlayOrder?: readonly string[]
  /** Called with the path of the file that is worked on next. */
  readonly onProgress?: (path: string) => void
}

/** Compiles a whole tree: all of it, or nothing. Pure; without a deadline (see CompileWorker). */
export const compileTree = (tree: SourceTree, options: CompileOptions = {}): CompileOutput =>
  new IncrementalCompiler(options).compile(tree)

/** Parse results of larger files are not kept: their configs are, and that is what an unchanged file costs. */
const keptParseBytesMax = 256 * 1024

/**
 * Compiles tree after tree and does again only what changed: configs are kept by the hashes of their files, schemas
 * and parse results by content. The output is the one that compileTree gives. Bytes of a SourceFile must not change
 * once it was handed in; hashes are remembered by the array's identity.
 */
export class IncrementalCompiler {
  readonly #context: ConfigContext
  readonly #hashes = new WeakMap<Uint8Array, string>()
  readonly #schemaCompiler = new SchemaCompiler()
  readonly #configs = new Generations<ConfigResult>()
  readonly #schemas = new Generations<SchemaResult>()
  readonly #parsed = new Generations<Parsed>()

  constructor(options: CompileOptions = {}) {
    this.#context = {
      overlayOrder: options.overlayOrder ?? defaultOverlayOrder,
      onProgress: options.onProgress ?? (() => {}),
      hashOf: (file) => this.#hashOf(file),
      compileSchema: (file, text) => this.#schemas.get(this.#hashOf(file), () => this.#schemaCompiler.compile(text)),
      parsed: (file, kind, parse) => {
        if (file.bytes.length > keptParseBytesMax) return parse()
        return this.#parsed.get(`${kind} ${file.path} ${this.#hashOf(file)}`, parse)
      },
    }
  }

  compile(tree: SourceTree): CompileOutput {
    const { groups, findings } = groupFiles(tree.files)
    const results = groups.map((group) => this.#compileGroup(group))
    for (const cache of [this.#configs, this.#schemas, this.#parsed]) cache.turn()
    const diagnostics = [
      ...tree.problems,
      ...locate(findings, () => undefined),
      ...results.flatMap((result) => result.diagnostics),
    ]
    return outputOf(results, diagnostics)
  }

  #compileGroup(group: ConfigGroup): ConfigResult {
    const files = [...group.bases, ...group.overlays, ...group.schemas].map(({ file }) => file)
    const key = files.map((file) => `${file.path}\n${this.#hashOf(file)}`).join('\n')
    return this.#configs.get(key, () => compileConfig(group, this.#context))
  }

  #hashOf(file: SourceFile): string {
    const known = this.#hashes.get(file.bytes)
    if (known !== undefined) return known
    const hash = sha256(file.bytes)
    this.#hashes.set(file.bytes, hash)
    return hash
  }
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
