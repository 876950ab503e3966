import type { BigIntStats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { limits } from '../base/limits.js'
import { allocateShared } from '../base/shared-bytes.js'
import type { Finding } from './finding.js'
import { ignoredNote, shownPath } from './group.js'
import { badPath, looksLikeConfig, nameOf, whyIgnored } from './naming.js'
import { compareText } from './overlays.js'
import { LargeSourceFile, openFlags, stampOf } from './read-tree-file.js'
import { lengthOf } from './source-file.js'
import type { Diagnostic, SourceFile, SourceTree } from './types.js'

/**
 * Reads a directory as a tree of config files. What is no config is not read, only noted. Symlinks are followed as
 * long as they stay inside the directory (as in Kubernetes' mounts); everything that cannot be read is a problem of
 * the tree, never an exception. Rejects only when `dir` itself is no readable directory.
 */
export const readTree = async (dir: string, onProgress?: (files: number) => void): Promise<SourceTree> =>
  (await new TreeReader(dir, { onProgress }).read()).tree

/** Of the problem that a directory is read no further. */
export const tooLargeRule = 'limit/tree'
const inParts =
  'keep several directories, each below a first folder of its own, and apply each as a source (keeper apply DIR --source NAME)'

/** What one reading gave. */
export interface Reading {
  readonly tree: SourceTree
  /** Identity of the directory: changes when another one takes its place. */
  readonly root: string
  /** Files whose bytes were read now and not taken from the reading before. */
  readonly filesRead: number
}

interface Cached {
  readonly stamp: string
  readonly file: SourceFile
}

export interface TreeReaderOptions {
  /** Told now and then how many files there are so far. */
  readonly onProgress?: ((files: number) => void) | undefined
  /** A large file changed, and is about to be read. */
  readonly onOutdated?: (path: string) => Promise<void>
  /** Are large files left on the disk now? See SourceFile. */
  readonly leavesLarge?: () => boolean
}

/** Reads the same directory again and again, and opens only the files whose size, inode or times changed. */
export class TreeReader {
  readonly #dir: string
  readonly #onProgress: ((files: number) => void) | undefined
  readonly #onOutdated: (path: string) => Promise<void>
  readonly #leavesLarge: () => boolean
  #known = new Map<string, Cached>()
  #last: Reading | undefined
  #hasLinks = false
  /** Of a file that was outdated there is nothing until a reading comes to its end. */
  #isPartial = false

  constructor(
    dir: string,
    { onProgress, onOutdated = async () => {}, leavesLarge = () => false }: TreeReaderOptions = {},
  ) {
    this.#dir = dir
    this.#onProgress = onProgress
    this.#onOutdated = onOutdated
    this.#leavesLarge = leavesLarge
  }

  /** Looks at the whole directory. */
  async read(): Promise<Reading> {
    const walk = await this.#walk(this.#onProgress)
    await walk.folder('', [walk.root])
    this.#isPartial = false
    this.#hasLinks = walk.hasLinks
    this.#known = walk.found
    this.#last = { tree: walk.tree(), root: await identityOf(this.#dir), filesRead: walk.filesRead }
    return this.#last
  }

  /** Files that were left on the disk are not what their times say: they are looked at anew. */
  doubt(): void {
    this.#isPartial = true
    for (const [path, { file }] of this.#known) if (file.onDisk) this.#known.delete(path)
  }

  /**
   * Looks at `paths` alone, when that is enough: when each is a regular file that was there before and still is, in
   * a tree without symlinks. Otherwise reads the whole directory.
   */
  async update(paths: ReadonlySet<string>): Promise<Reading> {
    if (this.#isPartial || this.#hasLinks || [...paths].some((path) => !this.#known.has(path))) return this.read()
    const walk = await this.#walk()
    for (const path of paths) await walk.entry(path, [walk.root])
    const last = this.#last
    if (!last || walk.hasLinks || walk.problems.length > 0 || walk.found.size !== paths.size) return this.read()
    this.#isPartial = false
    for (const [path, cached] of walk.found) this.#known.set(path, cached)
    const files = last.tree.files.map((file) => walk.found.get(file.path)?.file ?? file)
    this.#last = { ...last, tree: { ...last.tree, files }, filesRead: walk.filesRead }
    return this.#last
  }

  async #walk(onProgress?: (files: number) => void): Promise<TreeWalk> {
    const [known, onOutdated, leavesLarge] = [this.#known, this.#outdated, this.#leavesLarge]
    return new TreeWalk({ root: await realpath(this.#dir), known, onOutdated, onProgress, leavesLarge })
  }

  /** The old bytes of a large file go before its new ones come. */
  readonly #outdated = async (path: string): Promise<void> => {
    this.#isPartial = true
    this.#known.delete(path)
    if (this.#last) this.#last = { ...this.#last, tree: withoutBytes(this.#last.tree, path) }
    await this.#onOutdated(path)
  }
}

/** The same tree, but for what is in that file. */
export const withoutBytes = (tree: SourceTree, path: string): SourceTree => ({
  ...tree,
  files: tree.files.map((file) => (file.path === path ? { path, bytes: new Uint8Array() } : file)),
})

/** Device and inode of a directory, and its real path: what changes when it is replaced. Rejects when it is gone. */
export async function identityOf(dir: string): Promise<string> {
  const real = await realpath(dir)
  const { dev, ino, birthtimeNs } = await lstat(real, { bigint: true })
  return `${dev}:${ino}:${birthtimeNs}:${real}`
}

const foldersAtOnce = 16
const progressEvery = 200

class TreeWalk {
  readonly root: string
  readonly found = new Map<string, Cached>()
  readonly problems: Diagnostic[] = []
  readonly #known: ReadonlyMap<string, Cached>
  readonly #onOutdated: (path: string) => Promise<void>
  readonly #onProgress: (files: number) => void
  readonly #leavesLarge: () => boolean
  hasLinks = false
  filesRead = 0
  #entries = 0
  #bytes = 0
  #full = false

  constructor({
    root,
    known,
    onOutdated,
    onProgress = () => {},
    leavesLarge,
  }: Required<Omit<TreeReaderOptions, 'onProgress'>> &
    Pick<TreeReaderOptions, 'onProgress'> & { readonly root: string; readonly known: ReadonlyMap<string, Cached> }) {
    this.root = root
    this.#onOutdated = onOutdated
    this.#onProgress = onProgress
    this.#known = known
    this.#leavesLarge = leavesLarge
  }

  tree(): SourceTree {
    const files = [...this.found.values()].map(({ file }) => file).sort((a, b) => compareText(a.path, b.path))
    const problems = this.problems.toSorted((a, b) => compareText(a.file, b.file) || compareText(a.rule, b.rule))
    return { files, problems }
  }

  /** `folders` are the real paths from the root down to this folder: one of them again is a circle. */
  async folder(path: string, folders: readonly string[]): Promise<void> {
    let names: Buffer[]
    try {
      names = await readdir(folders.at(-1) ?? this.root, { encoding: 'buffer' })
    } catch (thrown) {
      if (path === '') throw thrown
      this.#problem(path, 'read/folder', `cannot read the folder: ${codeOf(thrown)}`)
      return
    }
    const entries = names.flatMap((name) => this.#nameOf(path, name)).sort()
    for (let at = 0; at < entries.length && !this.#full; at += foldersAtOnce)
      await Promise.all(entries.slice(at, at + foldersAtOnce).map((entry) => this.entry(entry, folders)))
  }

  /** One file or folder; `folders` as above. */
  async entry(path: string, folders: readonly string[]): Promise<void> {
    if (this.#full || this.#isOver(++this.#entries, limits.treeFilesMax, 'files and folders')) return
    const segments = path.split('/')
    const name = segments.at(-1) ?? ''
    const bad = badPath(path, segments)
    if (bad) return this.#problem(path, 'name/path', bad)
    const why = whyIgnored(name, segments.length === 1)
    if (why) return this.#ignore(path, name, why)
    try {
      await this.#visit(path, name, join(folders.at(-1) ?? this.root, name), folders)
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') this.#problem(path, 'read/file', `cannot be read: ${reasonOf(thrown)}`)
    }
  }

  async #visit(path: string, name: string, real: string, folders: readonly string[]): Promise<void> {
    let target = real
    let stats = await lstat(target, { bigint: true })
    if (stats.isSymbolicLink()) {
      this.hasLinks = true
      target = await this.#follow(path, real)
      if (target === '') return
      stats = await lstat(target, { bigint: true })
    }
    if (stats.isDirectory()) return this.#visitFolder(path, name, target, folders)
    const naming = nameOf(path)
    if (naming.kind === 'other') return
    if (naming.kind === 'ignored') return this.#ignore(path, name, naming.why)
    if (!stats.isFile()) return this.#problem(path, 'read/kind', 'no regular file')
    await this.#file(path, target, stats)
  }

  /** The real path that a symlink leads to, or '' when it may not be followed. */
  async #follow(path: string, link: string): Promise<string> {
    try {
      const target = await realpath(link)
      if (target === this.root || target.startsWith(this.root + sep)) return target
      this.#problem(path, 'read/symlink', 'a symlink that leads out of the directory')
    } catch (thrown) {
      const circle = codeOf(thrown) === 'ELOOP'
      this.#problem(path, 'read/symlink', circle ? 'a symlink that leads in a circle' : 'a symlink that leads nowhere')
    }
    return ''
  }

  async #visitFolder(path: string, name: string, target: string, folders: readonly string[]): Promise<void> {
    if (nameOf(path).kind === 'other') return
    if (looksLikeConfig(name))
      return this.#problem(path, 'name/directory', `${name} is a directory, not a file: rename it`)
    if (folders.includes(target)) return this.#problem(path, 'read/symlink', 'a symlink that leads in a circle')
    await this.folder(path, [...folders, target])
  }

  async #file(path: string, target: string, stats: BigIntStats): Promise<void> {
    if (stats.size > limits.fileBytesMax) {
      const message = `file of ${stats.size} bytes; at most ${limits.fileBytesMax} are allowed`
      return this.#problem(path, 'limit/file-size', message)
    }
    this.#bytes += Number(stats.size)
    if (this.#isOver(this.#bytes, limits.treeBytesMax, 'bytes')) return
    if (await this.#isKnown(path, target, stats)) return
    const read = this.#isLeft(stats) ? await leftAt(path, target, stats) : await readStable(path, target)
    if ('problem' in read) return this.#problem(path, 'read/file', read.problem)
    this.filesRead++
    if (this.filesRead % progressEvery === 0) this.#onProgress(this.filesRead)
    this.found.set(path, read)
  }

  #isLeft({ size }: BigIntStats): boolean {
    return size >= limits.compileHeavyBytes && this.#leavesLarge()
  }

  /** As it was at the last reading. What a large file was before goes now, and not once it was read. */
  async #isKnown(path: string, target: string, stats: BigIntStats): Promise<boolean> {
    if (this.#found(path, target, stats)) return true
    const known = this.#known.get(path)?.file
    if (known && lengthOf(known) >= limits.compileHeavyBytes) await this.#onOutdated(path)
    return false
  }

  #found(path: string, target: string, stats: BigIntStats): boolean {
    const known = this.#known.get(path)
    if (known?.stamp !== stampOf(stats)) return false
    const place = known.file.onDisk?.place
    if (place && place.realPath !== target) return false
    this.found.set(path, known)
    return true
  }

  #nameOf(folder: string, raw: Buffer): string[] {
    const name = raw.toString('utf8')
    const path = folder === '' ? name : `${folder}/${name}`
    if (Buffer.from(name).equals(raw)) return [path]
    this.#problem(path, 'name/path', 'a name that is not UTF-8')
    return []
  }

  #ignore(path: string, name: string, why: string): void {
    // Kubernetes' own entries (..data, ..2024_…) are nobody's mistake.
    if (!name.startsWith('..')) this.#say(ignoredNote(path, why))
  }

  #isOver(count: number, most: number, what: string): boolean {
    if (count <= most) return false
    if (!this.#full) this.#problem('', tooLargeRule, `more than ${most} ${what} in the directory: ${inParts}`)
    this.#full = true
    return true
  }

  #problem(file: string, rule: string, message: string): void {
    this.#say({ severity: 'error', rule, file, message })
  }

  #say({ severity, rule, file, message }: Finding): void {
    if (this.problems.length >= limits.diagnosticsMax && rule !== tooLargeRule) return
    this.problems.push({ severity, rule, file: shownPath(file), message })
  }
}

const codeOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException).code ?? String(thrown)

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied (EACCES)',
  EPERM: 'permission denied (EPERM)',
  EISDIR: 'it is a directory (EISDIR)',
  ELOOP: 'a symlink in a circle (ELOOP)',
}
const reasonOf = (thrown: unknown): string => reasons[codeOf(thrown)] ?? codeOf(thrown)

