import { at, child, isArray, isObject, type Json, type JsonObject } from './json.js'

type Mutable = Record<string, Json> | Json[]

/** What a value becomes where this schema applies to it; the value itself for no change. */
export type Convert = (schema: JsonObject, value: Json) => Json

/**
 * Visits every value together with the schemas that apply to it, and puts in its place what `convert` makes of it;
 * changes `value` in place and gives it. `$ref` is followed within the schema.
 */
export function walkSchema(root: Json, schema: Json, value: Json, convert: Convert): Json {
  const holder: Record<string, Json> = { value }
  new SchemaWalk(root, convert).visit(schema, holder, 'value')
  return holder.value as Json
}

class SchemaWalk {
  readonly #root: Json
  readonly #convert: Convert
  /** What was visited, so that schemas that refer to themselves end. */
  readonly #seen = new Map<Mutable, Set<string>>()
  readonly #ids = new Map<JsonObject, number>()

  constructor(root: Json, convert: Convert) {
    this.#root = root
    this.#convert = convert
  }

  visit(schema: Json | undefined, holder: Mutable, key: string): void {
    if (!isObject(schema) || !this.#isNew(schema, holder, key)) return
    const { $ref } = schema
    if (typeof $ref === 'string' && $ref.startsWith('#')) this.visit(at(this.#root, decode($ref)), holder, key)
    ;(holder as Record<string, Json>)[key] = this.#convert(schema, (holder as Record<string, Json>)[key] as Json)
    for (const keyword of ['allOf', 'anyOf', 'oneOf'])
      for (const part of list(schema[keyword])) this.visit(part, holder, key)
    for (const keyword of ['if', 'then', 'else']) this.visit(schema[keyword], holder, key)
    const value = (holder as Record<string, Json>)[key]
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
