import type { OnPlace, Place, Places, Remark } from './finding.js'
import { child, isArray, isObject, type Json } from './json.js'
import { type Parsed, parseJson } from './parse-json.js'
import { parseToml } from './parse-toml.js'
import { parseYaml } from './parse-yaml.js'

export type Format = 'yaml' | 'json' | 'toml'

/** Extension (lower case, without the dot) → format. */
export const formats: ReadonlyMap<string, Format> = new Map([
  ['yaml', 'yaml'],
  ['yml', 'yaml'],
  ['json', 'json'],
  ['toml', 'toml'],
])

const parsers: Readonly<Record<Format, (text: string, onPlace?: OnPlace) => Parsed>> = {
  yaml: parseYaml,
  json: parseJson,
  toml: parseToml,
}

/** The value of a config file: an object or an array, with nothing in it that is reserved. */
export function parseConfig(format: Format, text: string): Parsed {
  const parsed = parsers[format](text)
  if (parsed.value === undefined) return parsed
  if (!isObject(parsed.value) && !isArray(parsed.value))
    return {
      remarks: [{ rule: 'value/top-level', pointer: '', message: 'expected an object or an array at the top' }],
    }
  const remarks: Remark[] = []
  findReserved(parsed.value, '', remarks)
  return remarks.length === 0 ? parsed : { remarks }
}

/** Where the values at `pointers` stand in a text that parsed before; what is not there is left out. */
export function placesOf(format: Format, text: string, pointers: ReadonlySet<string>): Places {
  const places = new Map<string, Place>()
  parsers[format](text, (pointer, key, value) => {
    if (pointers.has(pointer) && !places.has(pointer)) places.set(pointer, { key, value })
  })
  return places
}

/** `${secret:…}` and `${ref:…}` will mean something: they are refused until then, so that no file relies on their text. */
function findReserved(value: Json, pointer: string, remarks: Remark[]): void {
  if (typeof value === 'string') {
    const kind = value.includes('${') ? /\$\{(secret|ref):/.exec(value)?.[1] : undefined
    if (kind)
      remarks.push({
        rule: `reserved/${kind}`,
        pointer,
        message: `\${${kind}:…} is reserved and not supported yet`,
      })
  } else if (isArray(value)) {
    value.forEach((item, index) => {
      findReserved(item, child(pointer, index), remarks)
    })
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) findReserved(value[key] as Json, child(pointer, key), remarks)
  }
}
