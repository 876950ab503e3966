import { type Clock, delay } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { StateReader } from '../store/types.js'
import { type Append, merge } from './log-writer.js'
import { type OpenOptions, openMemberDisk } from './member-disk.js'
import { SpaceGuard } from './space-guard.js'
import type { DiskSpace, MemberDisk, RawDisk, Recovered, SnapshotView, StagedSnapshot } from './types.js'

type RecordStream = AsyncIterable<{ key: Uint8Array; value: Uint8Array }>

/** A write that is not done yet, and may have to be done again. */
interface Work {
  /** What an append appends. */
  readonly append?: Append
  attempt(disk: MemberDisk): Promise<void>
  resolve(): void
  reject(error: unknown): void
}

/**
 * As openMemberDisk, for a member that outlasts a full disk. A write that fails for want of space is no reason to end:
 * the folder is closed, the ballast given up, the folder opened again and verified as after a crash, and what was not
 * acknowledged is written again. While there is no space at all, writes wait; nothing is acknowledged meanwhile.
 *
 * Why open again, and not just write again? After a failed write the state's write-ahead log may end in half a record
 * behind which LevelDB would lose whatever follows, and after a failed sync the kernel may have dropped what it says it
 * has. Opening writes everything that is read back from there into a new, synced table, and the rest is our own check:
 * the log's head and the marks must know of every append that was acknowledged. Any other failed write ends the member.
 */
