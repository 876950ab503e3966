import { type CancelTimer, type Clock, systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { CompileThread, ThreadEnd } from './compile-thread.js'
import { tooLargeRule } from './read-tree.js'
import type { CompileOutput, Diagnostic, SourceTree } from './types.js'

export interface CompileWorkerOptions {
  /** As of CompileOptions. */
  readonly labels?: Readonly<Record<string, string>>
  /** Default limits.compileDeadlineMs. */
  readonly deadlineMs?: number
  /** Default limits.compileHeapMegabytes. */
  readonly heapMegabytes?: number
  /** Large files were compiled: what the ones before left behind is to go before anything is done with them. */
  readonly onHeavy?: () => void
  /** A thread that worked on large files was given up, for nobody compiled for a while. */
  readonly onRest?: () => void
  /** A compile begins, or has ended. */
  readonly onWork?: (begins: boolean) => void
  readonly clock?: Clock
}

interface Job {
  readonly tree: SourceTree
  readonly resolve: (output: CompileOutput) => void
  readonly reject: (error: KeeperError) => void
}

/**
 * Runs the compiler in a thread of its own, with a deadline and a memory cap, so that no file or schema can hold up
 * the keeper. One compile at a time, others wait; the cache lives on between them. When a compile takes too long or
 * too much memory, the thread is ended and the result is an error diagnostic with `code` E_COMPILE_TIMEOUT or
 * E_TOO_LARGE that names the file; the next compile gets a fresh thread.
 */
export class CompileWorker {
  readonly #options: Required<Omit<CompileWorkerOptions, 'labels' | 'onRest' | 'onHeavy' | 'onWork'>> &
    CompileWorkerOptions
  readonly #queue: Job[] = []
  #thread: CompileThread | undefined
  #isBusy = false
  #isClosed = false
  #mustForget = false
  #cancelRest: CancelTimer = () => {}

  constructor(options: CompileWorkerOptions = {}) {
    this.#options = {
      deadlineMs: limits.compileDeadlineMs,
      heapMegabytes: limits.compileHeapMegabytes,
      clock: systemClock,
      ...options,
    }
  }

  /** As compileTree. Rejects E_STOPPED after close, and E_INTERNAL for a defect in the compiler. */
  compile(tree: SourceTree): Promise<CompileOutput> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(stopped())
      if (isTooLarge(tree)) return resolve(refused(tree.problems, 'E_TOO_LARGE'))
      this.#queue.push({ tree, resolve, reject })
      void this.#next()
    })
  }

  /** A large file is about to come anew: what is known of the old one is not worth its memory any more. */
  async forget(): Promise<void> {
    if (this.#isBusy || this.#thread?.isHeavy === false) return
    await this.#thread?.forget()
    this.#options.onHeavy?.()
  }

  /** A file on the disk is not what its times say: nothing that is known of any is believed, whoever compiles next. */
  doubt(): void {
    this.#mustForget = true
  }

  /** The file that is worked on now; empty between two. */
  get worksOn(): string {
    return this.#thread?.worksOn ?? ''
  }

  /** Ends the thread; compiles that did not end reject with E_STOPPED. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelRest()
    for (const job of this.#queue.splice(0)) job.reject(stopped())
    await this.#thread?.end('closed')
  }

  async #next(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    this.#cancelRest()
    this.#options.onWork?.(true)
    for (let job = this.#queue.shift(); job; job = this.#queue.shift()) await this.#run(job)
    this.#options.onWork?.(false)
    this.#isBusy = false
    if (this.#thread?.isHeavy && !this.#isClosed)
      this.#cancelRest = this.#options.clock.setTimer(limits.compileRestMs, () => void this.#rest())
  }

  /** The next compile begins with a fresh thread. */
  async #rest(): Promise<void> {
    const thread = this.#thread
    this.#thread = undefined
    await thread?.end('closed')
    if (this.#isBusy || this.#isClosed) return
    // what was the thread's is garbage only once its last messages and handles are gone
    this.#cancelRest = this.#options.clock.setTimer(limits.compileCollectMs, () => this.#options.onRest?.())
  }

  async #run({ tree, resolve, reject }: Job): Promise<void> {
    const thread = this.#thread && !this.#thread.hasEnded ? this.#thread : new CompileThread({ ...this.#options, tree })
    this.#thread = thread
    let cancel: CancelTimer = () => {}
    try {
      // The deadline is for the compile, not for the thread to start on a busy machine.
      await thread.started
      if (this.#mustForget) await thread.forget()
      this.#mustForget = false
      cancel = this.#watch(thread)
      resolve(await thread.compile(tree))
    } catch (thrown) {
      if (thrown instanceof ThreadEnd && thrown.why !== 'closed') resolve(this.#outputOf(thrown))
      else reject(thrown instanceof KeeperError ? thrown : stopped())
    } finally {
      cancel()
      if (thread.hasEnded) this.#thread = undefined
    }
  }

  /** Ends a thread that works on one file for too long: a large directory may take its time, a file may not. */
  #watch(thread: CompileThread): CancelTimer {
    const { clock, deadlineMs } = this.#options
    let steps = thread.steps
    let since = clock.monotonic()
    let cancel: CancelTimer = () => {}
    const look = () => {
      const now = clock.monotonic()
      if (thread.steps !== steps) {
        steps = thread.steps
        since = now
      } else if (now - since >= deadlineMs) return void thread.end('deadline')
      cancel = clock.setTimer(Math.min(deadlineMs, looksEveryMs), look)
    }
    look()
    return () => cancel()
  }

  #outputOf({ why, path, tree }: ThreadEnd): CompileOutput {
    const isTimeout = why === 'deadline'
    const limit = isTimeout ? `${this.#options.deadlineMs} ms` : `${this.#options.heapMegabytes} MB of memory`
    const message = `compiling ${isTimeout ? 'it ' : ''}takes more than ${limit}${isTimeout ? ': is there a catastrophic pattern in its schema?' : ''}`
    const error: Diagnostic = {
      severity: 'error',
      rule: isTimeout ? 'limit/compile-time' : 'limit/compile-memory',
      file: path,
      message,
    }
    const code = isTimeout ? 'E_COMPILE_TIMEOUT' : 'E_TOO_LARGE'
    return refused([...tree.problems, error], code)
  }
}

const looksEveryMs = 100

/** Of a directory that was read in part only, each reference to the rest would be an error. */
const isTooLarge = ({ problems }: SourceTree): boolean => problems.some(({ rule }) => rule === tooLargeRule)

const refused = (diagnostics: readonly Diagnostic[], code: 'E_COMPILE_TIMEOUT' | 'E_TOO_LARGE'): CompileOutput => ({
  ...{ configs: [], blobs: new Map(), diagnostics, ok: false, code },
})

const stopped = () => new KeeperError('E_STOPPED', 'the compiler is closed')
