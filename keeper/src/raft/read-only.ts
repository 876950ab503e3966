import type { MemberId, Message } from './types.js'

interface PendingRead {
  readonly request: Message
  /** The commit index when the request came: what the answer will be. */
  readonly index: number
  readonly acknowledged: Set<MemberId>
}

const keyOf = (context: Uint8Array): string => Buffer.from(context).toString('latin1')

/** Raft thesis §6.4: read requests that wait for a quorum to confirm that the leader still leads. */
export class ReadOnly {
  /** Keyed by context, in order of arrival. */
  readonly #pending = new Map<string, PendingRead>()

  add(index: number, context: Uint8Array, request: Message): void {
    const key = keyOf(context)
    if (!this.#pending.has(key)) this.#pending.set(key, { request, index, acknowledged: new Set() })
  }

  /** Notes that `id` answered the heartbeat with `context`; who has so far, undefined if nobody asked. */
  acknowledge(id: MemberId, context: Uint8Array): ReadonlySet<MemberId> | undefined {
    const acknowledged = this.#pending.get(keyOf(context))?.acknowledged
    acknowledged?.add(id)
    return acknowledged
  }

  /** Takes out the request of `context` and all before it: what confirms a later one confirms them too. */
  takeThrough(context: Uint8Array): readonly PendingRead[] {
    const last = keyOf(context)
    if (!this.#pending.has(last)) return []
    const taken: PendingRead[] = []
    for (const [key, read] of this.#pending) {
      taken.push(read)
      this.#pending.delete(key)
      if (key === last) break
    }
    return taken
  }

  /** Context for the next regular heartbeat, so that a lost confirmation is asked for again. */
  lastContext(): Uint8Array | undefined {
    let last: PendingRead | undefined
    for (const read of this.#pending.values()) last = read
    return last?.request.entries[0]?.data
  }
}
