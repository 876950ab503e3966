import type { CompiledConfig, Diagnostic } from './types.js'

/** To the thread: a tree, with bytes only where they differ from those of the tree before. */
export interface CompileRequest {
  readonly id: number
  readonly paths: readonly string[]
  /** Index into `paths` → bytes that the thread does not have. */
  readonly bytes: ReadonlyMap<number, Uint8Array>
  readonly problems: readonly Diagnostic[]
}

/** From the thread: blobs only where the answer before had not the same. */
export interface CompileResponse {
  readonly id: number
  readonly configs: readonly CompiledConfig[]
  readonly diagnostics: readonly Diagnostic[]
  readonly ok: boolean
  readonly hashes: readonly string[]
  readonly newBlobs: ReadonlyMap<string, Uint8Array>
  /** An exception in the compiler: a defect. */
  readonly failure?: string
}

export interface ThreadData {
  readonly labels?: Readonly<Record<string, string>>
  /** One Int32: index of the path that is worked on, −1 for none. */
  readonly progress: SharedArrayBuffer
}
