import { createHash } from 'node:crypto'
import { encodeText } from '../base/codec.js'
import { isArray, isObject, type Json } from './json.js'

/**
 * The one way to write a value: keys sorted by UTF-16 code units, no spaces, numbers and strings as JSON.stringify
 * writes them (the form of RFC 8785). Equal values give equal bytes, so its hash names the value.
 */
export const canonicalJson = (value: Json): Uint8Array => encodeText(canonicalText(value))

/** canonicalJson before UTF-8. */
export function canonicalText(value: Json): string {
  // a list of a hundred thousand words would else be as many texts on the way
  if (isArray(value)) return value.every(isPlain) ? JSON.stringify(value) : `[${value.map(canonicalText).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] as Json)}`)
  return `{${members.join(',')}}`
}

const isPlain = (value: Json): boolean => typeof value !== 'object' || value === null

/** SHA-256, lower-case hex. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
