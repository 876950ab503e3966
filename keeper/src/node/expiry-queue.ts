import type { MonotonicMs } from '../base/clock.js'

interface Slot<Id> {
  readonly id: Id
  readonly at: MonotonicMs
}

interface Due {
  at: MonotonicMs
  /** Time of the one slot in the heap that counts; ≤ at. Others of the same id are leftovers. */
  slotAt: MonotonicMs
}

/**
 * Ids by the time they fall due: a binary heap whose slots may be out of date. Moving a due time later costs nothing
 * until the old one comes (renewals are many, expiries few).
 */
export class ExpiryQueue<Id> {
  readonly #heap: Slot<Id>[] = []
  readonly #due = new Map<Id, Due>()

  get size(): number {
    return this.#due.size
  }

  dueAt(id: Id): MonotonicMs | undefined {
    return this.#due.get(id)?.at
  }

  set(id: Id, at: MonotonicMs): void {
    const due = this.#due.get(id)
    if (due) due.at = at
    if (due && at >= due.slotAt) return
    if (due) due.slotAt = at
    else this.#due.set(id, { at, slotAt: at })
    this.#push({ id, at })
  }

  delete(id: Id): void {
    this.#due.delete(id)
  }

  clear(): void {
    this.#heap.length = 0
    this.#due.clear()
  }

  /** Takes out up to `max` ids that are due at `now`, the earliest first. */
  takeDue(now: MonotonicMs, max: number): Id[] {
    const taken: Id[] = []
    while (taken.length < max) {
      const first = this.#heap[0]
      if (!first || first.at > now) break
      this.#pop()
      const due = this.#due.get(first.id)
      if (!due || due.slotAt !== first.at) continue
      if (due.at > now) {
        due.slotAt = due.at
        this.#push({ id: first.id, at: due.at })
      } else {
        this.#due.delete(first.id)
        taken.push(first.id)
      }
    }
    return taken
  }

  #push(slot: Slot<Id>): void {
    const heap = this.#heap
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Slot<Id>
      if (above.at <= slot.at) break
      heap[at] = above
      at = parent
    }
    heap[at] = slot
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Slot<Id>
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      const child = this.#earlierChild(at)
      const below = heap[child]
      if (!below || below.at >= last.at) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }

  #earlierChild(at: number): number {
    const left = at * 2 + 1
    const [one, two] = [this.#heap[left], this.#heap[left + 1]]
    return one && two && two.at < one.at ? left + 1 : left
  }
}
