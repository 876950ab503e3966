/**
 * A sorted map of byte keys to byte values, packed into pages: no object per key. A change rewrites one page; the
 * pages that changed are the next flush. Every change goes to the journal, so that a failed command can be undone,
 * and to the state hash.
 */

import { BesideValues, type Shelf } from './beside-values.js'
import type { Journal } from './journal.js'
import {
  bigId,
  compareKey,
  emptyPage,
  INLINE_BYTES_MAX,
  joinable,
  joinPages,
  keyLength,
  keyStart,
  keyView,
  lowerBound,
  middleOf,
  PAGE_BYTES_MAX,
  PAGE_RECORDS_MAX,
  type Page,
  recordEnd,
  removeRecord,
  removeRecords,
  slotsBelow,
  slotsUpTo,
  splitPage,
  valueStart,
  writeRecord,
} from './page.js'
import { PageDirectory, type Place } from './page-directory.js'
import type { StateHash } from './state-hash.js'

/** What a flush takes from one table. */
export interface TableChanges {
  readonly pages: readonly Page[]
  /** As many as `pages`: was it never taken before? */
  readonly fresh: readonly boolean[]
  readonly freedPages: readonly number[]
  readonly values: readonly (readonly [id: number, value: Buffer])[]
  readonly freedValues: readonly number[]
}

/** Called per record in order; `false` ends the scan. The map must not change meanwhile. */
export type Visit = (page: Page, slot: number) => boolean | undefined

export class PagedMap {
  readonly table: number
  readonly #hash: StateHash
  readonly #journal: Journal
  readonly #directory = new PageDirectory()
  #size = 0
  #bytes = 0
  #nextPage = 1
  readonly #values: BesideValues
  #dirty = new Set<Page>()
  #dirtyBytes = 0
  #freedPages: number[] = []
  /** What `get` found last, good until the next change: who gets a key often puts it next. */
  #lastKey: Uint8Array | undefined
  #lastSlot = 0
  #lastFound = false

  /** With a shelf, values beside the pages leave memory once they are flushed. */
  constructor(table: number, hash: StateHash, journal: Journal, shelf?: Shelf) {
    this.table = table
    this.#hash = hash
    this.#journal = journal
    this.#values = new BesideValues(shelf)
  }

  get size(): number {
    return this.#size
  }

  /** Bytes of all keys and values. */
  get bytes(): number {
    return this.#bytes
  }

  /** About how many bytes the next flush writes. */
  get dirtyBytes(): number {
    return this.#dirtyBytes
  }

  /** A copy of the value. */
  get(key: Uint8Array): Buffer | undefined {
    const page = this.#pageFor(key)
    if (!page) return undefined
    this.#seek(page, key)
    return this.#lastFound ? this.valueAt(page, this.#lastSlot) : undefined
  }

  has(key: Uint8Array): boolean {
    const page = this.#pageFor(key)
    if (!page) return false
    const slot = lowerBound(page, key)
    return slot < page.offsets.length && compareKey(page, slot, key) === 0
  }

