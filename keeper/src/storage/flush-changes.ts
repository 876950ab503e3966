/** A flush as operations, slice by slice, and what it makes of the totals in the manifest. */

import { ByteWriter } from '../base/codec.js'
import type { StateFlush } from '../store/types.js'
import { sealInto, unseal } from './record.js'
import { isLarge, type RecordSums } from './record-sums.js'
import { addToSum, type Manifest, stateKey, takeFromSum } from './state-records.js'
import type { RawBatchOperation, RawDb } from './types.js'

/** Slices of operations, each good until the next is asked for, and at last the manifest that they come to. */
export type Changes = AsyncGenerator<readonly RawBatchOperation[], Manifest>

/** Few enough that nobody notices one of them. */
const SLICE_RECORDS = 48
const SLICE_BYTES = 256 * 1024

interface Wanted {
  readonly key: Uint8Array
  /** Absent: it is deleted. */
  readonly value?: Uint8Array
  readonly fresh?: boolean
}

const textOf = (key: Buffer): string => key.toString('latin1')

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

/** The sum of each record as this flush leaves it; none of what it deleted. */
type Written = Map<string, { readonly key: Buffer; readonly sum?: number; readonly bytes: number }>

export interface ChangesParts {
  readonly db: RawDb
  readonly sums: RecordSums
}

/** One flush on its way to disk. To be used once. */
export class FlushChanges {
  readonly #parts: ChangesParts
  /** May what calls itself fresh be believed? Not when this flush may have been written before. */
  readonly #first: boolean
  readonly #written: Written = new Map()
  /** The records of a slice. */
  readonly #records = new ByteWriter(16 * 1024)
  #count = 0
  #sum = 0

  constructor(parts: ChangesParts, first: boolean) {
    this.#parts = parts
    this.#first = first
  }

  /** The totals without what it overwrites, whose sums are known or must be read. The last word on a key counts. */
  async *operations({ puts, deletes }: StateFlush, next: Manifest): Changes {
    this.#count = next.count
    this.#sum = next.sum
    for (const slice of slices(puts, deletes)) {
      const keys = slice.map(({ key }) => stateKey(next.generation, key))
      const before = await this.#sumsBefore(slice, keys)
      this.#records.truncate(0)
      yield slice.map((wanted, at) => this.#operation(wanted, keys[at] as Buffer, before[at]))
    }
    return { ...next, count: this.#count, sum: this.#sum }
  }

  /** It is on disk. */
  settle(): void {
    const { sums } = this.#parts
    for (const { key, sum, bytes } of this.#written.values()) {
      if (sum === undefined) sums.delete(key)
      else sums.set(key, sum, bytes)
    }
  }

  #isFresh({ fresh }: Wanted): boolean {
    return this.#first && fresh === true
  }

  /** What stood under each key before this flush; undefined: nothing. */
  async #sumsBefore(slice: readonly Wanted[], keys: readonly Buffer[]): Promise<(number | undefined)[]> {
    const { db, sums } = this.#parts
    const before = keys.map((key, at) => (this.#isFresh(slice[at] as Wanted) ? undefined : sums.get(key)))
    const unknown = keys.flatMap((_, at) => (before[at] === undefined && !this.#isFresh(slice[at] as Wanted) ? at : []))
    if (unknown.length === 0) return before
    const records = await db.getMany(unknown.map((at) => keys[at] as Buffer))
    for (const [row, at] of unknown.entries()) {
      const record = records[row]
      if (record) before[at] = unseal(keys[at] as Buffer, record).sum
    }
    return before
  }

  #operation(wanted: Wanted, key: Buffer, before: number | undefined): RawBatchOperation {
    if (!this.#isFresh(wanted)) this.#forget(key, before)
    const { value } = wanted
    if (!value) {
      this.#written.set(textOf(key), { key, bytes: 0 })
      return { type: 'del', key }
    }
    const { record, sum } = sealInto(this.#records, key, value)
    this.#sum = addToSum(this.#sum, sum)
    this.#count++
    const bytes = record.length
    if (!this.#isFresh(wanted) || isLarge(bytes)) this.#written.set(textOf(key), { key, sum, bytes })
    return { type: 'put', key, value: record }
  }

  /** Takes what stands under the key out of the totals: what this flush put there, or else what was there before it. */
  #forget(key: Buffer, before: number | undefined): void {
    const earlier = this.#written.get(textOf(key))
    const there = earlier ? earlier.sum : before
    if (there === undefined) return
    this.#sum = takeFromSum(this.#sum, there)
    this.#count--
  }
}
