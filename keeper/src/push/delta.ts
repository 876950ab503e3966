/**
 * A large value as its difference from another one. The bytes are instructions, each a varint n and what follows it:
 *
 *     n even: copy n/2 bytes of the base from the offset in the next varint
 *     n odd:  insert the (n-1)/2 bytes that follow
 *
 * What both ends share is found first. Between them, what was replaced by as much goes on where the copy before would
 * have gone on; else blocks of the base are looked up by a rolling hash (as rsync does). What fits is grown to both sides.
 */

import { ByteWriter } from '../base/codec.js'

/** Longer than a line of most lists: a shorter block would be found in every one of them. */
const BLOCK_BYTES = 64
/** A copy says where from and how much: below this it costs more than what it spares. */
const COPY_BYTES_MIN = 16
/** Lines of one length look much alike where they stand below each other: less than some of them is no sign. */
const GOES_ON_BYTES_MIN = 2 * BLOCK_BYTES
const LOOKS_PER_STEP = 16 * 1024
/** A block that is found costs as much as so many looks at bytes. */
const LOOKS_PER_MATCH = 50
const BLOCKS_PER_STEP = 4 * 1024
const COMPARE_BYTES = 64 * 1024
const FACTOR = 0x01000193

/**
 * The instructions that make `next` of `base`; undefined when they are more than `bytesMax`. In steps of about a
 * millisecond, for who has other things to do in between.
 */
export function* deltaSteps(base: Buffer, next: Buffer, bytesMax: number): Generator<undefined, Buffer | undefined> {
  const shortest = Math.min(base.length, next.length)
  const head = commonPrefix(base, next, shortest)
  const tail = commonSuffix(base, next, shortest - head)
  const writer = new DeltaWriter(base, next, bytesMax)
  writer.copy(0, head)
  const fits = yield* between(writer, { from: head, to: base.length - tail }, { from: head, to: next.length - tail })
  if (!fits) return undefined
  writer.copy(base.length - tail, tail)
  return writer.finish()
}

interface Span {
  readonly from: number
  readonly to: number
}

/** Writes what stands between the shared ends; false when it is too much. */
function* between(writer: DeltaWriter, old: Span, wanted: Span): Generator<undefined, boolean> {
  const { base, next } = writer
  if (old.to - old.from < BLOCK_BYTES || wanted.to - wanted.from < BLOCK_BYTES)
    return writer.insert(wanted.from, wanted.to)
  const blocks = new Blocks(base, old)
  yield* blocks.fill(old)
  const roll = new Rolling(next, wanted.from)
  let written = wanted.from
  /** Where the base goes on, less where `next` does. */
  let shift = old.from - wanted.from
  for (let looks = 0; roll.at + BLOCK_BYTES <= wanted.to; looks++) {
    if (looks >= LOOKS_PER_STEP) {
      looks = 0
      yield
    }
    const found = goesOn(base, next, roll.at, roll.at + shift, old)
      ? roll.at + shift
      : blocks.find(next, roll.at, roll.hash)
    const match = found < 0 ? undefined : grown(base, next, found, roll.at, old, { from: written, to: wanted.to })
    if (!match || match.count < COPY_BYTES_MIN) {
      if (roll.at - written > writer.bytesMax) return false
      roll.step(wanted.to)
      continue
    }
    looks += LOOKS_PER_MATCH
    if (!writer.insert(written, match.at)) return false
    writer.copy(match.from, match.count)
    written = match.at + match.count
    shift = match.from - match.at
    roll.jump(written, wanted.to)
  }
  return writer.insert(written, wanted.to)
}

/** Does the base have at `from` what stands at `at`? */
const goesOn = (base: Buffer, next: Buffer, at: number, from: number, old: Span): boolean =>
  from >= old.from &&
  from + GOES_ON_BYTES_MIN <= old.to &&
  at + GOES_ON_BYTES_MIN <= next.length &&
  base[from] === next[at] &&
  base.compare(next, at, at + GOES_ON_BYTES_MIN, from, from + GOES_ON_BYTES_MIN) === 0

/** A match made as long as it goes, to both sides. */
function grown(
  base: Buffer,
  next: Buffer,
  found: number,
  at: number,
  old: Span,
  wanted: Span,
): { from: number; at: number; count: number } {
  let back = 0
  while (found - back > old.from && at - back > wanted.from && base[found - back - 1] === next[at - back - 1]) back++
  const room = Math.min(old.to - found, wanted.to - at)
  const forth = commonPrefix(base.subarray(found, found + room), next.subarray(at, at + room), room)
  return { from: found - back, at: at - back, count: back + forth }
}

