import { parentPort, workerData } from 'node:worker_threads'
import { KeeperError } from '../base/errors.js'
import { collectGarbage } from '../base/garbage.js'
import { limits } from '../base/limits.js'
import { IncrementalCompiler } from './compiler.js'
import { changesBetween } from './made-changes.js'
import { buffersOf } from './packing.js'
import { LargeSourceFile } from './read-tree-file.js'
import { spliced } from './splice.js'
import type { SourceFile, SourceTree } from './types.js'
import type { MadeConfig } from './worked.js'
import {
  bytesIn,
  type CompileRequest,
  type CompileResponse,
  forgetting,
  forgotten,
  type ThreadData,
} from './worker-messages.js'

/** The thread of a CompileWorker: keeps the files and the compiler's cache from one request to the next. */

const { labels, progress } = workerData as ThreadData
const current = new Int32Array(progress)
let paths: readonly string[] = []
let indexOf = new Map<string, number>()
let files: readonly SourceFile[] = []
let sent: readonly MadeConfig[] = []

const newCompiler = () =>
  new IncrementalCompiler({
    ...(labels && { labels }),
    onProgress: (path) => {
      Atomics.store(current, 0, indexOf.get(path) ?? -1)
      Atomics.add(current, 1, 1)
    },
  })
let compiler = newCompiler()

/** The tree of a request: what is not in it is as it was, down to the very objects. */
function treeOf({ paths: change, bytes, problems }: CompileRequest): SourceTree {
  const after: (SourceFile | undefined)[] = change
    ? [...spliced<SourceFile | undefined>(files, { ...change, put: change.put.map(() => undefined) })]
    : [...files]
  if (change) {
    paths = spliced(paths, change)
    indexOf = new Map(paths.map((path, index) => [path, index]))
  }
  for (const [index, changed] of bytes) {
    const path = paths[index] ?? ''
    after[index] = changed instanceof Uint8Array ? { path, bytes: changed } : new LargeSourceFile(path, changed)
  }
  // whatever was put in came with its bytes
  files = after as SourceFile[]
  return { files, problems }
}

function answer(request: CompileRequest): CompileResponse {
  const { made, diagnostics, ok } = compiler.work(treeOf(request))
  if (!ok) return { id: request.id, ok, diagnostics }
  const changes = changesBetween(sent, made)
  sent = made
  return { id: request.id, ok, diagnostics, ...changes }
}

function safely(request: CompileRequest): CompileResponse {
  try {
    return answer(request)
  } catch (thrown) {
    if (thrown instanceof KeeperError && thrown.code === 'E_FILE_CHANGED') {
      return { id: request.id, ok: false, diagnostics: [], changedFile: thrown.message }
    }
    const failure = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    return { id: request.id, ok: false, diagnostics: [], failure }
  }
}

function forget(): void {
  paths = []
  indexOf = new Map()
  files = []
  sent = []
  compiler = newCompiler()
  collectGarbage(Number.POSITIVE_INFINITY)
  parentPort?.postMessage(forgotten)
}

parentPort?.on('message', (request: CompileRequest | typeof forgetting) => {
  if (request === forgetting) return forget()
  const response = safely(request)
  Atomics.store(current, 0, -1)
  parentPort?.postMessage(response, response.changed ? buffersOf(response.changed) : [])
  // while the keeper works with the value there need not be what it took to make it
  if (bytesIn(request) >= limits.compileHeavyBytes) collectGarbage(Number.POSITIVE_INFINITY)
})

// The first message says that the compiler is loaded.
parentPort?.postMessage('started')
