import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import type { Json } from '../../compile/json.js'
import { badPath, keeperFolder, looksLikeConfig, whyIgnored } from '../../compile/naming.js'
import { formats } from '../../compile/parse.js'
import { printValue } from '../../compile/print.js'
import { contentOf } from './content.js'
import type { Item, Skipped } from './item.js'

export interface ImportCounts {
  items: number
  /** Values without a structure of their own, kept together in their folder's file. */
  plain: number
  files: number
  skipped: number
}

/** A folder of the source while its content comes. */
interface Folder {
  readonly path: readonly string[]
  readonly plain: Map<string, Json>
  plainBytes: number
  /** Lower-case names of the configs written in it. */
  readonly names: Set<string>
  /** Lower-case name → name of the folders in it. */
  readonly folders: Map<string, string>
  /** It is there: something was written in it, or below it. */
  isMade: boolean
}

/** What a directory may have, files and folders together, and bytes of its files. */
export type ImportBounds = Readonly<Record<'treeFilesMax' | 'treeBytesMax', number>>

/** Where the list of what was left out stands: below a name that is no config. */
export const skippedFile = '_import/skipped.jsonl'

/**
 * Writes what comes as a config directory. It keeps one folder per level in memory, and of each its names and plain
 * values, not the files.
 */
export class ConfigWriter {
  readonly counts: ImportCounts = { items: 0, plain: 0, files: 0, skipped: 0 }
  /** The first few of what was left out. */
  readonly examples: Skipped[] = []
  readonly #out: string
  readonly #cluster: string
  /** It made the directory. */
  readonly #isNew: boolean
  readonly #folders: Folder[] = [folderAt([])]
  readonly #bounds: ImportBounds
  #list: WriteStream | undefined
  /** Files and folders that are there; one is for the list of what was left out. */
  #entries = 1
  #bytes = 0

  private constructor(out: string, cluster: string, bounds: ImportBounds, isNew: boolean) {
    this.#isNew = isNew
    this.#bounds = bounds
    this.#out = out
    this.#cluster = cluster
  }

