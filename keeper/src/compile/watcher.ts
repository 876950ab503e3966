import { realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import { type CancelTimer, type Clock, type MonotonicMs, systemClock } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { nameOf, whyIgnored } from './naming.js'
import { identityOf, type Reading, TreeReader, withoutBytes } from './read-tree.js'
import { isEqualContent } from './source-file.js'
import type { SourceTree } from './types.js'
import { isGitBusy } from './watcher-git.js'

export interface WatchOptions {
  /** The first tree, and then every tree that differs from the one before. */
  readonly onTree: (tree: SourceTree) => void
  /** A large file changed, and is about to be read: a tree without its old bytes follows, so that nobody need keep them. */
  readonly onOutdated?: () => Promise<void>
  /** Are large files left on the disk, and read there when somebody comes to them? By default they are. */
  readonly leavesLarge?: () => boolean
  /** The directory vanished, or cannot be watched: said once until it is well again. The last tree stays. */
  readonly onProblem: (error: KeeperError) => void
  /** The directory that had vanished is back; a tree follows if it differs. */
  readonly onBack?: () => void
  readonly clock?: Clock
  /** Quiet time after the last event when one path changed; default limits.settleOneMs. */
  readonly settleOneMs?: number
  /** The same when several did; default limits.settleManyMs. */
  readonly settleManyMs?: number
  /** How often to look whether the directory itself was taken away or replaced. */
  readonly rootCheckMs?: number
  /** How often to look at every file without having heard anything, for file systems that tell nothing. */
  readonly rescanMs?: number
}

export interface TreeWatch {
  /** Looks now, without waiting for quiet; resolves when what is there has been given to onTree. */
  flush(): Promise<void>
  /** A file that was left on the disk is not what its times say: a tree of what is there now follows. */
  doubt(): void
  close(): Promise<void>
}

/**
 * Watches a directory of config files and gives whole trees, each once things have settled: an editor's rename, a
 * checkout of many files, a swapped Kubernetes mount are one tree each. When the directory vanishes the last tree
 * stays, and watching goes on when it returns.
 */
export const watchTree = (dir: string, options: WatchOptions): TreeWatch => new TreeWatcher(dir, options)

/** No run of events puts a tree off longer than this. */
const settleLongestMs = 10_000
/** Git holds its lock for a checkout, but also while somebody writes a commit's message. */
const gitWaitLongestMs = 2_000
/** What a file system that never gets ready may take before looking now and then has to do. */
const readyLongestMs = 5_000
const rootCheckMsDefault = 500
const rescanMsDefault = 10_000
/** A rescan may take this share of the time between two. */
const rescanShare = 20

class TreeWatcher implements TreeWatch {
  readonly #dir: string
  readonly #options: WatchOptions
  readonly #clock: Clock
  readonly #reader: TreeReader
  #events: FSWatcher | undefined
  /** Paths with events since the last reading; '' stands for the whole tree. */
  #pending = new Set<string>()
  #pendingSince: MonotonicMs | undefined
  #cancelSettle: CancelTimer = () => {}
  #cancelCheck: CancelTimer = () => {}
  #lastScan: MonotonicMs
  #scanMs = 0
  #last: Reading | undefined
  /** Bytes are missing in `#last`: the next tree is given whatever is in it. */
  #isOutdated = false
  #problem: string | undefined
  #isClosed = false
  /** Everything that looks at the directory, one after the other. */
  #work: Promise<void>

  constructor(dir: string, options: WatchOptions) {
    this.#dir = dir
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#reader = new TreeReader(dir, {
      onOutdated: (path) => this.#forget(path),
      leavesLarge: options.leavesLarge ?? (() => true),
    })
    this.#lastScan = this.#clock.monotonic()
    this.#work = Promise.resolve()
    this.#touch('')
    void this.#enqueue(() => this.#look())
    this.#planCheck()
  }

  async flush(): Promise<void> {
    this.#touch('')
    await this.#enqueue(() => this.#look())
  }

  doubt(): void {
    this.#reader.doubt()
    this.#isOutdated = true
    this.#touch('')
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelSettle()
    this.#cancelCheck()
    await this.#work
    await this.#events?.close()
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const run = async () => {
      if (this.#isClosed) return
      try {
        await step()
      } catch (thrown) {
        this.#tell(asKeeperError(thrown))
      }
    }
    this.#work = this.#work.then(run)
    return this.#work
  }

  /** Remembers that something happened at `path` and waits for quiet anew. */
  #touch(path: string): void {
    if (this.#isClosed) return
    this.#pending.add(path)
    this.#pendingSince ??= this.#clock.monotonic()
    this.#settle()
  }

  #settle(): void {
    this.#cancelSettle()
    const { settleOneMs = limits.settleOneMs, settleManyMs = limits.settleManyMs } = this.#options
    const isOne = this.#pending.size === 1 && !this.#pending.has('')
    const left = settleLongestMs - this.#waitedMs()
    const delayMs = Math.max(0, Math.min(isOne ? settleOneMs : settleManyMs, left))
    this.#cancelSettle = this.#clock.setTimer(delayMs, () => void this.#enqueue(() => this.#settled()))
  }

  #waitedMs(): number {
    return this.#pendingSince === undefined ? 0 : this.#clock.monotonic() - this.#pendingSince
  }

  async #settled(): Promise<void> {
    if (this.#pending.size === 0) return
    if (this.#waitedMs() < gitWaitLongestMs && (await isGitBusy(this.#dir))) {
      this.#pending.add('')
      this.#settle()
      return
    }
    await this.#look()
  }

  /** Reads what changed and gives the tree, unless more is happening already. */
  async #look(): Promise<void> {
    const paths = this.#pending
    const since = this.#pendingSince
    this.#pending = new Set()
    this.#pendingSince = undefined
    this.#cancelSettle()
    const reading = await this.#read(paths)
    if (!reading || this.#isClosed) return
    if (this.#pending.size > 0 && this.#last) {
      for (const path of paths) this.#pending.add(path)
      this.#pendingSince = since
      if (this.#waitedMs() < settleLongestMs) return this.#settle()
    }
    this.#give(reading)
  }

  async #read(paths: ReadonlySet<string>): Promise<Reading | undefined> {
    try {
      await this.#watchRoot()
      const begun = this.#clock.monotonic()
      const isWhole = paths.has('') || paths.size === 0 || this.#problem !== undefined
      const reading = isWhole ? await this.#reader.read() : await this.#reader.update(paths)
      if (isWhole) {
        this.#lastScan = this.#clock.monotonic()
        this.#scanMs = this.#lastScan - begun
      }
      return reading
    } catch (thrown) {
      await this.#stopEvents()
      this.#tell(this.#lossOf(thrown))
      return undefined
    }
  }

  /** Follows the directory that stands under the name now; another one may have taken its place. */
  async #watchRoot(): Promise<void> {
    const root = await identityOf(this.#dir)
    if (this.#events && root === this.#watched) return
    await this.#stopEvents()
    this.#events = await this.#startEvents(await realpath(this.#dir))
    this.#watched = root
  }
  #watched = ''

  async #stopEvents(): Promise<void> {
    await this.#events?.close()
    this.#events = undefined
  }

  async #startEvents(root: string): Promise<FSWatcher> {
    const pathOf = (path: string) => relative(root, path).split(sep).join('/')
    const events = watch(root, {
      ignoreInitial: true,
      followSymlinks: false,
      atomic: false,
      ignored: (path) => isUnwatched(pathOf(path)),
    })
    events.on('all', (event, path) => {
      if (events === this.#events) this.#onEvent(event, pathOf(path))
    })
    // Chokidar's own events lose a file's second save by rename; what the system said of the folder does not.
    events.on('raw', (event, name, details) => {
      if (events === this.#events && name) this.#onRaw(event, pathOf(rawPath(details, name)))
    })
    let isTold = false
    events.on('error', (thrown) => {
      if (isTold || this.#isClosed) return
      isTold = true
      const reason = asKeeperError(thrown).message
      const message = `cannot watch ${this.#dir} (${reason}): looking at it now and then instead`
      this.#options.onProblem(new KeeperError('E_UNAVAILABLE', message, {}, { cause: thrown }))
    })
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.setTimer(readyLongestMs, resolve)
      events.once('ready', () => {
        cancel()
        resolve()
      })
    })
    return events
  }

  #onEvent(event: string, path: string): void {
    const isFolder =
      event === 'addDir' || event === 'unlinkDir' || path.split('/').some((part) => part.startsWith('..'))
    if (isFolder || nameOf(path).kind !== 'ignored') this.#touch(isFolder ? '' : path)
  }

  #onRaw(event: string, path: string): void {
    const name = path.slice(path.lastIndexOf('/') + 1)
    // A name without a dot may be a folder that came or went.
    if (event === 'rename' && !name.includes('.') && !isUnwatched(path)) this.#touch('')
    else if (name.startsWith('..')) this.#touch('')
    else if (nameOf(path).kind !== 'ignored') this.#touch(path)
  }

  #give(reading: Reading): void {
    // A directory that comes, or comes back, is empty first.
    if (this.#problem !== undefined && reading.tree.files.length === 0 && this.#last?.tree.files.length !== 0) return
    if (this.#problem !== undefined) this.#options.onBack?.()
    this.#problem = undefined
    const isSame = !this.#isOutdated && this.#last !== undefined && sameTree(this.#last.tree, reading.tree)
    this.#isOutdated = false
    this.#last = reading
    if (!isSame) this.#options.onTree(reading.tree)
  }

  async #forget(path: string): Promise<void> {
    this.#isOutdated = true
    if (this.#last) this.#last = { ...this.#last, tree: withoutBytes(this.#last.tree, path) }
    await this.#options.onOutdated?.()
  }

  #tell(error: KeeperError): void {
    if (this.#problem === error.message || this.#isClosed) return
    this.#problem = error.message
    this.#options.onProblem(error)
  }

  #lossOf(thrown: unknown): KeeperError {
    const code = (thrown as NodeJS.ErrnoException).code
    const kept = this.#last ? ': keeping the last configs until it is back' : ': waiting for it'
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? new KeeperError('E_NOT_FOUND', `there is no directory ${this.#dir}${kept}`, {}, { cause: thrown })
      : new KeeperError(
          'E_UNAVAILABLE',
          `cannot read ${this.#dir} (${code ?? String(thrown)})${kept}`,
          {},
          { cause: thrown },
        )
  }

  #planCheck(): void {
    const delayMs = this.#options.rootCheckMs ?? rootCheckMsDefault
    this.#cancelCheck = this.#clock.setTimer(delayMs, () => {
      void this.#enqueue(() => this.#check()).then(() => {
        if (!this.#isClosed) this.#planCheck()
      })
    })
  }

  /** Looks at the directory itself, and now and then at everything. */
  async #check(): Promise<void> {
    const root = await identityOf(this.#dir).catch(() => '')
    const rescanMs = Math.max(this.#options.rescanMs ?? rescanMsDefault, this.#scanMs * rescanShare)
    const isDue = this.#clock.monotonic() - this.#lastScan >= rescanMs
    if ((root !== this.#watched || this.#problem !== undefined || isDue) && this.#pending.size === 0) this.#touch('')
  }
}

/** The path that the system spoke of: the watched file itself, or `name` in the watched folder. */
function rawPath(details: unknown, name: string): string {
  const { watchedPath = '' } = details as { watchedPath?: string }
  return watchedPath.endsWith(`${sep}${name}`) ? watchedPath : join(watchedPath, name)
}

/** Folders and files that are no configs need no watching, but for Kubernetes' own (`..data`). */
const isUnwatched = (path: string): boolean =>
  path !== '' &&
  path.split('/').some((part, index) => !part.startsWith('..') && whyIgnored(part, index === 0) !== undefined)

/** Same files with the same bytes, same problems. */
function sameTree(a: SourceTree, b: SourceTree): boolean {
  return (
    a.files.length === b.files.length &&
    a.files.every((file, index) => {
      const other = b.files[index]
      return other?.path === file.path && isEqualContent(other, file)
    }) &&
    JSON.stringify(a.problems) === JSON.stringify(b.problems)
  )
}
