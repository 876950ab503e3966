import type { Selector } from '../store/config-records.js'
import { audienceOf } from './audience.js'
import { inFile, type Remark } from './finding.js'
import { at, child, isArray, isObject, type Json, shown } from './json.js'
import { locate } from './locate.js'
import { settingsPath } from './naming.js'
import { checkLabel } from './overlay-list.js'
import { defaultOverlayOrder } from './overlays.js'
import { parseConfig } from './parse.js'
import { fits, SaidAudiences } from './settings-audiences.js'
import { decodeSource } from './text.js'
import type { Diagnostic, SourceFile } from './types.js'

/** What `_keeper/settings.yaml` says. */
export interface Settings {
  /** Labels from the weakest to the strongest. */
  readonly overlayOrder: readonly string[]
  /** Values that the label `env` may have; empty when nothing is said. */
  readonly environments: readonly string[]
  /** Configs whose .properties have keys without levels: names, or `folder/*`. */
  readonly flatProperties: readonly string[]
  audienceOf(name: string): Selector
  /** What the file says of a config's audience: equal for equal audiences, '' when it says nothing. */
  saidOf(name: string): string
  /** Equal where saidOf is, of whatever config. */
  readonly saidOfAll: string
  /** What is to be told of the settings once the names of all configs are known. */
  problemsWith(names: readonly string[]): Diagnostic[]
  /** Canonical value, for the config `_keeper/settings`; absent without a file. */
  readonly value?: Json
}

export const settingsName = '_keeper/settings'

/** Settings without a file. */
export const defaultSettings: Settings = {
  overlayOrder: defaultOverlayOrder,
  environments: [],
  flatProperties: [],
  audienceOf,
  saidOf: () => '',
  saidOfAll: '',
  problemsWith: () => [],
}

/** Reads `_keeper/settings.yaml`; with errors, what they leave of it. */
export function readSettings(file: SourceFile): { settings: Settings; diagnostics: Diagnostic[] } {
  const decoded = decodeSource(file.bytes)
  const parsed = 'text' in decoded ? parseConfig('yaml', decoded.text) : { remarks: [decoded.remark] }
  const place = (remarks: readonly Remark[]): Diagnostic[] =>
    locate(inFile(settingsPath, remarks), () =>
      'text' in decoded ? { text: decoded.text, format: 'yaml' } : undefined,
    )
  if (parsed.value === undefined) return { settings: defaultSettings, diagnostics: place(parsed.remarks) }
  const remarks = check(parsed.value)
  if (remarks.length > 0) return { settings: defaultSettings, diagnostics: place(remarks) }
  return { settings: settingsOf(parsed.value, place), diagnostics: [] }
}

type Check = (value: Json, pointer: string) => Remark[]

const checks: Readonly<Record<string, Check>> = {
  overlayOrder: (value, pointer) => checkNames(value, pointer, /^[\w.-]+$/, 'label'),
  environments: (value, pointer) => checkNames(value, pointer, /^[^=,/\s]+$/, 'environment'),
  flatProperties: (value, pointer) => checkNames(value, pointer, patternPattern, 'config'),
  audiences: (value, pointer) => {
    if (!isObject(value)) return [wrong(pointer, `expected CONFIG: {label: value}, got ${shown(value)}`)]
    return Object.entries(value).flatMap(([name, audience]) => checkAudience(name, audience, child(pointer, name)))
  },
}

/** A config's name, or `folder/*` for all below a folder. */
const patternPattern = /^[^\s*/]+(?:\/[^\s*/]+)*(?:\/\*)?$/

function check(value: Json): Remark[] {
  if (!isObject(value)) return [wrong('', `expected ${Object.keys(checks).join(', ')}, got ${shown(value)}`)]
  return Object.entries(value).flatMap(([key, part]): Remark[] => {
    const pointer = child('', key)
    if (Object.hasOwn(checks, key)) return checks[key]?.(part, pointer) ?? []
    return [{ ...wrong(pointer, `unknown setting; there are ${Object.keys(checks).join(', ')}`), spot: 'key' }]
  })
}

function checkNames(value: Json, pointer: string, pattern: RegExp, what: string): Remark[] {
  if (!isArray(value)) return [wrong(pointer, `expected a list, got ${shown(value)}`)]
  return value.flatMap((name, index) => {
    const here = child(pointer, index)
    if (typeof name !== 'string' || !pattern.test(name))
      return [wrong(here, `expected the name of a ${what}, got ${shown(name)}`)]
    return value.indexOf(name) < index ? [wrong(here, `${name} stands here twice`)] : []
  })
}

function checkAudience(name: string, audience: Json, pointer: string): Remark[] {
  if (!patternPattern.test(name))
    return [{ ...wrong(pointer, `expected a config's name, or FOLDER/* for all below: ${shown(name)}`), spot: 'key' }]
  if (audience === 'nobody' || audience === 'everyone') return []
  if (!isObject(audience) || Object.keys(audience).length === 0)
    return [
      wrong(
        pointer,
        `expected labels, e.g. {cluster: push, role: [room, gate]}, nobody or everyone, got ${shown(audience)}`,
      ),
    ]
  return Object.entries(audience).flatMap(([label, value]) => checkLabel(label, value, child(pointer, label)))
}

const wrong = (pointer: string, message: string): Remark => ({ rule: 'settings/invalid', pointer, message })

function settingsOf(value: Json, place: (remarks: readonly Remark[]) => Diagnostic[]): Settings {
  const list = (key: string) => (at(value, child('', key)) ?? []) as readonly string[]
  const said = new SaidAudiences((at(value, '/audiences') ?? {}) as Record<string, Json>)
  const order = list('overlayOrder')
  return {
    value,
    overlayOrder: order.length > 0 ? order : defaultOverlayOrder,
    environments: list('environments'),
    flatProperties: list('flatProperties'),
    audienceOf: (name) => said.of(name)?.selector ?? audienceOf(name),
    saidOf: (name) => said.of(name)?.text ?? '',
    saidOfAll: said.text,
    problemsWith: remembered((names) => place([...overlaps(said, names), ...idle(value, said, names)])),
  }
}

/** The last answer, for the same names as last time. */
function remembered<T>(answer: (names: readonly string[]) => T): (names: readonly string[]) => T {
  let last: { readonly names: readonly string[]; readonly is: T } | undefined
  return (names) => {
    if (last?.names !== names) last = { names, is: answer(names) }
    return last.is
  }
}

function overlaps(said: SaidAudiences, names: readonly string[]): Remark[] {
  if (said.all.length < 2) return []
  const found = new Map<string, Remark>()
  for (const name of names) {
    const [first, second] = said.allOf(name)
    if (!first || !second) continue
    const pointer = child('/audiences', second.pattern)
    const message = `${first.pattern} and ${second.pattern} both say who gets ${name}: name the config itself`
    found.set(pointer, { rule: 'settings/overlap', pointer, spot: 'key', message })
  }
  return [...found.values()]
}

/** A name that is no config's is most likely misspelled. */
function idle(value: Json, { all }: SaidAudiences, names: readonly string[]): Remark[] {
  const flat = (at(value, '/flatProperties') ?? []) as readonly string[]
  const said = [
    ...all.map(({ pattern }) => ({ pattern, pointer: child('/audiences', pattern), spot: 'key' as const })),
    ...flat.map((pattern, index) => ({ pattern, pointer: child('/flatProperties', index), spot: 'value' as const })),
  ]
  if (said.length === 0) return []
  const known = new Set(names)
  const isUsed = (pattern: string) =>
    pattern.endsWith('/*') ? names.some((name) => fits(pattern, name)) : known.has(pattern)
  return said
    .filter(({ pattern }) => !isUsed(pattern))
    .map(({ pattern, pointer, spot }) => {
      const message = pattern.endsWith('/*') ? `no config below ${pattern.slice(0, -2)}` : `no config ${pattern}`
      return { severity: 'warning', rule: 'settings/unused', pointer, spot, message }
    })
}
