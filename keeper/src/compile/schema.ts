import type { Ajv, Options, ValidateFunction } from 'ajv'
import type { Remark } from './finding.js'
import { child, copy, isObject, type Json, type JsonObject } from './json.js'
import { ajvDraft07, ajvDraft2020, ajvFormats } from './libraries.js'
import { parseJson } from './parse-json.js'
import { faultsOf, type SchemaFault } from './schema-messages.js'
import { applyUnits, usesUnits, withUnitDefaults } from './schema-units.js'
import { units } from './units.js'

/** A JSON Schema ready for use. */
export interface ConfigSchema {
  /** As written. */
  readonly source: Json
  /** Fills defaults and turns quantities into numbers, in `value` itself, and gives the result with all its faults. */
  check(value: Json): { value: Json; faults: readonly SchemaFault[] }
}

export interface SchemaResult {
  readonly schema?: ConfigSchema
  readonly remarks: readonly Remark[]
}

const draft07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/
const draft2020 = /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/
/** An Ajv instance keeps something of every schema it ever compiled; a fresh one now and then forgets it. */
const schemasPerInstance = 2_000

/** Compiles schemas of draft-07 and 2020-12 (the default). Nothing is ever fetched. */
export class SchemaCompiler {
  readonly #instances = new Map<'07' | '2020', { readonly ajv: Ajv; warnings: string[]; used: number }>()

  /** A schema from the text of its file, or all that is wrong with it. */
  compile(text: string): SchemaResult {
    const parsed = parseJson(text)
    if (parsed.value === undefined) return parsed
    const source = parsed.value
    if (!isObject(source)) return only('', 'expected a JSON Schema: an object')
    const dialect = source.$schema ?? 'https://json-schema.org/draft/2020-12/schema'
    const draft = typeof dialect !== 'string' ? undefined : draftOf(dialect)
    if (!draft) return only('/$schema', 'expected JSON Schema draft-07 or 2020-12')
    const remarks = checkStrings(source)
    return remarks.length > 0 ? { remarks } : this.#compile(source, draft)
  }

  #compile(source: JsonObject, draft: '07' | '2020'): SchemaResult {
    const instance = this.#instance(draft)
    // Only the file itself can be referred to, so its name would only stand in the way of another file's.
    const { $id: _, ...schema } = copy(source) as Record<string, Json>
    if (!instance.ajv.validateSchema(schema)) return { remarks: distinct(faultsOf(instance.ajv.errors ?? [])) }
    instance.warnings = []
    try {
      const hasUnits = usesUnits(schema)
      const prepared = (hasUnits ? withUnitDefaults(schema) : schema) as JsonObject
      const validate = instance.ajv.compile(prepared)
      const remarks = instance.warnings.map(
        (message): Remark => ({ severity: 'warning', rule: 'schema/strict', message }),
      )
      return { schema: configSchema(source, hasUnits ? prepared : undefined, validate), remarks }
    } catch (thrown) {
      return only(
        '',
        thrown instanceof RangeError ? endless : thrown instanceof Error ? thrown.message : String(thrown),
      )
    } finally {
      instance.ajv.removeSchema(schema)
    }
  }

  #instance(draft: '07' | '2020') {
    const known = this.#instances.get(draft)
    if (known && known.used++ < schemasPerInstance) return known
    const fresh = { ajv: undefined as unknown as Ajv, warnings: [] as string[], used: 0 }
    const note = (...parts: unknown[]) => void fresh.warnings.push(parts.join(' '))
    const options: Options = {
      allErrors: true,
      useDefaults: true,
      ownProperties: true,
      verbose: true,
      strict: false,
      strictSchema: 'log',
      logger: { log: note, warn: note, error: note },
    }
    const ajv = newAjv(draft, options)
    ajvFormats().default(ajv)
    ajv.addKeyword({ keyword: 'unit', schemaType: 'string', metaSchema: { enum: Object.keys(units) } })
    const instance = Object.assign(fresh, { ajv })
    this.#instances.set(draft, instance)
    return instance
  }
}

const newAjv = (draft: '07' | '2020', options: Options): Ajv =>
  draft === '07' ? new (ajvDraft07().Ajv)(options) : (new (ajvDraft2020().Ajv2020)(options) as unknown as Ajv)

const draftOf = (dialect: string) =>
  draft2020.test(dialect) ? ('2020' as const) : draft07.test(dialect) ? ('07' as const) : undefined

const endless = 'the schema refers to itself without end'

const only = (pointer: string, message: string): SchemaResult => ({
  remarks: [{ rule: 'schema/invalid', pointer, message }],
})

function configSchema(source: Json, unitSchema: Json | undefined, validate: ValidateFunction): ConfigSchema {
  return {
    source,
    check(value) {
      const converted = unitSchema === undefined ? value : applyUnits(unitSchema, unitSchema, value)
      try {
        return { value: converted, faults: validate(converted) ? [] : faultsOf(validate.errors ?? []) }
      } catch (thrown) {
        if (!(thrown instanceof RangeError)) throw thrown
        return {
          value: converted,
          faults: [{ rule: 'schema/recursion', pointer: '', schemaPointer: '', isContainer: true, message: endless }],
        }
      }
    },
  }
}

/** What Ajv would only say without a place: references that leave the file, and patterns that are none. */
function checkStrings(schema: Json, pointer = '', remarks: Remark[] = []): Remark[] {
  if (typeof schema !== 'object' || schema === null) return remarks
  for (const [key, value] of Object.entries(schema)) {
    const here = child(pointer, key)
    // Below these the keys are the user's own names, not keywords.
    const isNames = /^(?:properties|patternProperties|definitions|\$defs|dependentSchemas)$/.test(key)
    if (typeof value === 'string') {
      const message = stringProblem(key, value, pointer === '')
      if (message) remarks.push({ rule: key === 'pattern' ? 'schema/pattern' : 'schema/ref', pointer: here, message })
    } else if (key === 'enum' || key === 'const' || key === 'default' || key === 'examples') continue
    else if (isNames && isObject(value))
      for (const [name, part] of Object.entries(value)) {
        const message = key === 'patternProperties' ? patternProblem(name) : undefined
        if (message) remarks.push({ rule: 'schema/pattern', pointer: child(here, name), spot: 'key', message })
        checkStrings(part, child(here, name), remarks)
      }
    else checkStrings(value, here, remarks)
  }
  return remarks
}

function stringProblem(key: string, value: string, isRoot: boolean): string | undefined {
  if (key === 'pattern') return patternProblem(value)
  if (key === '$id' && !isRoot) return 'an $id inside the schema is not supported: refer to #/$defs/… or an $anchor'
  if (key !== '$ref' && key !== '$dynamicRef' && key !== '$recursiveRef') return undefined
  return value.startsWith('#') ? undefined : `${key} may only point into the same file (#/…): nothing is fetched`
}

function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u')
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

function distinct(faults: readonly SchemaFault[]): Remark[] {
  // The first says what is wrong; the rest are branches of the meta-schema that did not fit either.
  const seen = new Map(faults.toReversed().map((fault) => [fault.pointer, fault]))
  return [...seen.values()].map(({ schemaPointer: _, isContainer: __, ...fault }) => ({
    ...fault,
    rule: 'schema/invalid',
  }))
}
