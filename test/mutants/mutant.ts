import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** A piece of source text and what a bug makes of it. */
export interface Patch {
  /** Below the repository's root. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

/** A bug that somebody might well write, ready to be planted in the real source. */
export interface Mutant {
  readonly name: string
  /** What goes wrong, and what it breaks. */
  readonly bug: string
  readonly patches: readonly Patch[]
  /** Checkers of the simulation any of which must notice. */
  readonly noticed: readonly string[]
  /** Found within the first few seeds: part of the short form. */
  readonly quick?: true
}

/** What shows that a committed entry is lost or replaced, from the nearest to the farthest. */
export const lostEntries: readonly string[] = [
  'election safety',
  'log matching',
  'leader completeness',
  'state machine',
  'state hash',
  'halt',
  'acknowledged writes',
  'linearizable',
  'serializable',
  'fencing',
  'watch',
]

/** The source text with the bug in it. Throws when the text to be replaced is not there exactly once: the mutant has rotted. */
export function mutated(source: string, patch: Patch): string {
  const parts = source.split(patch.find)
  if (parts.length !== 2)
    throw new Error(`${patch.file} has the text to be replaced ${parts.length - 1} times: ${patch.find}`)
  return parts.join(patch.replace)
}

/** Absolute path → the file's text with all of the mutant's patches. */
export function mutatedFiles({ patches }: Mutant): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const patch of patches) {
    const path = join(root, patch.file)
    files.set(path, mutated(files.get(path) ?? readFileSync(path, 'utf8'), patch))
  }
  return files
}
