import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { Event } from '../../keeper/src/store/types.js'
import type { SimProcess } from './process.js'
import { Violation } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface WatcherParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly processes: readonly SimProcess[]
  /** Up to where history was let go, as the log has it. */
  readonly compacted: () => number
}

const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) }

/** Follows the user keyspace from revision to revision, on whichever member it finds. */
export class Watcher {
  readonly events: Event[] = []
  readonly #parts: WatcherParts
  /** Up to here it has everything that was not compacted before it asked. */
  #seen = 1
  #looks = 0
  /** Revisions that it did not see because their history was gone: above `after`, up to `upTo`. */
  readonly gaps: { readonly after: number; readonly upTo: number }[] = []

  constructor(parts: WatcherParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random, processes } = this.#parts
    for (;;) {
      // a look at a process that dies never ends
      await Promise.race([this.look(processes[random.below(processes.length)] as SimProcess), time.sleep(2_000)])
      await time.sleep(50 + random.below(300))
    }
  }

  async look(process: SimProcess): Promise<void> {
    const { member, owner } = process
    if (!member || owner?.dead) return
    const turn = ++this.#looks
    try {
      for await (const revision of member.store.eventsSince('user', this.#seen + 1, everything)) {
        if (owner?.dead || turn !== this.#looks) return
        this.#take(revision)
      }
    } catch (error) {
      if (!(error instanceof KeeperError)) throw error
      if (owner?.dead || turn !== this.#looks) return
      if (error.code === 'E_COMPACTED') this.#skip(member.store.compactedRevision('user'))
      else if (error.code !== 'E_FUTURE_REVISION') throw error
    }
  }

  #take(events: readonly Event[]): void {
    for (const event of events) {
      const { modRevision } = event.kv
      if (modRevision < this.#seen) throw new Violation('watch', `r${modRevision} came after r${this.#seen}`)
    }
    const last = events.at(-1)
    if (!last) return
    if (last.kv.modRevision <= this.#seen) throw new Violation('watch', `r${last.kv.modRevision} came twice`)
    this.#seen = last.kv.modRevision
    this.events.push(...events)
  }

  #skip(compacted: number): void {
    const asked = this.#seen + 1
    // the compacted revision itself can still be read
    if (asked >= compacted) throw new Violation('watch', `r${asked} was said to be gone, with r${compacted} compacted`)
    if (compacted > this.#parts.compacted())
      throw new Violation('watch', `a member let go of r${compacted}, the log only of r${this.#parts.compacted()}`)
    this.gaps.push({ after: this.#seen, upTo: compacted })
    this.#seen = compacted
  }

  get seen(): number {
    return this.#seen
  }
}

/** The watcher saw what happened: all of it, in order, once, but for what was compacted before it came. */
export function checkWatched(watcher: Watcher, all: readonly Event[]): void {
  const gone = (revision: number) => watcher.gaps.some(({ after, upTo }) => revision > after && revision <= upTo)
  const happened = all.filter(({ kv }) => kv.modRevision <= watcher.seen && !gone(kv.modRevision))
  for (let at = 0; at < Math.max(happened.length, watcher.events.length); at++) {
    const [there, seen] = [happened[at], watcher.events[at]]
    if (
      there &&
      seen &&
      there.kv.modRevision === seen.kv.modRevision &&
      there.type === seen.type &&
      sameKv(there, seen)
    )
      continue
    throw new Violation('watch', `r${seen?.kv.modRevision} was seen where r${there?.kv.modRevision} happened`)
  }
}

const sameKv = (a: Event, b: Event): boolean =>
  Buffer.compare(a.kv.key, b.kv.key) === 0 && Buffer.compare(a.kv.value, b.kv.value) === 0
