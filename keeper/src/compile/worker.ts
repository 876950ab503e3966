import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type CancelTimer, type Clock, systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { tooLargeRule } from './read-tree.js'
import { spliced, spliceOf } from './splice.js'
import type { CompiledConfig, CompileOutput, Diagnostic, SourceFile, SourceTree } from './types.js'
import { type MadeConfig, outputOf } from './worked.js'
import type { CompileRequest, CompileResponse, ThreadData } from './worker-messages.js'

export interface CompileWorkerOptions {
  /** As of CompileOptions. */
  readonly labels?: Readonly<Record<string, string>>
  /** Default limits.compileDeadlineMs. */
  readonly deadlineMs?: number
  /** Default limits.compileHeapMegabytes. */
  readonly heapMegabytes?: number
  /** A thread that worked on large files was given up, for nobody compiled for a while. */
  readonly onRest?: () => void
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
  readonly #options: Required<Omit<CompileWorkerOptions, 'labels' | 'onRest'>> & CompileWorkerOptions
  readonly #queue: Job[] = []
  #thread: CompileThread | undefined
  #isBusy = false
  #isClosed = false
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
    for (let job = this.#queue.shift(); job; job = this.#queue.shift()) await this.#run(job)
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
    const thread = this.#thread && !this.#thread.hasEnded ? this.#thread : new CompileThread(this.#options)
    this.#thread = thread
    let cancel: CancelTimer = () => {}
    try {
      // The deadline is for the compile, not for the thread to start on a busy machine.
      await thread.started
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

type EndReason = 'deadline' | 'memory' | 'closed'

/** A thread ended while it compiled. */
class ThreadEnd extends Error {
  readonly why: EndReason
  /** The file it worked on, '' when it had begun none. */
  readonly path: string
  readonly tree: SourceTree
  constructor(why: EndReason, path: string, tree: SourceTree) {
    super(why)
    this.why = why
    this.path = path
    this.tree = tree
  }
}

/** From TypeScript sources (tests) the thread runs the built file: Node 20 cannot run TypeScript in a worker. */
const threadUrl = (): string => {
  const here = import.meta.url
  return here.endsWith('.ts')
    ? fileURLToPath(new URL('../../dist/compile/worker-thread.js', here))
    : fileURLToPath(new URL('./worker-thread.js', here))
}

class CompileThread {
  readonly #worker: Worker
  readonly #progress = new Int32Array(new SharedArrayBuffer(8)).fill(-1)
  #sent: readonly SourceFile[] = []
  #made: readonly MadeConfig[] = []
  #lastId = 0
  #endedBy: EndReason | undefined
  #failure: Error | undefined
  /** Resolves when the thread has loaded the compiler, or has ended. */
  readonly started: Promise<void>
  hasEnded = false

  constructor({ heapMegabytes, labels }: Required<Pick<CompileWorkerOptions, 'heapMegabytes'>> & CompileWorkerOptions) {
    const workerData: ThreadData = {
      ...(labels && { labels }),
      progress: this.#progress.buffer as SharedArrayBuffer,
    }
    const resourceLimits = { maxOldGenerationSizeMb: heapMegabytes, stackSizeMb: 4 }
    this.#worker = new Worker(threadUrl(), { workerData, resourceLimits })
    this.started = new Promise((resolve) => {
      this.#worker.once('message', () => resolve())
      this.#worker.once('exit', () => {
        this.hasEnded = true
        resolve()
      })
    })
    // Without a listener an error between two compiles would end the process; `exit` follows it.
    this.#worker.on('error', (error) => {
      this.#failure = error
    })
  }

  /** How many files it has begun. */
  get steps(): number {
    return Atomics.load(this.#progress, 1)
  }

  get worksOn(): string {
    return this.#sent[Atomics.load(this.#progress, 0)]?.path ?? ''
  }

  /** Does what it keeps cost more than it spares? */
  get isHeavy(): boolean {
    const bytes = this.#sent.reduce((sum, file) => sum + file.bytes.length, 0)
    return bytes >= limits.compileHeavyBytes && this.#sent.length <= limits.compileHeavyFilesMax
  }

  async end(why: EndReason): Promise<void> {
    this.#endedBy ??= why
    await this.#worker.terminate()
  }

  async compile(tree: SourceTree): Promise<CompileOutput> {
    const request = this.#request(tree)
    if (this.hasEnded) throw this.#end('', tree)
    this.#worker.ref()
    try {
      const response = await this.#answer(request, tree)
      if (response.failure) throw new KeeperError('E_INTERNAL', response.failure)
      return this.#output(response)
    } finally {
      this.#worker.unref()
    }
  }

  #request({ files, problems }: SourceTree): CompileRequest {
    const before = this.#sent
    const paths = spliceOf(before.map(pathOf), files.map(pathOf))
    const { at, removed, put } = paths ?? { at: files.length, removed: 0, put: [] }
    const bytes = new Map<number, Uint8Array>()
    for (const [index, file] of files.entries()) {
      const isNew = index >= at && index < at + put.length
      const old = isNew ? undefined : before[index < at ? index : index - put.length + removed]
      if (old?.bytes !== file.bytes) bytes.set(index, file.bytes)
    }
    this.#sent = files
    return { id: ++this.#lastId, ...(paths && { paths }), bytes, problems }
  }

  #answer(request: CompileRequest, tree: SourceTree): Promise<CompileResponse> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const onExit = () => {
        const path = tree.files[Atomics.load(this.#progress, 0)]?.path ?? ''
        settle()
        reject(this.#end(path, tree))
      }
      const onMessage = (response: CompileResponse) => {
        settle()
        resolve(response)
      }
      const settle = () => void worker.off('exit', onExit).off('message', onMessage)
      worker.on('exit', onExit).on('message', onMessage)
      worker.postMessage(request)
    })
  }

  /** Why the thread is no more; other than by us it only ends for want of memory, or by a defect. */
  #end(path: string, tree: SourceTree): ThreadEnd | KeeperError {
    const failure = this.#failure
    const isMemory = (failure as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
    if (this.#endedBy !== undefined || isMemory || !failure) return new ThreadEnd(this.#endedBy ?? 'memory', path, tree)
    return new KeeperError('E_INTERNAL', `the compiler's thread failed: ${failure.message}`, {}, { cause: failure })
  }

  /** Puts what changed into what was made before. */
  #output({ ok, names, changed, diagnostics }: CompileResponse): CompileOutput {
    if (!ok) return outputOf({ ok, made: [], diagnostics })
    const known = new Map(this.#made.map((one) => [one.config.name, one]))
    const files = new Map(changed.length > 0 ? this.#sent.map(({ path, bytes }) => [path, bytes]) : [])
    for (const { config, newBlobs } of changed)
      known.set(config.name, { config, blobs: blobsOf(config, files, newBlobs, known.get(config.name)?.blobs) })
    const order = spliced(this.#made.map(nameOf), names)
    this.#made = order.flatMap((name) => known.get(name) ?? [])
    return outputOf({ ok, made: this.#made, diagnostics })
  }
}

const pathOf = ({ path }: SourceFile): string => path

const nameOf = ({ config }: MadeConfig): string => config.name

/** All blobs of a config: of some of its values it had the bytes before. */
function blobsOf(
  { variants, files }: CompiledConfig,
  sources: ReadonlyMap<string, Uint8Array>,
  fresh: ReadonlyMap<string, Uint8Array>,
  before: ReadonlyMap<string, Uint8Array> | undefined,
): ReadonlyMap<string, Uint8Array> {
  const sourceOf = new Map(files.map(({ path, hash }) => [hash, sources.get(path)]))
  const blobs = new Map<string, Uint8Array>()
  for (const { hash } of [...variants, ...files]) {
    const bytes = sourceOf.get(hash) ?? fresh.get(hash) ?? before?.get(hash)
    if (bytes) blobs.set(hash, bytes)
  }
  return blobs
}
