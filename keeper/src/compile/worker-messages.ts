import type { Splice } from './splice.js'
import type { Diagnostic, FilePlace } from './types.js'
import type { MadeConfig } from './worked.js'

/** To the thread: a tree, as what differs from the tree before. */
export interface CompileRequest {
  readonly id: number
  /** How the paths differ from those of the tree before; absent when they do not. */
  readonly paths?: Splice<string>
  /** Index into the paths → bytes that the thread does not have there, or where they lie: of all paths that were put in, at least. */
  readonly bytes: ReadonlyMap<number, Uint8Array | FilePlace>
  readonly problems: readonly Diagnostic[]
}

/** To the thread: let go of all there was. From it: done. */
export const forgetting = 'forget'
export const forgotten = 'forgotten'

/** Bytes of the files that it brings. */
export function bytesIn({ bytes }: CompileRequest): number {
  let sum = 0
  for (const { length } of bytes.values()) sum += length
  return sum
}

/** From the thread: configs as what differs from the last answer that was ok. */
export interface CompileResponse extends MadeChanges {
  readonly id: number
  readonly diagnostics: readonly Diagnostic[]
  readonly ok: boolean
  /** An exception in the compiler: a defect. */
  readonly failure?: string
  /** A file was written while it was read: what E_FILE_CHANGED says. */
  readonly changedFile?: string
}

export interface MadeChanges {
  /** How the names of all configs, in order, differ from those before; absent when they do not. */
  readonly names?: Splice<string>
  readonly changed?: PackedConfigs
}

export interface ChangedConfig {
  /** Its place among all. */
  readonly at: number
  readonly made: MadeConfig
  /** What the last answer that was ok had under its name. */
  readonly before?: MadeConfig
}

/** ChangedConfigs as `packed` makes them. */
export interface PackedConfigs {
  /** JSON of those of which more than values changed. */
  readonly text: string
  /** Places of the others, the hashes of all their values, and the lengths of those that are new. */
  readonly valued: Uint32Array
  readonly hashes: string
  readonly lengths: Uint32Array
  /** Bytes of blobs in order. */
  readonly short: Uint8Array
  readonly long: readonly Uint8Array[]
}

export interface ThreadData {
  readonly labels?: Readonly<Record<string, string>>
  /** Two Int32: index of the path that is worked on, −1 for none; and a count of the files that were begun. */
  readonly progress: SharedArrayBuffer
}
