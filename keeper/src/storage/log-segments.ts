import { ByteWriter } from '../base/codec.js'
import { limits } from '../base/limits.js'
import type { FoundLog } from './recover-log.js'
import {
  type NewRecord,
  padToPage,
  recordBytesMax,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  type WrittenRecord,
  writeRecord,
  writeSegmentHeader,
} from './segment-records.js'
import type { RawLog, RawSegment } from './types.js'

/** A segment with records in it. */
type Begun = RawSegment & { readonly header: SegmentHeader }

/** A writer that once held more than this is let go. */
const KEPT_BYTES_MAX = 1024 * 1024

/**
 * Where records go: one behind the other into the newest segment, and into the next when it is full. The next one is made
 * ahead of time, in the background, out of one that is no longer needed where there is one: an append neither waits for
 * it nor ever finds the disk full in its midst. Appends come one at a time; so do `drop` and what `keepOnly` does.
 */
export class LogSegments {
  readonly #raw: RawLog
  #current: RawSegment | undefined
  /** Where the next record begins; 0 in a segment that has not begun. */
  #at = 0
  #link: number
  /** Those with records, the oldest first; the current one when it has begun. */
  #begun: Begun[]
  /** To be written next, in this order. */
  #ready: RawSegment[]
  /** Neither needed nor ready. */
  #dead: RawSegment[]
  #numberMax: number
  /** Segments are made, renumbered and removed one after another. */
  #housekeeping: Promise<unknown> = Promise.resolve()
  #making: Promise<void> | undefined
  /** In turns: the bytes of an append stay until the one after the next, for the marks. */
  #writers = [new ByteWriter(4096), new ByteWriter(4096)]

  constructor(raw: RawLog, { segments, end }: Pick<FoundLog, 'segments' | 'end'>) {
    const isBegun = (segment: (typeof segments)[number]): segment is Begun => segment.header !== undefined
    const upTo = end?.number ?? 0
    // one that was begun behind the end would be believed again some day if another took its place before it
    const notReady = Math.max(upTo, ...segments.filter(isBegun).map(({ number }) => number))
    this.#raw = raw
    this.#begun = segments.filter(isBegun).filter(({ number }) => number <= upTo)
    this.#ready = segments.filter(({ number }) => number > notReady)
    this.#dead = segments.filter(
      (one) => one.number <= notReady && !this.#begun.some(({ number }) => number === one.number),
    )
    this.#numberMax = segments.at(-1)?.number ?? 0
    this.#current = this.#begun.at(-1)
    this.#at = end?.at ?? 0
    this.#link = end?.link ?? 0
  }

  /** Is there room for the entries at once? */
  fits(entries: NewRecord['entries']): boolean {
    return this.#current !== undefined && this.#at + recordBytesMax(entries) <= this.#current.bytes
  }

  /** Goes on to a segment with room for the entries. Rejects E_NO_SPACE, E_DISK. */
  async turn(entries: NewRecord['entries']): Promise<void> {
    const bytes = SEGMENT_HEADER_BYTES + recordBytesMax(entries)
    await this.#making
    const [next] = this.#ready
    if (!next || next.bytes < bytes) await this.#tidied(() => this.#make(Math.max(bytes, this.#bytesNext()), next))
    this.#current = this.#ready.shift()
    this.#at = 0
  }

  /** Begins a segment although the last one has room: whatever stands before it can be dropped at once. */
  async beginAnew(entries: NewRecord['entries']): Promise<void> {
    await this.turn(entries)
    this.#link = 0
  }

  /** One write behind the last, for which there is room. `lastIndex` is where the log ended before it. */
  begin(record: Omit<NewRecord, 'link'>, lastIndex: number): WrittenRecord & { readonly done: Promise<void> } {
    const current = this.#current as RawSegment
    const header = { number: current.number, epoch: record.head.epoch, lastIndex, link: this.#link }
    const writer = this.#nextWriter()
    if (this.#at === 0) writeSegmentHeader(writer, header)
    const written = writeRecord(writer, { ...record, link: this.#link })
    const at = this.#at
    const end = at + writer.length
    const bytes = padToPage(writer, at, current.bytes).finish()
    const done = this.#raw.write(current.number, at, bytes).then(() => {
      this.#at = end
      this.#link = written.sum
      if (at > 0) return
      this.#begun.push({ ...current, header })
      void this.ahead()
    })
    return { ...written, done }
  }

  /** Makes the next segment if there is none. Never rejects: whoever needs it tries again, and is told. */
  ahead(): Promise<void> {
    if (this.#ready.length > 0) return Promise.resolve()
    this.#making ??= this.#tidied(async () => {
      if (this.#ready.length === 0) await this.#make(this.#bytesNext())
    })
      .catch(() => {})
      .finally(() => {
        this.#making = undefined
      })
    return this.#making
  }

  /** Lets go of the segments in which nothing stands that a flush at `index` does not cover. Rejects E_DISK. */
  async drop(epoch: number, index: number): Promise<void> {
    const first = this.#begun.findLastIndex(({ header }) => header.epoch === epoch && header.lastIndex <= index)
    if (first > 0) this.#dead.push(...this.#begun.splice(0, first))
    await this.#bury()
  }

  /** Lets go of all but the segment that was begun last. Rejects E_DISK. */
  async keepNewest(): Promise<void> {
    this.#dead.push(...this.#begun.splice(0, this.#begun.length - 1))
    await this.#bury()
  }

  /** Resolves when nothing is being made or removed. */
  async idle(): Promise<void> {
    await this.#housekeeping.catch(() => {})
  }

  /** Dead segments are used again, as far as they are wanted. */
  #bury(): Promise<void> {
    return this.#tidied(async () => {
      const { max } = this.#raw.segmentBytes
      while (this.#ready.length < limits.logSegmentsReady) {
        const at = this.#dead.findIndex(({ bytes }) => bytes >= this.#bytesNext() && bytes <= max)
        const [used] = at < 0 ? [] : this.#dead.splice(at, 1)
        if (!used) break
        const number = ++this.#numberMax
        await this.#raw.renumber(used.number, number)
        this.#ready.push({ number, bytes: used.bytes })
      }
      const gone = this.#dead.splice(0).map(({ number }) => number)
      if (gone.length > 0) await this.#raw.remove(gone)
    })
  }

  /** At the end of those that are ready, or in place of one that is too small. */
  async #make(bytes: number, instead?: RawSegment): Promise<void> {
    const number = instead?.number ?? ++this.#numberMax
    await this.#raw.make(number, bytes)
    const made = { number, bytes }
    this.#ready = instead ? [made, ...this.#ready.filter((one) => one.number !== number)] : [...this.#ready, made]
  }

  /** Small at first, so that a keeper that writes little takes little. */
  #bytesNext(): number {
    const { min, max } = this.#raw.segmentBytes
    return Math.min(max, Math.max(min, (this.#current?.bytes ?? 0) * 2))
  }

  #nextWriter(): ByteWriter {
    const [used, next] = this.#writers as [ByteWriter, ByteWriter]
    this.#writers = [next, used.length > KEPT_BYTES_MAX ? new ByteWriter(4096) : used]
    return next.truncate(0)
  }

  #tidied<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#housekeeping.then(work, work)
    this.#housekeeping = done.catch(() => {})
    return done
  }
}
