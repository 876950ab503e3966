import { decodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { isObject, type Json, type JsonObject } from './json.js'
import { formatOf, isTextFormat } from './parse.js'
import { parseJson } from './parse-json.js'
import type { CompiledConfig, CompileOutput, SourceTree } from './types.js'

/** What a module of types knows of one config. */
export interface TypedConfig {
  readonly name: string
  /** Absent when it has none. */
  readonly schema?: JsonObject
  /** Of all its variants, the base first. */
  readonly values: readonly Json[]
  /** Its base is of a format that has no types. */
  readonly isText: boolean
}

/** The part of a generated module that belongs to one config. */
export interface Section {
  readonly name: string
  readonly text: string
}

/** The configs of a tree that compiled, without the settings. Throws E_INVALID_CONFIG when the output has errors. */
export function typedConfigs(output: CompileOutput, tree: SourceTree): TypedConfig[] {
  if (!output.ok)
    throw new KeeperError('E_INVALID_CONFIG', 'no types for configs with errors', { diagnostics: output.diagnostics })
  const files = new Map(tree.files.map(({ path, bytes }) => [path, bytes]))
  return output.configs.filter(isData).map((config) => {
    const schema = schemaIn(files.get(`${config.name}.schema.json`))
    const isText = isTextFormat(formatOf(config.files[0]?.path ?? '') ?? 'yaml')
    return { name: config.name, ...(schema && { schema }), values: valuesOf(config, output), isText }
  })
}

/** Settings of the keeper's own are no data of a service. */
const isData = ({ name }: CompiledConfig): boolean => !name.startsWith('_keeper/')

/** Those that some process may ask for. */
export const readConfigs = (output: CompileOutput, tree: SourceTree): TypedConfig[] => {
  const unread = new Set(output.configs.filter(({ audience }) => audience.nobody).map(({ name }) => name))
  return typedConfigs(output, tree).filter(({ name }) => !unread.has(name))
}

function schemaIn(bytes: Uint8Array | undefined): JsonObject | undefined {
  const value = bytes && parseJson(decodeText(bytes).replace(/^\ufeff/, '')).value
  return isObject(value) ? value : undefined
}

const valuesOf = (config: CompiledConfig, output: CompileOutput): Json[] =>
  config.variants.flatMap(({ hash }): Json[] => {
    const bytes = output.blobs.get(hash)
    return bytes ? [JSON.parse(decodeText(bytes))] : []
  })

/** A module as it would be written. */
export interface GeneratedTypes {
  readonly text: string
  readonly sections: readonly Section[]
  /** The configs that a module like this one, as it stands in a file, is about. */
  namesIn(standing: string): readonly string[]
}

/** What is stale in a module that stands, one line each; none when it is as it would be written. */
export function staleIn(standing: string, { text, sections, namesIn }: GeneratedTypes): string[] {
  if (standing === text) return []
  const before = new Set(namesIn(standing))
  const now = new Set(sections.map(({ name }) => name))
  const stale = [
    ...sections
      .filter((section) => !before.has(section.name) || !standing.includes(section.text))
      .map(({ name }) => `${name} ${before.has(name) ? 'has changed' : 'is missing'}`),
    ...[...before].filter((name) => !now.has(name)).map((name) => `${name} exists no longer`),
  ]
  return stale.length > 0 ? stale : ['it was edited, or written by another version of keeper']
}
