import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { ConfState } from '../raft/types.js'
import type { StateFlush, StateReader } from '../store/types.js'
import { type Changes, FlushChanges } from './flush-changes.js'
import type { LogWriter } from './log-writer.js'
import type { MarkWriter } from './marks.js'
import { asBuffer, seal, unseal } from './record.js'
import type { RecordSums } from './record-sums.js'
import type { FoundState } from './recover.js'
import {
  addToSum,
  emptyManifest,
  generationRange,
  type Manifest,
  manifestKey,
  sealManifest,
  stateKey,
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

// biome-ignore lint/correctness/useYield: a batch of a manifest alone
async function* unchanged(manifest: Manifest): Changes {
  return manifest
}

/** What is on disk to begin with. */
type Start = Pick<FoundState, 'manifest' | 'manifestSum' | 'numberMax' | 'generationMax' | 'sums'>

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
  readonly #sums: RecordSums

  constructor(parts: { db: RawDb; marks: MarkWriter; gate: WriteGate; log: LogWriter }, start: Start) {
    this.#db = parts.db
    this.#marks = parts.marks
    this.#gate = parts.gate
    this.#log = parts.log
    this.#manifest = start.manifest
    this.#manifestSum = start.manifestSum
    this.#numberMax = start.numberMax
    this.#sums = start.sums
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
    // one that is written again, after the disk was full, may stand there already
    const changes = new FlushChanges({ db: this.#db, sums: this.#sums }, index > this.#manifest.index)
    await this.#gate.run(async () => {
      await this.#write(changes.operations(flush, { ...this.#manifest, index, term, chain, confState }))
      changes.settle()
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
  async beginAnew(manifest: Manifest, damaged: boolean): Promise<void> {
    if (damaged) await this.#gate.run(() => this.#db.renew())
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
    const generation = () => this.#manifest.generation
    return {
      get generation() {
        return generation()
      },
      getSync: (key) => {
        const whole = stateKey(this.#manifest.generation, key)
        const record = this.#db.getSync(whole)
        return record && unseal(whole, record).body
      },
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
    if (manifest.generation !== this.#manifest.generation) this.#sums.clear()
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
    const place: Place = { number, link: this.#manifestSum }
    await this.#db.batch(withManifest(changes, place), { sync: true })
    const { written } = place
    if (!written) throw new KeeperError('E_INTERNAL', `flush ${number} was not asked for its end`)
    this.#manifest = written.manifest
    this.#manifestSum = written.sum
    this.#numberMax = number
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

/** Where a flush stands among the others, and what it came to. */
interface Place {
  readonly number: number
  readonly link: number
  written?: { readonly manifest: Manifest; readonly sum: number }
}

/** The changes of a flush and, last, its manifest. */
async function* withManifest(changes: Changes, place: Place): AsyncGenerator<readonly RawBatchOperation[]> {
  const { number, link } = place
  const manifest = { ...(yield* changes), number, link }
  const { key, record, sum } = sealManifest(manifest)
  place.written = { manifest, sum }
  const last: RawBatchOperation[] = [{ type: 'put', key, value: record }]
  if (number > 2) last.push({ type: 'del', key: manifestKey(number - 2) })
  yield last
}
