import type { Finding } from './finding.js'
import { inFile } from './finding.js'
import { type Naming, nameOf } from './naming.js'
import { compareText } from './overlays.js'
import type { Format } from './parse.js'
import type { SourceFile } from './types.js'

export interface GroupFile {
  readonly file: SourceFile
  readonly format: Format
}

export interface OverlayFile extends GroupFile {
  readonly when: Readonly<Record<string, string>>
}

/** All files of one config. More than one base, or none, is an error that `groupProblems` tells. */
export interface ConfigGroup {
  readonly name: string
  readonly bases: GroupFile[]
  readonly overlays: OverlayFile[]
  /** `NAME.overlays.yaml`. */
  readonly overlayLists: GroupFile[]
  readonly schemas: GroupFile[]
}

/** All files of a config: the base first, schemas last. */
export const filesOf = ({ bases, overlays, overlayLists, schemas }: ConfigGroup): readonly GroupFile[] => [
  ...bases,
  ...overlays,
  ...overlayLists,
  ...schemas,
]

/**
 * Sorts the files of a tree into configs; what belongs to none is told in `findings`. `isFlat` says of which configs
 * the .properties have keys without levels, `namingOf` what a path stands for.
 */
export function groupFiles(
  files: readonly SourceFile[],
  isFlat: (name: string) => boolean,
  namingOf: (path: string) => Naming = nameOf,
): { groups: ConfigGroup[]; findings: Finding[] } {
  const groups = new Map<string, ConfigGroup>()
  const findings: Finding[] = []
  for (const file of files) {
    const naming = namingOf(file.path)
    if (naming.kind === 'settings' || naming.kind === 'other') continue
    if (naming.kind === 'refused') findings.push(...inFile(shownPath(file.path), [naming.remark]))
    else if (naming.kind === 'ignored') findings.push(ignoredNote(shownPath(file.path), naming.why))
    else {
      const group = groups.get(naming.name) ?? emptyGroup(naming.name)
      groups.set(naming.name, group)
      if (naming.kind === 'schema') group.schemas.push({ file, format: 'json' })
      else add(group, file, naming, naming.format === 'properties' && isFlat(naming.name))
    }
  }
  const sorted = [...groups.values()].sort((a, b) => compareText(a.name, b.name))
  return { groups: sorted, findings: [...findings, ...caseProblems(sorted)] }
}

const emptyGroup = (name: string): ConfigGroup => ({ name, bases: [], overlays: [], overlayLists: [], schemas: [] })

function add(
  group: ConfigGroup,
  file: SourceFile,
  naming: Extract<Naming, { kind: 'base' | 'overlay' | 'overlays' }>,
  flat: boolean,
): void {
  const format = flat ? 'properties-flat' : naming.format
  if (naming.kind === 'base') group.bases.push({ file, format })
  else if (naming.kind === 'overlays') group.overlayLists.push({ file, format })
  else group.overlays.push({ file, format, when: { [naming.label]: naming.value } })
}

export const ignoredNote = (file: string, why: string): Finding => ({
  severity: 'note',
  rule: 'name/ignored',
  file,
  message: `no config: ${why}`,
})

const pathShownMax = 200

/** A path as it may stand in a message: without control characters, not endless. */
export const shownPath = (path: string): string => {
  const printable = path.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return printable.length <= pathShownMax ? printable : `${printable.slice(0, pathShownMax)}…`
}

/** Files and folders whose names only differ by case, or by the Unicode form of a letter. */
function caseProblems(groups: readonly ConfigGroup[]): Finding[] {
  const first = new Map<string, string>()
  const findings: Finding[] = []
  const seen = new Set<string>()
  for (const group of groups) {
    const { name } = group
    for (const prefix of newPrefixes(name, seen)) {
      const folded = foldedName(prefix)
      const known = first.get(folded)
      if (known === undefined) first.set(folded, prefix)
      else {
        const file = filesOf(group)[0]?.file.path ?? name
        findings.push(...inFile(file, [{ rule: caseRule, message: `${prefix} and ${known} differ only by case` }]))
      }
    }
  }
  return findings
}

export const caseRule = 'name/case'

/** Equal for names that differ only by case, or by the Unicode form of a letter. */
export const foldedName = (name: string): string => name.normalize('NFC').toLowerCase()

/** The name and the folders that it is in, the outermost first. */
export const prefixesOf = (name: string): string[] => newPrefixes(name, new Set())

/** Those that are not in `seen`; they are from now on. */
function newPrefixes(name: string, seen: Set<string>): string[] {
  const fresh: string[] = []
  for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1)) {
    const prefix = name.slice(0, end)
    if (seen.has(prefix)) break
    seen.add(prefix)
    fresh.push(prefix)
  }
  return fresh.reverse()
}

/** What is wrong with the set of files that make a config, before any of them is read. */
export function groupProblems(group: ConfigGroup): Finding[] {
  const findings: Finding[] = []
  if (group.bases.length === 0) {
    const lone = (rule: string, what: string) => (one: GroupFile) =>
      inFile(one.file.path, [{ rule, message: `${what} without its config: ${group.name}.yaml is missing` }])
    findings.push(...group.overlays.flatMap(lone('overlay/no-base', 'overlay')))
    findings.push(...group.overlayLists.flatMap(lone('overlay/no-base', 'list of overlays')))
    findings.push(...group.schemas.flatMap(lone('schema/no-base', 'schema')))
  }
  findings.push(...twice(group.bases, `config ${group.name}`))
  findings.push(...twice(group.overlayLists, `overlays of ${group.name}`))
  const sameLabels = new Map<string, OverlayFile[]>()
  for (const overlay of group.overlays) {
    const key = Object.entries(overlay.when).flat().join('=')
    sameLabels.set(key, [...(sameLabels.get(key) ?? []), overlay])
  }
  for (const [key, overlays] of sameLabels) findings.push(...twice(overlays, `overlay ${group.name}@${key}`))
  return findings
}

function twice(files: readonly GroupFile[], what: string): Finding[] {
  if (files.length < 2) return []
  const paths = files.map(({ file }) => file.path)
  return paths.flatMap((path) =>
    inFile(path, [
      {
        rule: 'name/two-files',
        message: `two files for the ${what}: also ${paths.filter((other) => other !== path).join(', ')}`,
      },
    ]),
  )
}
