/** Waiting for processes to take a change up, with a bar to look at, and a word on everyone who did not. */

import type { FollowRequest, FollowView__Output } from '@keeper/proto'
import type { Command } from 'commander'
import { ExitCode, KeeperError } from '../base/errors.js'
import { parseDuration, parseLabels } from './arguments.js'
import type { Context } from './context.js'
import { type Output, paint } from './output.js'
import { plain } from './plain.js'

export interface WaitOptions {
  wait?: string
  selector?: string
  timeout?: string
  spread?: string
}

/** Adds the options of everything that changes what is live, at a pace of its own. */
export const waitOptions = (command: Command): Command =>
  waitingOptions(command).option(
    '--spread <duration>',
    'processes take it up within this time, evenly, each at a moment of its own',
  )

/** Adds the options of everything that changes what is live. */
export const waitingOptions = (command: Command): Command =>
  command
    .option(
      '--wait <share|n>',
      'wait until this share (100%), or so many (20), of the processes concerned have applied it',
    )
    .option('--selector <labels>', 'count only processes with these labels: zone=bj,role=room')
    .option('--timeout <duration>', 'how long to wait (default: 30s, and the spread)')

/** What to wait for; undefined: nothing. Throws E_INVALID_ARGUMENT. */
export interface Wait {
  readonly share: number
  readonly count: number
  readonly selector: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export function parseWait(options: WaitOptions): Wait | undefined {
  const spreadMs = parseSpread(options)
  const timeoutMs = options.timeout === undefined ? spreadMs + 30_000 : parseDuration('--timeout', options.timeout)
  const selector = options.selector === undefined ? {} : parseLabels('--selector', options.selector)
  if (options.wait === undefined) return undefined
  return { ...parseHowMany(options.wait), selector, timeoutMs }
}

export const parseSpread = ({ spread }: WaitOptions): number =>
  spread === undefined ? 0 : parseDuration('--spread', spread)

/** `100%` and `0.5` are shares, `20` is a number of processes. */
export function parseHowMany(text: string): { share: number; count: number } {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text)
  const number = match ? Number(match[1]) : Number.NaN
  if (match?.[2]) {
    if (number > 0 && number <= 100) return { share: number / 100, count: 0 }
  } else if (Number.isInteger(number) && number >= 1 && number < 2 ** 31) return { share: 0, count: number }
  else if (number > 0 && number < 1) return { share: number, count: 0 }
  throw new KeeperError(
    'E_INVALID_ARGUMENT',
    `--wait: expected a share such as 100% or 0.5, or a number of processes such as 20, got "${text}"`,
  )
}

/** Failures of a keeper after which another one, or the same a moment later, knows as well. */
const passing = new Set(['E_CONNECTION', 'E_STOPPED', 'E_UNAVAILABLE', 'E_FUTURE_REVISION'])
const RETRY_MS = 200

/** Follows a change set until `wait` is satisfied, and says how that went; returns the exit code. */
export async function waitForProcesses(
  context: Context,
  changed: { readonly names: readonly string[]; readonly revision: string | number },
  wait: Wait,
): Promise<number> {
  const deadline = Date.now() + wait.timeoutMs
  let view: FollowView__Output | undefined
  while (!view?.ended && !context.signal.aborted) {
    const timeoutMs = Math.max(1, deadline - Date.now())
    try {
      const { namespace } = context
      const { names, revision } = changed
      const { share, count, selector } = wait
      const request = { namespace, names: [...names], revision, share, count, selector: { ...selector }, timeoutMs }
      await follow(context, request, (next) => {
        view = next
      })
    } catch (error) {
      if (!(error instanceof KeeperError) || !passing.has(error.code) || Date.now() >= deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
  return view ? verdict(context.output, view) : ExitCode.failed
}

async function follow(
  { client, output, signal }: Context,
  request: FollowRequest,
  take: (view: FollowView__Output) => void,
): Promise<void> {
  const stream = await client.watch<FollowView__Output>('changes', 'Follow', request)
  const stop = () => stream.cancel()
  signal.addEventListener('abort', stop)
  try {
    for await (const view of stream) {
      take(view)
      output.progress(`${bar(view)} ${summary(view)}`)
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const BAR_CELLS = 24

function bar({ applied, processes, rejected, failed }: FollowView__Output): string {
  if (processes === 0) return ''
  const done = Math.floor((applied / processes) * BAR_CELLS)
  const bad = rejected + failed > 0 ? Math.max(1, Math.round(((rejected + failed) / processes) * BAR_CELLS)) : 0
  return `[${'█'.repeat(done)}${'×'.repeat(Math.min(bad, BAR_CELLS - done))}${'░'.repeat(Math.max(0, BAR_CELLS - done - bad))}]`
}

/** `187/200 applied, 1 rejected, 12 not yet`. */
export function summary(view: Omit<FollowView__Output, 'missing' | 'unreachableMembers'>): string {
  const notYet = view.pending - view.waiting
  const rest = [
    [view.rejected, 'rejected'],
    [view.failed, 'failed'],
    [view.away, 'away'],
    [view.unknown, 'unknown'],
    [view.waiting, 'waiting for their turn'],
    [notYet, 'not yet'],
  ] as const
  const words = rest.filter(([count]) => count > 0).map(([count, what]) => `, ${count} ${what}`)
  return `${view.applied}/${view.processes} applied${words.join('')}`
}

const missingShown = 50

/** Who is missing, and why; the exit code says whether enough applied. */
function verdict(output: Output, view: FollowView__Output): number {
  if (output.json) output.value(plain({ ...view, missing: view.enough ? [] : view.missing }))
  else output.line(view.processes === 0 ? 'no process concerned' : summary(view))
  if (view.enough) return ExitCode.done
  if (!output.json) for (const line of missingLines(output, view)) output.error(line)
  return view.rejected + view.failed > 0 ? ExitCode.rejected : ExitCode.timedOut
}

function missingLines(output: Output, { missing, unreachableMembers }: FollowView__Output): string[] {
  const shown = missing.slice(0, missingShown)
  const more = missing.length - shown.length
  return [
    ...shown.map((row) => {
      const why = row.standing === 'unknown' ? `${row.member} does not say` : row.reason
      const colour = row.standing === 'rejected' || row.standing === 'failed' ? 'red' : 'yellow'
      const state = paint(output, colour, row.standing)
      const runs = row.revision === '0' ? '' : ` · runs r${row.revision}`
      return `  ${row.instance}  ${row.name}  ${state}${why ? `: ${why}` : ''}${runs}`
    }),
    ...(more > 0 ? [`  and ${more} more: keeper ledger NAME`] : []),
    ...unreachableMembers.map((member) => `  keeper ${member} does not answer: what its processes run is unknown`),
  ]
}
