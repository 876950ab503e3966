import { resolve } from 'node:path'
import { type Clock, delay } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { CompileOutput, Diagnostic, SourceTree } from '../compile/types.js'
import type { TreeWatch, WatchOptions } from '../compile/watcher.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import type { Publisher } from './publisher.js'
import type { SourceOutcome, SourceState } from './types.js'

/** Compiles a tree; rejects E_COMPILE_TIMEOUT and the like. */
export interface TreeCompiler {
  compile(tree: SourceTree): Promise<CompileOutput>
}

/** As `watchTree` of the compile room. */
export type WatchTree = (directory: string, options: WatchOptions) => Pick<TreeWatch, 'close'>

export interface DirectorySourceOptions {
  readonly directory: string
  /** Names the publisher; by default `dir:` and the directory's absolute path, as `keeper apply` has it. */
  readonly source?: string
  readonly namespace?: string
  readonly author?: string
  readonly takeover?: boolean
  readonly watch: WatchTree
  readonly compiler: TreeCompiler
  readonly publisher: Pick<Publisher, 'publish'>
  readonly logger: Logger
  readonly clock: Clock
  /** Told of every tree, in order; a tree that was overtaken by a newer one while it waited is skipped. */
  readonly onOutcome?: (outcome: SourceOutcome) => void
}

/**
 * A watched directory as a source: every settled tree is compiled and published, one after the other; while one is
 * under way only the newest of those that follow is kept. What is refused changes nothing and stands in `state`.
 */
export class DirectorySource {
  readonly #options: DirectorySourceOptions
  readonly #source: string
  readonly #stop = new AbortController()
  #watcher: ReturnType<WatchTree> | undefined
  #next: SourceTree | undefined
  #running: Promise<void> | undefined
  #lastError = ''
  #diagnostics: readonly Diagnostic[] = []
  #lastPublishedRevision = 0

  constructor(options: DirectorySourceOptions) {
    this.#options = options
    this.#source = options.source ?? `dir:${resolve(options.directory)}`
  }

  start(): void {
    this.#watcher = this.#options.watch(this.#options.directory, {
      clock: this.#options.clock,
      onTree: (tree) => this.#take(tree),
      onProblem: (error) => this.#note({ kind: 'refused', error, diagnostics: [] }),
      onBack: () => {
        this.#lastError = ''
      },
    })
  }

  /** Stops watching; a publish under way is finished first. */
  async close(): Promise<void> {
    this.#stop.abort(new KeeperError('E_STOPPED', 'the directory is no longer watched'))
    await this.#watcher?.close()
    this.#next = undefined
    await this.#running
  }

  state(): SourceState {
    return {
      source: this.#source,
      directory: this.#options.directory,
      namespace: this.#options.namespace ?? DEFAULT_NAMESPACE,
      lastError: this.#lastError,
      diagnostics: this.#diagnostics,
      lastPublishedRevision: this.#lastPublishedRevision,
    }
  }

  #take(tree: SourceTree): void {
    if (this.#stop.signal.aborted) return
    this.#next = tree
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
    })
  }

  async #drain(): Promise<void> {
    for (let tree = this.#next; tree; tree = this.#next) {
      this.#next = undefined
      const outcome = await this.#publish(tree)
      if (outcome) this.#note(outcome)
    }
  }

  /** Undefined when a newer tree or the end of watching overtook this one. */
  async #publish(tree: SourceTree): Promise<SourceOutcome | undefined> {
    let output: CompileOutput | undefined
    for (let attempt = 0; ; attempt++) {
      try {
        output ??= await this.#options.compiler.compile(tree)
        return await this.#propose(output)
      } catch (thrown) {
        const error = asKeeperError(thrown)
        if (!error.kind.retry) return { kind: 'refused', error, diagnostics: output?.diagnostics ?? [] }
        this.#lastError = error.message
        this.#options.logger.warn({ source: this.#source, code: error.code }, `publishing waits: ${error.message}`)
        if (!(await this.#pause(attempt))) return undefined
      }
    }
  }

  /** False when there is no reason to go on with this tree. */
  async #pause(attempt: number): Promise<boolean> {
    const backoffMs = Math.min(limits.sourceRetryMaxMs, limits.publishBackoffMs * 2 ** Math.min(attempt, 16))
    await delay(this.#options.clock, backoffMs, this.#stop.signal).catch(() => {})
    return !this.#stop.signal.aborted && this.#next === undefined
  }

  async #propose(output: CompileOutput): Promise<SourceOutcome> {
    const { publisher, namespace, author = 'watcher', takeover = false, directory } = this.#options
    const result = await publisher.publish({
      ...(namespace !== undefined && { namespace }),
      source: this.#source,
      output,
      author,
      reason: `changed in ${directory}`,
      action: 'watch',
      takeover,
    })
    const { diagnostics } = output
    if (result.changed) return { kind: 'published', result, diagnostics }
    return { kind: 'unchanged', revision: result.revision, diagnostics }
  }

  #note(outcome: SourceOutcome): void {
    this.#diagnostics = outcome.diagnostics
    this.#lastError = outcome.kind === 'refused' ? outcome.error.message : ''
    if (outcome.kind === 'published') this.#lastPublishedRevision = outcome.result.revision
    this.#log(outcome)
    this.#options.onOutcome?.(outcome)
  }

  #log(outcome: SourceOutcome): void {
    const fields = { source: this.#source, diagnostics: outcome.diagnostics.slice(0, 20) }
    const { logger } = this.#options
    if (outcome.kind === 'refused') {
      logger.warn({ ...fields, code: outcome.error.code }, `refused: ${outcome.error.message}`)
    } else if (outcome.kind === 'published') {
      const { revision, deltas, changeSet } = outcome.result
      logger.info(
        { ...fields, revision, changeSet, configs: deltas.map((delta) => delta.name) },
        `published r${revision}`,
      )
    }
  }
}
