import { hash } from 'node:crypto'
import { encodeText } from '../base/codec.js'
import { isArray, isObject, type Json, type JsonObject } from './json.js'

/**
 * The one way to write a value: keys sorted by UTF-16 code units, no spaces, numbers and strings as JSON.stringify
 * writes them (the form of RFC 8785). Equal values give equal bytes, so its hash names the value.
 */
export const canonicalJson = (value: Json): Uint8Array => encodeText(canonicalText(value))

/** The bytes of many texts: those that are short lie in one buffer, for a buffer costs more than they do. */
export function encodeTexts(texts: readonly string[]): Uint8Array[] {
  if (texts.length < 2) return texts.map(encodeText)
  const short = texts.map((text) => text.length <= shortTextChars)
  const lengths = texts.map((text, at) => (short[at] ? Buffer.byteLength(text) : 0))
  const shared = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0))
  let end = 0
  return texts.map((text, at) => {
    if (!short[at]) return encodeText(text)
    const start = end
    end += shared.write(text, start)
    return new Uint8Array(shared.buffer, start, end - start)
  })
}

const shortTextChars = 4_096

/** As encodeText, for one of many short texts: they share buffers as small as they may well be kept for one of them. */
export function encodeInPool(text: string): Uint8Array {
  if (text.length > shortTextChars) return encodeText(text)
  if (pool.length - poolEnd < text.length * 3) [pool, poolEnd] = [Buffer.allocUnsafeSlow(poolBytes), 0]
  const start = poolEnd
  poolEnd += pool.write(text, start)
  return new Uint8Array(pool.buffer, start, poolEnd - start)
}

const poolBytes = 16_384
let pool = Buffer.alloc(0)
let poolEnd = 0

/** canonicalJson before UTF-8. */
export const canonicalText = (value: Json): string => (isInOrder(value) ? JSON.stringify(value) : sortedText(value))

function sortedText(value: Json): string {
  // a list of a hundred thousand words would else be as many texts on the way
  if (isArray(value)) return value.every(isPlain) ? JSON.stringify(value) : `[${value.map(sortedText).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedText(value[key] as Json)}`)
  return `{${members.join(',')}}`
}

/** The same value, with keys in the order of canonicalJson wherever the language lets them be; itself when they are. */
export function inOrder(value: Json): Json {
  if (isInOrder(value)) return value
  if (isArray(value)) return value.map(inOrder)
  const object = value as JsonObject
  const sorted: Record<string, Json> = {}
  for (const key of Object.keys(object).sort()) sorted[key] = inOrder(object[key] as Json)
  return sorted
}

/** Most values are: JSON.stringify by itself takes half the time. */
function isInOrder(value: Json): boolean {
  if (isArray(value)) return value.every(isInOrder)
  if (!isObject(value)) return true
  let last = ''
  for (const key of Object.keys(value)) {
    if (key < last || !isInOrder(value[key] as Json)) return false
    last = key
  }
  return true
}

const isPlain = (value: Json): boolean => typeof value !== 'object' || value === null

/** SHA-256, lower-case hex. */
export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')
