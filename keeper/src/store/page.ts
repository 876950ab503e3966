/**
 * A page: sorted records packed one behind the other in one buffer, edited in place. Its bytes up to `used` are the
 * record that is flushed. Format: version byte, then per record varint key length, varint tag, key, value; the tag
 * is twice the value's length, or 1 when the value lies beside the page and six bytes of its id stand here instead.
 */

import { KeeperError } from '../base/errors.js'

export const PAGE_FORMAT = 1
export const PAGE_BYTES_MAX = 8 * 1024
export const PAGE_RECORDS_MAX = 64
/** A larger value lies beside its page. */
export const INLINE_BYTES_MAX = 2 * 1024
export const BIG_TAG = 1
const BIG_ID_BYTES = 6

export interface Page {
  readonly id: number
  bytes: Buffer
  used: number
  /** Where each record begins, in key order. */
  offsets: number[]
  /** A flush holds `bytes`: copy before the next edit. */
  shared: boolean
  dirty: boolean
  /** Some flush wrote it: its record must be deleted with it. */
  stored: boolean
}

export function emptyPage(id: number): Page {
  const bytes = Buffer.alloc(256)
  bytes[0] = PAGE_FORMAT
  return { id, bytes, used: 1, offsets: [], shared: false, dirty: false, stored: false }
}

const varintSize = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value
  let to = at
  for (; rest >= 0x80; rest >>>= 7) bytes[to++] = (rest & 0x7f) | 0x80
  bytes[to++] = rest
  return to
}

function readVarint(bytes: Buffer, at: number): number {
  let value = 0
  for (let shift = 0, from = at; ; shift += 7, from++) {
    const byte = bytes[from] as number
    value |= (byte & 0x7f) << shift
    if (!(byte >= 0x80)) return value
  }
}

export const keyLength = (page: Page, slot: number): number => readVarint(page.bytes, page.offsets[slot] as number)

const tagAt = (page: Page, slot: number, length: number): number =>
  readVarint(page.bytes, (page.offsets[slot] as number) + varintSize(length))

export function keyStart(page: Page, slot: number): number {
  const length = keyLength(page, slot)
  return (page.offsets[slot] as number) + varintSize(length) + varintSize(tagAt(page, slot, length))
}

/** A view, good until the page's next edit. */
export function keyView(page: Page, slot: number): Buffer {
  const start = keyStart(page, slot)
  return page.bytes.subarray(start, start + keyLength(page, slot))
}

/** A key as text in the same order: strings compare faster than bytes in many buffers. */
export const keyText = (key: Uint8Array): string => asBuffer(key).toString('latin1')

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

export const recordEnd = (page: Page, slot: number): number =>
  slot + 1 < page.offsets.length ? (page.offsets[slot + 1] as number) : page.used

export const valueStart = (page: Page, slot: number): number => keyStart(page, slot) + keyLength(page, slot)

/** Id of the value beside the page; 0 when it lies in the page. */
export function bigId(page: Page, slot: number): number {
  return tagAt(page, slot, keyLength(page, slot)) === BIG_TAG
    ? page.bytes.readUIntBE(valueStart(page, slot), BIG_ID_BYTES)
    : 0
}

/** < 0, 0 or > 0 as the key at `slot` stands before, at or behind `key`. */
export function compareKey(page: Page, slot: number, key: Uint8Array): number {
  const { bytes } = page
  const start = keyStart(page, slot)
  const length = keyLength(page, slot)
  const common = Math.min(length, key.length)
  for (let i = 0; i < common; i++) {
    const difference = (bytes[start + i] as number) - (key[i] as number)
    if (difference !== 0) return difference
  }
  return length - key.length
}