  /** The record under `key`, or else the last one before it; both are copies. */
  floor(key: Uint8Array): { readonly key: Buffer; readonly value: Buffer } | undefined {
    if (this.#directory.empty) return undefined
    const at = this.#directory.locate(key)
    const slot = slotsUpTo(this.#directory.at(at), key) - 1
    if (slot >= 0) return this.#recordAt(this.#directory.at(at), slot)
    const before = this.#directory.before(at)
    return before && this.#recordAt(before, before.offsets.length - 1)
  }

  /** How much of the values beside the pages is in memory. */
  get beside(): Pick<BesideValues, 'heldBytes' | 'freshLargeBytes'> {
    return this.#values
  }

  /** A copy of the value (one beside the page is never changed and comes as it is). */
  valueAt(page: Page, slot: number): Buffer {
    const big = bigId(page, slot)
    if (big > 0) return this.#values.get(big)
    const from = valueStart(page, slot)
    const to = recordEnd(page, slot)
    const copy = Buffer.allocUnsafe(to - from)
    page.bytes.copy(copy, 0, from, to)
    return copy
  }

  /** As `valueAt`, but good only until the next change. */
  peek(page: Page, slot: number): Buffer {
    const big = bigId(page, slot)
    if (big > 0) return this.#values.get(big)
    return page.bytes.subarray(valueStart(page, slot), recordEnd(page, slot))
  }

  /** To spare a copy: `old` is the value there now, if it has just been read; of a `fixed` value the bytes never change. */
  put(key: Uint8Array, value: Uint8Array, old?: Buffer, fixed = false): void {
    const directory = this.#directory
    const at = directory.empty ? directory.begin(this.#nextPage++) : directory.locateAgain(key)
    const page = directory.at(at)
    if (key !== this.#lastKey) this.#seek(page, key)
    const slot = this.#lastSlot
    const found = this.#lastFound
    this.#lastKey = undefined
    this.#journal.push({ map: this, key, old: found ? this.#forget(page, slot, key, old) : undefined })
    const big = value.length > INLINE_BYTES_MAX ? this.#keepValue(value, fixed) : 0
    writeRecord(page, slot, found, key, value, big)
    this.#hash.add(this.table, key, value, 0, value.length)
    this.#size += found ? 0 : 1
    this.#bytes += value.length + (found ? 0 : key.length)
    this.#touch(page)
    if (page.offsets.length > PAGE_RECORDS_MAX || page.used > PAGE_BYTES_MAX) this.#split(at, slot)
  }

  /** Was it there? */
  delete(key: Uint8Array): boolean {
    if (this.#directory.empty) return false
    const at = this.#directory.locateAgain(key)
    const page = this.#directory.at(at)
    if (key !== this.#lastKey) this.#seek(page, key)
    const slot = this.#lastSlot
    if (!this.#lastFound) return false
    this.#lastKey = undefined
    this.#journal.push({ map: this, key, old: this.#forget(page, slot, key) })
    removeRecord(page, slot)
    this.#size--
    this.#bytes -= key.length
    this.#touch(page)
    if (page.used < PAGE_BYTES_MAX / 4 && page.offsets.length < PAGE_RECORDS_MAX / 2) this.#shrink(at)
    return true
  }

  /**
   * Removes all keys with low ≤ key < high (no `high`: all from `low` on), page by page; gives how many. Not for the
   * journal: only where nothing can fail any more.
   */
  drop(low: Uint8Array, high: Uint8Array | undefined): number {
    let dropped = 0
    for (let first = this.#first(low, high); first; first = this.#first(low, high)) {
      const { page, from, to } = first
      const at = this.#directory.locate(keyView(page, from))
      for (let slot = from; slot < to; slot++) this.#bytes -= this.#forgetAt(page, slot)
      removeRecords(page, from, to)
      this.#size -= to - from
      dropped += to - from
      this.#lastKey = undefined
      this.#touch(page)
      if (page.used < PAGE_BYTES_MAX / 4 && page.offsets.length < PAGE_RECORDS_MAX / 2) this.#shrink(at)
    }
    return dropped
  }

  /** Records with low ≤ key < high (no `high`: all from `low` on), in order. */
  scan(low: Uint8Array, high: Uint8Array | undefined, visit: Visit): void {
    if (this.#directory.empty) return
    const at = this.#directory.locate(low)
    let slot = lowerBound(this.#directory.at(at), low)
    this.#directory.visit(at, (page) => {
      const end = slotsBelow(page, high)
      for (; slot < end; slot++) if (visit(page, slot) === false) return false
      slot = 0
      return end === page.offsets.length
    })
  }

  /** How many records there are with low ≤ key < high; costs one step per page, not per record. */
  count(low: Uint8Array, high: Uint8Array | undefined): number {
    if (this.#directory.empty) return 0
    const at = this.#directory.locate(low)
    let total = -lowerBound(this.#directory.at(at), low)
    this.#directory.visit(at, (page) => {
      const end = slotsBelow(page, high)
      total += end
      return end === page.offsets.length
    })
    return Math.max(0, total)
  }

  /** All keys with low ≤ key < high, copied. */
  keys(low: Uint8Array, high: Uint8Array | undefined): Buffer[] {
    const keys: Buffer[] = []
    this.scan(low, high, (page, slot) => {
      keys.push(Buffer.from(keyView(page, slot)))
      return true
    })
    return keys
  }

  /** What changed since the last call. The pages' bytes stay as they are while the caller writes them. */
  takeChanges(): TableChanges {
    const pages = [...this.#dirty]
    const fresh = pages.map(({ stored }) => !stored)
    for (const page of pages) Object.assign(page, { dirty: false, shared: true, stored: true })
    const changes = { pages, fresh, freedPages: this.#freedPages, ...this.#values.take() }
    this.#dirty.clear()
    this.#dirtyBytes = 0
    this.#freedPages = []
    return changes
  }

  /** What was taken last is on disk, and can be read there. */
  flushed(): void {
    this.#values.flushed()
  }

  /**
   * Takes a page or a value that a flush wrote into an empty map, which is not to be used before `restored`. Values
   * before the pages that refer to them cost no second look.
   */
  restoreValue(id: number, value: Buffer): void {
    this.#values.restore(id, value)
  }

  restorePage(page: Page, late: Page[]): void {
    this.#nextPage = Math.max(this.#nextPage, page.id + 1)
    for (let slot = 0; slot < page.offsets.length; slot++) {
      const big = bigId(page, slot)
      if (big > 0 && !this.#values.has(big)) return void late.push(page)
    }
    this.#addPage(page, this.#hash)
    for (let slot = 0; slot < page.offsets.length; slot++) {
      this.#size++
      this.#bytes += keyLength(page, slot) + this.peek(page, slot).length
    }
  }

  /** All pages were taken. */
  restored(pages: readonly Page[]): void {
    const sorted = pages
      .filter((page) => page.offsets.length > 0)
      .map((page) => ({ page, first: keyView(page, 0) }))
      .sort((left, right) => Buffer.compare(left.first, right.first))
    this.#directory.fill(sorted.map(({ page }) => page))
    this.#values.restored()
  }

  /** Adds every record to `hash`. */
  addTo(hash: StateHash): void {
    this.#directory.visit({ group: 0, page: 0 }, (page) => {
      this.#addPage(page, hash)
      return true
    })
  }

  #addPage(page: Page, hash: StateHash): void {
    for (let slot = 0; slot < page.offsets.length; slot++) {
      const value = this.peek(page, slot)
      const from = keyStart(page, slot)
      hash.addSpans(
        this.table,
        { bytes: page.bytes, from, to: from + keyLength(page, slot) },
        { bytes: value, from: 0, to: value.length },
      )
    }
  }

  #recordAt(page: Page, slot: number): { readonly key: Buffer; readonly value: Buffer } {
    return { key: Buffer.from(keyView(page, slot)), value: this.valueAt(page, slot) }
  }

  /** Takes the value at `slot` out of hash and bytes; gives a copy. */
  #forget(page: Page, slot: number, key: Uint8Array, known?: Buffer): Buffer {
    const old = known ?? this.valueAt(page, slot)
    this.#hash.subtract(this.table, key, old, 0, old.length)
    this.#bytes -= old.length
    const big = bigId(page, slot)
    if (big === 0) return old
    this.#values.drop(big)
    return old
  }

  /** Takes the record at `slot` out of the hash, and its value from beside the page; gives their bytes. */
  #forgetAt(page: Page, slot: number): number {
    const value = this.peek(page, slot)
    const [from, length] = [keyStart(page, slot), keyLength(page, slot)]
    const key = { bytes: page.bytes, from, to: from + length }
    this.#hash.subtractSpans(this.table, key, { bytes: value, from: 0, to: value.length })
    const big = bigId(page, slot)
    if (big > 0) this.#values.drop(big)
    return length + value.length
  }

  /** The first page that has records of a range, and which. */
  #first(low: Uint8Array, high: Uint8Array | undefined): { page: Page; from: number; to: number } | undefined {
    if (this.#directory.empty) return undefined
    const at = this.#directory.locate(low)
    let from = lowerBound(this.#directory.at(at), low)
    let found: { page: Page; from: number; to: number } | undefined
    this.#directory.visit(at, (page) => {
      const to = slotsBelow(page, high)
      if (from < to) found = { page, from, to }
      const goesOn = found === undefined && to === page.offsets.length
      from = 0
      return goesOn
    })
    return found
  }

  #keepValue(value: Uint8Array, fixed: boolean): number {
    this.#dirtyBytes += value.length
    return this.#values.keep(value, fixed)
  }

  /** Where `key` stands in its page, or would stand. */
  #seek(page: Page, key: Uint8Array): void {
    const slot = lowerBound(page, key)
    this.#lastKey = key
    this.#lastSlot = slot
    this.#lastFound = slot < page.offsets.length && compareKey(page, slot, key) === 0
  }

  #pageFor(key: Uint8Array): Page | undefined {
    return this.#directory.empty ? undefined : this.#directory.at(this.#directory.locate(key))
  }

