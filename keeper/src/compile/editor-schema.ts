import { type Dialect, toDraft07 } from './draft-07.js'
import { isArray, isObject, type Json, type JsonObject } from './json.js'
import { units } from './units.js'

/** What editors are told of one config: draft-07, each in a file of its own beside the others. */
export interface EditorSchemas {
  /** For NAME.yaml. */
  readonly config: JsonObject
  /** For NAME@label=value.yaml: nothing is required, everything can be deleted. */
  readonly overlay: JsonObject
  /** For NAME.overlays.yaml; refers to the overlay's file by `overlayUrl`. */
  readonly overlays: JsonObject
}

/**
 * The schema of a config as editors understand it. The text that may stand for a value in a file (`"300s"` where
 * there is a `unit`, `${ref:…}` and `${secret:…}` anywhere) is no mistake there; `unit` stays, as a word that editors
 * pass over.
 */
export function forEditors(schema: JsonObject, overlayUrl: string): EditorSchemas {
  const $schema = 'http://json-schema.org/draft-07/schema#'
  const whole = '/keeperWhole'
  const overlay = {
    $schema,
    ...toDraft07(schema, overlayDialect(whole)),
    keeperDelete: deletion,
    keeperWhole: toDraft07(schema, configDialect(whole)),
  }
  return {
    config: { $schema, ...toDraft07(schema, configDialect('')) },
    overlay,
    overlays: { $schema, ...overlaysOf(overlayUrl) },
  }
}

const deletion: JsonObject = {
  type: 'object',
  description: 'Deletes the value that the base has.',
  properties: { $delete: { const: true } },
  required: ['$delete'],
  additionalProperties: false,
}

const whenSchema: JsonObject = {
  type: 'object',
  additionalProperties: { type: ['string', 'array'], items: { type: 'string' }, minItems: 1 },
  minProperties: 1,
}

const overlaysOf = (overlayUrl: string): JsonObject => ({
  type: 'array',
  items: {
    type: 'object',
    properties: {
      when: {
        description:
          'The labels of the processes that the overlay is for: all must match. In a list, one of its entries.',
        oneOf: [whenSchema, { type: 'array', items: whenSchema, minItems: 1 }],
      },
      set: { $ref: overlayUrl },
    },
    required: ['when', 'set'],
    additionalProperties: false,
  },
})

/** A whole config, whose own root stands at `root` of the file. */
const configDialect = (root: string): Dialect => ({
  finish: (schema, pointer) => (pointer === '' ? schema : withStandIns(schema)),
  // What is asked of a value in order to decide something else is asked as it is.
  below: (keyword) => (keyword === 'not' || keyword === 'if' ? plainDialect(root) : configDialect(root)),
  refer: (pointer) => `#${root}${pointer}`,
})

const plainDialect = (root: string): Dialect => ({
  finish: (schema) => schema,
  below: () => plainDialect(root),
  refer: (pointer) => `#${root}${pointer}`,
})

/** Of a part nothing is known but what stands in it. */
const wholeOnly = /^(?:required|minProperties|dependencies|if|then|else|not)$/

/** What is laid over a config: objects are parts, arrays whole. `whole` is where whole values are described. */
const overlayDialect = (whole: string): Dialect => ({
  finish: (schema, pointer) => {
    const { oneOf, ...rest } = pointer === '' ? schema : withStandIns(schema)
    const choice = oneOf === undefined ? rest : { ...rest, allOf: [...list(rest.allOf), { anyOf: oneOf }] }
    return isObject(choice.properties) ? { ...choice, properties: deletable(choice.properties) } : choice
  },
  below: (keyword) => {
    if (wholeOnly.test(keyword)) return undefined
    return /^(?:items|additionalItems|contains)$/.test(keyword) ? configDialect(whole) : overlayDialect(whole)
  },
  refer: (pointer) => `#${pointer}`,
})

const deletable = (properties: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [key, { anyOf: [schema, { $ref: '#/keeperDelete' }] }]),
  )

const reference = '\\$\\{(?:ref|secret):[^}]+\\}'

/** Also allows the text that stands for a value. */
function withStandIns(schema: JsonObject): JsonObject {
  const types = isArray(schema.type) ? schema.type.map(String) : typeof schema.type === 'string' ? [schema.type] : []
  return looser(types.length === 0 || types.includes('string') ? withPattern(schema) : withText(schema, types))
}

const withPattern = (schema: JsonObject): JsonObject =>
  typeof schema.pattern === 'string' ? { ...schema, pattern: `(?:${schema.pattern})|${reference}` } : schema

function withText(schema: JsonObject, types: readonly string[]): JsonObject {
  const { unit } = schema
  const known = typeof unit === 'string' ? units[unit] : undefined
  const quantity = known ? `^-?\\d+(?:\\.\\d+)? ?(?:${Object.keys(known.suffixes).join('|')})$|` : ''
  const expected = `expected ${types.join(' or ')}${known ? `, or text such as ${known.examples}` : ''}, or \${ref:…}`
  return { ...schema, type: [...types, 'string'], pattern: quantity + reference, patternErrorMessage: expected }
}

const exact = ['enum', 'const', 'format', 'maxLength']

/** Keywords that no stand-in can fulfil hold only where there is none. */
function looser(schema: JsonObject): JsonObject {
  const strict = Object.entries(schema).filter(([keyword]) => exact.includes(keyword))
  if (strict.length === 0) return schema
  const rest = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !exact.includes(keyword)))
  const choice = { anyOf: [Object.fromEntries(strict), { type: 'string', pattern: reference }] }
  return 'anyOf' in rest ? { ...rest, allOf: [...list(rest.allOf), choice] } : { ...rest, ...choice }
}

const list = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : [])