/** The first slot whose key is ≥ `key`. */
export function lowerBound(page: Page, key: Uint8Array): number {
  let low = 0
  let high = page.offsets.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKey(page, middle, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** How many of a page's keys are < `high`. */
export function slotsBelow(page: Page, high: Uint8Array | undefined): number {
  const { length } = page.offsets
  return high === undefined || length === 0 || compareKey(page, length - 1, high) < 0 ? length : lowerBound(page, high)
}

/** How many of a page's keys are ≤ `key`. */
export function slotsUpTo(page: Page, key: Uint8Array): number {
  const slot = lowerBound(page, key)
  return slot < page.offsets.length && compareKey(page, slot, key) === 0 ? slot + 1 : slot
}

/** Replaces the record at `slot` (or inserts before it) by key and value, or by a reference to value `big`. */
export function writeRecord(
  page: Page,
  slot: number,
  replace: boolean,
  key: Uint8Array,
  value: Uint8Array,
  big: number,
): void {
  const tag = big > 0 ? BIG_TAG : value.length * 2
  const valueBytes = big > 0 ? BIG_ID_BYTES : value.length
  const start = slot < page.offsets.length ? (page.offsets[slot] as number) : page.used
  const oldSize = replace ? recordEnd(page, slot) - start : 0
  const size = varintSize(key.length) + varintSize(tag) + key.length + valueBytes
  resize(page, start, oldSize, size)
  if (replace) shiftOffsets(page, slot + 1, size - oldSize)
  else insertOffset(page, slot, start, size)
  const { bytes } = page
  let at = writeVarint(bytes, writeVarint(bytes, start, key.length), tag)
  bytes.set(key, at)
  at += key.length
  if (big > 0) bytes.writeUIntBE(big, at, BIG_ID_BYTES)
  else bytes.set(value, at)
}

export const removeRecord = (page: Page, slot: number): void => removeRecords(page, slot, slot + 1)

/** Those from `from` on, before `to`; at least one. */
export function removeRecords(page: Page, from: number, to: number): void {
  const start = page.offsets[from] as number
  const size = recordEnd(page, to - 1) - start
  resize(page, start, size, 0)
  page.offsets.splice(from, to - from)
  shiftOffsets(page, from, -size)
}

/** The slot that halves a page's bytes. */
export function middleOf(page: Page): number {
  const half = page.offsets.findIndex((offset) => offset > page.used / 2)
  return Math.min(Math.max(half, 1), page.offsets.length - 1)
}

/** Would the two make a page that is not soon full? */
export const joinable = (left: Page, right: Page): boolean =>
  left.used + right.used < (PAGE_BYTES_MAX * 3) / 4 && left.offsets.length + right.offsets.length <= PAGE_RECORDS_MAX

/** Moves the records from `slot` on to the empty page `into`. */
export function splitPage(page: Page, slot: number, into: Page): void {
  const from = page.offsets[slot] as number
  const moved = page.used - from
  into.bytes = Buffer.allocUnsafeSlow(capacityFor(1 + moved))
  into.bytes[0] = PAGE_FORMAT
  page.bytes.copy(into.bytes, 1, from, page.used)
  into.used = 1 + moved
  into.offsets = page.offsets.slice(slot).map((offset) => offset - from + 1)
  page.offsets = page.offsets.slice(0, slot)
  page.used = from
  // keys that come in order leave it full for ever: nothing to spare
  if (!page.shared) own(page, from)
}

/** Moves all records of `next`, which stand behind those of `page`, into `page`. */
export function joinPages(page: Page, next: Page): void {
  const at = page.used
  const moved = next.used - 1
  resize(page, at, 0, moved)
  next.bytes.copy(page.bytes, at, 1, next.used)
  for (const offset of next.offsets) page.offsets.push(offset - 1 + at)
}

/** A page as a flush wrote it, in the very bytes, which are copied before the first edit. Throws E_CORRUPT, E_DATA_VERSION. */
export function readPage(id: number, stored: Uint8Array): Page {
  if (stored[0] !== PAGE_FORMAT) throw new KeeperError('E_DATA_VERSION', `page ${id} has format ${stored[0]}`)
  const bytes = asBuffer(stored)
  const page: Page = {
    id,
    bytes,
    used: bytes.length,
    offsets: [],
    shared: true,
    dirty: false,
    stored: true,
  }
  let at = 1
  while (at < bytes.length) {
    page.offsets.push(at)
    const key = readVarint(bytes, at)
    const tag = readVarint(bytes, at + varintSize(key))
    at += varintSize(key) + varintSize(tag) + key + (tag === BIG_TAG ? BIG_ID_BYTES : tag >>> 1)
  }
  if (at !== bytes.length) throw new KeeperError('E_CORRUPT', `page ${id} ends inside a record`)
  return page
}

const DOUBLING_BYTES_MAX = 4 * 1024

/** Room to grow, so that not every insert copies: a small page doubles, a large one gets a little. */
const capacityFor = (bytes: number): number =>
  bytes <= DOUBLING_BYTES_MAX ? 1 << (32 - Math.clz32(bytes - 1)) : (bytes + (bytes >>> 4) + 511) & ~255

function own(page: Page, capacity: number): void {
  const bytes = Buffer.allocUnsafeSlow(capacity)
  page.bytes.copy(bytes, 0, 0, page.used)
  page.bytes = bytes
  page.shared = false
}

/** Makes the `oldSize` bytes at `start` `size` bytes long; their content is not defined then. */
function resize(page: Page, start: number, oldSize: number, size: number): void {
  const used = page.used + size - oldSize
  if (used > page.bytes.length) own(page, capacityFor(used))
  else if (page.shared) own(page, used > page.used ? capacityFor(used) : page.used)
  if (size !== oldSize) page.bytes.copyWithin(start + size, start + oldSize, page.used)
  page.used = used
}

function shiftOffsets(page: Page, from: number, by: number): void {
  if (by === 0) return
  const { offsets } = page
  for (let i = from; i < offsets.length; i++) offsets[i] = (offsets[i] as number) + by
}

function insertOffset(page: Page, slot: number, start: number, size: number): void {
  if (slot === page.offsets.length) {
    page.offsets.push(start)
    return
  }
  page.offsets.splice(slot, 0, start)
  shiftOffsets(page, slot + 1, size)
}
