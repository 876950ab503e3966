import type { Clock, MonotonicMs } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { largeBytesDied } from '../base/garbage.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import { entryBytes } from '../raft/entry-bytes.js'
import type { MemoryStorage } from '../raft/memory-storage.js'
import type { ConfState, Entry } from '../raft/types.js'
import type { MemberDisk } from '../storage/types.js'
import type { StateFlush, StateMachine } from '../store/types.js'
import { FlushTurn } from './flush-turn.js'

/** When the state is flushed, and how much of the log stays for followers that lag. */
export interface FlushPolicy {
  /** So much of the newest state is to be written: a flush is one write, held in memory twice while it is made. */
  readonly stateBytes: number
  /** The same of large values, which every flush writes once and never again. */
  readonly valueBytes: number
  /** At the latest; on its turn a member flushes before, see `flush-turn.ts`. */
  readonly logBytes: number
  readonly entries: number
  readonly intervalMs: number
  /** So many bytes of the log are flushed after so long already: they lie in memory twice until then. */
  readonly restBytes: number
  readonly restMs: number
  readonly tailEntries: number
  readonly tailBytes: number
}

export const defaultFlushPolicy: FlushPolicy = {
  stateBytes: 16 * 1024 * 1024,
  valueBytes: 512 * 1024,
  logBytes: 12 * 1024 * 1024,
  entries: 20_000,
  intervalMs: 30_000,
  restBytes: 1024 * 1024,
  restMs: 3_000,
  tailEntries: 5_000,
  tailBytes: 8 * 1024 * 1024,
}

/** What was applied since the last flush. */
export interface SinceFlush {
  readonly stateBytes: number
  readonly valueBytes: number
  readonly bytes: number
  readonly entries: number
  readonly ms: number
}

export const flushIsDue = (policy: FlushPolicy, since: SinceFlush): boolean =>
  since.entries > 0 &&
  (since.bytes >= policy.logBytes ||
    since.stateBytes >= policy.stateBytes ||
    since.valueBytes >= policy.valueBytes ||
    since.entries >= policy.entries ||
    since.ms >= policy.intervalMs ||
    (since.bytes >= policy.restBytes && since.ms >= policy.restMs))

/** Of `logBytes`: how far apart a member's turns are, and how much must have come since the last flush for a turn to count. */
const [TURN_SHARE, TURN_SHARE_MIN] = [2 / 3, 1 / 3]

/** A chunk of a blob was copied so often until it is on disk: into its command, the entry, and the records of log and flush. */
const COPIES_OF_CHUNKS = 4

export interface FlusherParts {
  readonly disk: MemberDisk
  readonly log: MemoryStorage
  readonly store: StateMachine
  readonly clock: Clock
  readonly logger: Logger
  readonly policy: FlushPolicy
  /** As of the applied index. */
  readonly confState: () => ConfState
  /** This member's place among those that flush: 0 ≤ share < 1. */
  readonly share: () => number
  readonly fault: (error: unknown) => void
  /** A flush ended and the log is shorter. */
  readonly done: () => void
}

/**
 * Makes applied state durable in the background and then lets go of the log below it; appends go on meanwhile. What the
 * flush before covers stays on disk until the next is done, so a crash at any moment leaves one whole.
 */
export class Flusher {
  readonly #parts: FlusherParts
  readonly #turn: FlushTurn
  #isTurn = false
  #flushedIndex: number
  #bytes = 0
  #entries = 0
  #at: MonotonicMs
  #running: Promise<void> | undefined
  /** All state is about to be replaced: what is here must not be flushed over it. */
  #held = false
  /** Payload of the entries in `log`. */
  #logBytes: number
  /** A flush that found no room on the disk: it comes before any other. */
  #kept: { readonly flush: StateFlush; readonly confState: ConfState } | undefined

  constructor(parts: FlusherParts, flushedIndex: number) {
    this.#parts = parts
    this.#turn = new FlushTurn(parts.policy.logBytes * TURN_SHARE, parts.share)
    this.#flushedIndex = flushedIndex
    this.#at = parts.clock.monotonic()
    this.#logBytes = bytesOf(logEntries(parts.log, parts.log.firstIndex(), parts.log.lastIndex() + 1))
  }

  get flushedIndex(): number {
    return this.#flushedIndex
  }

  get logBytes(): number {
    return this.#logBytes
  }

  /** Entries are about to be put into `log`, replacing what stands at their indexes. */
  appending(entries: readonly Entry[]): void {
    const first = entries[0]?.index
    if (first === undefined) return
    const { log } = this.#parts
    const replaced = logEntries(log, Math.max(first, log.firstIndex()), log.lastIndex() + 1)
    this.#logBytes += bytesOf(entries) - bytesOf(replaced)
  }

