import { resolve } from 'node:path'
import { type Clock, delay } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { CompileOutput, SourceTree } from '../compile/types.js'
import type { TreeWatch, WatchOptions } from '../compile/watcher.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import type { AffectedLimit } from './guards.js'
import { parkedError } from './parking.js'
import type { Publisher } from './publisher.js'
import type { RecordChange } from './record-watch.js'
import type { Seat } from './seat.js'
import { SourceReport } from './source-report.js'
import type { PublishRequest, SourceOutcome, SourceState } from './types.js'

/** Compiles a tree; rejects E_COMPILE_TIMEOUT and the like. */
export interface TreeCompiler {
  compile(tree: SourceTree): Promise<CompileOutput>
  /** A tree without the old bytes of a large file is to come. */
  forget?(): Promise<void>
  /** A file on the disk is not what its times say. */
  doubt?(): void
}

/** As `watchTree` of the compile room. */
export type WatchTree = (directory: string, options: WatchOptions) => Pick<TreeWatch, 'close' | 'doubt'>

export interface DirectorySourceOptions {
  readonly directory: string
  /** Names the publisher; by default `dir:` and the directory's absolute path, as `keeper apply` has it. */
  readonly source?: string
  readonly namespace?: string
  readonly author?: string
  /** Insists with the first tree: see PublishOptions. */
  readonly takeover?: boolean
  /** Where the directory lies, `host:/path`. */
  readonly place?: string
  /** Above it a change set is parked; by default limits.watchAffectedShare of the live processes. */
  readonly affected?: AffectedLimit
  readonly watch: WatchTree
  readonly compiler: TreeCompiler
  readonly publisher: Pick<Publisher, 'publish' | 'noteRefusal'>
  readonly logger: Logger
  readonly clock: Clock
  /** The commit that is checked out where the directory lies; empty where there is none. */
  readonly commitOf?: (directory: string) => Promise<string>
  /** Tells of holds, parked change sets and sources that changed: what was refused is tried again then. */
  readonly records?: (listener: (change: RecordChange) => void) => () => void
  /** Without one this member always publishes. */
  readonly seat?: (onChange: () => void) => Pick<Seat, 'start' | 'close' | 'holder' | 'condition' | 'pass' | 'contend'>
  /** Told of every tree, in order; a tree that was overtaken by a newer one while it waited is skipped. */
  readonly onOutcome?: (outcome: SourceOutcome) => void
}

/** Refusals that stand in the timeline already. */
const told = new Set(['E_PARKED', 'E_DECLINED'])

/** Refusals that end by what others do, not by an edit of the files. */
const waiting = new Set(['E_NOT_OWNER', 'E_STALE_SOURCE', 'E_PARKED', 'E_DECLINED', 'E_SETTINGS_DIFFER'])

/** Refusals that another member would not get maybe: it shall have the seat. */
const ofThisMember = new Set(['E_STALE_SOURCE', 'E_SETTINGS_DIFFER'])

/**
 * A watched directory as a source: every settled tree is compiled and published, one after the other; while one is
 * under way only the newest of those that follow is kept. What is refused changes nothing and stands in `state`; the
 * newest tree is tried again when a hold in its way is released, or what it was refused for has changed.
 */
export class DirectorySource {
  readonly #options: DirectorySourceOptions
  readonly #source: string
  readonly #stop = new AbortController()
  readonly #report: SourceReport
  readonly #seat: ReturnType<NonNullable<DirectorySourceOptions['seat']>> | undefined
  #stopRecords: () => void = () => {}
  #watcher: ReturnType<WatchTree> | undefined
  /** The newest tree, and whether it is to be tried. */
  #tree: SourceTree | undefined
  #due = false
  #running: Promise<void> | undefined
  /** How often more a large file was written before what was made of it was published than it was not. */
  #overtaken = 0
  /** Insisting once is enough: two that insist for ever would take turns. */
  #insists: boolean

  constructor(options: DirectorySourceOptions) {
    this.#options = options
    this.#source = options.source ?? `dir:${resolve(options.directory)}`
    this.#insists = options.takeover ?? false
    this.#report = new SourceReport({ ...options, source: this.#source })
    this.#seat = options.seat?.(() => this.#seatChanged())
  }

