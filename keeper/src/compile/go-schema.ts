import { any, type DurationUnit, type GoField, type GoType, plain } from './go-types.js'
import { at, isArray, isObject, type Json, type JsonObject } from './json.js'

/** A named type that the module declares. */
export interface GoDeclaration {
  readonly name: string
  readonly shape: readonly GoField[] | GoType
}

/** Gives a type a name that no other has. */
export type NameFor = (wanted: string) => string

/** Declares the type `name` for values that passed the schema, and every struct that it needs, itself first. */
export function goDeclarations(root: JsonObject, name: string, nameFor: NameFor): GoDeclaration[] {
  const builder = new GoSchema(root, name, nameFor)
  const type = builder.typeOf(root, name, name)
  if (type.kind !== 'struct' || type.name !== name) builder.declare({ name, shape: type })
  return builder.declarations.sort((a, b) => Number(b.name === name) - Number(a.name === name))
}

const simple: Readonly<Record<string, GoType>> = {
  string: plain('string'),
  integer: plain('int64'),
  number: plain('float64'),
  boolean: plain('bool'),
}

class GoSchema {
  readonly declarations: GoDeclaration[] = []
  readonly #root: JsonObject
  readonly #rootName: string
  readonly #nameFor: NameFor
  /** Reference → the struct it stands for. */
  readonly #structs = new Map<string, string>()
  /** References on the way down. */
  readonly #open = new Set<string>()

  constructor(root: JsonObject, rootName: string, nameFor: NameFor) {
    this.#root = root
    this.#rootName = rootName
    this.#nameFor = nameFor
  }

  declare(declaration: GoDeclaration): void {
    this.declarations.push(declaration)
  }

  /** The type of values of `schema`. A struct it needs is named like `path`; `name` when that was given out already. */
  typeOf(schema: Json | undefined, path: string, name?: string): GoType {
    if (!isObject(schema)) return any
    const { $ref } = schema
    if (typeof $ref === 'string' && !hasMembers(schema)) return this.#reference($ref, path)
    const whole = this.#flat(schema)
    const choices = [...list(whole.anyOf), ...list(whole.oneOf)]
    if (choices.length > 0 && !hasMembers(whole)) return this.#choice(choices, path)
    const types = typesOf(whole)
    const type = this.#typeNamed(typeName(types), whole, path, name)
    return types.includes('null') ? nullable(type) : type
  }

  #typeNamed(type: string, schema: JsonObject, path: string, name?: string): GoType {
    const { unit } = schema
    if (isDuration(unit) && (type === 'integer' || type === 'number')) return { kind: 'duration', unit }
    if (type === 'array') return { kind: 'slice', of: this.#items(schema, path) }
    return type === 'object' ? this.#object(schema, path, name) : (simple[type] ?? any)
  }

