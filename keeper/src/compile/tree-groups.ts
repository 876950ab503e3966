import { limits } from '../base/limits.js'
import type { Finding } from './finding.js'
import { Generations } from './generations.js'
import { type ConfigGroup, filesOf, type GroupFile, groupFiles } from './group.js'
import { type Naming, nameOf } from './naming.js'
import type { SourceFile } from './types.js'

export interface Grouped {
  /** By name. A group stays the same object as long as its files do. */
  readonly groups: readonly ConfigGroup[]
  /** The groups' names: the same array as long as they do. */
  readonly names: readonly string[]
  readonly findings: readonly Finding[]
}

/**
 * Sorts tree after tree into configs. As long as no file comes or goes, only the groups of those that changed are made
 * anew: looking at tens of thousands of paths takes longer than compiling one config.
 */
export class TreeGroups {
  #files: readonly SourceFile[] = []
  #isFlat: ((name: string) => boolean) | undefined
  #grouped: Grouped = { groups: [], names: [], findings: [] }
  #indices = new Map<string, number>()
  readonly #namings = new Generations<Naming>()

  update(files: readonly SourceFile[], isFlat: (name: string) => boolean): Grouped {
    const changed = this.#isFlat === isFlat ? changedFiles(this.#files, files) : undefined
    this.#grouped = changed ? this.#replaced(changed) : this.#anew(files, isFlat)
    this.#files = files
    this.#isFlat = isFlat
    return this.#grouped
  }

  #anew(files: readonly SourceFile[], isFlat: (name: string) => boolean): Grouped {
    const { groups: sorted, findings } = groupFiles(files, isFlat, (path) => {
      return this.#namings.get(path, () => nameOf(path))
    })
    this.#namings.turn()
    const groups = sorted.map((group) => this.#known(group) ?? group)
    this.#indices = new Map(groups.map(({ name }, index) => [name, index]))
    return { groups, findings, names: groups.map(({ name }) => name) }
  }

  /** The group of before, if nothing of it changed. */
  #known(group: ConfigGroup): ConfigGroup | undefined {
    const known = this.#grouped.groups[this.#indices.get(group.name) ?? -1]
    return known && isSame(filesOf(known), filesOf(group)) ? known : undefined
  }

  #replaced(changed: readonly SourceFile[]): Grouped {
    if (changed.length === 0) return this.#grouped
    const groups = [...this.#grouped.groups]
    for (const file of changed) {
      const naming = nameOf(file.path)
      const index = 'name' in naming ? this.#indices.get(naming.name) : undefined
      const group = index === undefined ? undefined : groups[index]
      if (group && index !== undefined) groups[index] = withFile(group, file)
    }
    return { ...this.#grouped, groups }
  }
}

/** Files with other bytes than before; undefined when paths came or went, or when it is too many to look at one by one. */
function changedFiles(before: readonly SourceFile[], after: readonly SourceFile[]): SourceFile[] | undefined {
  if (before.length !== after.length) return undefined
  const changed: SourceFile[] = []
  for (const [at, file] of after.entries()) {
    const old = before[at]
    if (old === file) continue
    if (old?.path !== file.path) return undefined
    if (old.bytes !== file.bytes && changed.push(file) > limits.groupsChangedMax) return undefined
  }
  return changed
}

const isSame = (before: readonly GroupFile[], after: readonly GroupFile[]): boolean =>
  before.length === after.length &&
  before.every(({ file, format }, at) => {
    const other = after[at]
    return file.path === other?.file.path && file.bytes === other.file.bytes && format === other.format
  })

function withFile(group: ConfigGroup, file: SourceFile): ConfigGroup {
  const replace = <F extends GroupFile>(one: F): F => (one.file.path === file.path ? { ...one, file } : one)
  const { name, bases, overlays, overlayLists, schemas } = group
  return {
    name,
    bases: bases.map(replace),
    overlays: overlays.map(replace),
    overlayLists: overlayLists.map(replace),
    schemas: schemas.map(replace),
  }
}
