import type { Splice } from './splice.js'
import type { CompiledConfig, Diagnostic } from './types.js'

/** To the thread: a tree, as what differs from the tree before. */
export interface CompileRequest {
  readonly id: number
  /** How the paths differ from those of the tree before; absent when they do not. */
  readonly paths?: Splice<string>
  /** Index into the paths → bytes that the thread does not have there: those of all paths that were put in, at least. */
  readonly bytes: ReadonlyMap<number, Uint8Array>
  readonly problems: readonly Diagnostic[]
}

/** Bytes of the files that it brings. */
export function bytesIn({ bytes }: CompileRequest): number {
  let sum = 0
  for (const { length } of bytes.values()) sum += length
  return sum
}

/** From the thread: configs as what differs from the last answer that was ok. */
export interface CompileResponse {
  readonly id: number
  readonly diagnostics: readonly Diagnostic[]
  readonly ok: boolean
  /** How the names of all configs, in order, differ from those of the last answer; absent when they do not. */
  readonly names?: Splice<string>
  readonly changed?: PackedConfigs
  /** An exception in the compiler: a defect. */
  readonly failure?: string
}

export interface ChangedConfig {
  readonly config: CompiledConfig
  /** What the last answer that was ok had under its name. */
  readonly before?: CompiledConfig
  /** Those that the config of this name did not have before, but for source files: whoever asks has them. */
  readonly newBlobs: ReadonlyMap<string, Uint8Array>
  /** It has just the blobs that it had. */
  readonly hasSameBlobs: boolean
}

/** ChangedConfigs as `packed` makes them: JSON, and the bytes of their blobs in order. */
export interface PackedConfigs {
  readonly text: string
  readonly short: Uint8Array
  readonly long: readonly Uint8Array[]
}

export interface ThreadData {
  readonly labels?: Readonly<Record<string, string>>
  /** Two Int32: index of the path that is worked on, −1 for none; and a count of the files that were begun. */
  readonly progress: SharedArrayBuffer
}
