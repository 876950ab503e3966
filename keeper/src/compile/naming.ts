import { limits } from '../base/limits.js'
import type { Remark } from './finding.js'
import { type Format, formatOf, formats } from './parse.js'

/** What a path says of itself. `name` is the config's: path without extension and overlay label. */
export type Naming =
  | { readonly kind: 'base'; readonly name: string; readonly format: Format }
  | {
      readonly kind: 'overlay'
      readonly name: string
      readonly format: Format
      readonly label: string
      readonly value: string
    }
  | { readonly kind: 'overlays'; readonly name: string; readonly format: Format }
  | { readonly kind: 'schema'; readonly name: string }
  | { readonly kind: 'settings' }
  /** Belongs to somebody else: `_keeper/tests/` and the like. */
  | { readonly kind: 'other' }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'refused'; readonly remark: Remark }

const leftovers = /~$|\.sw[a-z]$|^#.*#$|\.(?:bak|orig|rej|tmp|old|dpkg-\w+|rpm\w+)$|^4913$/i

/**
 * Why a file or folder is no config, or undefined when it may be one. `segment` is one path segment; the only
 * underscores that count are `_shared` and `_keeper` at the top.
 */
export function whyIgnored(segment: string, isTop: boolean): string | undefined {
  if (segment.startsWith('.')) return 'its name begins with a dot'
  if (segment.startsWith('_') && !(isTop && (segment === '_shared' || segment === keeperFolder)))
    return 'its name begins with an underscore'
  return leftovers.test(segment) ? 'an editor left it' : undefined
}

/** Where everything lives that is not data. */
export const keeperFolder = '_keeper'
export const settingsPath = `${keeperFolder}/settings.yaml`
const othersOfKeeper: ReadonlySet<string> = new Set(['tests', 'rules', 'deployments', 'roles.yaml', 'profiling.yaml'])

/** Would a file of this name be a config, so that a directory of this name is a mistake? */
export const looksLikeConfig = (segment: string): boolean => formatOf(segment) !== undefined

/** Sorts a path of the tree into what it is. */
export function nameOf(path: string): Naming {
  const segments = path.split('/')
  for (const [index, segment] of segments.entries()) {
    const why = whyIgnored(segment, index === 0)
    if (why) return { kind: 'ignored', why }
  }
  const bad = badPath(path, segments)
  if (bad) return refused('name/path', bad)
  if (segments[0] === keeperFolder) return nameOfKeeper(path, segments[1] ?? '')
  const folder = segments.slice(0, -1).find(looksLikeConfig)
  if (folder !== undefined) return refused('name/directory', `${folder} is a directory, not a file: rename it`)
  const file = segments.at(-1) ?? ''
  const format = formatOf(file)
  if (!format) return { kind: 'ignored', why: `its extension is none of ${extensions}` }
  return nameOfConfig(path, file, format, segments.length)
}

const extensions = [...formats.keys()].map((extension) => `.${extension}`).join(', ')

function nameOfKeeper(path: string, segment: string): Naming {
  if (path === settingsPath) return { kind: 'settings' }
  if (othersOfKeeper.has(segment)) return { kind: 'other' }
  return { kind: 'ignored', why: `${keeperFolder} has settings.yaml, ${[...othersOfKeeper].join(', ')}` }
}

function nameOfConfig(path: string, file: string, format: Format, depth: number): Naming {
  if (depth < 2)
    return refused('name/no-cluster', 'a config lives in a folder named after its cluster, e.g. push/room.yaml')
  const stem = path.slice(0, path.lastIndexOf('.'))
  if (/\.schema$/.test(stem)) {
    if (format !== 'json') return refused('schema/format', 'a schema is written as JSON: NAME.schema.json')
    return { kind: 'schema', name: stem.slice(0, -'.schema'.length) }
  }
  if (/\.overlays$/.test(stem)) {
    if (!['yaml', 'json', 'jsonc'].includes(format))
      return refused('overlay/format', 'a list of overlays is written as YAML or JSON: NAME.overlays.yaml')
    return { kind: 'overlays', name: stem.slice(0, -'.overlays'.length), format }
  }
  if (file.includes('@')) return overlayName(stem, format)
  return { kind: 'base', name: stem, format }
}

const overlayPattern = /^(?<name>[^@]*[^@/])@(?<label>[\w.-]+)=(?<value>[^@=,/]+)$/

function overlayName(stem: string, format: Format): Naming {
  const { name, label, value } = overlayPattern.exec(stem)?.groups ?? {}
  if (name === undefined || label === undefined || value === undefined)
    return refused('overlay/name', 'an overlay is named NAME@label=value, with one label, e.g. room@zone=bj.yaml')
  if (Buffer.byteLength(label) + Buffer.byteLength(value) > limits.labelBytesMax)
    return refused('overlay/name', `label longer than ${limits.labelBytesMax} bytes`)
  return { kind: 'overlay', name, format, label, value }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/

/** Why a path cannot name a config, or undefined when it can. */
export function badPath(path: string, segments: readonly string[] = path.split('/')): string | undefined {
  if (Buffer.byteLength(path) > limits.nameBytesMax) return `path longer than ${limits.nameBytesMax} bytes`
  if (segments.some((segment) => Buffer.byteLength(segment) > limits.segmentBytesMax))
    return `file or folder name longer than ${limits.segmentBytesMax} bytes`
  if (control.test(path)) return 'a name with control characters, or not UTF-8'
  return segments.some((segment) => segment === '' || segment === '..') ? 'a path with empty or ".." parts' : undefined
}

const refused = (rule: string, message: string): Naming => ({ kind: 'refused', remark: { rule, message } })