  #items({ items, prefixItems }: JsonObject, path: string): GoType {
    // A tuple of several types has no type in Go.
    return isArray(items) || prefixItems !== undefined ? any : this.typeOf(items, `${path}Item`)
  }

  #object(schema: JsonObject, path: string, given?: string): GoType {
    if (!hasMembers(schema) && schema.additionalProperties !== false)
      return { kind: 'map', of: this.#rest(schema, path) }
    const name = given ?? this.#nameFor(path)
    this.declare({ name, shape: this.#fields(schema, name) })
    return { kind: 'struct', name }
  }

  #rest({ additionalProperties, patternProperties }: JsonObject, path: string): GoType {
    const patterns = Object.values(isObject(patternProperties) ? patternProperties : {})
    const parts = [...patterns, ...(isObject(additionalProperties) ? [additionalProperties] : [])]
    return parts.length === 1 ? this.typeOf(parts[0], `${path}Value`) : any
  }

  #fields({ properties, required }: JsonObject, struct: string): GoField[] {
    const members = isObject(properties) ? properties : {}
    const always = new Set(list(required))
    const nameFor = distinctNames()
    return Object.keys(members)
      .sort()
      .map((key): GoField => {
        const member = members[key]
        const name = nameFor(pascal(key))
        const isOptional = !always.has(key) && !(isObject(member) && Object.hasOwn(member, 'default'))
        const type = this.typeOf(member, struct + name)
        return { key, name, type: isOptional ? nullable(type) : type, isOptional, comment: comment(member) }
      })
  }

  #choice(choices: readonly Json[], path: string): GoType {
    const isNull = (choice: Json) => isObject(choice) && choice.type === 'null'
    const rest = choices.filter((choice) => !isNull(choice))
    if (rest.length !== 1) return any
    const type = this.typeOf(rest[0], path)
    return rest.length < choices.length ? nullable(type) : type
  }

  #reference(ref: string, path: string): GoType {
    const name = this.#structs.get(ref)
    // A struct cannot hold itself: within itself it is a pointer.
    if (name !== undefined) {
      const struct: GoType = { kind: 'struct', name }
      return this.#open.has(ref) ? { kind: 'pointer', of: struct } : struct
    }
    if (this.#open.has(ref)) return any
    this.#open.add(ref)
    const type = this.#target(ref, path)
    this.#open.delete(ref)
    return type
  }

  #target(ref: string, path: string): GoType {
    const target = this.#lookUp(ref)
    if (!isObject(target) || !hasMembers(this.#flat(target))) return this.typeOf(target, path)
    const last = ref.slice(ref.lastIndexOf('/') + 1)
    const name = ref === '#' ? this.#rootName : this.#nameFor(this.#rootName + pascal(last))
    this.#structs.set(ref, name)
    return this.typeOf(target, name, name)
  }

  #lookUp(ref: string): Json | undefined {
    return at(this.#root, decodeURIComponent(ref.slice(1)))
  }

  /** The schema with the members of what it is made of (`allOf`, a `$ref` beside members) among its own. */
  #flat(schema: JsonObject, depth = 0): JsonObject {
    const { allOf, $ref, ...own } = schema
    const parts = [...list(allOf), ...(typeof $ref === 'string' ? [this.#lookUp($ref) ?? null] : [])].filter(isObject)
    if (parts.length === 0 || depth > partsDeep) return schema
    return parts.map((part) => this.#flat(part, depth + 1)).reduce(merged, own)
  }
}

const partsDeep = 8

const merged = (a: JsonObject, b: JsonObject): JsonObject => {
  const properties = { ...(isObject(b.properties) && b.properties), ...(isObject(a.properties) && a.properties) }
  const required = [...new Set([...list(a.required), ...list(b.required)])]
  return { ...b, ...a, ...(Object.keys(properties).length > 0 && { properties }), required }
}

const list = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : [])

const hasMembers = ({ properties }: JsonObject): boolean => isObject(properties) && Object.keys(properties).length > 0

const isDuration = (unit: Json | undefined): unit is DurationUnit =>
  unit === 'ms' || unit === 's' || unit === 'min' || unit === 'h'

/** What `type` says, or what the values and keywords can only mean. */
function typesOf(schema: JsonObject): readonly string[] {
  if (isArray(schema.type)) return schema.type.map(String)
  if (typeof schema.type === 'string') return [schema.type]
  const values = isArray(schema.enum) ? schema.enum : Object.hasOwn(schema, 'const') ? [schema.const as Json] : []
  if (values.length > 0) return [...new Set(values.map(valueType))]
  if (schema.properties || schema.patternProperties) return ['object']
  if (schema.items || schema.prefixItems) return ['array']
  return schema.unit ? ['number'] : []
}

function valueType(value: Json): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return isArray(value) ? 'array' : typeof value
}

/** The one type that all have beside null; '' when there is none. */
function typeName(types: readonly string[]): string {
  const named = types.filter((type) => type !== 'null')
  if (named.length === 1) return named[0] as string
  return named.length > 1 && named.every((type) => type === 'integer' || type === 'number') ? 'number' : ''
}

/** A type that can also say that there is no value. */
const nullable = (type: GoType): GoType =>
  type === any || type.kind === 'slice' || type.kind === 'map' || type.kind === 'pointer'
    ? type
    : { kind: 'pointer', of: type }

/** An exported identifier: `max-connections` → `MaxConnections`. */
export function pascal(text: string): string {
  const joined = text
    .split(/[^\p{L}\p{Nd}]+/u)
    .filter(Boolean)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
  return /^\p{Lu}/u.test(joined) ? joined : `X${joined}`
}

/** Names that are taken get a number. */
export function distinctNames(): NameFor {
  const taken = new Set<string>()
  return (wanted) => {
    let name = wanted
    for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`
    taken.add(name)
    return name
  }
}

function comment(schema: Json | undefined): string {
  if (!isObject(schema)) return ''
  const { description, unit } = schema
  const parts = [
    typeof description === 'string' ? description.trim() : '',
    isArray(schema.enum) ? `One of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}.` : '',
    typeof unit === 'string' && !isDuration(unit) ? `Unit: ${unit}.` : '',
  ]
  return parts.filter(Boolean).join(' ').replace(/\s+/g, ' ')
}
