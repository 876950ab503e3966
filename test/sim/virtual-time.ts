import { Violation } from './trace.js'

/** Whoever events happen to: one life of a process. What belongs to a dead one never happens; a paused one gets it later. */
export interface Owner {
  dead: boolean
  pausedUntil: number
}

interface Event {
  readonly at: number
  readonly sequence: number
  readonly fire: () => void
  readonly owner: Owner | undefined
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence)

/** So many events in one millisecond of virtual time mean that something goes round without end. */
const eventsPerMillisecondMax = 20_000

/** Events after which real input (signals, timers of the test runner) gets its turn. */
const eventsPerTurn = 20_000

/**
 * Time that passes only when everything at the present moment is done. Between two events all promises run dry: a next
 * tick asked for while they do comes when no microtask is left, so the order of everything is that of the events, and
 * the same seed gives the same run.
 */
export class VirtualTime {
  #now = 0
  #heap: Event[] = []
  #sequence = 0
  #events = 0
  #millisecond = 0
  #eventsThen = 0

  get now(): number {
    return this.#now
  }

  get events(): number {
    return this.#events
  }

  /** Calls `fire` after `delayMs`; returns the way to stop it. */
  after(delayMs: number, fire: () => void, owner?: Owner): () => void {
    let live = true
    const once = () => {
      if (live) fire()
      live = false
    }
    this.#push({ at: this.#now + Math.max(0, delayMs), sequence: this.#sequence++, fire: once, owner })
    return () => {
      live = false
    }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve))
  }

  /** Lets time pass until `until`, or until `done` says so. */
  async run(until: number, done: () => boolean = () => false): Promise<void> {
    await quiet()
    while (!done()) {
      const event = this.#heap[0]
      if (!event || event.at > until) {
        this.#now = Math.max(this.#now, until)
        return
      }
      this.#pop()
      this.#now = event.at
      const { owner } = event
      if (owner?.dead) continue
      if (owner && owner.pausedUntil > this.#now) {
        this.#push({ ...event, at: owner.pausedUntil, sequence: this.#sequence++ })
        continue
      }
      this.#expectProgress()
      event.fire()
      await quiet()
      if (++this.#events % eventsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #expectProgress(): void {
    const millisecond = Math.floor(this.#now)
    if (millisecond === this.#millisecond) this.#eventsThen++
    else this.#eventsThen = 0
    this.#millisecond = millisecond
    if (this.#eventsThen > eventsPerMillisecondMax)
      throw new Violation('livelock', `${eventsPerMillisecondMax} events within a millisecond`)
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Event
      if (before(above, event)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Event
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      const left = at * 2 + 1
      const [one, two] = [heap[left], heap[left + 1]]
      const child = one && two && before(two, one) ? left + 1 : left
      const below = heap[child]
      if (!below || !before(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }
}

const quiet = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))
