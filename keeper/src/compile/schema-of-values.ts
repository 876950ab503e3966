import { isArray, isObject, type Json, type JsonObject } from './json.js'

/** A JSON Schema that all of `values` fit, as narrow as their types: what is absent in some is not required. */
export function schemaOfValues(values: readonly Json[]): JsonObject {
  const objects = values.filter(isObject)
  const arrays = values.filter(isArray)
  const types = [...new Set(values.map(typeName))].sort()
  const isWide = types.includes('number') && types.includes('integer')
  const named = isWide ? types.filter((type) => type !== 'integer') : types
  return {
    ...(named.length > 0 && { type: named.length === 1 ? (named[0] as string) : named }),
    ...(objects.length > 0 && membersOf(objects)),
    ...(arrays.some((array) => array.length > 0) && { items: schemaOfValues(arrays.flat()) }),
  }
}

function membersOf(objects: readonly JsonObject[]): JsonObject {
  const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))]
  const having = (key: string) => objects.filter((object) => Object.hasOwn(object, key))
  const required = keys.filter((key) => having(key).length === objects.length)
  return {
    properties: Object.fromEntries(
      keys.map((key) => [key, schemaOfValues(having(key).map((object) => object[key] as Json))]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
