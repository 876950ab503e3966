import { isArray, isObject, type Json } from './json.js'
import { walkSchema } from './schema-walk.js'
import { toUnit } from './units.js'

/** Does the schema use the keyword `unit` anywhere? */
export function usesUnits(schema: Json): boolean {
  if (isArray(schema)) return schema.some(usesUnits)
  return isObject(schema) && (typeof schema.unit === 'string' || Object.values(schema).some(usesUnits))
}

/**
 * Gives `value` with its quantities turned into numbers wherever the schema says `unit`, changing it in place. Text
 * that is no quantity stays, for the schema to refuse. `$ref` is followed within the schema.
 */
export const applyUnits = (root: Json, schema: Json, value: Json): Json =>
  walkSchema(root, schema, value, ({ unit }, part) =>
    typeof unit === 'string' && typeof part === 'string' ? (toUnit(part, unit) ?? part) : part,
  )

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
