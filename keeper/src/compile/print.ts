/** Values out to files, for programs that read files: the formats' way back. */

import { KeeperError } from '../base/errors.js'
import { isArray, isObject, type Json } from './json.js'
import { toml, yaml } from './libraries.js'

export type PrintFormat = 'json' | 'yaml' | 'toml' | 'properties' | 'env' | 'text'

const extensions: ReadonlyMap<string, PrintFormat> = new Map([
  ['json', 'json'],
  ['yaml', 'yaml'],
  ['yml', 'yaml'],
  ['toml', 'toml'],
  ['properties', 'properties'],
  ['env', 'env'],
])

/** The format that a file's name asks for; `text` (a string as it is, anything else as JSON) where it says nothing. */
export const printFormatOf = (file: string): PrintFormat =>
  extensions.get(/\.([^./]+)$/.exec(file)?.[1]?.toLowerCase() ?? '') ?? 'text'

/** Ends with a line feed, but for a string as text. Throws E_INVALID_ARGUMENT for a value that the format cannot hold. */
export function printValue(format: PrintFormat, value: Json): string {
  return printers[format](value)
}

const printers: Readonly<Record<PrintFormat, (value: Json) => string>> = {
  json: (value) => `${JSON.stringify(value, null, 2)}\n`,
  yaml: (value) => yaml().stringify(value, { lineWidth: 0 }),
  toml: (value) => `${toml().stringify(objectFor('TOML', value)).trimEnd()}\n`,
  properties: (value) => lines(objectFor('.properties', value), propertyLine),
  env: (value) => lines(objectFor('.env', value), environmentLine),
  text: (value) => (typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`),
}

function objectFor(format: string, value: Json): Record<string, Json> {
  if (isObject(value)) return value as Record<string, Json>
  throw new KeeperError(
    'E_INVALID_ARGUMENT',
    `${format} holds an object, not ${isArray(value) ? 'an array' : typeof value}`,
  )
}

type Path = readonly (string | number)[]

function lines(value: Json, line: (path: Path, value: string) => string): string {
  return [...leaves(value, [])].map(([path, leaf]) => `${line(path, leaf)}\n`).join('')
}

/** Each value that holds no other, and where it is; what is empty has none. */
function* leaves(value: Json, path: Path): Generator<[Path, string]> {
  if (isArray(value)) for (const [at, item] of value.entries()) yield* leaves(item, [...path, at])
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield* leaves(item as Json, [...path, key])
  else yield [path, typeof value === 'string' ? value : JSON.stringify(value)]
}

/** `redis.addrs[0]=10.0.0.1`, escaped as java.util.Properties reads it. */
function propertyLine(path: Path, value: string): string {
  const key = path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('')
  return `${escapeProperty(key).replace(/[ :=]/g, '\\$&').replace(/^[#!]/, '\\$&')}=${escapeProperty(value).replace(/^ /, '\\ ')}`
}

const propertyEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
}

const escapeProperty = (text: string): string =>
  text.replace(/[\\\n\r\t\f]/g, (character) => propertyEscapes[character] ?? '')

/** `REDIS_ADDRS_0="10.0.0.1"`: what shells and dotenv readers take for the same text. */
function environmentLine(path: Path, value: string): string {
  const name = path
    .join('_')
    .replace(/[^A-Za-z0-9_]/g, '_')
    .toUpperCase()
  if (/^[A-Za-z0-9_./:@%+,-]*$/.test(value)) return `${name}=${value}`
  if (!value.includes("'")) return `${name}='${value}'`
  return `${name}="${value.replace(/[\\"$`]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