export async function openLastingDisk(
  raw: RawDisk,
  options: OpenOptions,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<MemberDisk> {
  const guard = new SpaceGuard({ raw, clock, logger })
  const disk = await openMemberDisk(raw, options).catch(async (error) => {
    if (!isFull(error)) throw error
    await guard.giveUpBallast()
    return await openMemberDisk(raw, options)
  })
  await guard.start()
  return new LastingDisk(raw, options, disk, { clock, logger, guard })
}

/** A full disk, or a write that was not tried because of one. */
const isFull = (error: unknown): boolean =>
  error instanceof KeeperError &&
  (error.code === 'E_NO_SPACE' || (error.code === 'E_DISK' && error.cause !== error && isFull(error.cause)))

class LastingDisk implements MemberDisk {
  readonly recovered: Recovered
  readonly reader: StateReader
  readonly #raw: RawDisk
  readonly #options: OpenOptions
  readonly #parts: { readonly clock: Clock; readonly logger: Logger; readonly guard: SpaceGuard }
  #disk: MemberDisk
  /** In the order they came; what is in here was not acknowledged. */
  readonly #works = new Set<Work>()
  readonly #attempts = new Set<Promise<void>>()
  #healing: Promise<void> | undefined
  /** Openings since anything was written. */
  #vain = 0
  /** Why nothing is waited for any more. */
  #ended: KeeperError | undefined
  readonly #hurry = new AbortController()
  /** The last entry and the term that were acknowledged. */
  #last: { index: number; term: number } | undefined
  #term = 0

  constructor(
    raw: RawDisk,
    options: OpenOptions,
    disk: MemberDisk,
    parts: { clock: Clock; logger: Logger; guard: SpaceGuard },
  ) {
    this.recovered = disk.recovered
    this.#raw = raw
    // nobody loads what is read again after the disk was full
    const { keep, ...rest } = options
    this.#options = rest
    this.#disk = disk
    this.#parts = parts
    const now = () => this.#readingNow()
    this.reader = {
      get generation() {
        return now().generation
      },
      getSync: (key) => now().getSync(key),
      get: (key) => this.#reading((current) => current.reader.get(key)),
      iterate: (range) => this.#streaming((current) => current.reader.iterate(range)),
    }
  }

  async append(batch: Parameters<MemberDisk['append']>[0]): Promise<void> {
    const { entries, hardState } = batch
    this.#parts.guard.wrote(entries.reduce((bytes, { data }) => bytes + data.length, 0))
    await this.#perform((disk) => disk.append(batch), batch)
    const last = entries.at(-1)
    if (last) this.#last = { index: last.index, term: last.term }
    if (hardState) this.#term = hardState.term
  }

  async flush(...[flush, confState]: Parameters<MemberDisk['flush']>): Promise<void> {
    const { bytes = 0 } = flush
    await this.#parts.guard.reserve(bytes)
    if (!(await this.#parts.guard.hasRoom(bytes)))
      throw new KeeperError('E_NO_SPACE', `a flush of ${bytes} bytes has no room on the disk`)
    this.#parts.guard.wrote(bytes)
    await this.#perform((disk) => disk.flush(flush, confState))
  }

  truncateLog(index: number): Promise<void> {
    return this.#perform((disk) => disk.truncateLog(index))
  }

  setCondition(...change: Parameters<MemberDisk['setCondition']>): Promise<void> {
    return this.#perform((disk) => disk.setCondition(...change))
  }

  async installSnapshot(snapshot: Parameters<MemberDisk['installSnapshot']>[0]): Promise<void> {
    // entries that were acknowledged beyond it go with all that it replaces, maybe before it is done
    this.#last = undefined
    await this.#perform((disk) => disk.installSnapshot(snapshot))
    this.#last = undefined
  }

  /** Not done again by itself: the records come but once. A sender that is told so sends them again. */
  async stageSnapshot(records: RecordStream): Promise<StagedSnapshot> {
    await this.#healing
    await this.#parts.guard.reserve(limits.stateLogBytesMax)
    const disk = this.#disk
    try {
      const staged = await disk.stageSnapshot(this.#counted(records))
      return { ...staged, discard: () => this.#discard(disk, staged) }
    } catch (thrown) {
      // the folder may have been closed meanwhile, to be opened again with more room
      const reopened = disk !== this.#disk || this.#healing !== undefined
      if (!isFull(thrown) && !reopened) throw thrown
      if (!reopened) this.#noteFull(disk, thrown)
      throw new KeeperError('E_NO_SPACE', 'a snapshot has no room on the disk', {}, { cause: thrown })
    }
  }

  stateRecords(): RecordStream {
    return this.#streaming((disk) => disk.stateRecords())
  }

  kept(): ReturnType<MemberDisk['kept']> {
    return this.#disk.kept()
  }

  openSnapshot(): Promise<SnapshotView> {
    return this.#reading((disk) => disk.openSnapshot())
  }

  space(): DiskSpace {
    return this.#parts.guard.space
  }

  opening(): Promise<void> | undefined {
    return this.#healing?.catch(() => {})
  }

  waitNoMore(): void {
    this.#ended ??= new KeeperError('E_NO_SPACE', 'the disk is full, and this keeper stops')
    this.#hurry.abort(this.#ended)
  }

  async close(): Promise<void> {
    this.waitNoMore()
    await this.#parts.guard.close()
    await this.#healing?.catch(() => {})
    await this.#disk.close()
  }

  // -- writes

  #perform(attempt: Work['attempt'], append?: Append): Promise<void> {
    return new Promise((resolve, reject) => {
      const work = { attempt, resolve, reject, ...(append && { append }) }
      this.#works.add(work)
      if (!this.#healing) this.#try(work)
    })
  }

  #try(work: Work): void {
    const disk = this.#disk
    const attempt = work.attempt(disk).then(
      () => {
        this.#vain = 0
        this.#works.delete(work)
        work.resolve()
      },
      (error) => {
        // a folder found damaged is not opened a second time: its remains are to be examined, not believed
        if (isFull(error) && !this.recovered.damaged && !this.#ended) return this.#noteFull(disk, error)
        this.#works.delete(work)
        work.reject(error)
      },
    )
    this.#attempts.add(attempt)
    void attempt.finally(() => this.#attempts.delete(attempt))
  }

  #noteFull(disk: MemberDisk, error: unknown): void {
    if (this.#healing || disk !== this.#disk) return
    this.#parts.logger.error({ error }, 'the disk is full: writes wait')
    this.#healing = this.#heal().finally(() => {
      this.#healing = undefined
    })
    this.#healing.then(
      () => {
        this.#parts.logger.warn({}, 'the data folder was opened again: writes go on')
        this.#again()
      },
      (failed) => {
        this.#ended ??= failed
        for (const work of this.#works) work.reject(failed)
        this.#works.clear()
      },
    )
  }

  /** Appends as one: the log may have the first of them already, and those overwritten by others since. */
  #again(): void {
    const works = [...this.#works]
    const appends = works.filter(({ append }) => append)
    const others = works.filter(({ append }) => !append)
    this.#works.clear()
    if (appends.length > 0) {
      const append = merge(appends.flatMap((work) => work.append ?? []))
      this.#works.add({
        append,
        attempt: (disk) => disk.append(append),
        resolve: () => {
          for (const { resolve } of appends) resolve()
        },
        reject: (error) => {
          for (const { reject } of appends) reject(error)
        },
      })
    }
    for (const work of others) this.#works.add(work)
    for (const work of [...this.#works]) this.#try(work)
  }

  async #heal(): Promise<void> {
    const { guard } = this.#parts
    await guard.giveUpBallast()
    while (this.#attempts.size > 0) await Promise.all(this.#attempts)
    await this.#disk.close().catch(() => {})
    for (; ; this.#vain++) {
      if (this.#vain > 0) await this.#untilRoom()
      try {
        this.#disk = await openMemberDisk(this.#raw, { ...this.#options, create: false, keepStaged: true })
        break
      } catch (thrown) {
        if (!isFull(thrown)) throw asKeeperError(thrown)
      }
    }
    this.#vain++
    this.#verify(this.#disk.recovered)
  }

  async #untilRoom(): Promise<void> {
    const { clock, guard } = this.#parts
    do await delay(clock, limits.diskCheckIntervalMs, this.#hurry.signal)
    while (!(await guard.hasRoom(0)))
  }

  /** Is everything there that was acknowledged? The marks have seen to it; this costs nothing. */
  #verify({ damaged, reason, notes, entries, flush, hardState }: Recovered): void {
    const fault = (what: string) => new KeeperError('E_CORRUPT', `after the disk was full: ${what}`, { reason, notes })
    if (damaged) throw fault([reason, ...notes].join(': '))
    if (hardState.term < this.#term) throw fault(`term ${this.#term} was acknowledged, ${hardState.term} is there`)
    const last = this.#last
    if (!last || last.index <= flush.index) return
    // the entries of a newer term, not acknowledged yet, may stand there already instead
    const there = entries[last.index - flush.index - 1]
    if (there ? there.term < last.term : (entries.at(-1)?.term ?? 0) <= last.term)
      throw fault(`entry ${last.index} was acknowledged and is not there`)
  }

  // -- snapshots and reads

  async *#counted(records: RecordStream): RecordStream {
    const { guard } = this.#parts
    for await (const record of records) {
      guard.wrote(record.key.length + record.value.length)
      if (guard.space.low) throw new KeeperError('E_NO_SPACE', 'the disk is almost full')
      yield record
    }
  }

  /** Whatever is not dropped now is dropped at the next start. */
  async #discard(disk: MemberDisk, staged: StagedSnapshot): Promise<void> {
    await this.#healing?.catch(() => {})
    if (disk !== this.#disk) return
    await staged.discard().catch((error) => {
      if (!isFull(error)) throw error
      this.#noteFull(disk, error)
    })
  }

  /** For who cannot wait. */
  #readingNow(): StateReader {
    if (this.#healing) throw new KeeperError('E_UNAVAILABLE', 'the disk was full, and its folder is opened again')
    return this.#disk.reader
  }

  async #reading<T>(read: (disk: MemberDisk) => Promise<T>): Promise<T> {
    for (;;) {
      await this.#healing
      const disk = this.#disk
      try {
        return await read(disk)
      } catch (thrown) {
        if (disk === this.#disk && !this.#healing) throw thrown
      }
    }
  }

  /** What is read at the call is of the moment of the call; a stream that is under way when the folder is closed breaks. */
  #streaming(open: (disk: MemberDisk) => RecordStream): RecordStream {
    const disk = this.#disk
    return this.#healing ? this.#later(open) : this.#unbroken(disk, open(disk))
  }

  async *#later(open: (disk: MemberDisk) => RecordStream): RecordStream {
    await this.#healing
    yield* this.#unbroken(this.#disk, open(this.#disk))
  }

  async *#unbroken(disk: MemberDisk, stream: RecordStream): RecordStream {
    try {
      yield* stream
    } catch (thrown) {
      if (disk === this.#disk && !this.#healing) throw thrown
      throw new KeeperError('E_UNAVAILABLE', 'the disk was full, and its folder is opened again', {}, { cause: thrown })
    }
  }
}
