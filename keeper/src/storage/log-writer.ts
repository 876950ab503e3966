import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Entry, HardState } from '../raft/types.js'
import type { LogHead } from './log-records.js'
import type { LogSegments } from './log-segments.js'
import { fitsMark, type MarkWriter } from './marks.js'
import type { WriteGate } from './write-gate.js'

/** The last entry that is no longer in the log: where the state flush stands. */
export interface LogBase {
  readonly index: number
  readonly chain: number
}

export interface Append {
  readonly entries: readonly Entry[]
  readonly hardState?: HardState
  /** Write the head even if nothing in it must be durable. */
  readonly force?: boolean
}

interface Waiting extends Append {
  resolve(): void
  reject(reason: unknown): void
}

/** Appends to the log in groups: what arrives while one synced write is under way shares the next. */
export class LogWriter {
  readonly #segments: LogSegments
  readonly #marks: MarkWriter
  readonly #gate: WriteGate
  #epoch: number
  #base: LogBase
  /** Checksums of the entries after the base. */
  #chains: number[]
  #sequence: number
  #hardState: HardState
  /** The last index once everything that waits is written. */
  #submitted: number
  /** The next append begins a log of its own. */
  #anew = false
  #queue: Waiting[] = []
  #pump: Promise<void> | undefined

  constructor(
    parts: { segments: LogSegments; marks: MarkWriter; gate: WriteGate },
    start: { epoch: number; base: LogBase; chains: readonly number[]; sequence: number; hardState: HardState },
  ) {
    this.#segments = parts.segments
    this.#marks = parts.marks
    this.#gate = parts.gate
    this.#epoch = start.epoch
    this.#base = start.base
    this.#chains = [...start.chains]
    this.#sequence = start.sequence
    this.#hardState = start.hardState
    this.#submitted = this.lastIndex
  }

