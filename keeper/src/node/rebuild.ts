import { KeeperError } from '../base/errors.js'
import type { ConfState, Entry } from '../raft/types.js'
import type { MemberDisk } from '../storage/types.js'
import { encodeBatch } from '../store/command-codec.js'
import { DEFAULT_NAMESPACE, recordRange } from '../store/records.js'
import { createStore } from '../store/store.js'
import type { SnapshotHeader } from './snapshot-format.js'

/** All state of another folder or file, and what follows it in the log. */
export interface OldState {
  readonly index: number
  readonly term: number
  readonly records: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>
  /** Entries after `index`, all of which are to count. */
  readonly entries: readonly Entry[]
}

/**
 * Of the cluster that goes on from a snapshot; every epoch that anybody saw must be an earlier one, or he takes what comes
 * for old. Throws E_INVALID_ARGUMENT.
 */
export function epochAfter({ storeEpoch }: Pick<SnapshotHeader, 'storeEpoch'>, wanted = storeEpoch + 1): number {
  if (Number.isSafeInteger(wanted) && wanted > storeEpoch) return wanted
  throw new KeeperError(
    'E_INVALID_ARGUMENT',
    `epoch ${wanted}: give a whole number above ${storeEpoch}, which is the snapshot’s own`,
  )
}

/** Of each second so many epochs are drawn from. */
const EPOCHS_PER_SECOND = 4096

/**
 * Of the cluster that a survivor goes on with. Two survivors of one cluster must not give two clusters of one epoch: who
 * watched the one would go on at the other, by revisions of another history. The later one counts as the newer.
 */
export const mintEpoch = ({ storeEpoch }: { readonly storeEpoch: number }, wallMs: number, unit: number): number =>
  Math.max(storeEpoch + 1, Math.floor(wallMs / 1000) * EPOCHS_PER_SECOND + Math.floor(unit * EPOCHS_PER_SECOND))

/**
 * Makes `disk`, a new folder, hold an old cluster's state under the new cluster's voters. What the old cluster's members
 * were is forgotten by one more entry, the same on every member that is made so. Sessions, leases and revisions stay.
 * Rejects E_CORRUPT, E_HALTED (a command this version does not know), and as the disk does.
 */
export async function rebuild(disk: MemberDisk, old: OldState, voters: readonly number[]): Promise<void> {
  const confState: ConfState = { voters: [...voters].sort((a, b) => a - b), ...noOthers }
  const { index, term } = old
  const staged = await disk.stageSnapshot(old.records)
  if (index > 0) await disk.installSnapshot({ index, term, confState, staged })
  else await staged.discard()
  const store = createStore({ reader: disk.reader })
  if (index > 0) await store.load(index, term, disk.stateRecords())
  const last = old.entries.at(-1) ?? { index, term }
  const entries = [...old.entries, farewell(last.index + 1, Math.max(last.term, 1))]
  await disk.append({ entries, hardState: { term: Math.max(last.term, 1), vote: 0, commit: last.index + 1 } })
  for (const { index: at, term: of, type, data } of entries) {
    const applied = store.apply({ index: at, term: of, data: type === 'normal' ? data : new Uint8Array() })
    const failed = at > last.index && applied.results.find((result) => !result.ok)
    if (failed) throw new KeeperError('E_INTERNAL', 'the members of the old cluster could not be forgotten')
  }
  await disk.flush(store.takeFlush(), confState)
}

const noOthers = { learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }

/** The old cluster's members are none of the new one's. */
function farewell(index: number, term: number): Entry {
  const range = recordRange(DEFAULT_NAMESPACE, 'member')
  const success = [{ kind: 'delete', ...range, prevKv: false }] as const
  const body = { kind: 'txn', keyspace: 'system', txn: { compares: [], success, failure: [] } } as const
  // no wall clock: every member that is made so must have the same bytes
  const data = Uint8Array.from(encodeBatch({ wallMs: 0, seed: 0n, commands: [{ principal: 'system', body }] }))
  return { index, term, type: 'normal', data }
}
