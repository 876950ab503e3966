import { limits } from '../base/limits.js'
import { BlobView } from './blob-view.js'
import type { ConfigResult } from './config.js'
import { compareText } from './overlays.js'
import type { LargePlain } from './plain-blobs.js'
import type { CompiledConfig, CompileOutput, Diagnostic } from './types.js'

/** What compiling a tree came to, config by config. */
export interface Worked {
  readonly ok: boolean
  /** By name; none when `ok` is false. */
  readonly made: readonly MadeConfig[]
  readonly diagnostics: readonly Diagnostic[]
}

export interface MadeConfig {
  readonly config: CompiledConfig
  readonly blobs: ReadonlyMap<string, Uint8Array>
  readonly large?: LargePlain
}

/** All or nothing: one error anywhere, and nothing was made. */
export function workedOf(results: readonly ConfigResult[], found: readonly Diagnostic[]): Worked {
  const diagnostics = inOrder(found)
  const ok = !found.some(({ severity }) => severity === 'error')
  const made = ok ? results.filter((result): result is ConfigResult & MadeConfig => result.config !== undefined) : []
  return { ok, made, diagnostics }
}

export const outputOf = ({ ok, made, diagnostics }: Worked): CompileOutput => ({
  configs: made.map(({ config }) => config),
  blobs: new BlobView(
    made.map(({ blobs }) => blobs),
    made.flatMap(({ large }) => large ?? []),
  ),
  diagnostics,
  ok,
})

const severityRank = { error: 0, warning: 1, note: 2 } as const

/** By severity, file and place; at most limits.diagnosticsMax. */
function inOrder(found: readonly Diagnostic[]): Diagnostic[] {
  const sorted = [...found].sort(
    (a, b) =>
      severityRank[a.severity] - severityRank[b.severity] ||
      compareText(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  )
  if (sorted.length <= limits.diagnosticsMax) return sorted
  const kept = sorted.slice(0, limits.diagnosticsMax - 1)
  return [...kept, { severity: 'note', rule: 'limit/diagnostics', file: '', message: 'and more' }]
}
