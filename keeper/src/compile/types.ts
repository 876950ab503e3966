/** Files in, typed structures out. All but the watcher is a pure function of a SourceTree. */

import type { ErrorCode } from '../base/errors.js'
import type { LargeBytes } from '../base/large-bytes.js'
import type { ConfigFile, ConfigOverlay, SecretUse, Selector } from '../store/config-records.js'

/** A directory as read: nothing of the file system beyond it matters to the compiler. */
export interface SourceTree {
  /** Path from the tree's root, with `/`; sorted. */
  readonly files: readonly SourceFile[]
  /** What could not be read: symlinks out or in a circle, no permission, too large, not a regular file. */
  readonly problems: readonly Diagnostic[]
}

export interface SourceFile {
  readonly path: string
  /** Of one that is `onDisk` they are read whenever somebody asks, and are his alone. Throws E_FILE_CHANGED then. */
  readonly bytes: Uint8Array
  /** Of a large file that is left where it lies. */
  readonly onDisk?: FileOnDisk
}

/** Bytes that can be read in parts. */
export interface Readable {
  readonly length: number
  /** Those from `from` to `to`, at the begin of `into` where they are not in memory. Throws E_FILE_CHANGED. */
  read(from: number, to: number, into?: Uint8Array): Uint8Array
}

/** A file as it was seen. */
export interface FileOnDisk extends Readable {
  readonly place: FilePlace
}

/** Where it lies, and what would be other if it were changed. */
export interface FilePlace {
  readonly realPath: string
  readonly stamp: string
  readonly length: number
}

/** One thing to tell the person who wrote the file. Errors stop the change set; warnings and notes do not. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'note'
  /** Stable id of the rule, e.g. `schema/type`, `yaml/duplicate-key`. */
  readonly rule: string
  readonly file: string
  /** 1-based; absent when the whole file is meant. */
  readonly line?: number
  readonly column?: number
  /** JSON pointer of the value, e.g. `/maxConnections`. */
  readonly pointer?: string
  /** What is wrong and what was expected, one line: `expected integer, got "lots"`. */
  readonly message: string
}

export type CompiledOverlay = ConfigOverlay

/** One effective value: for processes that match exactly these overlays (indices into `overlays`, ascending). */
export interface CompiledVariant {
  readonly overlays: readonly number[]
  /** SHA-256 of the canonical JSON, lower-case hex. */
  readonly hash: string
}

export interface CompiledConfig {
  /** Path without extension: `push/room`. */
  readonly name: string
  readonly audience: Selector
  /**
   * In the order they are laid over the base: later wins. Those of other configs (`of`) come last; they only say when
   * a value that is referred to differs.
   */
  readonly overlays: readonly CompiledOverlay[]
  /** Every combination that can be satisfied together, the base (the least of them) first. */
  readonly variants: readonly CompiledVariant[]
  /** Every file the config was made of, base first, with the SHA-256 of its bytes. */
  readonly files: readonly ConfigFile[]
  /** Names of the configs that it takes values of by `${ref:…}`, sorted; absent when there are none. */
  readonly refs?: readonly string[]
  /** Secrets that it names by `${secret:…}`; the values have that text, never the bytes. Absent when there are none. */
  readonly secrets?: readonly SecretUse[]
  /** SHA-256 of the schema file's bytes, if there is one. */
  readonly schemaHash?: string
}

/** Blobs by hash. Of those that can be made piece by piece nothing is in memory before somebody gets them. */
export interface CompiledBlobs extends ReadonlyMap<string, Uint8Array> {
  /** One of these; it is none of those that the map goes through, and `get` makes a whole of it. */
  large?(hash: string): LargeBytes | undefined
}

export interface CompileOutput {
  /** Sorted by name; empty when `ok` is false. */
  readonly configs: readonly CompiledConfig[]
  /** Canonical JSON and source files by hash: the blobs that `configs` names. */
  readonly blobs: CompiledBlobs
  readonly diagnostics: readonly Diagnostic[]
  readonly ok: boolean
  /** Set when the compiler itself was stopped: E_COMPILE_TIMEOUT or E_TOO_LARGE. */
  readonly code?: ErrorCode
}
