import type { Random } from '../../../keeper/src/base/random.js'
import type { RawSegment } from '../../../keeper/src/storage/types.js'
import { flipped } from './double-db.js'
import type { RestFault } from './faults.js'

const SECTOR = 512
const PAGE = 4096
/** So many writes can still be spoiled. */
const REMEMBERED = 60

interface Write {
  readonly number: number
  readonly at: number
  readonly bytes: Uint8Array
}

/** A write that is over, and what it wrote upon. */
interface Done extends Write {
  readonly before: Uint8Array
}

/** The segments of a log in memory, as far as losing them goes: what was written is there, of a write under way any sector. */
export class DoubleLog {
  readonly #random: Random
  readonly #segments = new Map<number, Uint8Array>()
  #underWay: Write | undefined
  #done: Done[] = []

  constructor(random: Random) {
    this.#random = random
  }

  segments(): RawSegment[] {
    const found = [...this.#segments].map(([number, { length }]) => ({ number, bytes: length }))
    return found.sort((a, b) => a.number - b.number)
  }

  read(number: number, at: number, count: number): Uint8Array {
    return this.#bytes(number).slice(at, at + count)
  }

  begin(write: Write): void {
    if (write.at + write.bytes.length > this.#bytes(write.number).length) throw new Error('written over the end')
    this.#underWay = write
  }

  end(): void {
    const write = this.#underWay
    if (!write) return
    this.#underWay = undefined
    const { number, at, bytes } = write
    const content = this.#bytes(number)
    this.#done = [...this.#done, { ...write, before: content.slice(at, at + bytes.length) }].slice(-REMEMBERED)
    content.set(bytes, at)
  }

  make(number: number, bytes: number): void {
    this.remove([number])
    this.#segments.set(number, new Uint8Array(bytes))
  }

  renumber(from: number, to: number): void {
    const content = this.#bytes(from)
    this.remove([from])
    this.#segments.set(to, content)
  }

  remove(numbers: readonly number[]): void {
    for (const number of numbers) this.#segments.delete(number)
    this.#done = this.#done.filter(({ number }) => !numbers.includes(number))
  }

  /** The power fails: each sector of the write under way is as it was, or as it was to be. */
  losePower(): void {
    const write = this.#underWay
    this.#underWay = undefined
    const fate = write ? this.#random.below(3) : 0
    if (!write || fate === 0) return
    const content = this.#bytes(write.number)
    for (let from = 0; from < write.bytes.length; ) {
      const to = Math.min(write.bytes.length, from + SECTOR - ((write.at + from) % SECTOR))
      if (fate === 1 || this.#random.below(2) === 0) content.set(write.bytes.subarray(from, to), write.at + from)
      from = to
    }
  }

  /** Was there anything to strike? */
  strike(fault: RestFault): boolean {
    const count = 'count' in fault ? (fault.count ?? 1) : 1
    if (fault.kind === 'bit-flip') return this.#flipBit()
    if (fault.kind === 'dropped-records') return this.#dropRecords(count)
    if (fault.kind === 'stale-segment') return this.#tearTail(1 + this.#random.below(10), true)
    if (fault.kind === 'lost-segment') return this.#spoil(({ number }) => this.remove([number]))
    if (fault.kind === 'cut-segment') return this.#spoil((done) => this.#cut(done))
    return fault.kind === 'zeroed-page' ? this.#zeroPage() : this.#tearTail(count)
  }

  /** The last writes never happened: zeros stand there, or what was there before. */
  #tearTail(count: number, stale = this.#random.below(2) === 0): boolean {
    const torn = this.#done.splice(-count).reverse()
    for (const { number, at, bytes, before } of torn)
      this.#bytes(number).set(stale ? before : new Uint8Array(bytes.length), at)
    return torn.length > 0
  }

  /** Records in the middle are zeros. Never the last: that is a torn tail. */
  #dropRecords(count: number): boolean {
    if (this.#done.length <= count) return false
    const from = this.#random.below(this.#done.length - count)
    for (const { number, at, bytes } of this.#done.slice(from, from + count))
      this.#bytes(number).fill(0, at, at + lengthOf(bytes))
    return true
  }

  #flipBit(): boolean {
    return this.#spoil(({ number, at, bytes }) => {
      const content = this.#bytes(number)
      content.set(flipped(content.slice(at, at + lengthOf(bytes)), this.#random), at)
    })
  }

  #zeroPage(): boolean {
    return this.#spoil(({ number, at }) => {
      const page = at - (at % PAGE)
      this.#bytes(number).fill(0, page, page + PAGE)
    })
  }

  /** The file ends too early. */
  #cut({ number, at, bytes }: Done): void {
    const left = this.#bytes(number).slice(0, at + this.#random.below(lengthOf(bytes)))
    this.remove([number])
    this.#segments.set(number, left)
  }

  #spoil(strike: (done: Done) => void): boolean {
    const done = this.#done[this.#random.below(this.#done.length)]
    if (done) strike(done)
    return done !== undefined
  }

  #bytes(number: number): Uint8Array {
    const content = this.#segments.get(number)
    if (!content) throw new Error(`double: there is no segment ${number}`)
    return content
  }
}

/** Without the zeros behind it. */
const lengthOf = (bytes: Uint8Array): number => bytes.findLastIndex((byte) => byte !== 0) + 1
