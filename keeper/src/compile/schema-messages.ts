import type { ErrorObject } from 'ajv'
import { limits } from '../base/limits.js'
import type { Remark } from './finding.js'
import { child, isArray, isObject, type Json, shown } from './json.js'
import { units } from './units.js'

/** A fault that a schema finds, with where in the schema it is said. */
export interface SchemaFault extends Remark {
  readonly pointer: string
  /** JSON pointer into the schema. */
  readonly schemaPointer: string
  /** The value concerned is an object: several files may have had a part in it. */
  readonly isContainer: boolean
}

type Params = Readonly<Record<string, Json>>
type Told = Pick<Remark, 'message' | 'spot'> & { readonly pointer?: string; readonly anchor?: string }
type Teller = (params: Params, error: ErrorObject, pointer: string) => Told

const got = (error: ErrorObject) => `, got ${shown(error.data as Json)}`
const plain =
  (text: (params: Params) => string): Teller =>
  (params, error) => ({ message: `expected ${text(params)}${got(error)}` })
const limited =
  (what: string): Teller =>
  ({ limit, comparison }, error) => ({
    message: `expected ${comparison ?? (error.keyword.startsWith('min') ? 'at least' : 'at most')} ${String(limit)}${what}${got(error)}`,
  })
const unknownKey =
  (key: string): Teller =>
  (params, _, pointer) => ({
    pointer: child(pointer, String(params[key])),
    spot: 'key',
    message: `unknown property ${JSON.stringify(params[key])}`,
  })
const missing: Teller = ({ missingProperty, property }, _, pointer) => ({
  pointer: child(pointer, String(missingProperty)),
  anchor: pointer,
  message: `missing required property ${JSON.stringify(missingProperty)}${property ? ` (required by ${JSON.stringify(property)})` : ''}`,
})

/** Keyword → how its error reads. */
const tellers: Readonly<Record<string, Teller>> = {
  type: ({ type }, error) => ({ message: `expected ${typeText(type, error)}${got(error)}` }),
  required: missing,
  dependentRequired: missing,
  dependencies: missing,
  additionalProperties: unknownKey('additionalProperty'),
  unevaluatedProperties: unknownKey('unevaluatedProperty'),
  propertyNames: ({ propertyName }, _, pointer) => ({
    pointer: child(pointer, String(propertyName)),
    spot: 'key',
    message: `the key ${JSON.stringify(propertyName)} is not allowed here`,
  }),
  enum: plain(({ allowedValues }) => `one of ${(allowedValues as readonly Json[]).map(shown).join(', ')}`),
  const: plain(({ allowedValue }) => shown(allowedValue)),
  minimum: limited(''),
  maximum: limited(''),
  exclusiveMinimum: limited(''),
  exclusiveMaximum: limited(''),
  minLength: limited(' characters'),
  maxLength: limited(' characters'),
  minItems: limited(' items'),
  maxItems: limited(' items'),
  minProperties: limited(' properties'),
  maxProperties: limited(' properties'),
  multipleOf: plain(({ multipleOf }) => `a multiple of ${String(multipleOf)}`),
  pattern: plain(({ pattern }) => `text that matches /${String(pattern)}/`),
  format: plain(({ format }) => `text of format ${String(format)}`),
  uniqueItems: ({ i, j }) => ({
    message: `expected different items, but items ${String(j)} and ${String(i)} are equal`,
  }),
  contains: plain(() => 'an array with a certain item that it lacks'),
  not: plain(() => 'another value: this one is excluded'),
  oneOf: ({ passingSchemas }) => ({
    message: `matches several of the shapes of which one is allowed (${String(passingSchemas)})`,
  }),
  'false schema': () => ({ message: 'no value is allowed here' }),
}

function typeText(type: Json | undefined, error: ErrorObject): string {
  const text = isArray(type) ? type.join(' or ') : String(type)
  const unit = (error.parentSchema as { unit?: string } | undefined)?.unit
  const known = unit === undefined ? undefined : units[unit]
  return known ? `${text} of ${unit}, or text like ${known.examples}` : text
}

const composites = new Set(['anyOf', 'oneOf'])
/** Errors that only repeat that others exist. */
const silent = new Set(['if', '$ref', '$dynamicRef'])

/** Ajv's errors as people read them; the branches of anyOf and oneOf are folded into one. */
export function faultsOf(all: readonly ErrorObject[]): SchemaFault[] {
  const errors = all.slice(0, limits.diagnosticsMax + 1)
  const isComposite = (error: ErrorObject) => composites.has(error.keyword) && !error.params.passingSchemas
  const outers = errors.flatMap((error, index) => (isComposite(error) ? [{ error, index }] : []))
  const inner = new Map(outers.map(({ error, index }) => [error, innerOf(error, index, errors)]))
  const folded = new Set([...inner.values()].flat())
  return errors
    .filter((error) => !silent.has(error.keyword) && error.propertyName === undefined && !folded.has(error))
    .map((error) => {
      const branches = inner.get(error)
      return branches ? noneOf(error, branches) : faultOf(error)
    })
}

/** What the branches of a failed anyOf or oneOf had to say. */
const innerOf = (outer: ErrorObject, index: number, errors: readonly ErrorObject[]): ErrorObject[] =>
  errors.filter(
    (error, at) => error.schemaPath.startsWith(`${outer.schemaPath}/`) || (at < index && isByReference(error, outer)),
  )

/** An error in a branch that is a `$ref`: its schema path begins at the definition, not at the branch. */
function isByReference(error: ErrorObject, outer: ErrorObject): boolean {
  const holder = outer.schemaPath.slice(0, outer.schemaPath.lastIndexOf('/'))
  return (
    /^#\/(?:\$defs|definitions)\//.test(error.schemaPath) &&
    (holder === '#' || !error.schemaPath.startsWith(`${holder}/`)) &&
    `${error.instancePath}/`.startsWith(`${outer.instancePath}/`)
  )
}

function faultOf(error: ErrorObject): SchemaFault {
  const pointer = error.instancePath
  const teller = tellers[error.keyword]
  const told: Told = teller?.(error.params as Params, error, pointer) ?? { message: error.message ?? 'not valid' }
  return {
    rule: `schema/${error.keyword.replace(' ', '-')}`,
    pointer,
    ...told,
    schemaPointer: decodeURIComponent(error.schemaPath.replace(/^[^#]*#/, '')),
    isContainer: isObject(error.data as Json),
  }
}

function noneOf(error: ErrorObject, inner: readonly ErrorObject[]): SchemaFault {
  const here = inner.every((one) => one.keyword === 'type' && one.instancePath === error.instancePath)
  const types = [...new Set(inner.flatMap((one) => typeText((one.params as Params).type, one)))]
  const reasons = [...new Set(inner.map((one) => faultOf(one)).map((one) => `${one.pointer} ${one.message}`.trim()))]
  const message =
    here && types.length > 0
      ? `expected ${types.join(' or ')}${got(error)}`
      : `matches none of the allowed shapes: ${reasons.slice(0, 4).join(' · ')}`
  return { ...faultOf(error), message }
}
