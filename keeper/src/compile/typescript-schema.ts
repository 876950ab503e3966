import { at, isArray, isObject, type Json, type JsonObject } from './json.js'
import { arrayOf, memberStart, membersType } from './typescript-values.js'

/** The type of values that passed the schema (with defaults filled in), written in TypeScript. */
export const schemaType = (root: JsonObject): string => new SchemaTypes(root).typeOf(root)

const simple: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
}

class SchemaTypes {
  readonly #root: JsonObject
  /** References on the way down: one that comes again is written `unknown`. */
  readonly #open = new Set<string>()

  constructor(root: JsonObject) {
    this.#root = root
  }

  typeOf(schema: Json | undefined): string {
    if (!isObject(schema)) return schema === false ? 'never' : 'unknown'
    if (isArray(schema.enum)) return union(schema.enum.map(literal))
    if (Object.hasOwn(schema, 'const')) return literal(schema.const as Json)
    const parts = [
      ...(typeof schema.$ref === 'string' ? [this.#reference(schema.$ref)] : []),
      ...this.#shape(schema),
      ...list(schema.allOf).map((part) => this.typeOf(part)),
      ...['anyOf', 'oneOf'].flatMap((word) =>
        isArray(schema[word]) ? [union(list(schema[word]).map((part) => this.typeOf(part)))] : [],
      ),
    ].filter((part) => part !== 'unknown')
    if (parts.length < 2) return parts[0] ?? 'unknown'
    return parts.map((part) => (part.includes(' | ') ? `(${part})` : part)).join(' & ')
  }

  #reference(ref: string): string {
    if (this.#open.has(ref)) return 'unknown'
    this.#open.add(ref)
    const type = this.typeOf(at(this.#root, decodeURIComponent(ref.slice(1))))
    this.#open.delete(ref)
    return type
  }

  /** What `type` says, or the keywords that only make sense for one type. */
  #shape(schema: JsonObject): string[] {
    const types = isArray(schema.type) ? schema.type : schema.type === undefined ? guess(schema) : [schema.type]
    if (types.length === 0) return []
    return [union(types.map((type) => this.#typeNamed(String(type), schema)))]
  }

  #typeNamed(type: string, schema: JsonObject): string {
    if (type === 'object') return this.#object(schema)
    if (type === 'array') return this.#array(schema)
    return simple[type] ?? 'unknown'
  }

  #object(schema: JsonObject): string {
    const properties = isObject(schema.properties) ? schema.properties : {}
    const required = new Set(list(schema.required))
    const members = Object.keys(properties)
      .sort()
      .map((key) => {
        const property = properties[key]
        const isAlwaysThere = required.has(key) || (isObject(property) && Object.hasOwn(property, 'default'))
        return `${comment(property)}${memberStart(key, isAlwaysThere)}${this.typeOf(property)}`
      })
    const rest = this.#rest(schema, members.length > 0)
    return membersType(rest === undefined ? members : [...members, `readonly [key: string]: ${rest}`])
  }

  /** The type of members that are not named, or undefined when there can be none. */
  #rest(schema: JsonObject, hasNamed: boolean): string | undefined {
    const { additionalProperties, unevaluatedProperties, patternProperties } = schema
    const patterns = isObject(patternProperties) ? Object.values(patternProperties) : []
    const isClosed = additionalProperties === false || unevaluatedProperties === false
    if (isClosed && patterns.length === 0) return undefined
    // Named members must fit an index signature, so beside them it can only be unknown.
    if (hasNamed) return 'unknown'
    const types = [...patterns, ...(isClosed ? [] : [additionalProperties])].map((part) => this.typeOf(part))
    return union(types)
  }

  #array(schema: JsonObject): string {
    const first = isArray(schema.items) ? schema.items : list(schema.prefixItems)
    const rest = isArray(schema.items) ? schema.additionalItems : schema.items
    if (first.length === 0) return arrayOf(this.typeOf(rest))
    const items = first.map((item) => `${this.typeOf(item)}${Number(schema.minItems ?? 0) >= first.length ? '' : '?'}`)
    const tail = rest === false ? [] : [`...${arrayOf(this.typeOf(rest)).replace('readonly ', '')}`]
    return `readonly [${[...items, ...tail].join(', ')}]`
  }
}

const list = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : [])

const guess = (schema: JsonObject): string[] => {
  if (isObject(schema.properties) || isObject(schema.patternProperties)) return ['object']
  return schema.items !== undefined || schema.prefixItems !== undefined ? ['array'] : []
}

function union(types: readonly string[]): string {
  const distinct = [...new Set(types)]
  if (distinct.includes('unknown') || distinct.length === 0) return 'unknown'
  return distinct.join(' | ')
}

function literal(value: Json): string {
  if (isArray(value)) return `readonly [${value.map(literal).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  return membersType(Object.keys(value).map((key) => `${memberStart(key, true)}${literal(value[key] as Json)}`))
}

/** Description and unit as a docstring above the member. */
function comment(schema: Json | undefined): string {
  if (!isObject(schema)) return ''
  const { description, unit } = schema
  const text = [
    typeof description === 'string' ? description.trim() : '',
    typeof unit === 'string' ? `Unit: ${unit}.` : '',
  ]
    .filter(Boolean)
    .join(' ')
    .replace(/\s+/g, ' ')
    .replaceAll('*/', '*\\/')
  return text === '' ? '' : `/** ${text} */\n`
}