  applied(entry: Entry): void {
    const bytes = entryBytes(entry)
    this.#bytes += bytes
    this.#entries++
    const isTurn = this.#turn.applied(entry, bytes)
    this.#isTurn ||= isTurn && this.#bytes >= this.#parts.policy.logBytes * TURN_SHARE_MIN
  }

  /** Begins a flush if one is due and none is under way. */
  maybeFlush(): void {
    if (this.#held || this.#running) return
    const { clock, policy } = this.#parts
    const ms = clock.monotonic() - this.#at
    const due = this.#kept
      ? ms >= limits.diskCheckIntervalMs
      : this.#isTurn || flushIsDue(policy, { ...this.#since(), ms })
    if (due) this.#begin()
  }

  /**
   * Flushes what is applied, after the flush under way; `taking` is called as it takes the state. Rejects as the disk does,
   * and E_UNAVAILABLE while the state is being replaced.
   */
  async flushNow(taking: () => void = () => {}): Promise<void> {
    // others may have waited for the same one: never two at a time, or a kept one could displace another
    while (this.#running) await this.settled()
    if (this.#held) throw new KeeperError('E_UNAVAILABLE', "the state is being replaced by the leader's: ask again")
    taking()
    if (this.#entries === 0 && !this.#kept) return
    this.#begin()
    await this.#running
  }

  /** Resolves when no flush is under way. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => {})
  }

  /** Begins no flush until `replaced`; resolves when none is under way. */
  async hold(): Promise<void> {
    this.#held = true
    await this.settled()
  }

  /** All state was replaced by a snapshot's, durably. */
  replaced(index: number): void {
    this.#held = false
    this.#kept = undefined
    this.#flushedIndex = index
    this.#logBytes = 0
    this.#reset()
  }

  #begin(): void {
    const { store, confState, fault } = this.#parts
    const valueBytes = store.unflushedValueBytes()
    const kept = this.#kept ?? { flush: store.takeFlush(), confState: confState() }
    if (this.#kept) this.#at = this.#parts.clock.monotonic()
    else this.#reset()
    this.#kept = undefined
    const done = this.#complete(kept.flush, kept.confState)
    this.#running = done
    done
      .catch((error) => {
        if (!(error instanceof KeeperError) || error.code !== 'E_NO_SPACE') return fault(error)
        this.#kept = kept
        this.#parts.logger.warn({ error }, 'flush waits for space')
      })
      .finally(() => {
        if (this.#running === done) this.#running = undefined
        this.#parts.done()
        // when nothing has them any more: what a collection finds alive twice stays until one of all
        setImmediate(() => largeBytesDied(COPIES_OF_CHUNKS * valueBytes)).unref()
      })
  }

  async #complete(flush: StateFlush, confState: ConfState): Promise<void> {
    const { disk, log, policy, logger, store } = this.#parts
    const index = flush.appliedIndex
    await disk.flush(flush, confState)
    store.flushed()
    if (index <= this.#flushedIndex) return
    this.#flushedIndex = index
    log.createSnapshot(index, confState, new Uint8Array())
    // nobody lags behind a member that is alone
    const keepFrom = isAlone(confState) ? index + 1 : tailStart(log, index, policy)
    if (keepFrom > log.firstIndex()) {
      await disk.truncateLog(keepFrom - 1)
      this.#logBytes -= bytesOf(logEntries(log, log.firstIndex(), keepFrom))
      log.compact(keepFrom - 1)
    }
    logger.debug({ index, firstIndex: log.firstIndex() }, 'state flushed')
  }

  #since(): Omit<SinceFlush, 'ms'> {
    const { store } = this.#parts
    const [stateBytes, valueBytes] = [store.unflushedBytes(), store.unflushedValueBytes()]
    return { bytes: this.#bytes, entries: this.#entries, stateBytes, valueBytes }
  }

  #reset(): void {
    this.#bytes = 0
    this.#entries = 0
    this.#isTurn = false
    this.#at = this.#parts.clock.monotonic()
  }
}

/** Index of the first entry to keep, given a flush at `flushed`: the policy's tail, and everything above the flush. */
export function tailStart(log: MemoryStorage, flushed: number, policy: FlushPolicy): number {
  const tail = logEntries(log, log.firstIndex(), flushed + 1)
  let bytes = 0
  let start = flushed + 1
  for (let i = tail.length - 1; i >= 0 && flushed + 1 - start < policy.tailEntries; i--) {
    const entry = tail[i] as Entry
    bytes += entryBytes(entry)
    if (bytes > policy.tailBytes) break
    start = entry.index
  }
  return start
}

const isAlone = ({ voters, learners, votersOutgoing, learnersNext }: ConfState): boolean =>
  voters.length + learners.length + votersOutgoing.length + learnersNext.length <= 1

const logEntries = (log: MemoryStorage, low: number, high: number): readonly Entry[] =>
  low < high ? log.entries(low, high, Number.POSITIVE_INFINITY) : []

const bytesOf = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + entryBytes(entry), 0)
