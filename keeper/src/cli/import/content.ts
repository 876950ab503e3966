import { isUtf8 } from 'node:buffer'
import { limits } from '../../base/limits.js'
import { isArray, isObject, type Json } from '../../compile/json.js'
import { type Format, formats, parseConfig } from '../../compile/parse.js'

/** What a value is: a config file, one plain value of its folder's file, or nothing that a config can hold. */
export type Content =
  | { readonly kind: 'file'; readonly extension: string }
  | { readonly kind: 'plain'; readonly value: Json }
  | { readonly kind: 'unfit'; readonly reason: string }

/** `extension` is what the source or the name says the format is; '' if nothing does. */
export function contentOf(bytes: Uint8Array, extension: string): Content {
  if (bytes.length > limits.fileBytesMax)
    return { kind: 'unfit', reason: `${bytes.length} bytes; a file has at most ${limits.fileBytesMax}` }
  if (!isUtf8(bytes) || bytes.includes(0)) return { kind: 'unfit', reason: 'binary, or not UTF-8' }
  const text = new TextDecoder('utf-8').decode(bytes)
  if (/\$\{(?:secret|ref):/.test(text)) return { kind: 'unfit', reason: '${secret:…} and ${ref:…} mean something here' }
  const format = formats.get(extension)
  if (format !== undefined) return asFile(format, extension, text)
  const guess = guesses.find((one) => one.looks(text) && holds(one.extension, text))
  return guess ? asFile(formats.get(guess.extension) as Format, guess.extension, text) : plain(text)
}

/** In this order: each is tried where the text looks like it. */
const guesses: readonly { readonly extension: string; looks(text: string): boolean }[] = [
  { extension: 'json', looks: (text) => /^\s*[[{]/.test(text) },
  { extension: 'toml', looks: (text) => /^\s*\[[^\]]+\]\s*$/m.test(text) && /^\s*[\w.-]+\s*=/m.test(text) },
  { extension: 'yaml', looks: (text) => /^(?:---|\s*-\s|\s*[\w."'-]+\s*:(?:\s|$))/m.test(text) },
  { extension: 'properties', looks: isProperties },
]

/** Every line is empty, a comment or `key=value`, or goes on from the line before. */
function isProperties(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:[#!].*)?$/.test(line))
  return lines.length > 0 && lines.every((line, at) => /^\s*[^\s=]+\s*=/.test(line) || /\\$/.test(lines[at - 1] ?? ''))
}

function holds(extension: string, text: string): boolean {
  const format = formats.get(extension)
  if (format === undefined) return false
  const { value } = parseConfig(format, text)
  return isObject(value) || isArray(value)
}

function asFile(format: Format, extension: string, text: string): Content {
  const { value, remarks } = parseConfig(format, text)
  if (value !== undefined) return { kind: 'file', extension }
  const [first] = remarks ?? []
  return { kind: 'unfit', reason: `no valid ${extension}: ${first?.message ?? 'it cannot be read'}` }
}

/** A number or a truth value where the text is exactly how JSON writes it; so that `1.10` and `007` stay text. */
function plain(text: string): Content {
  const trimmed = text.trim()
  if (trimmed === 'true' || trimmed === 'false') return { kind: 'plain', value: trimmed === 'true' }
  const number = Number(trimmed)
  if (trimmed !== '' && Number.isFinite(number) && String(number) === trimmed) return { kind: 'plain', value: number }
  return { kind: 'plain', value: text }
}
