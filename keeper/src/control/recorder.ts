import type { CancelTimer, Clock } from '../base/clock.js'
import { decodeText, encodeText } from '../base/codec.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Member } from '../node/types.js'
import { DEFAULT_NAMESPACE, recordPath } from '../store/records.js'
import type { Compare, Event, Operation, StoreReader } from '../store/types.js'
import { proposeBody } from './propose.js'
import { surplusEvents } from './timeline.js'
import { type Told, tellOf, together } from './timeline-entries.js'
import { Writes } from './writes.js'

export interface RecorderOptions {
  readonly member: Member
  readonly memberName: string
  readonly clock: Clock
  readonly logger: Logger
}

const CURSOR_KEY: Uint8Array = encodeText('/_keeper/timeline/cursor')
const ALL = { key: encodeText('/'), rangeEnd: encodeText('0') }

/** Up to which revision all was told, and in which term. */
interface Cursor {
  readonly revision: number
  readonly term: number
  /** Of the record itself; 0: there is none. */
  readonly modRevision: number
}

/**
 * Tells what nobody tells in the same step: processes that come and go, members, who leads. The leader reads the history
 * of the log from where the last one stopped and writes what it has to tell together with the new place to go on from,
 * so that nothing is told twice and nothing is left out, whoever dies when.
 */
export class Recorder {
  readonly #options: RecorderOptions
  #term: number | undefined
  /** Looked at, whether or not there was something to tell. */
  #seen = 0
  #dirty = true
  #savedAt = 0
  #cancel: CancelTimer = () => {}
  #stops: (() => void)[] = []
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  start(): void {
    const { member } = this.#options
    this.#stops = [
      member.onLeadership((leading, term) => this.#lead(leading ? term : undefined)),
      member.onApplied(({ events }) => {
        this.#dirty ||= this.#term !== undefined && events.some(isNews)
      }),
    ]
    const { role, term } = member.status()
    this.#lead(role === 'leader' ? term : undefined)
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    this.#lead(undefined)
    await this.#running
  }

  /** Tells all up to now, if this member still leads in `term`. */
  async round(term: number): Promise<void> {
    const { member, memberName, clock } = this.#options
    const cursor = readCursor(member.store)
    const upTo = member.store.revision('system')
    const told = await this.#read(Math.max(cursor.revision, this.#seen) + 1, upTo)
    if (cursor.term !== term) told.push(leads(memberName, term))
    // Its own last write is no reason to write again.
    const due = clock.monotonic() - this.#savedAt > limits.eventCursorMs && upTo > cursor.revision + 1
    if (told.length === 0 && !due) {
      this.#seen = upTo
      return
    }
    // Lost to another leader, or to a race: the next round reads the cursor again.
    if (await this.#write(term, cursor, upTo, told)) this.#seen = upTo
    this.#savedAt = clock.monotonic()
  }

  #lead(term: number | undefined): void {
    this.#cancel()
    this.#term = term
    this.#seen = 0
    this.#dirty = true
    this.#savedAt = this.#options.clock.monotonic()
    if (term !== undefined) this.#later(term)
  }

  #later(term: number): void {
    const { clock, logger } = this.#options
    this.#cancel = clock.setTimer(limits.eventBatchMs, () => {
      if (this.#term !== term) return
      this.#running = this.#roundIfDue(term)
        .catch((thrown) => logger.debug({ err: asKeeperError(thrown) }, 'the timeline is written a little later'))
        .then(() => this.#term === term && this.#later(term))
    })
  }

  async #roundIfDue(term: number): Promise<void> {
    const { clock } = this.#options
    if (!this.#dirty && clock.monotonic() - this.#savedAt <= limits.eventCursorMs) return
    this.#dirty = false
    await this.round(term).catch((thrown) => {
      this.#dirty = true
      throw thrown
    })
  }

  /** What some revisions have to tell. A part that was compacted before anybody told it is told of. */
  async #read(from: number, upTo: number): Promise<Told[]> {
    const { store } = this.#options.member
    const told: Told[] = []
    for (let next = from; ; ) {
      try {
        for await (const events of store.eventsSince('system', next, ALL))
          told.push(...events.flatMap((event) => (event.kv.modRevision <= upTo ? (tellOf(event) ?? []) : [])))
        return told
      } catch (thrown) {
        const compacted = store.compactedRevision('system')
        if (!(thrown instanceof KeeperError) || thrown.code !== 'E_COMPACTED' || compacted <= next) throw thrown
        told.push(gap(next, compacted))
        next = compacted
      }
    }
  }

  async #write(term: number, cursor: Cursor, revision: number, told: readonly Told[]): Promise<boolean> {
    const { member, clock } = this.#options
    const wallMs = clock.wall()
    const operations: Operation[] = [...together(told)].flatMap(([namespace, entries]) => {
      const writes = new Writes()
      writes.tell(namespace, wallMs, ...entries.slice(0, ENTRIES_MAX))
      for (const key of surplusEvents(member.store, namespace, wallMs)) writes.delete(key)
      return [...writes.puts, ...writes.deletes]
    })
    const place: Operation = {
      ...{ kind: 'put', key: CURSOR_KEY, value: encodeText(JSON.stringify({ v: 1, revision, term })), lease: 0n },
      ...{ revisionSuffix: false, prevKv: false, ignoreValue: false, ignoreLease: false },
    }
    const compares: Compare[] = [
      { target: 'term', term },
      { target: 'modRevision', key: CURSOR_KEY, comparison: 'equal', operand: cursor.modRevision },
    ]
    const txn = { compares, success: [...operations, place], failure: [] }
    return (await proposeBody(member, 'system', { kind: 'txn', keyspace: 'system', txn })).succeeded
  }
}

/** Of one batch; what is of one kind is one entry. */
const ENTRIES_MAX = 1_000

const gap = (from: number, to: number): Told => ({
  namespace: DEFAULT_NAMESPACE,
  entry: {
    kind: 'gap',
    text: `what processes and members did between r${from} and r${to} was compacted before it was told`,
  },
})

const leads = (name: string, term: number): Told => ({
  namespace: DEFAULT_NAMESPACE,
  entry: { kind: 'leader', text: `${name} leads, in term ${term}`, names: [name] },
})

const telling = new Set(['instance', 'lastword', 'member', 'seat', 'secret'])

const isNews = ({ keyspace, kv }: Event): boolean => keyspace === 'system' && telling.has(recordPath(kv.key).kind)

function readCursor(store: StoreReader): Cursor {
  const kv = store.get('system', CURSOR_KEY)
  if (!kv) return { revision: 0, term: 0, modRevision: 0 }
  const { revision, term } = JSON.parse(decodeText(kv.value)) as { revision: number; term: number }
  return { revision, term, modRevision: kv.modRevision }
}
