import type { CST, Document, Node, YAMLError } from 'yaml'
import { decodeText, encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import type { OnPlace, Remark } from './finding.js'
import type { Json } from './json.js'
import { yaml } from './libraries.js'
import type { Parsed } from './parse-json.js'
import { plainBytes } from './plain-value.js'
import { YamlBuilder } from './yaml-builder.js'

const plainCharsMin = 256 * 1024

/**
 * One document of YAML 1.2 (core schema) as a JSON value. Keys are text; custom tags, several documents, duplicate and
 * prototype keys, numbers that would change, and more nesting, aliases or merge keys than the limits allow are errors.
 */
export function parseYaml(text: string, onPlace?: OnPlace): Parsed {
  const plain = onPlace || text.length < plainCharsMin ? undefined : plainBytes(encodeText(text), 'yaml')
  if (plain) return { value: JSON.parse(decodeText(plain)) as Json, remarks: [] }
  const documents = compose(text)
  if ('remark' in documents) return { remarks: [documents.remark] }
  const [document, second] = documents.documents
  if (!document?.contents || isEmpty(document.contents)) return problems(document) ?? emptyFile
  if (second)
    return {
      remarks: [
        { rule: 'yaml/documents', offset: second.range[0], message: 'several documents in one file; write one' },
      ],
    }
  const broken = problems(document)
  if (broken) return broken
  const builder = new YamlBuilder(onPlace)
  const value = builder.build(document.contents)
  return builder.remarks.length === 0 ? { value, remarks: [] } : { remarks: builder.remarks }
}

const emptyFile: Parsed = {
  remarks: [{ rule: 'yaml/empty', message: 'empty file: write {} for a config without values' }],
}

/** No node at all; an explicit `null` or `~` is a scalar of its own. */
const isEmpty = (node: Node): boolean => yaml().isScalar(node) && node.value === null && !node.source

type Documents = Document.Parsed[]

/** Parses without composing first: the parser's stack is a list, the composer recurses, so depth is checked between them. */
function compose(text: string): { documents: Documents } | { remark: Remark } {
  const { Composer, Lexer, Parser } = yaml()
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > limits.nestingDepthMax + 2)
      return {
        remark: {
          rule: 'limit/nesting',
          offset: parser.offset,
          message: `nested deeper than ${limits.nestingDepthMax} levels`,
        },
      }
  }
  for (const token of parser.end()) tokens.push(token)
  const composer = new Composer({ stringKeys: true, uniqueKeys: false, resolveKnownTags: false, prettyErrors: false })
  return { documents: [...composer.compose(tokens, true, text.length)] }
}

function problems(document: Document.Parsed | undefined): Parsed | undefined {
  const found: YAMLError[] = [...(document?.errors ?? []), ...(document?.warnings ?? [])]
  const remarks: Remark[] = found.map((error) => ({
    rule: `yaml/${error.code.toLowerCase().replaceAll('_', '-')}`,
    offset: error.pos[0],
    message: error.message,
  }))
  const { version, explicit } = document?.directives?.yaml ?? {}
  if (explicit && version !== '1.2') remarks.push({ rule: 'yaml/version', message: `YAML ${version}; write YAML 1.2` })
  return remarks.length > 0 ? { remarks } : undefined
}