  #touch(page: Page): void {
    if (page.dirty) return
    page.dirty = true
    this.#dirtyBytes += page.used
    this.#dirty.add(page)
  }

  /** Keys that come in ascending order leave full pages behind; others are cut in the middle. */
  #split(at: Place, slot: number): void {
    const page = this.#directory.at(at)
    const { length } = page.offsets
    if (length < 2) return
    const next = emptyPage(this.#nextPage++)
    splitPage(page, slot === length - 1 ? length - 1 : middleOf(page), next)
    this.#touch(next)
    this.#directory.insertBehind(at, next)
  }

  /** Drops an empty page, or joins a small one with the page behind or before it. */
  #shrink(at: Place): void {
    const page = this.#directory.at(at)
    const { left, right } = this.#directory.neighbours(at)
    if (page.offsets.length === 0) this.#drop(at)
    else if (right && joinable(page, right)) this.#join(page, right, { group: at.group, page: at.page + 1 })
    else if (left && joinable(left, page)) this.#join(left, page, at)
  }

  #join(into: Page, from: Page, fromAt: Place): void {
    joinPages(into, from)
    this.#touch(into)
    this.#drop(fromAt)
  }

  #drop(at: Place): void {
    const page = this.#directory.at(at)
    this.#directory.remove(at)
    this.#dirty.delete(page)
    if (page.stored) this.#freedPages.push(page.id)
  }
}
