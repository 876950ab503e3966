import type { Entry } from '../raft/types.js'
import type { StateFlush, StateReader } from '../store/types.js'
import { type Findings, isLogUsable, recoveredOf } from './findings.js'
import { LogSegments } from './log-segments.js'
import { LogWriter } from './log-writer.js'
import { MarkWriter, redoneEntries } from './marks.js'
import { encodeSide, type Side } from './side-file.js'
import { StateWriter } from './state-writer.js'
import type {
  Condition,
  DiskSpace,
  MemberDisk,
  RawDb,
  RawDisk,
  RawLog,
  Recovered,
  SnapshotView,
  StagedSnapshot,
} from './types.js'
import { WriteGate } from './write-gate.js'

export interface Stores {
  readonly log: RawLog
  readonly state: RawDb
}

type KeyAndValue = { key: Uint8Array; value: Uint8Array }

/** Each once, and then no more of it here. */
function* letGo(records: KeyAndValue[]): Generator<KeyAndValue> {
  for (const [at, record] of records.entries()) {
    records[at] = nothing
    yield record
  }
}

const nothing: KeyAndValue = { key: new Uint8Array(0), value: new Uint8Array(0) }

/** An open data folder; every write goes through here. */
export class OpenDisk implements MemberDisk {
  readonly recovered: Recovered
  readonly reader: StateReader
  readonly #raw: RawDisk
  readonly #segments: LogSegments
  readonly #gate = new WriteGate()
  readonly #marks: MarkWriter
  readonly #log: LogWriter
  readonly #state: StateWriter
  #side: Side
  /** What must happen before the first write to a damaged folder. */
  #repair: (() => Promise<void>) | undefined
  readonly #stateDamaged: boolean
  #kept: KeyAndValue[] | undefined
  /** Work on the state is done one after another; appends wait only where the log is replaced. */
  #stateWork: Promise<unknown> = Promise.resolve()
  #blocked: Promise<unknown> | undefined

