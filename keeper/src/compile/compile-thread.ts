import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { shared } from '../base/shared-bytes.js'
import { withChanges } from './made-changes.js'
import { isEqualContent, lengthOf } from './source-file.js'
import { namedSpliceOf } from './splice.js'
import type { CompileOutput, FilePlace, SourceFile, SourceTree } from './types.js'
import { type MadeConfig, outputOf } from './worked.js'
import {
  bytesIn,
  type CompileRequest,
  type CompileResponse,
  forgetting,
  forgotten,
  type ThreadData,
} from './worker-messages.js'

export type EndReason = 'deadline' | 'memory' | 'closed'

export interface ThreadOptions {
  readonly heapMegabytes: number
  /** What is compiled first. */
  readonly tree: SourceTree
  /** As of CompileOptions. */
  readonly labels?: Readonly<Record<string, string>>
  /** Called when large files are compiled: what was before them is dead then. */
  readonly onHeavy?: () => void
}

/** A thread ended while it compiled. */
export class ThreadEnd extends Error {
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

/**
 * The young generation of threads that are started from now on, each half of it; gives what to call once they are. A
 * keeper's own is large, by a flag that counts more than a thread's resourceLimits: of a large file most would lie in it
 * until it is full. Heaps that are there keep theirs.
 */
function youngGeneration(megabytes: number): () => void {
  const flag = process.execArgv.find((one) => one.startsWith(semiSpace))
  if (flag === undefined) return () => {}
  setFlagsFromString(`${semiSpace}${megabytes}`)
  return () => setFlagsFromString(flag)
}

const semiSpace = '--max-semi-space-size='

/** The thread of a compiler, and what was sent to and fro: the next tree goes there, and comes back, as what differs. */
export class CompileThread {
  readonly #worker: Worker
  readonly #onHeavy: () => void
  readonly #progress = new Int32Array(new SharedArrayBuffer(8)).fill(-1)
  #sent: readonly SourceFile[] = []
  /** Path → index into what was sent. */
  #places: ReadonlyMap<string, number> | undefined
  #made: readonly MadeConfig[] = []
  #lastId = 0
  #endedBy: EndReason | undefined
  #failure: Error | undefined
  /** Resolves when the thread has loaded the compiler, or has ended. */
  readonly started: Promise<void>
  hasEnded = false

  constructor({ heapMegabytes, tree, labels, onHeavy = () => {} }: ThreadOptions) {
    this.#onHeavy = onHeavy
    const workerData: ThreadData = {
      ...(labels && { labels }),
      progress: this.#progress.buffer as SharedArrayBuffer,
    }
    const resourceLimits = { maxOldGenerationSizeMb: heapMegabytes, stackSizeMb: 4 }
    const { compileYoungMegabytes, compileHeavyYoungMegabytes } = limits
    const started = youngGeneration(isHeavy(tree.files) ? compileHeavyYoungMegabytes : compileYoungMegabytes)
    this.#worker = new Worker(threadUrl(), { workerData, resourceLimits })
    this.started = new Promise<void>((resolve) => {
      this.#worker.once('message', () => resolve())
      this.#worker.once('exit', () => {
        this.hasEnded = true
        resolve()
      })
    }).then(started)
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
    return isHeavy(this.#sent)
  }

  async end(why: EndReason): Promise<void> {
    this.#endedBy ??= why
    await this.#worker.terminate()
  }

  /** Lets go of what was compiled, here and there: the next tree goes there as a whole. Resolves when that is done. */
  async forget(): Promise<void> {
    this.#sent = []
    this.#places = undefined
    this.#made = []
    if (this.hasEnded) return
    const worker = this.#worker
    await new Promise<void>((resolve) => {
      const done = () => {
        worker.off('exit', done).off('message', done)
        resolve()
      }
      worker.on('exit', done).on('message', done)
      worker.postMessage(forgetting)
    })
  }

  async compile(tree: SourceTree): Promise<CompileOutput> {
    const request = this.#request(tree)
    if (this.hasEnded) throw this.#end('', tree)
    const isHeavy = bytesIn(request) >= limits.compileHeavyBytes
    this.#worker.ref()
    try {
      const response = await this.#answer(request, tree)
      if (response.changedFile) throw new KeeperError('E_FILE_CHANGED', response.changedFile)
      if (response.failure) throw new KeeperError('E_INTERNAL', response.failure)
      return this.#output(response)
    } catch (thrown) {
      // what is here and what is there are no longer the same
      if (!this.hasEnded) await this.forget()
      throw thrown
    } finally {
      if (isHeavy) this.#onHeavy()
      this.#worker.unref()
    }
  }

  #request({ files, problems }: SourceTree): CompileRequest {
    const before = this.#sent
    const paths = namedSpliceOf(before, files, pathOf)
    const { at, removed, put } = paths ?? { at: files.length, removed: 0, put: [] }
    const bytes = new Map<number, Uint8Array | FilePlace>()
    if (paths) this.#places = undefined
    this.#sent = files.map((file, index) => {
      const isNew = index >= at && index < at + put.length
      const old = isNew ? undefined : before[index < at ? index : index - put.length + removed]
      if (old && isEqualContent(old, file)) return old
      if (file.onDisk) {
        bytes.set(index, file.onDisk.place)
        return file
      }
      const given = shared(file.bytes)
      bytes.set(index, given)
      return given === file.bytes ? file : { path: file.path, bytes: given }
    })
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
      const onMessage = (response: CompileResponse | typeof forgotten) => {
        if (response === forgotten) return
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
  #output({ ok, diagnostics, ...changes }: CompileResponse): CompileOutput {
    if (!ok) return outputOf({ ok, made: [], diagnostics })
    this.#made = withChanges(this.#made, changes, (path) => this.#fileOf(path))
    return outputOf({ ok, made: this.#made, diagnostics })
  }

  #fileOf(path: string): SourceFile | undefined {
    this.#places ??= new Map(this.#sent.map(({ path }, at) => [path, at]))
    return this.#sent[this.#places.get(path) ?? -1]
  }
}

const isHeavy = (files: readonly SourceFile[]): boolean =>
  files.length <= limits.compileHeavyFilesMax &&
  files.reduce((sum, file) => sum + lengthOf(file), 0) >= limits.compileHeavyBytes

const pathOf = ({ path }: SourceFile): string => path