const readTries = 5

type Read = Cached | { readonly problem: string }

/** Rejects where it may not be read. */
async function leftAt(path: string, realPath: string, stats: BigIntStats): Promise<Cached> {
  await (await open(realPath, openFlags)).close()
  const place = { realPath, stamp: stampOf(stats), length: Number(stats.size) }
  return { stamp: place.stamp, file: new LargeSourceFile(path, place) }
}

/** A file's bytes as they were at one moment: read again when it changed meanwhile, and never more than the limit. */
async function readStable(path: string, realPath: string): Promise<Read> {
  const handle = await open(realPath, openFlags)
  try {
    for (let tries = 0; tries < readTries; tries++) {
      const before = await handle.stat({ bigint: true })
      if (!before.isFile()) return { problem: 'no regular file' }
      if (before.size > limits.fileBytesMax) return { problem: `larger than ${limits.fileBytesMax} bytes` }
      const bytes = await readAll(handle, Number(before.size))
      const after = await handle.stat({ bigint: true })
      if (bytes.length === Number(after.size) && stampOf(before) === stampOf(after))
        return { stamp: stampOf(after), file: { path, bytes } }
    }
    return { problem: 'it changes while it is read' }
  } finally {
    await handle.close()
  }
}

async function readAll(handle: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = allocateShared(size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await handle.read(bytes, length, size - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return length === size ? bytes : bytes.slice(0, length)
}
