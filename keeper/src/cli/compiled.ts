import type { CompileOutput, Diagnostic, SourceTree } from '../compile/types.js'
import { CompileWorker } from '../compile/worker.js'
import type { Output } from './output.js'
import { printDiagnostics } from './published.js'
import { readDirectory } from './read-directory.js'

/**
 * A directory compiled as a keeper would, in a thread with a deadline and a memory cap; as a keeper with these labels
 * would, or without them for every environment that the settings list.
 */
export async function compileDirectory(
  dir: string,
  labels?: Readonly<Record<string, string>>,
  output?: Pick<Output, 'progress'>,
): Promise<{ tree: SourceTree; compiled: CompileOutput }> {
  const worker = new CompileWorker(labels && { labels })
  try {
    const tree = await readDirectory(dir, (files) => output?.progress(`reading · ${files} files`))
    const compiled = await worker.compile(tree).finally(shown(worker, tree.files.length, output))
    return { tree, compiled }
  } finally {
    await worker.close()
  }
}

/** Shows how far a compile is, if it takes its time. Gives how to stop that. */
function shown(worker: CompileWorker, files: number, output: Pick<Output, 'progress'> | undefined): () => void {
  const timer = setInterval(
    () => output?.progress(`compiling ${files} ${files === 1 ? 'file' : 'files'} · ${worker.worksOn}`),
    progressMs,
  )
  return () => clearInterval(timer)
}

const progressMs = 250

/** Prints what the compiler says of the files of `dir`. */
export const printFound = (output: Output, diagnostics: readonly Diagnostic[], dir: string): void =>
  printDiagnostics(output, diagnostics.map(asWire), dir)

const asWire = (diagnostic: Diagnostic) => ({
  ...diagnostic,
  line: diagnostic.line ?? 0,
  column: diagnostic.column ?? 0,
  pointer: diagnostic.pointer ?? '',
})