  constructor(raw: RawDisk, stores: Stores, findings: Findings, side: Side) {
    const { mark, state, log } = findings
    const { manifest } = state
    const usable = isLogUsable(findings)
    this.recovered = recoveredOf(findings, side)
    const marks = new MarkWriter(raw, mark, findings.slot)
    const parts = { marks, gate: this.#gate }
    this.#raw = raw
    this.#marks = marks
    this.#side = side
    this.#segments = new LogSegments(stores.log, log)
    this.#log = new LogWriter(
      { segments: this.#segments, ...parts },
      {
        epoch: usable ? manifest.logEpoch : Math.max(manifest.logEpoch, log.head?.epoch ?? 0, mark.head.epoch),
        base: { index: manifest.index, chain: manifest.chain },
        chains: usable ? log.chains : [],
        sequence: Math.max(log.head?.sequence ?? 0, mark.head.sequence - (findings.redo && !side.oldLog ? 1 : 0)),
        hardState: this.recovered.hardState,
      },
    )
    this.#state = new StateWriter({ db: stores.state, ...parts, log: this.#log }, state)
    this.reader = this.#state.reader()
    this.#repair = findings.damage && (() => this.#gate.run(() => this.#mend(findings, usable)))
    this.#stateDamaged = state.damage !== undefined
    this.#kept = state.kept.length > 0 ? [...state.kept] : undefined
  }

  /** Does what a crash interrupted: the append that only the mark has or only the log, the dropping of what was replaced. */
  async finishInterrupted({ redo, state, mark, log }: Findings, keepStaged: boolean): Promise<void> {
    if (state.manifest.number < mark.flush.number) await this.#state.mark()
    const { head } = log
    // the marks may be one append behind the log, not two: a second crash must find them level again
    if (head && head.sequence > mark.head.sequence)
      await this.#gate.run(() => this.#marks.update({ head, redo: undefined }))
    if (this.#side.oldLog) await this.#renewLog(this.recovered.entries)
    else if (redo) await this.#log.append({ entries: redoneEntries(redo), force: true })
    await this.#raw.dropOldLog()
    await this.#segments.drop(state.manifest.logEpoch, state.manifest.index)
    void this.#segments.ahead()
    if (keepStaged) await this.#state.dropOldGenerations()
    else await this.#state.dropOtherGenerations()
  }

  async append(batch: Parameters<MemberDisk['append']>[0]): Promise<void> {
    if (this.#repair) this.#onState(async () => {})
    while (this.#blocked) await this.#blocked
    await this.#log.append(batch)
  }

  flush(flush: StateFlush, confState: Parameters<MemberDisk['flush']>[1]): Promise<void> {
    this.#kept = undefined
    return this.#onState(() => this.#state.flush(flush, confState))
  }

  truncateLog(index: number): Promise<void> {
    return this.#onState(() => this.#log.truncate(index))
  }

  async stageSnapshot(records: Parameters<MemberDisk['stageSnapshot']>[0]): Promise<StagedSnapshot> {
    // a damaged folder is mended first: nothing may be written beside remains that nobody understands
    await this.#onState(async () => {})
    return await this.#state.stage(records)
  }

  installSnapshot(snapshot: Parameters<MemberDisk['installSnapshot']>[0]): Promise<void> {
    this.#kept = undefined
    return this.#blocking(this.#onState(() => this.#state.installSnapshot(snapshot)))
  }

  async *stateRecords(): AsyncGenerator<{ key: Uint8Array; value: Uint8Array }> {
    if (this.#stateDamaged && this.#repair) return
    yield* (await this.#state.snapshot()).records
  }

  kept(): Iterable<KeyAndValue> | undefined {
    const kept = this.#kept
    this.#kept = undefined
    return kept && letGo(kept)
  }

  openSnapshot(): Promise<SnapshotView> {
    return this.#state.snapshot()
  }

  setCondition(condition: Condition, reason?: string): Promise<void> {
    return this.#onState(async () => {
      const { reason: _before, ...side } = this.#side
      this.#side = { ...side, condition, ...(reason !== undefined && { reason }) }
      await this.#gate.run(() => this.#raw.writeSide(encodeSide(this.#side)))
    })
  }

  /** Nobody watches over it here; see lasting-disk.ts. */
  space(): DiskSpace {
    return { freeBytes: Number.POSITIVE_INFINITY, low: false }
  }

  opening(): undefined {}

  waitNoMore(): void {}

  async close(): Promise<void> {
    await this.#stateWork.catch(() => {})
    await this.#log.idle()
    await this.#raw.close()
  }

  #onState<T>(work: () => Promise<T>): Promise<T> {
    const repair = this.#repair
    this.#repair = undefined
    const before = repair ? this.#blocking(this.#stateWork.then(repair)) : this.#stateWork.catch(() => {})
    const done = before.then(work)
    this.#stateWork = done
    // who called handles the failure; the chain alone must not count as unhandled
    done.catch(() => {})
    return done
  }

  /** Appends wait until `work` is over. */
  #blocking<T>(work: Promise<T>): Promise<T> {
    const over = work.then(
      () => {},
      () => {},
    )
    const blocked = Promise.all([this.#blocked, over]).then(() => {
      if (this.#blocked === blocked) this.#blocked = undefined
    })
    this.#blocked = blocked
    return work
  }

  async #mend({ state, log }: Findings, usable: boolean): Promise<void> {
    if (usable) await this.#renewLog(log.entries)
    if (usable) return await this.#state.mark()
    await this.#state.beginAnew(state.manifest, state.damage !== undefined)
    await this.#believeSegments()
  }

  /** The log anew, in the format of today. A crash before the marks know of it finds them one append behind, as often. */
  async #renewLog(entries: readonly Entry[]): Promise<void> {
    const head = await this.#log.rewrite(entries)
    await this.#believeSegments()
    await this.#gate.run(() => this.#marks.update({ head, redo: undefined }))
    await this.#log.dropRewritten()
  }

  /** From now on the log of another format is none any more. */
  async #believeSegments(): Promise<void> {
    const { oldLog, ...side } = this.#side
    if (!oldLog) return
    this.#side = side
    await this.#gate.run(() => this.#raw.writeSide(encodeSide(side)))
    await this.#raw.dropOldLog()
  }
}
