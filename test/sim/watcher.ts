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
}

const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) }

/** Follows the user keyspace from revision to revision, on whichever member it finds. */
export class Watcher {
  readonly events: Event[] = []
  readonly #parts: WatcherParts
  /** Up to here it has everything that was not compacted before it asked. */
  #seen = 1
  #looks = 0
  /** Revisions up to which history was gone. */
  readonly skippedTo: number[] = []

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
    this.skippedTo.push(compacted)
    this.#seen = Math.max(this.#seen, compacted)
  }
}

/** The watcher saw what happened: all of it, in order, but for what was compacted before it came. */
export function checkWatched(watcher: Watcher, all: readonly Event[]): void {
  const skipped = watcher.skippedTo.at(-1) ?? 0
  const seen = watcher.events.filter((event) => event.kv.modRevision > skipped)
  const happened = all.filter((event) => event.kv.modRevision > skipped).slice(0, seen.length)
  seen.forEach((event, at) => {
    const there = happened[at]
    if (there?.kv.modRevision === event.kv.modRevision && there.type === event.type && sameKv(there, event)) return
    throw new Violation('watch', `r${event.kv.modRevision} was seen where r${there?.kv.modRevision} happened`)
  })
}

const sameKv = (a: Event, b: Event): boolean =>
  Buffer.compare(a.kv.key, b.kv.key) === 0 && Buffer.compare(a.kv.value, b.kv.value) === 0
