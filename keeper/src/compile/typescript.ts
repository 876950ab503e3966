import { type GeneratedTypes, readConfigs, type Section } from './typed-configs.js'
import type { CompileOutput, SourceTree } from './types.js'
import { schemaType } from './typescript-schema.js'
import { propertyKey, valuesType } from './typescript-values.js'

/**
 * A TypeScript module that tells @keeper/sdk the type of every config: from its schema, or, without one, from the
 * values of all its variants. The same configs give the same text. Throws E_INVALID_CONFIG when the output has errors.
 */
export function typesOf(output: CompileOutput, tree: SourceTree): GeneratedTypes {
  const sections = readConfigs(output, tree).map(({ name, schema, values }): Section => {
    const type = schema ? schemaType(schema) : valuesType(values)
    return { name, text: indent(`${propertyKey(name)}: ${type}`, 2) }
  })
  const lines = [
    '// Made by `keeper types`: do not edit, make it again.',
    "import type {} from '@keeper/sdk'",
    '',
    "declare module '@keeper/sdk' {",
    '  interface Configs {',
    ...sections.map(({ text }) => text),
    '  }',
    '}',
    '',
  ]
  return { text: lines.join('\n'), sections, namesIn }
}

/** The configs that a module's text is about: the members at the depth of `Configs`. */
const namesIn = (text: string): string[] =>
  [...text.matchAll(/^ {4}(?:([\w$]+)|'((?:[^'\\]|\\.)*)'): /gm)].map(
    ([, bare, quoted]) => bare ?? JSON.parse(`"${quoted?.replaceAll("\\'", "'").replaceAll('"', '\\"')}"`),
  )

const indent = (text: string, levels: number): string => text.replace(/^(?=.)/gm, '  '.repeat(levels))
