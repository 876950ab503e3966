import { limits } from '../base/limits.js'
import type { Finding } from './finding.js'
import { Generations } from './generations.js'
import { type ConfigGroup, caseRule, filesOf, foldedName, type GroupFile, groupFiles, prefixesOf } from './group.js'
import { type Naming, nameOf } from './naming.js'
import { compareText } from './overlays.js'
import { fits } from './settings-audiences.js'
import { isSameContent } from './source-file.js'
import { namedSpliceOf, spliced, spliceOf } from './splice.js'
import type { SourceFile } from './types.js'

export interface Grouped {
  /** By name. A group stays the same object as long as its files do. */
  readonly groups: readonly ConfigGroup[]
  /** The groups' names: the same array as long as they do. */
  readonly names: readonly string[]
  readonly findings: readonly Finding[]
}

type IsFlat = (name: string) => boolean

/** What came, changed and went of the files of some configs; undefined: gone. */
type Changes = ReadonlyMap<string, ReadonlyMap<string, SourceFile | undefined>>

/**
 * Sorts tree after tree into configs. Only the groups of files that changed, came or went are made anew, as long as they
 * are few: looking at tens of thousands of paths takes longer than compiling one config.
 */
export class TreeGroups {
  #files: readonly SourceFile[] = []
  #flat: string | undefined
  #grouped: Grouped = { groups: [], names: [], findings: [] }
  #indices = new Map<string, number>()
  /** Folded name or folder → as it is written. Of those that went, too: a doubt is cleared by sorting anew. */
  #written = new Map<string, string>()
  readonly #namings = new Generations<Naming>()

  /** `flat`: as of Settings.flatProperties. */
  update(files: readonly SourceFile[], flat: readonly string[]): Grouped {
    const isFlat = (name: string) => flat.some((pattern) => fits(pattern, name))
    const changes = this.#flat === flat.join('\n') ? changesOf(this.#files, files) : undefined
    this.#grouped = (changes && this.#changed(changes, isFlat)) ?? this.#anew(files, isFlat)
    this.#files = files
    this.#flat = flat.join('\n')
    return this.#grouped
  }

  #anew(files: readonly SourceFile[], isFlat: IsFlat): Grouped {
    const { groups: sorted, findings } = groupFiles(files, isFlat, (path) => {
      return this.#namings.get(path, () => nameOf(path))
    })
    this.#namings.turn()
    const groups = sorted.map((group) => this.#known(group) ?? group)
    const names = groups.map(({ name }) => name)
    this.#indices = new Map(names.map((name, index) => [name, index]))
    this.#written = new Map(names.flatMap(prefixesOf).map((prefix) => [foldedName(prefix), prefix]))
    return { groups, findings, names }
  }

  /** The group of before, if nothing of it changed. */
  #known(group: ConfigGroup): ConfigGroup | undefined {
    const known = this.#grouped.groups[this.#indices.get(group.name) ?? -1]
    return known && isSame(filesOf(known), filesOf(group)) ? known : undefined
  }

  /** Undefined where two names may differ only by case, or did before. */
  #changed(changes: Changes, isFlat: IsFlat): Grouped | undefined {
    if (this.#grouped.findings.some(({ rule }) => rule === caseRule)) return undefined
    const groups = [...this.#grouped.groups]
    const come: ConfigGroup[] = []
    const gone = new Set<string>()
    for (const [name, files] of changes) {
      const index = this.#indices.get(name)
      const group = groupOf(index === undefined ? undefined : groups[index], files, isFlat)
      if (group && index !== undefined) groups[index] = group
      else if (group) come.push(group)
      else if (index !== undefined) gone.add(name)
    }
    if (come.length + gone.size === 0) return { ...this.#grouped, groups }
    return this.#isClear(come) ? this.#renamed(groups, come, gone) : undefined
  }

  #renamed(groups: readonly ConfigGroup[], come: readonly ConfigGroup[], gone: ReadonlySet<string>): Grouped {
    const all = [...groups.filter(({ name }) => !gone.has(name)), ...come].sort((a, b) => compareText(a.name, b.name))
    const names = spliced(
      this.#grouped.names,
      spliceOf(
        this.#grouped.names,
        all.map(({ name }) => name),
      ),
    )
    this.#indices = new Map(names.map((name, index) => [name, index]))
    return { ...this.#grouped, groups: all, names }
  }

  /** Is every new name, and every folder of it, written as it was before, or new however it is written? */
  #isClear(come: readonly ConfigGroup[]): boolean {
    return come
      .flatMap(({ name }) => prefixesOf(name))
      .every((prefix) => {
        const written = this.#written.get(foldedName(prefix)) ?? prefix
        this.#written.set(foldedName(prefix), written)
        return written === prefix
      })
  }
}

/** By config; undefined where some belong to none, or when they are too many to look at one by one. */
function changesOf(before: readonly SourceFile[], after: readonly SourceFile[]): Changes | undefined {
  const changes = new Map<string, Map<string, SourceFile | undefined>>()
  const moved = namedSpliceOf(before, after, pathOf) ?? { at: after.length, removed: 0, put: [] }
  if (moved.removed + moved.put.length > limits.groupsChangedMax) return undefined
  const touched: [path: string, file: SourceFile | undefined][] = []
  for (const { path } of before.slice(moved.at, moved.at + moved.removed)) touched.push([path, undefined])
  for (const [index, file] of after.entries()) {
    const isNew = index >= moved.at && index < moved.at + moved.put.length
    const old = isNew ? undefined : before[index < moved.at ? index : index - moved.put.length + moved.removed]
    if (old && isSameContent(old, file)) continue
    if (touched.push([file.path, file]) > limits.groupsChangedMax) return undefined
  }
  for (const [path, file] of touched) {
    const naming = nameOf(path)
    if (naming.kind === 'settings' || naming.kind === 'other') continue
    if (!('name' in naming)) return undefined
    changes.set(naming.name, (changes.get(naming.name) ?? new Map()).set(path, file))
  }
  return changes
}

const pathOf = ({ path }: SourceFile): string => path

/** A group with its changes; undefined when nothing is left of it. */
function groupOf(
  group: ConfigGroup | undefined,
  changes: ReadonlyMap<string, SourceFile | undefined>,
  isFlat: IsFlat,
): ConfigGroup | undefined {
  const files = new Map(group ? filesOf(group).map(({ file }): [string, SourceFile] => [file.path, file]) : [])
  for (const [path, file] of changes) {
    if (file) files.set(path, file)
    else files.delete(path)
  }
  return groupFiles(
    [...files.values()].sort((a, b) => compareText(a.path, b.path)),
    isFlat,
  ).groups[0]
}

const isSame = (before: readonly GroupFile[], after: readonly GroupFile[]): boolean =>
  before.length === after.length &&
  before.every(({ file, format }, at) => {
    const other = after[at]
    return other && file.path === other.file.path && isSameContent(file, other.file) && format === other.format
  })
