import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { ConfState } from '../raft/types.js'
import type { StateFlush, StateReader } from '../store/types.js'
import type { LogWriter } from './log-writer.js'
import type { MarkWriter } from './marks.js'
import { asBuffer, seal, unseal } from './record.js'
import {
  addToSum,
  emptyManifest,
  generationRange,
  type Manifest,
  manifestKey,
  sealManifest,
  stateKey,
  takeFromSum,
} from './state-records.js'
import { snapshotView, userRecords } from './state-view.js'
import type { MemberDisk, RawBatchOperation, RawDb, SnapshotView, StagedSnapshot } from './types.js'
import type { WriteGate } from './write-gate.js'

type SnapshotToInstall = Parameters<MemberDisk['installSnapshot']>[0]
type Records = Parameters<MemberDisk['stageSnapshot']>[0]

/** What the manifest of the next flush says about records. */
interface Totals {
  readonly count: number
  readonly sum: number
}

/** A generation of records that no manifest names yet. */
interface Staged extends StagedSnapshot {
  readonly generation: number
  readonly totals: Totals
}

/** Slices of operations, and at last the manifest that they come to. */
type Changes = AsyncGenerator<readonly RawBatchOperation[], Manifest>

/** Few enough that nobody notices one of them. */
const SLICE_RECORDS = 48
const SLICE_BYTES = 256 * 1024

interface Wanted {
  readonly key: Uint8Array
  /** Absent: it is deleted. */
  readonly value?: Uint8Array
  readonly fresh?: boolean
}

function* slices(puts: StateFlush['puts'], deletes: StateFlush['deletes']): Generator<Wanted[]> {
  let slice: Wanted[] = []
  let bytes = 0
  for (const put of puts) {
    slice.push(put)
    bytes += put.value.length
    if (slice.length < SLICE_RECORDS && bytes < SLICE_BYTES) continue
    yield slice
    slice = []
    bytes = 0
  }
  if (slice.length > 0) yield slice
  for (let at = 0; at < deletes.length; at += SLICE_RECORDS)
    yield deletes.slice(at, at + SLICE_RECORDS).map((key) => ({ key }))
}

const textOf = (key: Uint8Array): string => asBuffer(key).toString('latin1')

// biome-ignore lint/correctness/useYield: a batch of a manifest alone
async function* unchanged(manifest: Manifest): Changes {
  return manifest
}

/** Writes the state: flush by flush, or all at once from a snapshot. One call at a time. */
export class StateWriter {
  readonly #db: RawDb
  readonly #marks: MarkWriter
  readonly #gate: WriteGate
  readonly #log: LogWriter
  #manifest: Manifest
  #manifestSum: number
  #numberMax: number
  #generationMax: number

  constructor(
    parts: { db: RawDb; marks: MarkWriter; gate: WriteGate; log: LogWriter },
    start: { manifest: Manifest; manifestSum: number; numberMax: number; generationMax: number },
  ) {
    this.#db = parts.db
    this.#marks = parts.marks
    this.#gate = parts.gate
    this.#log = parts.log
    this.#manifest = start.manifest
    this.#manifestSum = start.manifestSum
    this.#numberMax = start.numberMax
    // an empty state has no record to tell its generation by
    this.#generationMax = Math.max(start.generationMax, start.manifest.generation)
  }

