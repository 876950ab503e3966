import { ExitCode } from '../base/errors.js'
import type { Diagnostic } from '../compile/types.js'
import type { HeldName, Published, PublishResult, SourceOutcome } from '../control/types.js'
import type { LedgerEntry } from '../push/types.js'
import { type Output, paint } from './output.js'
import { diagnosticLine, pathChange } from './published.js'

/** What the narrator listens to: a running keeper. */
export interface Narrated {
  readonly name: string
  readonly configDir?: string
  readonly addresses: { readonly client: string; readonly http: string }
  ledger(name?: string): readonly LedgerEntry[]
  onLedgerChange(listener: () => void): () => void
  onOutcome(listener: (outcome: SourceOutcome) => void): () => void
  onPublished(listener: (published: Published) => void): () => void
}

/** How long it waits for processes to apply a change before it says how many have. */
const applyWaitMs = 5_000
const namesShown = 3

/** Tells a person at a terminal what happens: what was published and who applied it when, what was refused and why. */
export class Narrator {
  readonly #keeper: Narrated
  readonly #output: Output
  readonly #stops: (() => void)[] = []
  /** The last outcome was a refusal. */
  #refusing = false

  constructor(keeper: Narrated, output: Output) {
    this.#keeper = keeper
    this.#output = output
  }

  /** Says that the keeper is ready, and tells from now on what happens. */
  ready(note = ''): void {
    this.#stops.push(
      this.#keeper.onOutcome((outcome) => this.#tell(outcome)),
      this.#keeper.onPublished((published) => void this.#published(published)),
    )
    const { name, configDir, addresses } = this.#keeper
    const config = configDir === undefined ? '' : ` · config ${configDir}`
    this.#output.line(
      `${paint(this.#output, 'bold', `keeper ${name} ready`)}${config}${note || ` · ${addresses.client}`}`,
    )
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  #tell(outcome: SourceOutcome): void {
    if (outcome.kind === 'refused') this.#refused(outcome)
    if (outcome.kind === 'standby') this.#output.line(`stands by · ${outcome.reason}`)
    for (const held of heldOf(outcome))
      this.#output.line(
        `${paint(this.#output, 'yellow', 'held')} · ${held.name} stays as it is: ${held.action ?? 'rollback'} by ${held.author}\n        keeper release ${held.name}`,
      )
    if (outcome.kind === 'unchanged' && this.#refusing) this.#output.line('ok again · nothing to change')
    this.#refusing = outcome.kind === 'refused'
    for (const warning of outcome.diagnostics.filter((one) => one.severity === 'warning')) {
      this.#output.line(`${paint(this.#output, 'yellow', 'warning')} · ${this.#place(warning)}`)
    }
  }

  #refused({ error, diagnostics }: Extract<SourceOutcome, { kind: 'refused' }>): void {
    const head = paint(this.#output, 'red', 'refused')
    const errors = diagnostics.filter((one) => one.severity === 'error')
    for (const [at, one] of errors.entries())
      this.#output.line(`${head} · ${this.#place(one)}${at === errors.length - 1 ? this.#stays(one) : ''}`)
    if (errors.length > 0) return
    const remedy = error.kind.exit === ExitCode.conflict ? `\n        ${error.kind.fix}` : ''
    this.#output.line(`${head} · ${error.message} (${error.code})${remedy}`)
  }

  /** ` · room-1 stays on r4`, for the config that the file belongs to. */
  #stays(diagnostic: Diagnostic): string {
    const name = diagnostic.file.replace(/(@[^/]*)?(\.schema)?\.[^./]+$/, '')
    const rows = this.#keeper.ledger(name).filter((row) => row.revision > 0)
    const revision = rows[0]?.revision
    return revision === undefined
      ? ''
      : ` · ${some(rows.map((row) => row.instance))} ${rows.length === 1 ? 'stays' : 'stay'} on r${revision}`
  }

  async #published({ result, by }: Published): Promise<void> {
    // What the watched directory does needs no name; anybody else is named, with the reason.
    const who =
      by.action === 'watch' ? '' : `    ${by.action} by ${by.author}${by.reason === '' ? '' : `: ${by.reason}`}`
    const since = performance.now()
    await Promise.all(
      result.deltas.map(async (delta) => {
        const rows = delta.kind === 'removed' ? [] : await this.#settled(delta.name, result.revision)
        const elapsed = Math.round(performance.now() - since)
        this.#output.line(
          `${deltaLine(this.#output, result.revision, delta, rows, elapsed)}${paint(this.#output, 'dim', who)}`,
        )
      }),
    )
  }

  /** The ledger's rows for a config once every connected process has answered, or the wait is over. */
  #settled(name: string, revision: number): Promise<readonly LedgerEntry[]> {
    const concerned = () => this.#keeper.ledger(name).filter((row) => row.connected && row.wantedRevision >= revision)
    const pending = () => concerned().some((row) => !row.current && row.state !== 'rejected' && row.state !== 'failed')
    if (!pending()) return Promise.resolve(concerned())
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        stop()
        resolve(concerned())
      }
      const timer = setTimeout(done, applyWaitMs)
      const stop = this.#keeper.onLedgerChange(() => {
        if (!pending()) done()
      })
    })
  }

  #place(diagnostic: Diagnostic): string {
    const { line = 0, column = 0, pointer = '' } = diagnostic
    return diagnosticLine({ ...diagnostic, line, column, pointer }, this.#keeper.configDir)
  }
}

function heldOf(outcome: SourceOutcome): readonly HeldName[] {
  if (outcome.kind === 'published') return outcome.result.held ?? []
  return outcome.kind === 'unchanged' ? outcome.held : []
}

function deltaLine(
  output: Output,
  revision: number,
  delta: PublishResult['deltas'][number],
  rows: readonly LedgerEntry[],
  elapsed: number,
): string {
  const [first, ...rest] = delta.paths
  const change =
    first && pathChange({ pointer: first.pointer, beforeJson: first.before ?? '', afterJson: first.after ?? '' })
  const what = delta.kind === 'changed' ? (change ?? 'overlays') : delta.kind
  const more = delta.kind === 'changed' && rest.length > 0 ? ` (+${rest.length} more)` : ''
  return `${paint(output, 'bold', `r${revision}`)} ${delta.name}  ${what}${more}${outcomeOf(output, rows, elapsed)}`
}

function outcomeOf(output: Output, rows: readonly LedgerEntry[], elapsed: number): string {
  if (rows.length === 0) return paint(output, 'dim', '    no process concerned')
  const current = rows.filter((row) => row.current)
  const refusals = rows
    .filter((row) => row.state === 'rejected' || row.state === 'failed')
    .map((row) => paint(output, 'red', `    ${row.instance} ${row.state}: ${row.reason}`))
  const applied = current.length > 0 ? `    ${some(current.map((row) => row.instance))} applied in ${elapsed} ms` : ''
  return `${applied}${refusals.slice(0, namesShown).join('')}    ${current.length}/${rows.length}`
}

const some = (names: readonly string[]): string =>
  names.length <= namesShown
    ? names.join(', ')
    : `${names.slice(0, namesShown).join(', ')} and ${names.length - namesShown} more`
