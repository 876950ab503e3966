import { isArray, isObject, type Json, type JsonObject } from './json.js'

/** The type that all of `values` have, written in TypeScript. Members that some lack are optional. */
export function valuesType(values: readonly Json[]): string {
  const types = new Set(values.filter((value) => typeof value !== 'object').map((value) => typeof value as string))
  const objects = values.filter(isObject)
  const arrays = values.filter(isArray)
  if (objects.length > 0) types.add(objectType(objects))
  if (arrays.length > 0) types.add(arrayOf(valuesType(arrays.flat())))
  if (values.includes(null)) types.add('null')
  return types.size === 0 ? 'unknown' : [...types].sort().join(' | ')
}

function objectType(objects: readonly JsonObject[]): string {
  const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))].sort()
  return membersType(
    keys.map((key) => {
      const having = objects.filter((object) => Object.hasOwn(object, key))
      const type = valuesType(having.map((object) => object[key] as Json))
      return `${memberStart(key, having.length === objects.length)}${type}`
    }),
  )
}

/** `readonly a?: ` */
export const memberStart = (key: string, isAlwaysThere: boolean): string =>
  `readonly ${propertyKey(key)}${isAlwaysThere ? '' : '?'}: `

/** `{ … }` over several lines. */
export const membersType = (members: readonly string[]): string =>
  members.length === 0
    ? 'Record<string, never>'
    : `{\n${members.map((member) => member.replace(/^(?=.)/gm, '  ')).join('\n')}\n}`

/** `readonly T[]`, with parentheses where T needs them. */
export const arrayOf = (type: string): string =>
  /^\w+$/.test(type) || isOneObject(type) ? `readonly ${type}[]` : `readonly (${type})[]`

/** Only the last line of a single object type closes at the margin. */
const isOneObject = (type: string): boolean => type.startsWith('{') && type.search(/^\}/m) === type.length - 1

/** A key as an object type writes it: bare when it can be, else quoted. */
export const propertyKey = (key: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(key)
    ? key
    : `'${JSON.stringify(key).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