  async flush(flush: StateFlush, confState: ConfState): Promise<void> {
    const { appliedIndex: index, appliedTerm: term } = flush
    if (index < this.#manifest.index)
      throw new KeeperError('E_INTERNAL', `flush at ${index} below the last one at ${this.#manifest.index}`)
    // an append still under way may replace the entry at this index
    await this.#log.written()
    const chain = this.#log.chainAt(index)
    await this.#gate.run(async () => {
      await this.#write(this.#changes(flush, { ...this.#manifest, index, term, chain, confState }))
      await this.#marks.update(this.#marked())
    })
    this.#log.rebase(index)
  }

  /** Each staging has a generation of its own, so that several may be under way. */
  async stage(records: Records): Promise<Staged> {
    const generation = ++this.#generationMax
    const discard = () => this.#gate.run(() => this.#db.clear(generationRange(generation, generation)))
    try {
      const totals = await this.#writeGeneration(generation, records)
      return { generation, totals, count: totals.count, discard }
    } catch (thrown) {
      await discard().catch(() => {})
      throw thrown
    }
  }

  async installSnapshot({ index, term, confState, staged }: SnapshotToInstall): Promise<void> {
    const { generation, totals } = staged as Staged
    // done before, as far as the disk is concerned, when it was full then and is being written to again
    if (generation === this.#manifest.generation && index === this.#manifest.index) return
    if (generation <= this.#manifest.generation)
      throw new KeeperError('E_INTERNAL', `snapshot ${index} was overtaken by one that was staged after it`)
    const logEpoch = this.#log.epoch + 1
    await this.#begin({ ...emptyManifest, ...totals, index, term, confState, generation, logEpoch })
  }

  /** After damage: keeps the verified state, or begins an empty one, and an empty log after it. */
  async beginAnew(manifest: Manifest): Promise<void> {
    const generation = manifest.count === 0 ? ++this.#generationMax : manifest.generation
    await this.#begin({ ...manifest, generation, logEpoch: this.#log.epoch + 1 })
  }

  /** After a lost flush: the marks speak of the one that there is. */
  async mark(): Promise<void> {
    await this.#gate.run(() => this.#marks.update(this.#marked()))
  }

  /** Drops what no manifest names any more. Not synced: remains do no harm. */
  async dropOldGenerations(): Promise<void> {
    const { generation } = this.#manifest
    if (generation > 0) await this.#gate.run(() => this.#db.clear(generationRange(0, generation - 1)))
  }

  /** As above, and what was staged and never installed. Only while nothing is being staged. */
  async dropOtherGenerations(): Promise<void> {
    await this.dropOldGenerations()
    const { generation } = this.#manifest
    if (this.#generationMax > generation)
      await this.#gate.run(() => this.#db.clear(generationRange(generation + 1, this.#generationMax)))
  }

  /** The state of the last flush, one consistent view, whatever is flushed meanwhile. */
  snapshot(): Promise<SnapshotView> {
    return snapshotView(this.#db)
  }

  reader(): StateReader {
    return {
      get: async (key) => {
        const whole = stateKey(this.#manifest.generation, key)
        const record = await this.#db.get(whole)
        return record && unseal(whole, record).body
      },
      iterate: ({ low, high, ...rest }) => {
        const { generation } = this.#manifest
        const range = { low: stateKey(generation, low), high: stateKey(generation, high), ...rest }
        return userRecords(this.#db.iterate(range))
      },
    }
  }

  /** The one batch that flips to `manifest`, then the log that follows it. A crash in between leaves an empty log, as it should be. */
  async #begin(manifest: Manifest): Promise<void> {
    await this.#gate.run(() => this.#write(unchanged(manifest)))
    const marked = this.#marks.update(this.#marked())
    await Promise.all([marked, this.#log.restart(manifest.logEpoch, { index: manifest.index, chain: manifest.chain })])
    await this.dropOldGenerations()
  }

  #marked(): { flush: { number: number; index: number; term: number }; confState: ConfState } {
    const { number, index, term, confState } = this.#manifest
    return { flush: { number, index, term }, confState }
  }

  /** One batch: the changes, and the manifest that they come to. */
  async #write(changes: Changes): Promise<void> {
    const number = this.#numberMax + 1
    const link = this.#manifestSum
    let written: { manifest: Manifest; sum: number } | undefined
    const whole = async function* (): AsyncGenerator<readonly RawBatchOperation[]> {
      const manifest = { ...(yield* changes), number, link }
      const { key, record, sum } = sealManifest(manifest)
      written = { manifest, sum }
      const last: RawBatchOperation[] = [{ type: 'put', key, value: record }]
      if (number > 2) last.push({ type: 'del', key: manifestKey(number - 2) })
      yield last
    }
    await this.#db.batch(whole(), { sync: true })
    if (!written) throw new KeeperError('E_INTERNAL', `flush ${number} was not asked for its end`)
    this.#manifest = written.manifest
    this.#manifestSum = written.sum
    this.#numberMax = number
  }

  /**
   * The flush as operations, slice by slice, and at the end its manifest: the totals without what it overwrites, which
   * must be read for that. The reads are where other work gets its turn. The last word on a key counts.
   */
  async *#changes({ puts, deletes }: StateFlush, next: Manifest): Changes {
    /** Checksums of what this flush put so far, by key; none of what it deleted. */
    const fresh = new Map<string, number | undefined>()
    let { count, sum } = next
    const forget = (old: number) => {
      sum = takeFromSum(sum, old)
      count--
    }
    // one that is written again, after the disk was full, may stand there already
    const again = next.index <= this.#manifest.index
    for (const slice of slices(puts, deletes)) {
      const keys = slice.map(({ key }) => stateKey(next.generation, key))
      const isFresh = !again && slice.every(({ fresh }) => fresh)
      const before = isFresh ? [] : await this.#db.getMany(keys)
      yield slice.map(({ value }, at): RawBatchOperation => {
        const [key, old] = [keys[at] as Buffer, before[at]]
        if (isFresh) {
          const sealed = seal(key, value as Uint8Array)
          sum = addToSum(sum, sealed.sum)
          count++
          return { type: 'put', key, value: sealed.record }
        }
        const text = textOf(key)
        const there = fresh.has(text) ? fresh.get(text) : old && unseal(key, old).sum
        if (there !== undefined) forget(there)
        fresh.set(text, undefined)
        if (!value) return { type: 'del', key }
        const sealed = seal(key, value)
        fresh.set(text, sealed.sum)
        sum = addToSum(sum, sealed.sum)
        count++
        return { type: 'put', key, value: sealed.record }
      })
    }
    return { ...next, count, sum }
  }

  /** Batches of about a megabyte, each synced: an unsynced one could be lost although the flip after it survives. */
  async #writeGeneration(generation: number, records: Records): Promise<Totals> {
    let totals: Totals = { count: 0, sum: 0 }
    let operations: RawBatchOperation[] = []
    let bytes = 0
    const write = () => this.#gate.run(() => this.#db.batch(operations, { sync: true }))
    for await (const { key, value } of records) {
      const whole = stateKey(generation, key)
      const { record, sum } = seal(whole, value)
      operations.push({ type: 'put', key: whole, value: record })
      totals = { count: totals.count + 1, sum: addToSum(totals.sum, sum) }
      bytes += asBuffer(whole).length + record.length
      if (bytes < limits.snapshotBatchBytes) continue
      await write()
      operations = []
      bytes = 0
    }
    if (operations.length > 0) await write()
    return totals
  }
}