class DeltaWriter {
  readonly base: Buffer
  readonly next: Buffer
  readonly bytesMax: number
  readonly #to = new ByteWriter(1_024)

  constructor(base: Buffer, next: Buffer, bytesMax: number) {
    this.base = base
    this.next = next
    this.bytesMax = bytesMax
  }

  copy(from: number, count: number): void {
    if (count > 0) this.#to.uint(count * 2).uint(from)
  }

  /** False when that is more than may be. */
  insert(from: number, to: number): boolean {
    if (this.#to.length + to - from > this.bytesMax) return false
    if (to > from) this.#to.uint((to - from) * 2 + 1).raw(this.next.subarray(from, to))
    return true
  }

  finish(): Buffer | undefined {
    return this.#to.length > this.bytesMax ? undefined : this.#to.finish()
  }
}

/** Hash of a window of `BLOCK_BYTES` that moves over bytes. */
class Rolling {
  readonly #bytes: Buffer
  at: number
  hash: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
    this.hash = hashAt(bytes, at)
  }

  step(end: number): void {
    const out = this.#bytes[this.at] as number
    const into = this.at + BLOCK_BYTES
    this.at++
    if (into >= end) return
    this.hash = (Math.imul(this.hash - Math.imul(out, HIGHEST), FACTOR) + (this.#bytes[into] as number)) | 0
  }

  jump(at: number, end: number): void {
    this.at = at
    if (at + BLOCK_BYTES <= end) this.hash = hashAt(this.#bytes, at)
  }
}

/** FACTOR to the power of BLOCK_BYTES - 1: the weight of a window's first byte. */
const HIGHEST = Array.from({ length: BLOCK_BYTES - 1 }).reduce<number>((power) => Math.imul(power, FACTOR), 1)

function hashAt(bytes: Buffer, at: number): number {
  let hash = 0
  for (let i = 0; i < BLOCK_BYTES; i++) hash = (Math.imul(hash, FACTOR) + (bytes[at + i] as number)) | 0
  return hash
}

/** Where blocks of the base stand, by hash: the first of each place in the table counts. */
class Blocks {
  readonly #base: Buffer
  readonly #table: Int32Array
  readonly #mask: number

  constructor(base: Buffer, { from, to }: Span) {
    this.#base = base
    const places = 2 ** Math.ceil(Math.log2(Math.max(16, ((to - from) / BLOCK_BYTES) * 2)))
    this.#table = new Int32Array(places)
    this.#mask = places - 1
  }

  *fill({ from, to }: Span): Generator<undefined, void> {
    let filled = 1
    for (let at = from; at + BLOCK_BYTES <= to; at += BLOCK_BYTES) {
      const place = this.#place(hashAt(this.#base, at))
      if (this.#table[place] === 0) this.#table[place] = at + 1
      if (filled++ % BLOCKS_PER_STEP === 0) yield
    }
  }

  /** Where the base has the block that stands at `at` of `next`; -1 for nowhere. */
  find(next: Buffer, at: number, hash: number): number {
    const found = (this.#table[this.#place(hash)] as number) - 1
    if (found < 0) return -1
    return this.#base.compare(next, at, at + BLOCK_BYTES, found, found + BLOCK_BYTES) === 0 ? found : -1
  }

  #place(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.#mask
  }
}

/** Bytes that both begin with, `most` at most. */
function commonPrefix(left: Buffer, right: Buffer, most: number): number {
  let count = 0
  while (count < most) {
    const size = Math.min(COMPARE_BYTES, most - count)
    if (left.compare(right, count, count + size, count, count + size) !== 0) break
    count += size
  }
  while (count < most && left[count] === right[count]) count++
  return count
}

function commonSuffix(left: Buffer, right: Buffer, most: number): number {
  let count = 0
  while (count < most) {
    const size = Math.min(COMPARE_BYTES, most - count)
    const [l, r] = [left.length - count, right.length - count]
    if (left.compare(right, r - size, r, l - size, l) !== 0) break
    count += size
  }
  while (count < most && left[left.length - count - 1] === right[right.length - count - 1]) count++
  return count
}
