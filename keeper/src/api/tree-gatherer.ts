import type { Diagnostic as WireDiagnostic } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { largeBytesDied } from '../base/garbage.js'
import { limits } from '../base/limits.js'
import { allocateShared, joinShared } from '../base/shared-bytes.js'
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

export class TreeGatherer {
  readonly #bounds: TreeBounds
  readonly #files = new Map<string, Uint8Array>()
  readonly #problems: Diagnostic[] = []
  #open: IncomingFile | undefined
  #bytes = 0

  constructor(bounds: TreeBounds) {
    this.#bounds = bounds
  }

  piece({ path, bytes, last, length }: FilePiece): void {
    this.#count(path, bytes)
    if (this.#open && this.#open.path !== path)
      throw new KeeperError('E_FRAME_ORDER', `${this.#open.path} was not ended`)
    if (length > limits.fileBytesMax) throw tooLarge(`a file of ${length} bytes: ${path.slice(0, 256)}`)
    this.#open ??= new IncomingFile(path, length)
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
    const files: SourceFile[] = [...this.#files].map(([path, bytes]) => ({ path, bytes }))
    return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), problems: this.#problems }
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

/** A file that comes in pieces. Where its length is said they go at once to where the compiler takes it from, and not twice through memory. */
class IncomingFile {
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
    else if (this.#length + bytes.length > this.#whole.length) throw this.#otherLength(this.#whole)
    else {
      this.#whole.set(bytes, this.#length)
      largeBytesDied(bytes.length)
    }
    this.#length += bytes.length
  }

  end(): Uint8Array {
    if (this.#whole) {
      if (this.#length < this.#whole.length) throw this.#otherLength(this.#whole)
      return this.#whole
    }
    largeBytesDied(this.#length)
    return joinShared(this.#pieces)
  }

  #otherLength({ length }: Uint8Array): KeeperError {
    return new KeeperError('E_INVALID_ARGUMENT', `${this.path} has not the ${length} bytes that were said`)
  }
}

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
