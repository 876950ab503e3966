import type { KvEvent, KvWatchResponse } from '@keeper/proto'
import { watchKeys } from '../../keeper/src/api/kv-watch.js'
import type { ApiContext } from '../../keeper/src/api/types.js'
import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { Member } from '../../keeper/src/node/types.js'
import type { Event } from '../../keeper/src/store/types.js'
import type { SimProcess } from './process.js'
import { pick } from './swarm.js'
import { Violation } from './trace.js'
import type { VirtualTime } from './virtual-time.js'
import { WatchStream } from './watch-stream.js'

export interface WatcherParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly processes: readonly SimProcess[]
  /** Up to where history was let go, as the log has it. */
  readonly compacted: () => number
  /** Of the present cluster. */
  readonly storeEpoch: () => number
}

const everything = { key: Buffer.of(0), rangeEnd: Buffer.of(0) }

/** Follows the user keyspace by one watch after another, as a client of the api does, at whichever member it finds. */
export class Watcher {
  readonly events: Event[] = []
  readonly #parts: WatcherParts
  /** Up to here it has everything that was not compacted before it asked. */
  #seen = 1
  #over = false
  /** Only the newest watch is listened to. */
  #turn = 0
  /** Of what it has seen; 0: nothing yet. */
  #epoch = 0
  /** Revisions that it did not see because their history was gone: above `after`, up to `upTo`. */
  readonly gaps: { readonly after: number; readonly upTo: number }[] = []

  constructor(parts: WatcherParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random, processes } = this.#parts
    while (!this.#over) {
      const forMs = pick(random, [50, 300, 2_000]) + random.below(300)
      await this.follow(processes[random.below(processes.length)] as SimProcess, forMs)
      await time.sleep(20 + random.below(200))
    }
  }

  /** No further watch. */
  end(): void {
    this.#over = true
    this.#turn++
  }

  /** One watch at that member, given up after a while, or when the member ends it. */
  async follow(process: SimProcess, forMs: number): Promise<void> {
    const { time, random } = this.#parts
    const { member, userEvents, owner } = process
    if (!member || !userEvents || !owner || owner.dead) return
    const gone = new AbortController()
    const turn = ++this.#turn
    const arrive = (response: KvWatchResponse) => {
      if (turn === this.#turn) this.#arrived(response)
    }
    const stream = new WatchStream({ time, random, owner, arrive })
    const request = {
      ...everything,
      startRevision: String(this.#seen + 1),
      prevKv: false,
      storeEpoch: String(this.#epoch),
    }
    const watching = watchKeys({ member, userEvents } as ApiContext, request, stream, {
      principal: 'sim',
      signal: gone.signal,
    })
    // one at a member that dies never ends
    const ended = await Promise.race([watching.catch((error) => error), time.sleep(forMs), stream.failed])
    // what was sent comes before the word that it is over
    if (ended !== undefined && !owner.dead) await Promise.race([time.sleep(stream.arrivesInMs), stream.failed])
    stream.end()
    gone.abort(new KeeperError('E_UNAVAILABLE', 'the client is gone'))
    if (ended !== undefined && !owner.dead && turn === this.#turn) this.#ended(member, ended)
  }

  #ended(member: Member, error: unknown): void {
    if (!(error instanceof KeeperError) || error.code === 'E_INTERNAL') throw error
    if (error.code === 'E_FUTURE_REVISION') throw new Violation('watch', `what was seen is not there: ${error.message}`)
    if (error.code === 'E_STORE_EPOCH') this.#begin()
    if (error.code === 'E_COMPACTED') this.#skip(member.store.compactedRevision('user'))
  }

  /** In order, none twice, and all of them up to `revision`. */
  #arrived({ events = [], created, revision, storeEpoch }: KvWatchResponse): void {
    if (created) this.#epoch = Number(storeEpoch)
    if (created) return
    const complete = Number(revision)
    let last = this.#seen
    for (const event of events.map(eventOf)) {
      const { modRevision } = event.kv
      if (modRevision <= this.#seen || modRevision < last || modRevision > complete)
        throw new Violation('watch', `r${modRevision} came behind r${last} in a message up to r${complete}`)
      last = modRevision
      this.events.push(event)
    }
    this.#seen = complete
  }

  /** Everything anew, in a cluster that was restored. */
  #begin(): void {
    if (this.#epoch === this.#parts.storeEpoch())
      throw new Violation('watch', `e${this.#epoch} was said to be another, and is not`)
    this.#epoch = 0
    this.#seen = 1
    this.events.length = 0
    this.gaps.length = 0
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

function eventOf({ deleted, kv }: KvEvent): Event {
  if (!kv) throw new Violation('watch', 'an event came without its key')
  const { key, value, createRevision, modRevision, version, lease } = kv as Required<typeof kv>
  return {
    keyspace: 'user',
    type: deleted ? 'delete' : 'put',
    kv: {
      ...{ key: key as Buffer, value: value as Buffer, lease: BigInt(String(lease)) },
      ...{ createRevision: Number(createRevision), modRevision: Number(modRevision), version: Number(version) },
    },
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
