import { parentPort, workerData } from 'node:worker_threads'
import { IncrementalCompiler } from './compiler.js'
import type { SourceFile } from './types.js'
import type { CompileRequest, CompileResponse, ThreadData } from './worker-messages.js'

/** The thread of a CompileWorker: keeps the files and the compiler's cache from one request to the next. */

const { labels, progress } = workerData as ThreadData
const current = new Int32Array(progress)
let indexOf = new Map<string, number>()
let files = new Map<string, SourceFile>()
let sentBlobs: ReadonlySet<string> = new Set()

const compiler = new IncrementalCompiler({
  ...(labels && { labels }),
  onProgress: (path) => void Atomics.store(current, 0, indexOf.get(path) ?? -1),
})

function answer(request: CompileRequest): CompileResponse {
  const next = request.paths.flatMap((path, index): SourceFile[] => {
    const bytes = request.bytes.get(index)
    const file = bytes ? { path, bytes } : files.get(path)
    return file ? [file] : []
  })
  files = new Map(next.map((file) => [file.path, file]))
  indexOf = new Map(request.paths.map((path, index) => [path, index]))
  const { configs, blobs, diagnostics, ok } = compiler.compile({ files: next, problems: request.problems })
  const newBlobs = new Map([...blobs].filter(([hash]) => !sentBlobs.has(hash)))
  const hashes = [...blobs.keys()]
  if (ok) sentBlobs = new Set(hashes)
  return { id: request.id, configs, diagnostics, ok, hashes, newBlobs }
}

function safely(request: CompileRequest): CompileResponse {
  try {
    return answer(request)
  } catch (thrown) {
    const failure = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    return { id: request.id, configs: [], diagnostics: [], ok: false, hashes: [], newBlobs: new Map(), failure }
  }
}

parentPort?.on('message', (request: CompileRequest) => {
  const response = safely(request)
  Atomics.store(current, 0, -1)
  parentPort?.postMessage(response)
})

// The first message says that the compiler is loaded.
parentPort?.postMessage('started')