  /** Of the last durable entry. */
  get lastIndex(): number {
    return this.#base.index + this.#chains.length
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Resolves when the entries are durable and watched over by a mark; see MemberDisk.append. */
  append(append: Append): Promise<void> {
    this.#gate.check()
    this.#submit(append.entries)
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...append, resolve, reject })
      this.#pump ??= this.#run()
    })
  }

  /** Resolves when every append made before is durable; rejects when one failed. */
  written(): Promise<void> {
    return this.append({ entries: [] })
  }

  /** Resolves when nothing waits or is under way, whether it went well or not. */
  async idle(): Promise<void> {
    while (this.#pump) await this.#pump
    await this.#segments.idle()
  }

  /** Checksum of the durable entry at `index`, which must not lie below the base. Throws E_INTERNAL. */
  chainAt(index: number): number {
    const chain = index === this.#base.index ? this.#base.chain : this.#chains[index - this.#base.index - 1]
    if (chain === undefined) throw new KeeperError('E_INTERNAL', `entry ${index} is not in the log`)
    return chain
  }

  /** The state was flushed at `index`: what lies at or below it may be forgotten. */
  rebase(index: number): void {
    const chain = this.chainAt(index)
    this.#chains.splice(0, index - this.#base.index)
    this.#base = { index, chain }
  }

  /** Drops entries at or below `index`, as far as they fill segments. */
  async truncate(index: number): Promise<void> {
    if (index > this.#base.index)
      throw new KeeperError('E_INTERNAL', `log truncated at ${index}, above the flush at ${this.#base.index}`)
    await this.#gate.run(() => this.#segments.drop(this.#epoch, index))
  }

  /** Starts an empty log after `base` and writes its head; all that was before is dropped. */
  async restart(epoch: number, base: LogBase): Promise<void> {
    await this.idle()
    this.#epoch = epoch
    this.#base = base
    this.#chains = []
    this.#submitted = base.index
    this.#anew = true
    const commit = Math.max(this.#hardState.commit, base.index)
    await this.append({ entries: [], hardState: { ...this.#hardState, commit }, force: true })
    await this.#gate.run(() => this.#segments.keepNewest())
  }

  /**
   * The whole log again, in one record of a new segment and without a mark: what there was is damaged, or of another
   * format. `entries` are all that it has.
   */
  rewrite(entries: readonly Entry[]): Promise<LogHead> {
    const append = { entries, hardState: this.#hardState, first: this.#base.index + 1 }
    return this.#gate.run(async () => {
      await this.#segments.beginAnew(entries)
      const { chains, head, done } = this.#begin(append, this.#base.chain, this.#base.index)
      await done
      this.#sequence = head.sequence
      this.#chains = [...chains]
      this.#submitted = this.lastIndex
      return head
    })
  }

  /** Drops what stood there before `rewrite`. */
  dropRewritten(): Promise<void> {
    return this.#gate.run(() => this.#segments.keepNewest())
  }

  /** All of them or none: a refused batch leaves no trace. */
  #submit(entries: readonly Entry[]): void {
    let last = this.#submitted
    for (const [at, { index }] of entries.entries()) {
      const fits = at === 0 ? index > this.#base.index && index <= last + 1 : index === last + 1
      if (!fits) throw new KeeperError('E_INTERNAL', `entry ${index} appended to a log that ends at ${last}`)
      last = index
    }
    this.#submitted = last
  }

  /** At once: whoever asks has others to wake, who would take the processor meanwhile. */
  async #run(): Promise<void> {
    while (this.#queue.length > 0) await this.#writeGroup(takeGroup(this.#queue))
    this.#pump = undefined
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#gate.run(() => this.#write(merge(group)))
      for (const { resolve } of group) resolve()
    } catch (thrown) {
      for (const { reject } of group) reject(thrown)
    }
  }

  async #write({ entries, hardState = this.#hardState, force }: Append): Promise<void> {
    const mustBeDurable =
      entries.length > 0 || force || hardState.term !== this.#hardState.term || hardState.vote !== this.#hardState.vote
    this.#hardState = hardState
    if (!mustBeDurable) return
    if (this.#anew) await this.#segments.beginAnew(entries)
    else if (!this.#segments.fits(entries)) await this.#segments.turn(entries)
    this.#anew = false
    const first = entries[0]?.index ?? this.lastIndex + 1
    const chainBefore = this.chainAt(first - 1)
    const { head, chains, entryBytes, done } = this.#begin({ entries, hardState, first }, chainBefore, this.lastIndex)
    if (fitsMark(entries)) {
      const redo = { chainBefore, count: entries.length, bytes: entryBytes }
      await Promise.all([done, this.#marks.update({ head, redo })])
    } else {
      await done
      await this.#marks.update({ head, redo: undefined })
    }
    this.#sequence = head.sequence
    this.#chains.length = first - this.#base.index - 1
    for (const chain of chains) this.#chains.push(chain)
  }

  #begin(
    { entries, hardState, first }: { entries: readonly Entry[]; hardState: HardState; first: number },
    chainBefore: number,
    endedAt: number,
  ): ReturnType<LogSegments['begin']> & { readonly head: LogHead } {
    const [sequence, lastIndex] = [this.#sequence + 1, first + entries.length - 1]
    const head = { sequence, epoch: this.#epoch, hardState, lastIndex }
    return this.#segments.begin({ head, chainBefore, entries }, endedAt)
  }
}

/** The longest run from the front of the queue that stays below the limit, at least one. */
function takeGroup(queue: Waiting[]): Waiting[] {
  let bytes = 0
  const over = queue.findIndex(({ entries }, at) => {
    for (const entry of entries) bytes += entry.data.length
    return at > 0 && bytes > limits.logGroupBytesMax
  })
  return queue.splice(0, over === -1 ? queue.length : over)
}

/** Several appends as one: a later one replaces the suffix of an earlier one. Fits a log in which the first of them are done, too. */
export function merge(group: readonly Append[]): Append {
  if (group.length === 1 && group[0]) return group[0]
  const entries: Entry[] = []
  for (const append of group) {
    const [first] = append.entries
    const start = entries[0]
    if (first && start) entries.length = Math.min(entries.length, Math.max(0, first.index - start.index))
    for (const entry of append.entries) entries.push(entry)
  }
  const hardState = group.findLast((append) => append.hardState)?.hardState
  return { entries, force: group.some((append) => append.force), ...(hardState && { hardState }) }
}
