/** From what lies on disk to what may be believed: the mark, the state and the log put together. */

import type { HardState } from '../raft/types.js'
import { emptyMark, type Mark, newestMark, type Redo, redoneEntries } from './marks.js'
import { readOldLog } from './old-log.js'
import type { Stores } from './open-disk.js'
import { type Damage, type FoundState, type Keep, readState } from './recover.js'
import { type FoundLog, readLog } from './recover-log.js'
import type { Side } from './side-file.js'
import { emptyManifest } from './state-records.js'
import type { RawDisk, Recovered } from './types.js'

/** Everything that was found, put together. */
export interface Findings {
  readonly mark: Mark
  readonly slot: 0 | 1
  readonly state: FoundState
  readonly log: FoundLog
  readonly damage: Damage | undefined
  readonly redo: Redo | undefined
  readonly hardState: HardState
  readonly notes: readonly string[]
}

/** Reads and verifies everything. Rejects E_DATA_VERSION, E_DISK. */
export async function examine(raw: RawDisk, stores: Stores, side: Side, keep: Keep): Promise<Findings> {
  const found = await newestMark(raw)
  const { mark, slot } = found ?? { mark: emptyMark, slot: 1 as const }
  const read = await readState(stores.state, keep)
  const state = read.damage ? emptied(read, mark) : read
  const log = side.oldLog
    ? await readOldLog({ db: await raw.oldLog(), log: stores.log }, read.manifest, mark)
    : await readLog(stores.log, read.manifest, mark)
  const redo = redoFor(log, state, mark)
  const unmarked: Damage | undefined = found ? undefined : { reason: 'bad-sum', detail: 'both marks are damaged' }
  const damage = read.damage ?? log.damage ?? unmarked ?? redo.damage
  const lostFlush = !damage && read.manifest.number < mark.flush.number
  const notes = lostFlush ? [`flush ${mark.flush.number} was lost; the log still has its entries`] : []
  const newest = (log.head?.sequence ?? 0) > mark.head.sequence ? log.head : mark.head
  const { hardState } = newest ?? mark.head
  return {
    mark,
    slot,
    state,
    log,
    damage,
    redo: damage ? undefined : redo.redo,
    hardState,
    notes: damage ? [damage.detail] : notes,
  }
}

/** A damaged state as an empty one; the configuration is the last one known. */
function emptied(state: FoundState, mark: Mark): FoundState {
  const confState = mark.flush.number > 0 ? mark.confState : state.manifest.confState
  return { ...state, manifest: { ...emptyManifest, confState }, manifestSum: 0 }
}

/** The batch that the mark has and the log has not; damage when it does not follow what the log has. */
function redoFor(log: FoundLog, state: FoundState, mark: Mark): { redo?: Redo; damage?: Damage } {
  const { manifest } = state
  if (!mark.redo || mark.head.sequence <= (log.head?.sequence ?? 0) || mark.head.epoch !== manifest.logEpoch) return {}
  const before = mark.head.lastIndex - mark.redo.count
  const chain = before === manifest.index ? manifest.chain : log.chains[before - manifest.index - 1]
  if (chain === mark.redo.chainBefore) return { redo: mark.redo }
  return { damage: { reason: 'hole', detail: `entry ${before}, on which the newest append rests, is not in the log` } }
}

/** Do the log's entries follow the state? Not after a state that is damaged, nor before a snapshot that is lost. */
export const isLogUsable = ({ state, log, mark }: Findings): boolean =>
  !state.damage && Math.max(log.head?.epoch ?? 0, mark.head.epoch) <= state.manifest.logEpoch

/** The findings as the node sees them: the log with the batch that is to be done again. */
export function recoveredOf(findings: Findings, { identity, home, condition, reason }: Side): Recovered {
  const { index, term, confState } = findings.state.manifest
  const kept = isLogUsable(findings) ? findings.log.entries : []
  const redone = findings.redo ? redoneEntries(findings.redo) : []
  const entries = [...kept.filter((entry) => entry.index < (redone[0]?.index ?? Number.POSITIVE_INFINITY)), ...redone]
  // of a damaged log only the flush is known to be committed: an entry at the place of one that is lost may be one that
  // a later leader had replaced
  const commit = findings.damage ? index : Math.min(Math.max(findings.hardState.commit, index), index + entries.length)
  const hardState = { ...findings.hardState, commit }
  const flush = { index, term, confState }
  return {
    identity,
    home,
    hardState,
    entries,
    flush,
    condition,
    ...(reason !== undefined && { reason }),
    damaged: findings.damage !== undefined,
    notes: findings.notes,
  }
}