  start(): void {
    this.#stopRecords = this.#options.records?.((change) => this.#recordChanged(change)) ?? this.#stopRecords
    this.#seat?.start()
    this.#watcher = this.#options.watch(this.#options.directory, {
      clock: this.#options.clock,
      onTree: (tree) => {
        this.#tree = tree
        this.#seat?.contend()
        this.#again()
      },
      // it is not tried again: the next one comes in a moment
      onOutdated: async () => {
        this.#tree = undefined
        await this.#options.compiler.forget?.()
      },
      leavesLarge: () => this.#overtaken < limits.fileChangedTimesMax,
      onProblem: (error) => this.#report.note({ kind: 'refused', error, diagnostics: [] }),
      onBack: () => this.#report.back(),
    })
  }

  /** Stops watching; a publish under way is finished first. */
  async close(): Promise<void> {
    this.#stop.abort(new KeeperError('E_STOPPED', 'the directory is no longer watched'))
    this.#stopRecords()
    await this.#watcher?.close()
    this.#due = false
    await this.#running
    await this.#seat?.close()
  }

  state(): SourceState {
    const { directory, namespace = DEFAULT_NAMESPACE } = this.#options
    return { source: this.#source, directory, namespace, ...this.#report.state() }
  }

  #again(): void {
    if (this.#stop.signal.aborted || !this.#tree) return
    this.#due = true
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
    })
  }

  async #drain(): Promise<void> {
    while (this.#due && this.#tree) {
      this.#due = false
      const outcome = await this.#publish(this.#tree)
      if (!outcome) continue
      this.#report.note(outcome)
      if (outcome.kind === 'refused') await this.#refused(outcome.error)
    }
  }

  async #refused(error: KeeperError): Promise<void> {
    const { publisher, namespace } = this.#options
    if (ofThisMember.has(error.code)) await this.#seat?.pass()
    if (!told.has(error.code) && this.#report.isNews(error))
      await publisher.noteRefusal({ ...this.#words(), ...(namespace !== undefined && { namespace }) }, error)
  }

  /** Undefined when a newer tree or the end of watching overtook this one. */
  async #publish(tree: SourceTree): Promise<SourceOutcome | undefined> {
    let output: CompileOutput | undefined
    for (let attempt = 0; ; attempt++) {
      const standby = this.#standby()
      if (standby) return standby
      try {
        output ??= await this.#options.compiler.compile(tree)
        return await this.#propose(output, tree)
      } catch (thrown) {
        const error = asKeeperError(thrown)
        if (!error.kind.retry) return { kind: 'refused', error, diagnostics: output?.diagnostics ?? [] }
        this.#report.waits(error)
        if (error.code === 'E_FILE_CHANGED') return this.#outdated()
        if (!(await this.#pause(attempt))) return undefined
      }
    }
  }

  /** What is compiled is made of a file as it is looked at, and that is another one now: a tree with it is to come. */
  #outdated(): undefined {
    this.#overtaken++
    this.#options.compiler.doubt?.()
    this.#watcher?.doubt()
  }

  #standby(): SourceOutcome | undefined {
    if (!this.#seat || this.#seat.condition()) return undefined
    const holder = this.#seat.holder()
    const since = holder ? new Date(holder.sinceWallMs).toISOString() : ''
    const reason = holder
      ? `${holder.name} publishes for ${this.#source} since ${since}, from ${holder.directory}`
      : `no member publishes for ${this.#source} yet`
    return { kind: 'standby', reason, diagnostics: [] }
  }

  /** False when there is no reason to go on with this tree. */
  async #pause(attempt: number): Promise<boolean> {
    const backoffMs = Math.min(limits.sourceRetryMaxMs, limits.publishBackoffMs * 2 ** Math.min(attempt, 16))
    await delay(this.#options.clock, backoffMs, this.#stop.signal).catch(() => {})
    return !this.#stop.signal.aborted && !this.#due
  }

  async #propose(output: CompileOutput, tree: SourceTree): Promise<SourceOutcome> {
    const result = await this.#options.publisher.publish(await this.#request(output, tree))
    const { diagnostics } = result
    this.#insists = false
    this.#overtaken = Math.max(0, this.#overtaken - 1)
    if (result.parked)
      return { kind: 'refused', error: parkedError(result.parked.id, result.parked.guards), diagnostics }
    if (result.changed) return { kind: 'published', result, diagnostics }
    return { kind: 'unchanged', revision: result.revision, diagnostics, held: result.held ?? [] }
  }

  async #request(output: CompileOutput, tree: SourceTree): Promise<PublishRequest> {
    const { namespace, place, directory, commitOf, compiler, affected = watched } = this.#options
    const condition = this.#seat?.condition()
    return {
      ...(namespace !== undefined && { namespace }),
      ...this.#words(),
      ...{ output, action: 'watch', takeover: this.#insists, affected },
      recompile: () => compiler.compile(tree),
      gitCommit: ((await commitOf?.(directory)) ?? '').slice(0, 12),
      ...(place !== undefined && { place }),
      ...(condition && { guardedBy: [condition] }),
    }
  }

  #words() {
    const { author = 'watcher', directory } = this.#options
    return { source: this.#source, author, reason: `changed in ${directory}` }
  }

  #seatChanged(): void {
    this.#again()
  }

  /** Is it worth another try now? */
  #recordChanged({ kind, path, deleted, kv }: RecordChange): void {
    const { held, lastErrorCode } = this.#report.state()
    const all = kind === ''
    if ((all || (kind === 'hold' && deleted && held.includes(path))) && held.length > 0) this.#again()
    // Somebody took its prefixes over, or published for it by hand.
    if ((all || kind === 'source') && path === this.#source && !this.#running) this.#again()
    // What this source wrote itself comes here too, before its own outcome is known: nothing is refused then.
    const others = kind === 'source' || kind === 'member' || (kind === 'pending' && kv !== undefined)
    if ((all || others) && waiting.has(lastErrorCode)) this.#again()
  }
}

const watched: AffectedLimit = { share: limits.watchAffectedShare, atLeast: limits.watchAffectedMin }
