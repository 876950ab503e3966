import type { Random } from '../../../keeper/src/base/random.js'
import { flipped } from './double-db.js'

/** So many of a mark's entries may be struck. */
const ENTRIES_BYTES = 40

type Slot = Uint8Array | undefined
/** The side file, or a slot of the marks. */
export type FilePlace = 'side' | 0 | 1

/** The side file and the marks in memory, and what becomes of a write to them that is under way. */
export class DoubleFiles {
  readonly #random: Random
  #side: Slot
  #marks: [Slot, Slot] = [undefined, undefined]
  #underWay = new Map<FilePlace, Uint8Array>()

  constructor(random: Random) {
    this.#random = random
  }

  get side(): Slot {
    return this.#side?.slice()
  }

  get marks(): readonly [Slot, Slot] {
    return [this.#marks[0]?.slice(), this.#marks[1]?.slice()]
  }

  /** Replaces the side file, or overwrites the beginning of a slot. */
  begin(where: FilePlace, bytes: Uint8Array): void {
    this.#underWay.set(where, where === 'side' ? bytes : overlaid(this.#marks[where], bytes))
  }

  end(where: FilePlace): void {
    const bytes = this.#underWay.get(where)
    this.#underWay.delete(where)
    if (bytes) this.#place(where, bytes)
  }

  /** The process dies, the machine goes on: what was written stays. */
  endAll(): void {
    for (const where of [...this.#underWay.keys()]) this.end(where)
  }

  /** The power fails: a replaced file is the old or the new one; a slot in place may be anything in between. */
  losePower(): void {
    for (const [where, bytes] of this.#underWay) {
      const fate = this.#random.below(3)
      if (fate === 0) continue
      const torn = where !== 'side' && fate === 1
      const begun = torn ? bytes.subarray(0, this.#random.below(bytes.length)) : bytes
      this.#place(where, torn ? overlaid(this.#marks[where], begun) : bytes)
    }
    this.forget()
  }

  /** What is under way never happens. */
  forget(): void {
    this.#underWay.clear()
  }

  /** Each of the following says whether there was anything to strike. */

  flipBit(place: 'side' | 'mark'): boolean {
    if (place === 'side') {
      this.#side &&= flipped(this.#side, this.#random)
      return this.#side !== undefined
    }
    const slot = this.#random.below(2) as 0 | 1
    const mark = this.#marks[slot]
    // a record behind its length, and entries; what lies behind those is never read
    const bytes = mark ? Math.min(mark.length, Buffer.from(mark).readUInt32LE(0) + 4 + ENTRIES_BYTES) : 0
    this.#marks[slot] = mark && flipped(mark, this.#random, bytes)
    return mark !== undefined
  }

  lose(place: 'side' | 'mark'): boolean {
    const there = place === 'side' ? this.#side : (this.#marks[0] ?? this.#marks[1])
    if (place === 'side') this.#side = undefined
    else this.#marks = [undefined, undefined]
    return there !== undefined
  }

  #place(where: FilePlace, bytes: Uint8Array): void {
    if (where === 'side') this.#side = bytes
    else this.#marks[where] = bytes
  }
}

/** `bytes` written over the beginning of what was there. */
function overlaid(old: Slot, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.max(old?.length ?? 0, bytes.length))
  whole.set(old ?? [])
  whole.set(bytes)
  return whole
}
