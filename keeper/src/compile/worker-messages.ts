import type { CompiledConfig, Diagnostic } from './types.js'

/** To the thread: a tree, as what differs from the tree before. */
export interface CompileRequest {
  readonly id: number
  /** Absent when they are those of the tree before. */
  readonly paths?: readonly string[]
  /** Index into the paths → bytes that the thread does not have there. */
  readonly bytes: ReadonlyMap<number, Uint8Array>
  readonly problems: readonly Diagnostic[]
}

/** From the thread: configs as what differs from the last answer that was ok. */
export interface CompileResponse {
  readonly id: number
  readonly diagnostics: readonly Diagnostic[]
  readonly ok: boolean
  /** Of all configs, in order; absent when they are those of the last answer. */
  readonly names?: readonly string[]
  readonly changed: readonly ChangedConfig[]
  /** An exception in the compiler: a defect. */
  readonly failure?: string
}

export interface ChangedConfig {
  readonly config: CompiledConfig
  /** Those that the config of this name did not have before. */
  readonly newBlobs: ReadonlyMap<string, Uint8Array>
}

export interface ThreadData {
  readonly labels?: Readonly<Record<string, string>>
  /** Two Int32: index of the path that is worked on, −1 for none; and a count of the files that were begun. */
  readonly progress: SharedArrayBuffer
}
