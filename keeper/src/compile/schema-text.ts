import { copy, isArray, isObject, type Json, type JsonObject } from './json.js'
import { numberProblem } from './number.js'
import { walkSchema } from './schema-walk.js'

/**
 * Gives text the types that a schema asks for, for formats that have none: `"8080"` becomes 8080 where an integer is
 * wanted, `"on"` true where a boolean is, `"a, b"` a list where an array is. Where text is allowed it stays, and what
 * cannot be turned stays for the schema to refuse. Gives a copy.
 */
export const typeText = (root: Json, value: Json): Json => walkSchema(root, root, copy(value), typed)

const typed = (schema: JsonObject, value: Json): Json => {
  if (typeof value !== 'string' || value.includes('${')) return value
  const types = typesOf(schema)
  if (types.includes('string')) return value
  for (const type of types) {
    const found = readers[type]?.(value.trim())
    if (found !== undefined) return found
  }
  return value
}

/** Types that the schema allows; those of `enum` and `const` where it names none. */
function typesOf({ type, enum: values, const: only }: JsonObject): string[] {
  if (isArray(type)) return type.map(String)
  if (typeof type === 'string') return [type]
  const allowed = isArray(values) ? values : only === undefined ? [] : [only]
  return [...new Set(allowed.map(typeOf))]
}

const typeOf = (value: Json): string =>
  value === null ? 'null' : isArray(value) ? 'array' : isObject(value) ? 'object' : typeof value

const decimal = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i

function number(text: string): number | undefined {
  if (!decimal.test(text)) return undefined
  const value = Number(text)
  return numberProblem(text, value) === undefined ? value : undefined
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
}

const readers: Readonly<Record<string, (text: string) => Json | undefined>> = {
  integer: number,
  number,
  boolean: (text) => (Object.hasOwn(booleans, text.toLowerCase()) ? booleans[text.toLowerCase()] : undefined),
  null: (text) => (text === '' ? null : undefined),
  array: (text) => (text === '' ? [] : text.split(',').map((item) => item.trim())),
}
