import type { OnPlace, Place, Places } from './finding.js'
import { isArray, isObject } from './json.js'
import { parseCsv } from './parse-csv.js'
import { parseEnv } from './parse-env.js'
import { parseIni } from './parse-ini.js'
import { type Parsed, parseJson, parseJsonc } from './parse-json.js'
import { parseFlatProperties, parseProperties } from './parse-properties.js'
import { parseToml } from './parse-toml.js'
import { parseYaml } from './parse-yaml.js'

export type Format = 'yaml' | 'json' | 'jsonc' | 'toml' | 'properties' | 'properties-flat' | 'env' | 'ini' | 'csv'

/** Extension (lower case, without the dot) → format. */
export const formats: ReadonlyMap<string, Format> = new Map([
  ['yaml', 'yaml'],
  ['yml', 'yaml'],
  ['json', 'json'],
  ['jsonc', 'jsonc'],
  ['toml', 'toml'],
  ['properties', 'properties'],
  ['env', 'env'],
  ['ini', 'ini'],
  ['csv', 'csv'],
])

/** The format of a file by its extension; undefined for what is no config. */
export function formatOf(path: string): Format | undefined {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const dot = file.lastIndexOf('.')
  return dot > 0 ? formats.get(file.slice(dot + 1).toLowerCase()) : undefined
}

const parsers: Readonly<Record<Format, (text: string, onPlace?: OnPlace) => Parsed>> = {
  yaml: parseYaml,
  json: parseJson,
  jsonc: parseJsonc,
  toml: parseToml,
  properties: parseProperties,
  'properties-flat': parseFlatProperties,
  env: parseEnv,
  ini: parseIni,
  csv: parseCsv,
}

const textFormats: ReadonlySet<Format> = new Set(['properties', 'properties-flat', 'env', 'ini', 'csv'])

/** Does the format know text only, so that a schema has to say what is a number? */
export const isTextFormat = (format: Format): boolean => textFormats.has(format)

/** The value of a config file: an object or an array. */
export function parseConfig(format: Format, text: string): Parsed {
  const parsed = parsers[format](text)
  if (parsed.value === undefined) return parsed
  if (!isObject(parsed.value) && !isArray(parsed.value))
    return {
      remarks: [{ rule: 'value/top-level', pointer: '', message: 'expected an object or an array at the top' }],
    }
  return parsed
}

/** Where the values at `pointers` stand in a text that parsed before; what is not there is left out. */
export function placesOf(format: Format, text: string, pointers: ReadonlySet<string>): Places {
  const places = new Map<string, Place>()
  parsers[format](text, (pointer, key, value) => {
    if (pointers.has(pointer) && !places.has(pointer)) places.set(pointer, { key, value })
  })
  return places
}
