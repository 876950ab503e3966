import type { TomlError } from 'smol-toml'
import { limits } from '../base/limits.js'
import type { OnPlace, Remark } from './finding.js'
import { child, type Json } from './json.js'
import { keyProblem } from './keys.js'
import { toml } from './libraries.js'
import { numberProblem } from './number.js'
import type { Parsed } from './parse-json.js'
import { tomlPlaces } from './toml-places.js'

/**
 * TOML 1.0 as a JSON value; dates and times become text. Prototype keys, nesting beyond limits.nestingDepthMax and
 * numbers that would change are errors. Offsets of values are looked up in a second reading, only when asked for.
 */
export function parseToml(text: string, onPlace?: OnPlace): Parsed {
  let table: unknown
  try {
    table = toml().parse(text, { integersAsBigInt: 'asNeeded', maxDepth: limits.nestingDepthMax })
  } catch (thrown) {
    if (!(thrown instanceof toml().TomlError)) throw thrown
    return { remarks: [syntaxRemark(thrown)] }
  }
  if (onPlace) tomlPlaces(text, onPlace)
  const remarks: Remark[] = []
  const value = jsonOf(table, '', 0, remarks)
  return remarks.length === 0 ? { value, remarks } : { remarks }
}

/** The library's message without its picture of the place. */
const syntaxRemark = ({ message, line, column }: TomlError): Remark => ({
  rule: 'toml/syntax',
  line,
  column,
  message: message.split('\n', 1)[0]?.replace('Invalid TOML document: ', '') ?? 'not TOML',
})

function jsonOf(value: unknown, pointer: string, depth: number, remarks: Remark[]): Json {
  if (typeof value === 'bigint' || typeof value === 'number') {
    const message = numberProblem(String(value), Number(value))
    if (message) remarks.push({ rule: 'value/number', pointer, message })
    return Number(value)
  }
  if (value instanceof toml().TomlDate) return value.toISOString()
  if (typeof value !== 'object' || value === null) return value as Json
  if (depth >= limits.nestingDepthMax) {
    remarks.push({ rule: 'limit/nesting', message: `nested deeper than ${limits.nestingDepthMax} levels` })
    return null
  }
  return Array.isArray(value)
    ? value.map((item, index) => jsonOf(item, child(pointer, index), depth + 1, remarks))
    : objectOf(value as Record<string, unknown>, pointer, depth, remarks)
}

function objectOf(table: Record<string, unknown>, pointer: string, depth: number, remarks: Remark[]): Json {
  const object: Record<string, Json> = {}
  for (const [key, item] of Object.entries(table)) {
    const here = child(pointer, key)
    const message = keyProblem(key)
    if (message) remarks.push({ rule: 'value/unsafe-key', pointer: here, spot: 'key', message })
    else object[key] = jsonOf(item, here, depth + 1, remarks)
  }
  return object
}
