import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { MemoryStorage } from '../raft/memory-storage.js'
import { RawNode } from '../raft/raw-node.js'
import type { ConfState } from '../raft/types.js'
import type { MemberDisk, Recovered } from '../storage/types.js'
import { createStore } from '../store/store.js'
import { newestRecords } from '../store/tables.js'
import type { StateMachine } from '../store/types.js'
import type { MemberOptions, Settings } from './options.js'

/** What a member runs on, as its disk gave it back. */
export interface Engine {
  readonly raw: RawNode
  readonly log: MemoryStorage
  readonly store: StateMachine
  readonly confState: ConfState
  /** It must not be believed before the other members vouch for it. */
  readonly recovering: boolean
}

/**
 * Loads what the disk holds. Rejects E_LOST_TAIL or E_CORRUPT for a damaged folder of a single voter, which nobody can
 * vouch for.
 */
export async function loadEngine(options: MemberOptions, settings: Settings): Promise<Engine> {
  const { recovered, reader } = options.disk
  const confState = initialConfState(recovered, options)
  const recovering = recovered.condition === 'recovering' && !(await isWholeAgain(options, confState))
  const store = options.createStore?.(reader) ?? createStore({ reader })
  const { index, term } = recovered.flush
  // every record was verified when the disk was opened: what was not kept then need not be read a second time
  if (index > 0) await store.load(index, term, keptRecords(options.disk) ?? newestRecords(reader))
  const log = loadLog(recovered, confState)
  return { raw: newRawNode(log, options, settings), log, store, confState, recovering }
}

function keptRecords(disk: MemberDisk): AsyncIterable<{ key: Uint8Array; value: Uint8Array }> | undefined {
  const kept = disk.kept()
  return kept && inTurns(kept)
}

async function* inTurns<T>(all: Iterable<T>): AsyncGenerator<T> {
  yield* all
}

/**
 * A single voter that was found damaged wrote nothing since, so it may be believed once its folder is whole again
 * (somebody put back what was missing). Rejects as loadEngine while it is not.
 */
async function isWholeAgain({ disk, logger }: MemberOptions, confState: ConfState): Promise<boolean> {
  const { recovered } = disk
  if (!isAlone(confState, recovered.identity.memberId)) return false
  if (recovered.damaged) throw beyondHelp(recovered)
  await disk.setCondition('clean')
  logger.warn({ reason: recovered.reason }, 'the data folder, found damaged before, is whole again')
  return true
}

const isAlone = ({ voters, votersOutgoing }: ConfState, id: number): boolean =>
  votersOutgoing.length === 0 && voters.every((voter) => voter === id)

function initialConfState({ flush, identity }: Recovered, { voters }: MemberOptions): ConfState {
  if (flush.confState.voters.length > 0) return flush.confState
  return {
    voters: voters ?? [identity.memberId],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  }
}

function beyondHelp({ reason, notes, identity }: Recovered): KeeperError {
  const code = reason === 'lost-tail' ? 'E_LOST_TAIL' : 'E_CORRUPT'
  const what = [reason, ...notes].filter((part) => part !== undefined).join(': ')
  return new KeeperError(
    code,
    `the data folder of ${identity.memberName} is damaged (${what}) and no other member can vouch for it; ` +
      'keep a copy of the folder, then put back what is missing, or restore the last snapshot with `keeper snapshot restore`',
    { reason, notes },
  )
}

function loadLog({ flush, entries, hardState }: Recovered, confState: ConfState): MemoryStorage {
  const log = new MemoryStorage()
  if (flush.index > 0) log.applySnapshot({ ...flush, confState, data: new Uint8Array() })
  else log.setConfState(confState)
  log.append(entries)
  // a flush vouches for what it covers; of a recovering member the log may end below what was committed
  const commit = Math.min(Math.max(hardState.commit, flush.index), log.lastIndex())
  log.setHardState({ ...hardState, commit })
  return log
}

function newRawNode(log: MemoryStorage, { disk, random }: MemberOptions, settings: Settings): RawNode {
  const { identity, flush } = disk.recovered
  return new RawNode({
    id: identity.memberId,
    electionTimeoutTicks: settings.electionTimeoutTicks,
    heartbeatTicks: settings.heartbeatTicks,
    storage: log,
    applied: flush.index,
    random: (below) => random.below(below),
    messageBytesMax: settings.messageBytesMax,
    committedBytesPerReadyMax: limits.raftMessageBytesMax,
    uncommittedBytesMax: limits.raftUncommittedBytesMax,
    inflightMessagesMax: limits.raftInflightMessages,
    inflightBytesMax: limits.raftInflightBytesMax,
    checkQuorum: true,
    preVote: true,
    leaseReads: false,
    asyncStorageWrites: false,
    disableProposalForwarding: true,
    stepDownOnRemoval: false,
    disableConfChangeValidation: false,
  })
}
