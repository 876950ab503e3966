import type { Clock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { MemberId } from '../raft/types.js'
import type { MemberDisk } from '../storage/types.js'
import type { StateMachine, StateReader } from '../store/types.js'
import type { Transport } from '../transport/types.js'
import { type CompactionPolicy, defaultCompaction } from './compaction.js'
import { defaultFlushPolicy, type FlushPolicy } from './flusher.js'

export interface MemberOptions {
  /** An opened data folder; the member closes it. */
  readonly disk: MemberDisk
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** An empty store that reads history through the disk. Default: the store room's. */
  readonly createStore?: (reader: StateReader) => StateMachine
  /** Members of a new cluster; what the disk knows goes before. Default: this one alone. */
  readonly voters?: readonly MemberId[]
  /** The way to the others; needed with more than one voter. */
  readonly transport?: Transport
  readonly tickMs?: number
  readonly electionTimeoutTicks?: number
  readonly heartbeatTicks?: number
  /** Payload of one message to a follower, though at least one entry. */
  readonly messageBytesMax?: number
  readonly flush?: Partial<FlushPolicy>
  readonly compaction?: CompactionPolicy
  /** Above it writes are refused with E_NO_SPACE; deletes and compaction are not. */
  readonly quotaBytes?: number
  /** Runs `run` in a later turn of the event loop, after the input that waits now. Default: setImmediate. */
  readonly nextTurn?: (run: () => void) => void
}

/** The options with all defaults filled in. */
export interface Settings {
  readonly tickMs: number
  readonly electionTimeoutTicks: number
  readonly heartbeatTicks: number
  readonly messageBytesMax: number
  readonly flush: FlushPolicy
  readonly compaction: CompactionPolicy
  readonly quotaBytes: number
  readonly nextTurn: (run: () => void) => void
  /** How long a proposal or a read waits for a leader or an answer. */
  readonly patienceTicks: number
}

export function settingsOf(options: MemberOptions): Settings {
  const electionTimeoutTicks = options.electionTimeoutTicks ?? 10
  return {
    tickMs: options.tickMs ?? 100,
    electionTimeoutTicks,
    heartbeatTicks: options.heartbeatTicks ?? 1,
    messageBytesMax: options.messageBytesMax ?? limits.raftMessageBytesMax,
    flush: { ...defaultFlushPolicy, ...options.flush },
    compaction: options.compaction ?? defaultCompaction,
    quotaBytes: options.quotaBytes ?? limits.storeBytesMax,
    nextTurn: options.nextTurn ?? ((run) => void setImmediate(run)),
    patienceTicks: electionTimeoutTicks * 5,
  }
}
