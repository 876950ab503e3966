/**
 * Values too large for a page, by id. With a shelf they leave memory as soon as a flush has written them, and are read
 * from disk when somebody asks: large values are many, most of them past, and few are asked for.
 */

/** Values as flushes wrote them. */
export interface Shelf {
  /** From now on values lie there: what replaces all state later has others under the same ids. */
  begin(): void
  /** Throws E_UNAVAILABLE while the disk cannot be read, E_CORRUPT. */
  read(id: number): Buffer
}

/** So many make a flush of their own worth its while. */
const LARGE_BYTES_MIN = 8 * 1024

const largeBytes = (length: number): number => (length < LARGE_BYTES_MIN ? 0 : length)

export class BesideValues {
  readonly #shelf: Shelf | undefined
  #nextId = 1
  readonly #held = new Map<number, Buffer>()
  /** Id → bytes of what lies on the shelf only. */
  readonly #shelved = new Map<number, number>()
  /** Not taken by a flush yet. */
  readonly #fresh = new Map<number, Buffer>()
  #freshLargeBytes = 0
  /** Taken by the flush that is under way. */
  #taken: number[] = []
  #freed: number[] = []

  constructor(shelf?: Shelf) {
    this.#shelf = shelf
  }

  /** Takes a copy, but of one that is `fixed`, never to be changed, and most of what it lies in; gives its id. */
  keep(value: Uint8Array, fixed = false): number {
    const id = this.#nextId++
    const { buffer, byteOffset, length } = value
    const kept = fixed && 2 * length >= buffer.byteLength ? Buffer.from(buffer, byteOffset, length) : Buffer.from(value)
    this.#held.set(id, kept)
    this.#fresh.set(id, kept)
    this.#freshLargeBytes += largeBytes(kept.length)
    return id
  }

  /** Not to be changed. Throws as the shelf does. */
  get(id: number): Buffer {
    return this.#held.get(id) ?? (this.#shelf as Shelf).read(id)
  }

  has(id: number): boolean {
    return this.#held.has(id) || this.#shelved.has(id)
  }

  bytesOf(id: number): number {
    return this.#held.get(id)?.length ?? this.#shelved.get(id) ?? 0
  }

  /** Bytes of those in memory. */
  get heldBytes(): number {
    let bytes = 0
    for (const { length } of this.#held.values()) bytes += length
    return bytes
  }

  /** Of the large ones among them, bytes that no flush has taken. */
  get freshLargeBytes(): number {
    return this.#freshLargeBytes
  }

  drop(id: number): void {
    this.#held.delete(id)
    this.#shelved.delete(id)
    this.#freshLargeBytes -= largeBytes(this.#fresh.get(id)?.length ?? 0)
    if (!this.#fresh.delete(id)) this.#freed.push(id)
  }

  /** What a flush has to write and to delete. */
  take(): { readonly values: [id: number, value: Buffer][]; readonly freedValues: number[] } {
    const values = [...this.#fresh]
    const freedValues = this.#freed
    if (this.#shelf) this.#taken.push(...this.#fresh.keys())
    this.#fresh.clear()
    this.#freshLargeBytes = 0
    this.#freed = []
    return { values, freedValues }
  }

  /** What was taken is on disk, and can be read there. */
  flushed(): void {
    this.#shelve(this.#taken)
    this.#taken = []
  }

  /** Takes one that a flush wrote, into an empty map. */
  restore(id: number, value: Buffer): void {
    this.#held.set(id, value)
    this.#nextId = Math.max(this.#nextId, id + 1)
  }

  /** All were restored. */
  restored(): void {
    if (this.#shelf) this.#shelve([...this.#held.keys()])
  }

  #shelve(ids: readonly number[]): void {
    if (ids.length > 0) this.#shelf?.begin()
    for (const id of ids) {
      const value = this.#held.get(id)
      if (value) this.#shelved.set(id, value.length)
      this.#held.delete(id)
    }
  }
}