  /** `cluster` takes what lies in no folder. Rejects E_DATA_EXISTS when `out` is there and not empty. */
  static async open(out: string, cluster: string, bounds: ImportBounds = limits): Promise<ConfigWriter> {
    const there = await readdir(out).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw new KeeperError('E_INVALID_ARGUMENT', `--out ${out}: ${error.message}`, { out }, { cause: error })
    })
    if (there.length > 0) throw new KeeperError('E_DATA_EXISTS', `${out} is not empty`, { out })
    const isNew = (await mkdir(out, { recursive: true })) !== undefined
    return new ConfigWriter(out, cluster, bounds, isNew)
  }

  async add({ path: given, bytes, extension, isOverlay }: Item): Promise<void> {
    this.counts.items++
    if (bytes.length === 0) return
    const path = given.length === 1 ? [this.#cluster, ...given] : given
    const why = unfitPath(path, isOverlay)
    if (why !== undefined) return this.skip({ path: path.join('/'), reason: why })
    const name = path.at(-1) ?? ''
    const ending = extensionOf(name)
    const content = contentOf(bytes, extension ?? ending)
    const folder = await this.#enter(path.slice(0, -1))
    if (!folder) return this.skip({ path: path.join('/'), reason: 'its folder differs from another one only by case' })
    if (content.kind === 'unfit') await this.skip({ path: path.join('/'), reason: content.reason })
    else if (content.kind === 'plain') await this.#keep(folder, name, content.value, bytes.length)
    else {
      const stem = ending === '' ? name : name.slice(0, -ending.length - 1)
      await this.#write(folder, stem, content.extension, bytes)
    }
  }

  async skip(skipped: Skipped): Promise<void> {
    this.counts.skipped++
    if (this.examples.length < examplesMax) this.examples.push(skipped)
    if (!this.#list) {
      await mkdir(join(this.#out, dirname(skippedFile)), { recursive: true })
      this.#list = createWriteStream(join(this.#out, skippedFile))
    }
    if (!this.#list.write(`${JSON.stringify(skipped)}\n`)) await once(this.#list, 'drain')
  }

  /** To be called last, where all failed: a directory that it made goes again if nothing is in it. */
  async giveUp(): Promise<void> {
    if (this.#isNew) await rmdir(this.#out).catch(() => {})
  }

  /** Nothing comes any more. */
  async finish(): Promise<void> {
    while (this.#folders.length > 0) await this.#leave()
    if (!this.#list) return
    this.#list.end()
    await once(this.#list, 'close')
  }

  /** The folder at `path`, with those closed that it does not lie in; undefined for a twin by case. */
  async #enter(path: readonly string[]): Promise<Folder | undefined> {
    const isAbove = ({ path: other }: Folder) => other.every((segment, at) => segment === path[at])
    while (!isAbove(this.#top())) await this.#leave()
    while (this.#top().path.length < path.length) {
      const { folders, path: above } = this.#top()
      const name = path[above.length] ?? ''
      const known = folders.get(name.toLowerCase())
      if (known !== undefined && known !== name) return undefined
      if (folders.size < limits.treeFilesMax) folders.set(name.toLowerCase(), name)
      this.#folders.push(folderAt([...above, name]))
    }
    return this.#top()
  }

  #top(): Folder {
    return this.#folders.at(-1) ?? folderAt([])
  }

  async #keep(folder: Folder, name: string, value: Json, bytes: number): Promise<void> {
    folder.plainBytes += bytes + name.length
    if (folder.plainBytes > limits.fileBytesMax / 2 || folder.plain.size >= limits.importPlainMax)
      return this.skip({
        path: [...folder.path, name].join('/'),
        reason: 'its folder has too many plain values for one file',
      })
    folder.plain.set(name, value)
  }

  /** A folder's plain values become the config of its name; `common` of a cluster; `values` where that is taken. */
  async #leave(): Promise<void> {
    const folder = this.#folders.pop()
    if (!folder || folder.plain.size === 0) return
    const bytes = Buffer.from(printValue('yaml', Object.fromEntries(folder.plain)))
    const above = this.#folders.at(-1)
    const name = folder.path.at(-1) ?? ''
    const isWritten =
      above && folder.path.length > 1 && !above.names.has(name.toLowerCase())
        ? await this.#write(above, name, 'yaml', bytes)
        : await this.#write(folder, folder.path.length > 1 ? 'values' : 'common', 'yaml', bytes)
    if (isWritten) this.counts.plain += folder.plain.size
  }

  /** False when it was left out, and why is listed. */
  async #write(folder: Folder, stem: string, extension: string, bytes: Uint8Array): Promise<boolean> {
    const path = [...folder.path, stem].join('/')
    const why = folder.names.has(stem.toLowerCase())
      ? 'another config has this name, or one that differs only by case'
      : this.#takeRoom(folder, bytes.length)
    if (why !== undefined) return this.#leaveOut(path, why)
    folder.names.add(stem.toLowerCase())
    const file = join(this.#out, ...folder.path, `${stem}.${extension}`)
    await mkdir(dirname(file), { recursive: true })
    const isNew = await writeFile(file, bytes, { flag: 'wx' }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
        return false
      },
    )
    if (!isNew) return this.#leaveOut(path, 'another config has this name')
    this.counts.files++
    return true
  }

  async #leaveOut(path: string, reason: string): Promise<false> {
    await this.skip({ path, reason })
    return false
  }

  /** Counts a file, and the folders that are made for it; why not, when a keeper would not take the directory then. */
  #takeRoom(folder: Folder, bytes: number): string | undefined {
    const { treeFilesMax, treeBytesMax } = this.#bounds
    const above = this.#folders.filter(({ path }) => path.length < folder.path.length)
    const fresh = [...above, folder].filter(({ isMade, path }) => !isMade && path.length > 0)
    if (this.#entries + fresh.length + 1 > treeFilesMax)
      return `a directory has at most ${treeFilesMax} files and folders: import a part of it, into a directory of its own`
    if (this.#bytes + bytes > treeBytesMax)
      return `a directory has at most ${treeBytesMax} bytes: import a part of it, into a directory of its own`
    for (const one of fresh) one.isMade = true
    this.#entries += fresh.length + 1
    this.#bytes += bytes
    return undefined
  }
}

const examplesMax = 10

const folderAt = (path: readonly string[]): Folder => ({
  path,
  plain: new Map(),
  plainBytes: 0,
  names: new Set(),
  folders: new Map(),
  isMade: false,
})

/** The extension of a name when it is one of a config file, else ''. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
  return formats.has(extension) ? extension : ''
}

/** Why a path can be no config, or undefined when it can. */
function unfitPath(path: readonly string[], isOverlay = false): string | undefined {
  const bad = badPath(path.join('/'), path)
  if (bad !== undefined) return bad
  for (const [at, segment] of path.entries()) {
    if (segment === '.') return 'a name that is no file name'
    if (at === 0 && segment === keeperFolder) return 'a name that means something here'
    const why = whyIgnored(segment, at === 0)
    if (why !== undefined) return why
    if (/[@\\:]/.test(segment) && !isOverlay) return 'a name with @, \\ or :'
    if (at < path.length - 1 && looksLikeConfig(segment)) return 'a folder that is named like a config file'
  }
  return /\.(?:schema|overlays)(?:\.[^.]*)?$/.test(path.at(-1) ?? '') ? 'a name that means something here' : undefined
}
