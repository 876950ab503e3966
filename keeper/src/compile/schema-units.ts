import { at, child, isArray, isObject, type Json, type JsonObject } from './json.js'
import { toUnit } from './units.js'

type Mutable = Record<string, Json> | Json[]

/** Does the schema use the keyword `unit` anywhere? */
export function usesUnits(schema: Json): boolean {
  if (isArray(schema)) return schema.some(usesUnits)
  return isObject(schema) && (typeof schema.unit === 'string' || Object.values(schema).some(usesUnits))
}

/**
 * Gives `value` with its quantities turned into numbers wherever the schema says `unit`, changing it in place. Text
 * that is no quantity stays, for the schema to refuse. `$ref` is followed within the schema.
 */
export function applyUnits(root: Json, schema: Json, value: Json): Json {
  const holder: Record<string, Json> = { value }
  new UnitWalk(root).visit(schema, holder, 'value')
  return holder.value as Json
}

/** A copy of the schema in which defaults, too, are numbers where `unit` says so. */
export function withUnitDefaults(root: Json): Json {
  const walk = (schema: Json): void => {
    if (typeof schema !== 'object' || schema === null) return
    if (isObject(schema) && Object.hasOwn(schema, 'default')) {
      const converted = applyUnits(root, schema, schema.default as Json)
      ;(schema as Record<string, Json>).default = converted
    }
    Object.values(schema).forEach(walk)
  }
  walk(root)
  return root
}

class UnitWalk {
  readonly #root: Json
  /** What was visited, so that schemas that refer to themselves end. */
  readonly #seen = new Map<Mutable, Set<string>>()
  readonly #ids = new Map<JsonObject, number>()

  constructor(root: Json) {
    this.#root = root
  }

  visit(schema: Json | undefined, holder: Mutable, key: string): void {
    if (!isObject(schema) || !this.#isNew(schema, holder, key)) return
    const value = (holder as Record<string, Json>)[key] as Json
    const { $ref, unit } = schema
    if (typeof $ref === 'string' && $ref.startsWith('#')) this.visit(at(this.#root, decode($ref)), holder, key)
    if (typeof unit === 'string' && typeof value === 'string')
      (holder as Record<string, Json>)[key] = toUnit(value, unit) ?? value
    for (const keyword of ['allOf', 'anyOf', 'oneOf'])
      for (const part of list(schema[keyword])) this.visit(part, holder, key)
    for (const keyword of ['if', 'then', 'else']) this.visit(schema[keyword], holder, key)
    if (isArray(value)) this.#items(schema, value as Json[])
    else if (isObject(value)) this.#members(schema, value as Record<string, Json>)
  }

  #members(schema: JsonObject, object: Record<string, Json>): void {
    const { properties, patternProperties, additionalProperties } = schema
    for (const key of Object.keys(object)) {
      let known = false
      if (isObject(properties) && Object.hasOwn(properties, key)) {
        known = true
        this.visit(properties[key], object, key)
      }
      for (const [pattern, part] of Object.entries(isObject(patternProperties) ? patternProperties : {})) {
        if (!new RegExp(pattern, 'u').test(key)) continue
        known = true
        this.visit(part, object, key)
      }
      if (!known) this.visit(additionalProperties, object, key)
    }
  }

  #items(schema: JsonObject, items: Json[]): void {
    const { items: each, prefixItems, additionalItems } = schema
    const first = isArray(each) ? each : list(prefixItems)
    const rest = isArray(each) ? additionalItems : each
    items.forEach((_, index) => {
      this.visit(index < first.length ? first[index] : rest, items, String(index))
    })
  }

  #isNew(schema: JsonObject, holder: Mutable, key: string): boolean {
    const id = this.#ids.get(schema) ?? this.#ids.size
    this.#ids.set(schema, id)
    const seen = this.#seen.get(holder) ?? new Set()
    this.#seen.set(holder, seen)
    const mark = child(String(id), key)
    if (seen.has(mark)) return false
    seen.add(mark)
    return true
  }
}

const list = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : [])

function decode(ref: string): string {
  try {
    return decodeURIComponent(ref.slice(1))
  } catch {
    return ref.slice(1)
  }
}
