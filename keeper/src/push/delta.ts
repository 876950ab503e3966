/**
 * A large value as its difference from another one. The bytes are instructions, each a varint n and what follows it:
 *
 *     n even: copy n/2 bytes of the base from the offset in the next varint
 *     n odd:  insert the (n-1)/2 bytes that follow
 *
 * Pieces that both have are copied without a look. Of what lies between them the ends that both share are found first; in their
 * midst, what was replaced by as much goes on where the copy before would have gone on; else blocks of the base are
 * looked up by a rolling hash (as rsync does). What fits is grown to both sides.
 */

import { ByteWriter } from '../base/codec.js'
import type { BlobPiece } from '../store/types.js'

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

/** A value in pieces; those that two values share have one hash. */
export interface PiecedValue {
  readonly pieces: readonly BlobPiece[]
  /** Undefined when it cannot be had. */
  readonly bytesOf: (piece: BlobPiece) => Uint8Array | undefined
}

/**
 * The instructions that make `next` of `base`; undefined when they are more than `bytesMax`, or a piece cannot be had. Of pieces
 * that both have no byte is looked at. In steps of about a millisecond, for who has other things to do in between.
 */
export function* deltaSteps(
  base: PiecedValue,
  next: PiecedValue,
  bytesMax: number,
): Generator<undefined, Buffer | undefined> {
  const writer = new DeltaWriter(bytesMax)
  for (const { copied, old, wanted } of runsOf(base.pieces, next.pieces)) {
    const after = bytesOf(next, wanted)
    yield
    const before = bytesOf(base, old.pieces)
    yield
    if (!before || !after || !(yield* between(writer, before, old.from, after))) return undefined
    writer.copy(copied.from, copied.bytes)
  }
  return writer.finish()
}

/** Pieces that only the new value has, what the base has in their place, and what both have behind that. */
interface Run {
  readonly wanted: readonly BlobPiece[]
  readonly old: { readonly from: number; readonly pieces: readonly BlobPiece[] }
  readonly copied: { readonly from: number; bytes: number }
}

/** The new value from its begin to its end. */
function runsOf(base: readonly BlobPiece[], next: readonly BlobPiece[]): readonly Run[] {
  const starts = startsOf(base)
  const places = new Map(base.map(({ hash }, place): [string, number] => [hash, place]))
  const runs: Run[] = []
  let wanted: BlobPiece[] = []
  /** Of the base, behind what was copied last. */
  let behind = 0
  const begin = (place: number): Run => {
    const old = { from: starts[behind] as number, pieces: wanted.length > 0 ? base.slice(behind, place) : [] }
    const run = { wanted, old, copied: { from: starts[place] as number, bytes: 0 } }
    wanted = []
    runs.push(run)
    return run
  }
  for (const piece of next) {
    // of pieces that are alike the one with which it goes on
    const place = base[behind]?.hash === piece.hash ? behind : places.get(piece.hash)
    if (place === undefined) {
      wanted.push(piece)
      continue
    }
    const last = wanted.length === 0 && place === behind ? runs.at(-1) : undefined
    const run = last ?? begin(place)
    run.copied.bytes += piece.bytes
    behind = place + 1
  }
  if (wanted.length > 0) begin(base.length)
  return runs
}

/** Where each piece begins, and the last one ends. */
function startsOf(pieces: readonly BlobPiece[]): readonly number[] {
  const starts = [0]
  for (const { bytes } of pieces) starts.push((starts.at(-1) as number) + bytes)
  return starts
}

function bytesOf({ bytesOf }: PiecedValue, pieces: readonly BlobPiece[]): Buffer | undefined {
  const parts = pieces.map(bytesOf)
  if (!parts.every((part) => part !== undefined)) return undefined
  const [only] = parts
  return parts.length === 1 && only ? Buffer.from(only.buffer, only.byteOffset, only.length) : Buffer.concat(parts)
}

interface Span {
  readonly from: number
  readonly to: number
}

/** Writes what makes `next` of `base`, which stands at `baseAt` of the whole; false when it is too much. */
function* between(writer: DeltaWriter, base: Buffer, baseAt: number, next: Buffer): Generator<undefined, boolean> {
  const shortest = Math.min(base.length, next.length)
  const head = commonPrefix(base, next, shortest)
  const tail = commonSuffix(base, next, shortest - head)
  const part = { writer, base, baseAt, next }
  writer.copy(baseAt, head)
  const fits = yield* middle(part, { from: head, to: base.length - tail }, { from: head, to: next.length - tail })
  if (fits) writer.copy(baseAt + base.length - tail, tail)
  return fits
}

interface Part {
  readonly writer: DeltaWriter
  readonly base: Buffer
  readonly baseAt: number
  readonly next: Buffer
}

/** Writes what stands between the shared ends; false when it is too much. */
function* middle(part: Part, old: Span, wanted: Span): Generator<undefined, boolean> {
  const { writer, base, baseAt, next } = part
  const insert = (from: number, to: number) => writer.insert(next.subarray(from, to))
  if (old.to - old.from < BLOCK_BYTES || wanted.to - wanted.from < BLOCK_BYTES) return insert(wanted.from, wanted.to)
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
    if (!insert(written, match.at)) return false
    writer.copy(baseAt + match.from, match.count)
    written = match.at + match.count
    shift = match.from - match.at
    roll.jump(written, wanted.to)
  }
  return insert(written, wanted.to)
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

/** Copies that go on where the one before ends are one. */
class DeltaWriter {
  readonly bytesMax: number
  readonly #to = new ByteWriter(1_024)
  #from = 0
  #count = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  copy(from: number, count: number): void {
    if (count === 0) return
    if (this.#from + this.#count !== from) this.#put()
    if (this.#count === 0) this.#from = from
    this.#count += count
  }

  /** False when that is more than may be. */
  insert(bytes: Buffer): boolean {
    if (this.#to.length + bytes.length > this.bytesMax) return false
    if (bytes.length === 0) return true
    this.#put()
    this.#to.uint(bytes.length * 2 + 1).raw(bytes)
    return true
  }

  finish(): Buffer | undefined {
    this.#put()
    return this.#to.length > this.bytesMax ? undefined : this.#to.finish()
  }

  #put(): void {
    if (this.#count > 0) this.#to.uint(this.#count * 2).uint(this.#from)
    this.#count = 0
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
