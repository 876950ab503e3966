import { decodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { isObject, type Json } from './json.js'
import { parseJson } from './parse-json.js'
import type { CompiledConfig, CompileOutput, SourceTree } from './types.js'
import { schemaType } from './typescript-schema.js'
import { propertyKey, valuesType } from './typescript-values.js'

/**
 * A TypeScript module that tells @keeper/sdk the type of every config: from its schema, or, without one, from the
 * values of all its variants. The same configs give the same text. Throws E_INVALID_CONFIG when the output has errors.
 */
export function typesOf(output: CompileOutput, tree: SourceTree): string {
  if (!output.ok)
    throw new KeeperError('E_INVALID_CONFIG', 'no types for configs with errors', { diagnostics: output.diagnostics })
  const schemas = new Map(tree.files.map(({ path, bytes }) => [path, bytes]))
  const members = output.configs.map((config) => {
    const schema = schemas.get(`${config.name}.schema.json`)
    const type = schema ? fromSchema(schema) : valuesType(valuesOf(config, output))
    return `${propertyKey(config.name)}: ${type}`
  })
  const lines = ['interface Configs {', ...members.map((member) => indent(member, 1)), '}']
  return [
    '// Made by `keeper types`: do not edit, make it again.',
    "import type {} from '@keeper/sdk'",
    '',
    "declare module '@keeper/sdk' {",
    indent(lines.join('\n'), 1),
    '}',
    '',
  ].join('\n')
}

function fromSchema(bytes: Uint8Array): string {
  const { value } = parseJson(decodeText(bytes).replace(/^\ufeff/, ''))
  return isObject(value) ? schemaType(value) : 'unknown'
}

const valuesOf = (config: CompiledConfig, output: CompileOutput): Json[] =>
  config.variants.flatMap(({ hash }): Json[] => {
    const bytes = output.blobs.get(hash)
    return bytes ? [JSON.parse(decodeText(bytes))] : []
  })

const indent = (text: string, levels: number): string => text.replace(/^(?=.)/gm, '  '.repeat(levels))
