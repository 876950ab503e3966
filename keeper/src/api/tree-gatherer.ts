import type { Diagnostic as WireDiagnostic } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { largeBytesDied } from '../base/garbage.js'
import { limits } from '../base/limits.js'
import { allocateShared, joinShared } from '../base/shared-bytes.js'
import type { IncomingFile, IncomingFiles } from '../compile/read-tree-incoming.js'
import type { Diagnostic, SourceFile, SourceTree } from '../compile/types.js'

export interface FilePiece {
  readonly path: string
  readonly bytes: Uint8Array
  readonly last: boolean
  /** Of the whole file, with its first piece; 0: not said. */
  readonly length: number
}

export interface TreeBounds {
  readonly treeBytesMax: number
  readonly treeFilesMax: number
}

/** Gathers a directory that comes in pieces of its files. Who asked for it releases it when nobody reads its files any more. */
export class TreeGatherer {
  readonly #bounds: TreeBounds
  readonly #incoming: Pick<IncomingFiles, 'begin'> | undefined
  readonly #files = new Map<string, SourceFile>()
  readonly #onDisk: IncomingFile[] = []
  readonly #problems: Diagnostic[] = []
  #open: Coming | undefined
  #bytes = 0

  /** `incoming`: where large files are to lie; without it, in memory. */
  constructor(bounds: TreeBounds, incoming?: Pick<IncomingFiles, 'begin'>) {
    this.#bounds = bounds
    this.#incoming = incoming
  }

  piece({ path, bytes, last, length }: FilePiece): void {
    this.#count(path, bytes)
    if (this.#open && this.#open.path !== path)
      throw new KeeperError('E_FRAME_ORDER', `${this.#open.path} was not ended`)
    if (length > limits.fileBytesMax) throw tooLarge(`a file of ${length} bytes: ${path.slice(0, 256)}`)
    this.#open ??= this.#begin(path, length)
    this.#open.put(bytes)
    if (!last) return
    if (this.#files.has(path)) throw new KeeperError('E_INVALID_ARGUMENT', `${path} came twice`, { path })
    this.#files.set(path, this.#open.end())
    this.#open = undefined
  }

  problem(problem: Diagnostic): void {
    if (this.#problems.length < limits.diagnosticsMax) this.#problems.push(problem)
  }

  tree(): SourceTree {
    if (this.#open) throw new KeeperError('E_FRAME_ORDER', `${this.#open.path} was not ended`)
    return { files: [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), problems: this.#problems }
  }

  release(): void {
    for (const file of this.#onDisk.splice(0)) file.release()
  }

  #begin(path: string, length: number): Coming {
    const file = length >= limits.compileHeavyBytes ? this.#incoming?.begin(length) : undefined
    if (!file) return new ComingIntoMemory(path, length)
    this.#onDisk.push(file)
    return new ComingToDisk(path, length, file)
  }

  #count(path: string, bytes: Uint8Array): void {
    if (path === '' || path.startsWith('/') || path.split('/').includes('..')) {
      throw new KeeperError('E_INVALID_ARGUMENT', `no path in a directory: ${path.slice(0, 256)}`)
    }
    this.#bytes += bytes.length + Buffer.byteLength(path)
    const { treeBytesMax, treeFilesMax } = this.#bounds
    if (this.#bytes > treeBytesMax) throw tooLarge(`more than ${treeBytesMax} bytes`)
    if (this.#files.size >= treeFilesMax) throw tooLarge(`more than ${treeFilesMax} files`)
  }
}

/** A file that comes in pieces. */
interface Coming {
  readonly path: string
  put(bytes: Uint8Array): void
  end(): SourceFile
}

class ComingToDisk implements Coming {
  readonly path: string
  readonly #length: number
  readonly #file: IncomingFile
  #come = 0

  constructor(path: string, length: number, file: IncomingFile) {
    this.path = path
    this.#length = length
    this.#file = file
  }

  put(bytes: Uint8Array): void {
    this.#come += bytes.length
    if (this.#come > this.#length) throw otherLength(this.path, this.#length)
    this.#file.write(bytes)
    largeBytesDied(bytes.length)
  }

  end(): SourceFile {
    if (this.#come < this.#length) throw otherLength(this.path, this.#length)
    return this.#file.end(this.path)
  }
}

/** Where its length is said they go at once to where the compiler takes it from, and not twice through memory. */
class ComingIntoMemory implements Coming {
  readonly path: string
  readonly #whole: Uint8Array | undefined
  readonly #pieces: Uint8Array[] = []
  #length = 0

  constructor(path: string, length: number) {
    this.path = path
    this.#whole = length > 0 ? allocateShared(length) : undefined
  }

  put(bytes: Uint8Array): void {
    if (!this.#whole) this.#pieces.push(bytes)
    else if (this.#length + bytes.length > this.#whole.length) throw otherLength(this.path, this.#whole.length)
    else {
      this.#whole.set(bytes, this.#length)
      largeBytesDied(bytes.length)
    }
    this.#length += bytes.length
  }

  end(): SourceFile {
    return { path: this.path, bytes: this.#bytes() }
  }

  #bytes(): Uint8Array {
    if (this.#whole) {
      if (this.#length < this.#whole.length) throw otherLength(this.path, this.#whole.length)
      return this.#whole
    }
    largeBytesDied(this.#length)
    return joinShared(this.#pieces)
  }
}

const otherLength = (path: string, length: number): KeeperError =>
  new KeeperError('E_INVALID_ARGUMENT', `${path} has not the ${length} bytes that were said`)

const tooLarge = (what: string): KeeperError => new KeeperError('E_TOO_LARGE', `the directory has ${what}`)

const severities = new Set(['error', 'warning', 'note'])

export const diagnosticOf = (
  wire: Required<Pick<WireDiagnostic, 'severity' | 'rule' | 'file' | 'message'>> & WireDiagnostic,
): Diagnostic => ({
  severity: severities.has(wire.severity) ? (wire.severity as Diagnostic['severity']) : 'error',
  rule: wire.rule,
  file: wire.file,
  ...(wire.line ? { line: wire.line } : {}),
  ...(wire.column ? { column: wire.column } : {}),
  ...(wire.pointer ? { pointer: wire.pointer } : {}),
  message: wire.message,
})
