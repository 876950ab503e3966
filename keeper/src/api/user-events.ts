import type { Member } from '../node/types.js'
import type { Event } from '../store/types.js'

/** Which keys: one, [key, rangeEnd), or, with a single zero byte as the end, all from `key` on. */
export interface KeySpan {
  readonly key: Uint8Array
  readonly rangeEnd?: Uint8Array
}

export function inSpan(span: KeySpan, key: Uint8Array): boolean {
  const order = Buffer.compare(key, span.key)
  if (!span.rangeEnd) return order === 0
  const open = span.rangeEnd.length === 1 && span.rangeEnd[0] === 0
  return order >= 0 && (open || Buffer.compare(key, span.rangeEnd) < 0)
}

/** Called after an applied entry that has events of the user keyspace, or with none when the state was replaced. */
export type UserListener = (events: readonly Event[]) => void

/** The user keyspace's events as they are applied: sorted out once per entry, however many watch. */
export class UserEvents {
  readonly #listeners = new Set<UserListener>()
  readonly #stops: readonly (() => void)[]

  constructor(member: Pick<Member, 'onApplied' | 'onReplaced'>) {
    const onApplied = member.onApplied(({ events }) => {
      if (this.#listeners.size === 0) return
      const users = events.filter((event) => event.keyspace === 'user')
      if (users.length > 0) this.#tell(users)
    })
    this.#stops = [onApplied, member.onReplaced(() => this.#tell([]))]
  }

  listen(listener: UserListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  #tell(events: readonly Event[]): void {
    for (const listener of this.#listeners) listener(events)
  }
}
