import type { Diagnostic__Output, LedgerView__Output, PublishResult__Output } from '@keeper/proto'
import { ExitCode, errorKinds, isErrorCode } from '../base/errors.js'
import { oneLine } from '../base/one-line.js'
import { type Output, paint } from './output.js'
import { plain } from './plain.js'

/** `config/push/room.yaml:4:11 /maxConnections: expected integer, got "lots"`. */
export function diagnosticLine(
  diagnostic: Pick<Diagnostic__Output, 'file' | 'line' | 'column' | 'pointer' | 'message'>,
  folder = '',
): string {
  // of the request, not of a file
  if (diagnostic.file === '') return diagnostic.message
  const file = folder === '' ? diagnostic.file : `${folder.replace(/\/+$/, '')}/${diagnostic.file}`
  const place = diagnostic.line > 0 ? `${file}:${diagnostic.line}:${diagnostic.column}` : file
  return `${place}${diagnostic.pointer ? ` ${diagnostic.pointer}` : ''}: ${diagnostic.message}`
}

/** Errors first, then warnings and notes, one line each. */
export function printDiagnostics(output: Output, diagnostics: readonly Diagnostic__Output[], folder = ''): void {
  for (const severity of ['error', 'warning', 'note']) {
    for (const diagnostic of diagnostics.filter((one) => one.severity === severity)) {
      if (output.json) output.value({ diagnostic })
      else
        output.error(
          `${paint(output, severity === 'error' ? 'red' : 'yellow', severity)} · ${diagnosticLine(diagnostic, folder)}`,
        )
    }
  }
}

/** `/maxConnections 1000 → 2000`, long values cut. */
export const pathChange = (change: { pointer: string; beforeJson: string; afterJson: string }): string =>
  `${change.pointer || '/'} ${cut(change.beforeJson) || '(none)'} → ${cut(change.afterJson) || '(gone)'}`

export const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)

/** What a publish did, or would do; returns the exit code. */
export function printPublished(output: Output, result: PublishResult__Output, folder = ''): number {
  printDiagnostics(output, result.diagnostics, folder)
  if (!result.ok) return printRefused(output, result)
  if (output.json)
    output.value({
      changed: result.changed,
      revision: Number(result.revision),
      changeSet: result.changeSet,
      deltas: plain(result.deltas),
      ...(result.held.length > 0 && { held: plain(result.held) }),
      ...(result.parked && { parked: result.parked }),
    })
  else if (result.deltas.length === 0 && result.held.length === 0) output.line('nothing to change')
  else for (const line of deltaLines(output, result)) output.line(line)
  if (!output.json) for (const line of heldLines(output, result)) output.error(line)
  if (!output.json && result.parked) for (const line of parkedLines(output, result.parked)) output.error(line)
  return result.parked || result.held.length > 0 ? ExitCode.conflict : ExitCode.done
}

/** Who holds what the change set left as it is. */
function heldLines(output: Output, { held }: PublishResult__Output): string[] {
  const lines = held.map(({ name, action, author, reason, wallMs }) => {
    const since = Number(wallMs) > 0 ? ` since ${new Date(Number(wallMs)).toISOString()}` : ''
    const why = reason === '' ? '' : `: ${oneLine(reason)}`
    return `${paint(output, 'yellow', 'held')} · ${name} stays as it is (E_HELD): ${action || 'rollback'} by ${author}${since}${why}`
  })
  return lines.length === 0 ? [] : [...lines, `        ${errorKinds.E_HELD.fix}`]
}

function parkedLines(output: Output, { id, guards }: { id: string; guards: readonly string[] }): string[] {
  const head = id === '' ? 'would be parked' : 'parked'
  const lines = guards.map((guard) => `${paint(output, 'yellow', head)} · ${guard}`)
  if (id === '') return lines
  return [
    ...lines,
    `        nothing was changed (E_PARKED); look: keeper pending ${id} · let it through: keeper approve ${id}`,
  ]
}

function deltaLines(output: Output, result: PublishResult__Output): string[] {
  return result.deltas.flatMap((delta) => {
    const paths = delta.paths.map(pathChange)
    const what = delta.kind === 'changed' ? (paths[0] ?? 'overlays') : delta.kind
    const more = delta.kind === 'changed' && paths.length > 1 ? `  (+${paths.length - 1} more)` : ''
    const reach = delta.reaches === 1 ? '1 process' : `${delta.reaches} processes`
    const when = result.changed ? `r${result.revision}` : result.parked?.id ? 'waits' : 'would change'
    return [`${paint(output, 'bold', when)} ${delta.name}  ${what}${more}  ${paint(output, 'dim', reach)}`]
  })
}

/** What to do, on a line of its own, where the diagnostics do not say it already. */
const remedy = (code: string): string =>
  isErrorCode(code) && code !== 'E_INVALID_CONFIG' ? `\n        ${errorKinds[code].fix}` : ''

function printRefused(output: Output, result: PublishResult__Output): number {
  const code = result.status?.code ?? 'E_INVALID_CONFIG'
  if (output.json) output.value({ ok: false, code, message: result.status?.message ?? '' })
  else
    output.error(
      `${paint(output, 'red', 'refused')} · ${result.status?.message ?? 'the files do not compile'} (${code}); nothing was changed${remedy(code)}`,
    )
  return isErrorCode(code) ? errorKinds[code].exit : ExitCode.failed
}

/** `187/200 applied, 1 rejected` for a progress line. */
export const ledgerSummary = (view: LedgerView__Output): string =>
  `${view.current}/${view.processes} applied${view.rejected > 0 ? `, ${view.rejected} rejected` : ''}${view.failed > 0 ? `, ${view.failed} failed` : ''}`
