import { at, child, isArray, isObject, type Json, type JsonObject, steps } from './json.js'

/** How a schema is rewritten on its way to an editor. */
export interface Dialect {
  /** The last word on each translated schema; `pointer` is its place in the source. */
  finish(schema: JsonObject, pointer: string): JsonObject
  /** How schemas below `keyword` are translated; undefined leaves the keyword out. */
  below(keyword: string): Dialect | undefined
  /** A reference to `pointer` of the translated schema. */
  refer(pointer: string): string
}

const one = ['additionalProperties', 'additionalItems', 'contains', 'propertyNames', 'not', 'if', 'then', 'else']
const many = ['allOf', 'anyOf', 'oneOf']
const named = ['properties', 'patternProperties', 'definitions']
/** Of 2020-12; draft-07 has no word for them, and without them a schema says less, never something else. */
const without =
  /^(?:\$id|\$schema|\$anchor|\$dynamicAnchor|\$vocabulary|\$comment|minContains|maxContains|unevaluated\w+)$/

/** A schema of draft-07 or 2020-12 as draft-07 says it. */
export function toDraft07(root: JsonObject, dialect: Dialect): JsonObject {
  return new Translation(root).schema(root, '', dialect) as JsonObject
}

class Translation {
  readonly #root: JsonObject
  readonly #anchors: ReadonlyMap<string, string>

  constructor(root: JsonObject) {
    this.#root = root
    this.#anchors = anchorsIn(root)
  }

  schema(source: Json, pointer: string, dialect: Dialect): Json {
    if (!isObject(source)) return source
    const { $ref, $dynamicRef, ...rest } = older(source)
    const out: Record<string, Json> = {}
    for (const [keyword, value] of Object.entries(rest)) {
      const inner = dialect.below(keyword)
      if (inner && !without.test(keyword)) out[keyword] = this.#keyword(keyword, value, child(pointer, keyword), inner)
    }
    const reference = typeof $ref === 'string' ? $ref : $dynamicRef
    if (typeof reference !== 'string') return dialect.finish(out, pointer)
    const target = { $ref: dialect.refer(this.#pointer(reference)) }
    // What stands beside a $ref does not count in draft-07.
    return Object.keys(out).length === 0 ? target : { ...out, allOf: [...list(out.allOf), target] }
  }

  #keyword(keyword: string, value: Json, pointer: string, dialect: Dialect): Json {
    const each = (part: Json, step: string | number) => this.schema(part, child(pointer, step), dialect)
    if (one.includes(keyword) || (keyword === 'items' && !isArray(value))) return this.schema(value, pointer, dialect)
    if (many.includes(keyword) || keyword === 'items') return list(value).map(each)
    if (!isObject(value)) return value
    if (named.includes(keyword))
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, each(part, name)]))
    if (keyword !== 'dependencies') return value
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, isArray(part) ? part : each(part, name)]),
    )
  }

  /** Where the target of a reference stands in the translation. */
  #pointer(reference: string): string {
    const fragment = decodeURIComponent(reference.slice(1))
    const pointer = this.#anchors.get(fragment) ?? fragment
    return steps(pointer)
      .map((step, index, all) => renamed(this.#root, all.slice(0, index), step))
      .reduce(child, '')
  }
}

/** The words of 2020-12 that draft-07 has other ones for. */
function older(source: JsonObject): JsonObject {
  const { $defs, prefixItems, items, dependentSchemas, dependentRequired, ...rest } = source
  const definitions = { ...objectOf(rest.definitions), ...objectOf($defs) }
  const dependencies = { ...objectOf(rest.dependencies), ...objectOf(dependentRequired), ...objectOf(dependentSchemas) }
  const isPlain = !many.some((word) => word in rest) && !('if' in rest) && !('$ref' in rest)
  const closed = isPlain && !('additionalProperties' in rest) ? rest.unevaluatedProperties : undefined
  return {
    ...rest,
    ...(Object.keys(definitions).length > 0 && { definitions }),
    ...(Object.keys(dependencies).length > 0 && { dependencies }),
    ...(closed !== undefined && { additionalProperties: closed }),
    ...(prefixItems !== undefined
      ? { items: prefixItems, ...(items !== undefined && { additionalItems: items }) }
      : items !== undefined && { items }),
  }
}

/** One step of a pointer, by the word that `older` gave it. */
function renamed(root: JsonObject, before: readonly string[], step: string): string {
  const holder = at(root, before.reduce(child, ''))
  // Below these the keys are names.
  if (/^(?:properties|patternProperties|definitions|\$defs|dependentSchemas)$/.test(before.at(-1) ?? '')) return step
  if (step === '$defs') return 'definitions'
  if (step === 'prefixItems') return 'items'
  if (step === 'dependentSchemas') return 'dependencies'
  return step === 'items' && isObject(holder) && holder.prefixItems !== undefined ? 'additionalItems' : step
}

function anchorsIn(schema: Json, pointer = '', found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (isArray(schema)) schema.forEach((part, index) => void anchorsIn(part, child(pointer, index), found))
  if (!isObject(schema)) return found
  for (const word of ['$anchor', '$dynamicAnchor'])
    if (typeof schema[word] === 'string') found.set(schema[word] as string, pointer)
  for (const key of Object.keys(schema)) anchorsIn(schema[key] as Json, child(pointer, key), found)
  return found
}

const list = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : [])
const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
