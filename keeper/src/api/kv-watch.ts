import type { KvEvent, KvWatchRequest__Output, KvWatchResponse } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Event } from '../store/types.js'
import { type Caller, type Sink, uint } from './calls.js'
import { Changes } from './changes.js'
import { keyValueToWire } from './kv-wire.js'
import type { ApiContext } from './types.js'
import { inSpan, type KeySpan } from './user-events.js'

/**
 * Events of a key range from a revision on, in order, without a gap or a repeat. While it keeps up a watch is *synced*:
 * it is handed events as they are applied. One that is slow, or begins in the past, is *catching up*: it reads history
 * at its own pace, with nothing queued for it. Rejects E_COMPACTED when what it needs is gone, E_STORE_EPOCH when its
 * revision is one of the cluster from which this one was restored, E_FUTURE_REVISION when it goes on from none there is.
 */
export async function watchKeys(
  context: ApiContext,
  request: KvWatchRequest__Output,
  sink: Sink<KvWatchResponse>,
  { signal }: Caller,
): Promise<void> {
  const { member, userEvents } = context
  const span: KeySpan = { key: request.key, ...(request.rangeEnd.length > 0 && { rangeEnd: request.rangeEnd }) }
  await member.linearizableRead({ signal })
  const { store } = member
  const watch = new Watch(span, request.prevKv, sink)
  watch.next = firstRevision(context, request)
  const { storeEpoch } = member.status().identity
  sink.send({ revision: store.revision('user'), events: [], created: true, storeEpoch })
  const changes = new Changes(signal)
  const stop = userEvents.listen((events) => watch.hear(events, changes))
  signal.addEventListener('abort', stop, { once: true })
  for (;;) {
    await watch.catchUp(store)
    await changes.wait()
  }
}

function firstRevision({ member }: ApiContext, request: KvWatchRequest__Output): number {
  const newest = member.store.revision('user')
  const first = uint('start_revision', request.startRevision) || newest + 1
  const epoch = uint('store_epoch', request.storeEpoch)
  const { storeEpoch } = member.status().identity
  if (epoch !== 0 && epoch !== storeEpoch)
    throw new KeeperError('E_STORE_EPOCH', `r${first} is of epoch ${epoch}, this cluster is of epoch ${storeEpoch}`)
  if (first > newest + 1) throw new KeeperError('E_FUTURE_REVISION', `there is no r${first - 1} yet, only r${newest}`)
  return first
}

class Watch {
  /** The first revision that was not looked at. */
  next = 1
  readonly #span: KeySpan
  readonly #prevKv: boolean
  readonly #sink: Sink<KvWatchResponse>
  #synced = false

  constructor(span: KeySpan, prevKv: boolean, sink: Sink<KvWatchResponse>) {
    this.#span = span
    this.#prevKv = prevKv
    this.#sink = sink
  }

  /** Events as they are applied: sent at once, or left to the history when the client is slow. */
  hear(events: readonly Event[], changes: Changes): void {
    if (!this.#synced) return
    const [first] = events
    if (!first || !this.#deliver(events.filter((event) => event.kv.modRevision >= this.next))) {
      this.#synced = false
      changes.note()
    }
  }

  async catchUp(store: ApiContext['member']['store']): Promise<void> {
    await this.#sink.writable()
    while (this.next <= store.revision('user')) {
      const upTo = store.revision('user')
      for await (const events of store.eventsSince('user', this.next, this.#span)) {
        if (!this.#deliver(events)) await this.#sink.writable()
      }
      this.next = Math.max(this.next, upTo + 1)
    }
    this.#synced = true
  }

  /** Whole revisions, in messages of bounded size. False when the client is slow. */
  #deliver(events: readonly Event[]): boolean {
    const revision = events.at(-1)?.kv.modRevision
    if (revision === undefined) return true
    this.next = revision + 1
    const wanted = events.filter((event) => inSpan(this.#span, event.kv.key))
    let open = true
    const parts = messagesOf(wanted, this.#prevKv)
    for (const [at, events] of parts.entries()) {
      // up to there a client has everything, and may go on behind it after a break
      const complete = parts[at + 1] ? Number(parts[at + 1]?.[0]?.kv?.modRevision) - 1 : revision
      open = this.#sink.send({ revision: complete, events, created: false })
    }
    return open
  }
}

/** Many large events are cut over several messages: none is larger than a client takes. */
function messagesOf(events: readonly Event[], prevKv: boolean): KvEvent[][] {
  const messages: KvEvent[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const event of events) {
    const size = sizeOf(event)
    if (bytes + size > limits.messageBytesMax / 2) {
      messages.push([])
      bytes = 0
    }
    messages.at(-1)?.push(eventToWire(event, prevKv))
    bytes += size
  }
  return messages
}

const sizeOf = ({ kv, prevKv }: Event): number =>
  kv.key.length * 2 + kv.value.length + (prevKv?.value.length ?? 0) + EVENT_OVERHEAD_BYTES

const EVENT_OVERHEAD_BYTES = 128

const eventToWire = (event: Event, prevKv: boolean): KvEvent => ({
  deleted: event.type === 'delete',
  kv: keyValueToWire(event.kv),
  ...(prevKv && event.prevKv && { prevKv: keyValueToWire(event.prevKv) }),
})
