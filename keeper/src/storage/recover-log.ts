/** What the log holds, verified record by record, and whether that is all there should be. Pure reading. */

import type { Entry } from '../raft/types.js'
import type { LogHead } from './log-records.js'
import type { Mark } from './marks.js'
import type { Damage } from './recover.js'
import {
  type FoundRecord,
  readRecord,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './segment-records.js'
import type { Manifest } from './state-records.js'
import type { RawLog, RawSegment } from './types.js'

/** A segment and what its header says; none where it was never begun under its number. */
export type FoundSegment = RawSegment & { readonly header?: SegmentHeader }

export interface FoundLog {
  /** Undefined when there is none or it is damaged. */
  readonly head: LogHead | undefined
  /** Entries after the flush, up to the first that does not fit. */
  readonly entries: readonly Entry[]
  /** Checksum of each of `entries`. */
  readonly chains: readonly number[]
  readonly damage?: Damage
  /** All files, whatever is in them, by number. */
  readonly segments: readonly FoundSegment[]
  /** Where the last record ends; undefined when there is none. */
  readonly end?: LogEnd
}

export interface LogEnd {
  readonly number: number
  readonly at: number
  /** Sum of the last record. */
  readonly link: number
}

/** Reads what follows the flush; `mark` is the newest one. Rejects E_DATA_VERSION, E_DISK. */
export async function readLog(raw: RawLog, flush: Manifest, mark: Mark): Promise<FoundLog> {
  const segments = await survey(raw)
  const begun = segments.filter(({ header }) => header)
  let scan = new Scan(flush)
  for (const start of starts(begun, flush)) {
    scan = new Scan(flush)
    await scan.read(raw, begun.slice(start))
    if (scan.head) break
  }
  const { head, entries, chains, end } = scan
  const damage = scan.gap() ?? compareHead(scan, flush, mark) ?? undefined
  const found = { head, segments, ...(end && { end }), ...(damage && { damage: scan.named(damage) }) }
  return scan.gap() ? { ...found, entries: [], chains: [] } : { ...found, entries, chains }
}

async function survey(raw: RawLog): Promise<FoundSegment[]> {
  const found: FoundSegment[] = []
  for (const { number, bytes } of await raw.segments()) {
    const header = readSegmentHeader(await raw.read(number, 0, SEGMENT_HEADER_BYTES), number)
    found.push({ number, bytes, ...(header && { header }) })
  }
  return found.sort((a, b) => a.number - b.number)
}

/**
 * Where reading may begin, the best first: at the newest segment before which nothing stands that the flush does not
 * cover; one whose first record was torn is none. Else at the oldest, to find what is left.
 */
function starts(begun: readonly FoundSegment[], flush: Manifest): number[] {
  const good = [...begun.keys()].reverse().filter((at) => {
    const { header } = begun[at] as FoundSegment
    return header?.epoch === flush.logEpoch && header.lastIndex <= flush.index
  })
  return good.at(-1) === 0 || begun.length === 0 ? good : [...good, 0]
}

/** Record by record through segments that follow each other. */
class Scan {
  readonly #flush: Manifest
  head: LogHead | undefined
  entries: Entry[] = []
  chains: number[] = []
  end: LogEnd | undefined
  /** Checksum of the entry before the first of `entries`. */
  #before = 0
  /** Something stands where the next record should, and it does not fit. */
  #spoiled = false

  constructor(flush: Manifest) {
    this.#flush = flush
  }

  async read(raw: RawLog, segments: readonly FoundSegment[]): Promise<void> {
    for (const { number, bytes, header } of segments) {
      if (!header || (this.end && header.link !== this.end.link)) return
      const content = Buffer.from(await raw.read(number, 0, bytes))
      if (!this.#take(number, content, header.link)) return
    }
  }

  /** Was there any record that goes on from the last one? */
  #take(number: number, content: Buffer, before: number): boolean {
    let at = SEGMENT_HEADER_BYTES
    let link = before
    for (;;) {
      const record = readRecord(content, at, link)
      if (!record || (this.head && record.head.sequence !== this.head.sequence + 1)) break
      this.#add(record)
      at = record.end
      link = record.sum
      this.end = { number, at, link }
    }
    this.#spoiled = content.subarray(at, at + 4).some((byte) => byte !== 0)
    return at > SEGMENT_HEADER_BYTES
  }

  /** Its entries replace those at their indexes and all behind them. */
  #add({ head, entries, chains, chainBefore }: FoundRecord): void {
    const { index, logEpoch } = this.#flush
    this.head = head
    if (head.epoch !== logEpoch || entries.length === 0) return
    const first = entries[0]?.index ?? 0
    const kept = Math.max(0, first - (this.entries[0]?.index ?? first))
    this.entries.length = Math.min(this.entries.length, kept)
    this.chains.length = this.entries.length
    const skipped = Math.max(0, index + 1 - first)
    if (this.entries.length === 0) this.#before = skipped === 0 ? chainBefore : (chains[skipped - 1] ?? 0)
    for (let at = skipped; at < entries.length; at++) {
      this.entries.push(entries[at] as Entry)
      this.chains.push(chains[at] as number)
    }
  }

  /** Do the entries follow the flush? */
  gap(): Damage | undefined {
    const { index, chain } = this.#flush
    const first = this.entries[0]?.index
    if (first === undefined) return undefined
    if (first !== index + 1) return { reason: 'hole', detail: `entry ${index + 1} is missing before ${first}` }
    if (this.#before === chain) return undefined
    return { reason: 'hole', detail: `entry ${first} does not follow the flush before it` }
  }

  /** A tail is lost where nothing stands any more; where something does, it was spoiled. */
  named(damage: Damage): Damage {
    if (damage.reason !== 'lost-tail' || !this.#spoiled) return damage
    return { reason: 'bad-sum', detail: `${damage.detail}; what stands behind that does not fit its sum` }
  }
}

const sameEnd = (a: LogHead, b: LogHead): boolean =>
  a.epoch === b.epoch && a.lastIndex === b.lastIndex && a.chain === b.chain

/** Does the log end where its head and the mark say? */
export function compareHead(
  { head, entries, chains }: Pick<FoundLog, 'head' | 'entries' | 'chains'>,
  flush: Manifest,
  mark: Mark,
): Damage | undefined {
  const sequence = head?.sequence ?? 0
  const redone = mark.redo && sequence === mark.head.sequence - 1
  if (sequence < mark.head.sequence && !redone)
    return { reason: 'lost-tail', detail: `append ${mark.head.sequence} was durable, the log knows ${sequence}` }
  if (sequence > mark.head.sequence + 1)
    return { reason: 'bad-sum', detail: `the marks end at append ${mark.head.sequence}, the log at ${sequence}` }
  if (head && sequence === mark.head.sequence && !sameEnd(head, mark.head))
    return { reason: 'hole', detail: `append ${sequence} of the log is not the one that the marks tell of` }
  if (Math.max(head?.epoch ?? 0, mark.head.epoch) > flush.logEpoch)
    return { reason: 'hole', detail: 'the log follows a snapshot that the state does not have' }
  const last = flush.index + entries.length
  const expected = head?.epoch === flush.logEpoch ? head : { lastIndex: flush.index, chain: flush.chain }
  if (last < expected.lastIndex)
    return { reason: 'hole', detail: `the log ends at ${last} instead of ${expected.lastIndex}` }
  if (last > expected.lastIndex || (chains.at(-1) ?? flush.chain) !== expected.chain)
    return { reason: 'hole', detail: `entry ${last} is not the one the log ended with` }
  return undefined
}
