/** Changes.Follow: how far the processes are with a change set, until enough have applied it or cannot any more. */

import type { FollowRequest__Output, FollowView, LedgerRow } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { ProcessLabels } from '../control/process-labels.js'
import { readRecord } from '../control/view.js'
import type { LedgerEntry } from '../push/types.js'
import { inAudience, matches, variantFor } from '../store/audience.js'
import type { ConfigRecord } from '../store/config-records.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { type Caller, type Sink, uint } from './calls.js'
import { ledgerChanges, ledgerEntries, rowOf } from './ledger-view.js'
import { type Standing, standingOf, worse } from './standing.js'
import type { ApiContext } from './types.js'

type Labels = Readonly<Record<string, string>>

/** Whom to count, and how many of them are enough. */
interface Wanted {
  readonly namespace: string
  readonly names: readonly string[]
  readonly selector: Labels
  readonly share: number
  readonly count: number
}

export async function followChange(
  context: ApiContext,
  request: FollowRequest__Output,
  sink: Sink<FollowView>,
  { signal }: Pick<Caller, 'signal'>,
): Promise<void> {
  const wanted = wantedOf(request)
  const timeoutMs = Math.min(request.timeoutMs || limits.applyWaitDefaultMs, limits.applyWaitMaxMs)
  await reached(context, uint('revision', request.revision), signal)
  const ended = new AbortController()
  const cancel = context.clock.setTimer(timeoutMs, () => ended.abort())
  signal.addEventListener('abort', () => ended.abort(), { once: true })
  const changes = ledgerChanges(context, wanted.names, ended.signal)
  const labels = new ProcessLabels()
  try {
    for (;;) {
      const view = await look(context, wanted, labels)
      const over = ended.signal.aborted || view.enough || view.hopeless
      sink.send(wireView(context, view, over))
      if (over) return
      await sink.writable()
      // Past the timeout one more look says who is missing.
      await changes.wait().catch(() => {})
      if (signal.aborted) return
    }
  } finally {
    cancel()
    ended.abort()
  }
}

function wantedOf(request: FollowRequest__Output): Wanted {
  const { share, count, names, selector } = request
  if (!(share >= 0 && share <= 1)) throw new KeeperError('E_INVALID_ARGUMENT', `share is between 0 and 1, not ${share}`)
  if (names.length === 0) throw new KeeperError('E_INVALID_ARGUMENT', 'name the configs to follow')
  return { namespace: request.namespace || DEFAULT_NAMESPACE, names, selector, share, count }
}

/** The change set is applied here: what the store says is live is at least that. */
async function reached({ member }: ApiContext, revision: number, signal: AbortSignal): Promise<void> {
  await member.linearizableRead({ signal })
  if (member.store.revision('system') < revision)
    throw new KeeperError('E_FUTURE_REVISION', `there is no r${revision} yet`)
}

interface Row {
  readonly entry: LedgerEntry
  readonly standing: Standing
}

interface Look {
  /** One for each process. */
  readonly processes: readonly Standing[]
  readonly missing: readonly Row[]
  readonly unreachable: readonly number[]
  readonly enough: boolean
  /** Too many have refused it for that. */
  readonly hopeless: boolean
}

async function look(context: ApiContext, wanted: Wanted, known: ProcessLabels): Promise<Look> {
  const { rows, unreachable } = await ledgerEntries(context, wanted.namespace, wanted.names)
  const silent = new Set(unreachable)
  const labels = byProcess(known.read(context.member.store, wanted.namespace))
  const records = new Map(wanted.names.map((name) => [name, liveRecord(context, wanted.namespace, name)]))
  const worst = new Map<string, Standing>()
  const missing: Row[] = []
  for (const entry of rows) {
    const key = processKey(entry)
    const own = labels.get(key)
    if (!matches(wanted.selector, own ?? ownLabels(entry))) continue
    const standing = standingNow(entry, silent, records.get(entry.name), own)
    worst.set(key, worse(standing, worst.get(key) ?? standing))
    if (standing !== 'applied') missing.push({ entry, standing })
  }
  const processes = [...worst.values()]
  return { processes, missing, unreachable, ...verdict(wanted, processes) }
}

function verdict({ share, count }: Wanted, processes: readonly Standing[]): Pick<Look, 'enough' | 'hopeless'> {
  const applied = processes.filter((standing) => standing === 'applied').length
  const refused = processes.filter((standing) => standing === 'rejected' || standing === 'failed').length
  // A hair more than a whole number, as 0.07 × 100 is in floating point, is that number.
  const needed = count > 0 ? count : Math.ceil(processes.length * share - 1e-9)
  return { enough: applied >= needed, hopeless: refused > 0 && processes.length - refused < needed }
}

const liveRecord = (context: ApiContext, namespace: string, name: string): ConfigRecord | undefined =>
  readRecord(context.member.store, namespace, 'config', name)?.record

/**
 * By what the store says is live for it here: its own member's word may be older than the change set. Of a removed
 * config, or one no longer meant for it, nothing is asked of a process.
 */
function standingNow(
  entry: LedgerEntry,
  silent: ReadonlySet<number>,
  record: ConfigRecord | undefined,
  labels: Labels | undefined,
): Standing {
  if (!record || record.removed) return standingOf(entry, silent, true)
  if (!labels) return standingOf(entry, silent)
  if (!inAudience(record.audience, labels)) return standingOf(entry, silent, true)
  const hash = variantFor(record, labels)?.hash ?? ''
  if (entry.wantedHash !== hash) return standingOf({ ...entry, lacking: true }, silent, false)
  return standingOf(entry, silent)
}

const processKey = ({ cluster, role, instance }: Labels | LedgerEntry): string => [cluster, role, instance].join('\0')

const byProcess = (all: readonly Labels[]): Map<string, Labels> => new Map(all.map((one) => [processKey(one), one]))

const ownLabels = ({ cluster, role, instance }: LedgerEntry): Labels => ({ cluster, role, instance })

function wireView(context: ApiContext, { processes, missing, unreachable, enough }: Look, ended: boolean): FollowView {
  const count = (standing: Standing) => processes.filter((one) => one === standing).length
  const waiting = count('waiting')
  return {
    processes: processes.length,
    applied: count('applied'),
    rejected: count('rejected'),
    failed: count('failed'),
    away: count('away'),
    unknown: count('unknown'),
    pending: count('not yet') + waiting,
    waiting,
    ended,
    enough,
    missing: ended ? missing.slice(0, limits.followMissingMax).map((row) => wireRow(context, row)) : [],
    unreachableMembers: unreachable.map((member) => context.hub.nameOf(member)),
    revision: context.member.store.revision('system'),
  }
}

const wireRow = (context: ApiContext, { entry, standing }: Row): LedgerRow =>
  rowOf(entry, standing, context.hub.nameOf(entry.member))
