/** Control.Events: the timeline, and what is added to it, from a revision on; each record once, in order. */

import type { EventBatch, EventsRequest__Output, EventView } from '@keeper/proto'
import { eventsAfter, oldestEvent, startOfLast, type TimelineRecord } from '../control/timeline.js'
import type { Member } from '../node/types.js'
import { DEFAULT_NAMESPACE, recordPath } from '../store/records.js'
import { type Caller, type Sink, uint } from './calls.js'
import { Changes } from './changes.js'
import type { ApiContext } from './types.js'

/** Tells whoever follows that the timeline grew: one look per applied entry, however many follow, none when nobody does. */
export class TimelineFeed {
  readonly #member: Pick<Member, 'onApplied' | 'onReplaced'>
  readonly #followers = new Set<() => void>()
  #stops: readonly (() => void)[] = []

  constructor(member: Pick<Member, 'onApplied' | 'onReplaced'>) {
    this.#member = member
  }

  /** Returns the way to stop it. */
  listen(follower: () => void): () => void {
    if (this.#followers.size === 0) this.#begin()
    this.#followers.add(follower)
    return () => {
      this.#followers.delete(follower)
      if (this.#followers.size === 0) for (const stop of this.#stops) stop()
    }
  }

  #begin(): void {
    const tell = () => {
      for (const follower of this.#followers) follower()
    }
    const grew = this.#member.onApplied(({ events }) => {
      if (events.some(({ keyspace, kv }) => keyspace === 'system' && recordPath(kv.key).kind === 'event')) tell()
    })
    this.#stops = [grew, this.#member.onReplaced(tell)]
  }
}

export async function tellEvents(
  { member }: ApiContext,
  feed: TimelineFeed,
  request: EventsRequest__Output,
  sink: Sink<EventBatch>,
  { signal }: Caller,
): Promise<void> {
  const namespace = request.namespace || DEFAULT_NAMESPACE
  await member.linearizableRead({ signal })
  const { store } = member
  const changes = new Changes(signal)
  const stop = feed.listen(() => changes.note())
  signal.addEventListener('abort', stop, { once: true })
  let after = uint('after', request.after)
  if (after === 0 && request.last > 0) after = startOfLast(store, namespace, request.last)
  let oldest = oldestEvent(store, namespace)
  for (;;) {
    for (let records = eventsAfter(store, namespace, after); records.length > 0; ) {
      after = records.at(-1)?.revision ?? after
      sink.send({ events: records.flatMap(viewsOf), revision: after, caughtUp: false, oldest })
      oldest = 0
      await sink.writable()
      records = eventsAfter(store, namespace, after)
    }
    sink.send({ events: [], revision: after, caughtUp: true, oldest })
    if (!request.follow) return
    await sink.writable()
    await changes.wait()
  }
}

const viewsOf = ({ revision, record }: TimelineRecord): EventView[] =>
  record.entries.map(
    ({ kind, text, author = '', reason = '', source = '', names = [], changeSet = '', code = '' }) => ({
      ...{ revision, wallMs: record.wallMs, kind, text, author, reason, source, names: [...names], changeSet, code },
    }),
  )
