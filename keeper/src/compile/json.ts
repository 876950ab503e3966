/** What every format becomes: JSON values, and JSON pointers into them (RFC 6901). */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

/** `child('/a', 'b/c')` is `/a/b~1c`. */
export const child = (pointer: string, key: string | number): string =>
  `${pointer}/${typeof key === 'number' ? key : key.includes('~') || key.includes('/') ? escapeKey(key) : key}`

const escapeKey = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')

/** The steps of a pointer: `/a/b~1c` → `['a', 'b/c']`; '' → []. */
export const steps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The value one step below, or undefined when there is none. Own keys only; of a list, digits without a zero before them. */
export function below(value: Json | undefined, step: string): Json | undefined {
  if (isArray(value)) return indexPattern.test(step) ? value[Number(step)] : undefined
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
}

const indexPattern = /^(?:0|[1-9]\d*)$/

/** The value at `pointer`, or undefined when there is none. */
export const at = (value: Json, pointer: string): Json | undefined =>
  steps(pointer).reduce<Json | undefined>(below, value)

/** The pointer of the container: `/a/b` → `/a`; '' stays ''. */
export const parent = (pointer: string): string => pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')))

/** A deep copy that shares nothing with `value`, so that it may be changed. Depth is bounded by limits.nestingDepthMax. */
export function copy(value: Json): Json {
  if (isArray(value)) return value.map(copy)
  if (!isObject(value)) return value
  const out: Record<string, Json> = {}
  for (const key of Object.keys(value)) out[key] = copy(value[key] as Json)
  return out
}

const shownMax = 60

/** A value as it stands in a message: JSON, cut short. */
export function shown(value: Json | undefined): string {
  if (isArray(value)) return `an array of ${value.length}`
  if (isObject(value)) return 'an object'
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}… (${text.length} characters)`
}
