import { isArray, isObject, type Json, type JsonObject, shown } from './json.js'
import { toUnit } from './units.js'

/**
 * A schema of draft-07, to review: what the present values of a config can be taken to mean. `isText`: the format has no
 * types of its own, so text that is a number or a truth value everywhere is taken for one.
 */
export const schemaToReview = (name: string, values: readonly Json[], isText = false): JsonObject => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: name,
  ...schemaOfValues(values, isText),
})

/** A JSON Schema that all of `values` fit, as narrow as their types: what is absent in some is not required. */
export function schemaOfValues(given: readonly Json[], isText = false): JsonObject {
  const values = isText ? readText(given) : given
  const objects = values.filter(isObject)
  const arrays = values.filter(isArray)
  const types = [...new Set(values.map(typeName))].sort()
  const isWide = types.includes('number') && types.includes('integer')
  const named = isWide ? types.filter((type) => type !== 'integer') : types
  return {
    ...(named.length > 0 && { type: named.length === 1 ? (named[0] as string) : named }),
    ...(objects.length > 0 && membersOf(objects, isText)),
    ...(arrays.some((array) => array.length > 0) && { items: schemaOfValues(arrays.flat(), isText) }),
    ...unitHint(values),
  }
}

/** Text that is a duration or a size everywhere would be a number, had it a unit: for its reader to decide. */
function unitHint(values: readonly Json[]): JsonObject {
  const [first] = values
  const fits = (unit: string) => values.every((value) => typeof value === 'string' && toUnit(value, unit) !== undefined)
  const unit = ['s', 'ms', 'bytes'].find((one) => fits(one) && values.every((value) => isWhole(value, one)))
  if (typeof first !== 'string' || unit === undefined) return {}
  return {
    $comment: `${shown(first)} looks like a quantity: with "type": "number", "unit": "${unit}" it is ${toUnit(first, unit)} to services`,
  }
}

const isWhole = (value: Json, unit: string): boolean =>
  typeof value === 'string' && Number.isInteger(toUnit(value, unit))

function membersOf(objects: readonly JsonObject[], isText: boolean): JsonObject {
  const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))]
  const having = (key: string) => objects.filter((object) => Object.hasOwn(object, key))
  const required = keys.filter((key) => having(key).length === objects.length)
  return {
    properties: Object.fromEntries(
      keys.map((key) => [
        key,
        schemaOfValues(
          having(key).map((object) => object[key] as Json),
          isText,
        ),
      ]),
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

/** The texts of one place as numbers or truth values, when all of them are; else as they are. */
function readText(values: readonly Json[]): readonly Json[] {
  const read = values.map((value) => (typeof value === 'string' ? (readings.get(value) ?? numberIn(value)) : undefined))
  const isOneType = new Set(read.map((value) => typeof value)).size === 1
  return isOneType && !read.includes(undefined) ? (read as Json[]) : values
}

const readings: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** Leading zeros are no number's: codes and telephone numbers have them. */
const numberIn = (text: string): number | undefined =>
  /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined
