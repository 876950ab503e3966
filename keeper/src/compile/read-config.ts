import { inOrder } from './canonical.js'
import type { When } from './combinations.js'
import type { ConfigContext } from './config.js'
import { nameSets, type SetNames } from './covering.js'
import { type Finding, inFile, type Remark } from './finding.js'
import { type ConfigFrame, frameOf } from './frame.js'
import { type ConfigGroup, filesOf, type GroupFile, groupProblems } from './group.js'
import { isArray, isObject, type Json } from './json.js'
import type { LocatableText } from './locate.js'
import { checkOverlayList, listedOverlays } from './overlay-list.js'
import { checkBase, checkOverlay, whenKey } from './overlays.js'
import { type Format, isTextFormat, parseConfig } from './parse.js'
import type { Parsed } from './parse-json.js'
import { eachTemplate, placeholderProblems, placeholdersIn, type Ref } from './placeholders.js'
import { type PlainValue, plainValueOf } from './plain-value.js'
import type { ConfigSchema, SchemaResult } from './schema.js'
import { typeText } from './schema-text.js'
import { bytesOf } from './source-file.js'
import { decodeSource } from './text.js'

/** A file that parsed, with its value. */
export interface ReadFile extends GroupFile {
  readonly value: Json
}

/** A patch, from a file of its own or from a list. */
interface WrittenOverlay extends ReadFile {
  readonly when: When
  /** JSON pointer of the patch in its file; '' when it is the whole file. */
  readonly at: string
}

/** With what is left to ask for in `when`, where the keeper's own labels say the rest. */
export interface ReadOverlay extends WrittenOverlay {
  readonly written: When
}

/** A reference as it stands in a file. */
export interface WrittenRef {
  readonly ref: Ref
  readonly file: string
  /** JSON pointer in that file. */
  readonly pointer: string
}

const noLabels: ReadonlySet<string> = new Set()

/** Reads the files of a group and remembers what went wrong. */
export class ConfigReader {
  readonly group: ConfigGroup
  readonly frame: ConfigFrame
  readonly findings: Finding[]
  /** Canonical JSON of a config that needs no reading: then it has neither `base` nor overlays. */
  readonly plain: PlainValue | undefined
  readonly base: ReadFile | undefined
  /** Those that somebody may match here, the weakest first. */
  readonly overlays: readonly ReadOverlay[]
  readonly schema: ConfigSchema | undefined
  readonly isSchemaBroken: boolean
  readonly refs: readonly WrittenRef[]
  /** All labels that overlays ask for, whether or not somebody may match them here. */
  readonly labels: ReadonlySet<string>
  readonly #context: ConfigContext
  #names: SetNames | undefined

  constructor(group: ConfigGroup, context: ConfigContext) {
    this.group = group
    this.#context = context
    this.frame = frameOf(group, context)
    this.findings = groupProblems(group)
    const [schemaFile] = group.schemas
    this.schema = schemaFile && this.#readSchema(schemaFile)
    this.isSchemaBroken = schemaFile !== undefined && this.schema === undefined
    this.plain = this.#plain()
    this.base = this.plain ? undefined : this.#readBase()
    const overlays = this.#readOverlays()
    this.labels = overlays.length === 0 ? noLabels : new Set(overlays.flatMap(({ when }) => Object.keys(when)))
    this.overlays = this.#matchable(overlays)
    this.refs = this.#writtenRefs()
  }

  /** Of sets of overlays. */
  get names(): SetNames {
    this.#names ??= nameSets(this.overlays.map(({ value }) => value))
    return this.#names
  }

  textOf(path: string): LocatableText | undefined {
    const found = filesOf(this.group).find(({ file }) => file.path === path)
    const decoded = found && decodeSource(found.file.bytes)
    return found && decoded && 'text' in decoded ? { text: decoded.text, format: found.format } : undefined
  }

  #plain(): PlainValue | undefined {
    const plain = plainValueOf(this.group)
    if (plain) this.#context.onProgress(this.group.bases[0]?.file.path ?? '')
    return plain
  }

  /** None where there are several. */
  #readBase(): ReadFile | undefined {
    const read = this.group.bases.flatMap(({ file, format }): ReadFile[] => {
      const value = this.#read({ file, format }, 'base', checkBase)
      return value === undefined ? [] : [{ file, format, value }]
    })
    const [base] = read
    return base && this.group.bases.length === 1 ? { ...base, value: this.#typed(base) } : undefined
  }

  #readOverlays(): WrittenOverlay[] {
    const overlays: WrittenOverlay[] = []
    for (const { file, format, when } of this.group.overlays) {
      const value = this.#read({ file, format }, 'overlay', checkOverlay)
      if (value !== undefined) overlays.push({ file, format, value, when, at: '' })
    }
    for (const { file, format } of this.group.overlayLists) {
      const list = this.#read({ file, format }, 'overlays', checkOverlayList) ?? []
      for (const { value, when, at } of listedOverlays(list)) overlays.push({ file, format, value, when, at })
    }
    return overlays
  }

  #matchable(overlays: readonly WrittenOverlay[]): ReadOverlay[] {
    const whens = overlays.map(({ when }) => when)
    const order = this.#context.knownSets.byPrecedence(whens, this.#context.overlayOrder)
    const all = order.map((at) => overlays[at] as WrittenOverlay).filter((one) => this.#fits(one))
    if (all.some(({ at }) => at !== '')) this.#tellTwins(all)
    return all.flatMap((overlay): ReadOverlay[] => {
      const { file, format, at, when: written } = overlay
      const when = within(written, this.#context.labels)
      return when ? [{ file, format, value: this.#typed(overlay), when, at, written }] : []
    })
  }

  /** Undefined when it did not parse. */
  #read({ file, format }: GroupFile, kind: string, check: (value: Json) => Remark[]): Json | undefined {
    this.#context.onProgress(file.path)
    const parsed = this.#context.parsed(file, `${kind} ${format}`, () =>
      parseBytes(bytesOf(file, this.#context.hashOf(file)), format, check),
    )
    if (parsed.remarks.length > 0) this.findings.push(...inFile(file.path, parsed.remarks))
    return parsed.value
  }

  /** Text becomes what the schema asks for, where the format has nothing but text. */
  #typed({ value, format }: ReadFile): Json {
    return this.schema && isTextFormat(format) ? typeText(this.schema.source, value) : value
  }

  #fits(overlay: WrittenOverlay): boolean {
    const { file, at, when, value } = overlay
    const { environments } = this.#context
    const env = Object.hasOwn(when, 'env') ? when.env : undefined
    const say = (rule: string, message: string, pointer?: string) => {
      this.findings.push(...inFile(file.path, [{ rule, message, ...(pointer !== undefined && { pointer }) }]))
      return false
    }
    if (env !== undefined && environments.length > 0 && !environments.includes(env))
      return say(
        'overlay/environment',
        `env=${env} is none of the environments in the settings: ${environments.join(', ')}`,
        at === '' ? undefined : at,
      )
    if (!this.base || isArray(this.base.value) === isArray(value)) return true
    return say('overlay/type', 'the overlay and its base must both be objects, or both arrays', at)
  }

  /** Two files for the same label are told by their names already. */
  #tellTwins(overlays: readonly WrittenOverlay[]): void {
    const first = new Map<string, WrittenOverlay>()
    for (const overlay of overlays) {
      const key = whenKey(overlay.when)
      const known = first.get(key)
      if (!known) first.set(key, overlay)
      else if (known.at !== '' || overlay.at !== '') {
        const [{ file, at }, other] = overlay.at === '' ? [known, overlay] : [overlay, known]
        const place = other.at === '' ? other.file.path : `entry ${other.at.split('/')[1]} of ${other.file.path}`
        const remark = { rule: 'overlay/twice', pointer: at, message: `the same labels as ${place}: put both into one` }
        this.findings.push(...inFile(file.path, [remark]))
      }
    }
  }

  #readSchema({ file }: GroupFile): ConfigSchema | undefined {
    this.#context.onProgress(file.path)
    const decoded = decodeSource(file.bytes)
    const result: SchemaResult =
      'text' in decoded ? this.#context.compileSchema(file, decoded.text) : { remarks: [decoded.remark] }
    this.findings.push(...inFile(file.path, result.remarks))
    return result.schema
  }

  #writtenRefs(): WrittenRef[] {
    const refs: WrittenRef[] = []
    const scan = (file: string, value: Json, at: string) => refsIn(value, at, (one) => refs.push({ ...one, file }))
    if (this.base) scan(this.base.file.path, this.base.value, '')
    for (const { file, at, value } of this.overlays) scan(file.path, value, at)
    const [schemaFile] = this.group.schemas
    if (schemaFile && this.schema)
      for (const one of refsOfDefaults(this.schema)) refs.push({ ...one, file: schemaFile.file.path })
    return refs
  }
}

/** What is left of labels to ask for among processes that all have `fixed`; undefined when they cannot match. */
function within(when: When, fixed: When): When | undefined {
  const entries = Object.entries(when)
  const known = entries.filter(([label]) => Object.hasOwn(fixed, label))
  if (known.length === 0) return when
  if (known.some(([label, value]) => fixed[label] !== value)) return undefined
  return Object.fromEntries(entries.filter(([label]) => !Object.hasOwn(fixed, label)))
}

type RefAt = Omit<WrittenRef, 'file'>

const refsIn = (value: Json, at: string, visit: (one: RefAt) => void): void =>
  eachTemplate(
    value,
    (text, pointer) => {
      for (const ref of placeholdersIn(text)) if (ref.kind === 'ref') visit({ ref, pointer })
    },
    at,
  )

const inDefaults = new WeakMap<ConfigSchema, readonly RefAt[]>()

/** Looked for once, however many configs have the schema. */
function refsOfDefaults(schema: ConfigSchema): readonly RefAt[] {
  const known = inDefaults.get(schema)
  if (known) return known
  const refs: RefAt[] = []
  eachDefault(schema.source, '', (value, at) => refsIn(value, at, (one) => refs.push(one)))
  inDefaults.set(schema, refs)
  return refs
}

function eachDefault(schema: Json, pointer: string, visit: (value: Json, pointer: string) => void): void {
  if (typeof schema !== 'object' || schema === null) return
  for (const [key, part] of Object.entries(schema)) {
    const here = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (key === 'default' && isObject(schema)) visit(part, here)
    else eachDefault(part, here, visit)
  }
}

function parseBytes(bytes: Uint8Array, format: Format, check: (value: Json) => Remark[]): Parsed {
  const decoded = decodeSource(bytes)
  if ('remark' in decoded) return { remarks: [decoded.remark] }
  const parsed = parseConfig(format, decoded.text)
  if (parsed.value === undefined) return parsed
  const remarks = check(parsed.value)
  eachTemplate(parsed.value, (text, pointer) => remarks.push(...placeholderProblems(text, pointer)))
  return remarks.length === 0 ? { ...parsed, value: inOrder(parsed.value) } : { remarks }
}
