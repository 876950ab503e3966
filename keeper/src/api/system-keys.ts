import type { Member } from '../node/types.js'

const text = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')

/** Tells listeners of single system keys that theirs was written: one look per event, however many listen. */
export class SystemKeys {
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #stops: readonly (() => void)[]

  constructor(member: Pick<Member, 'onApplied' | 'onReplaced'>) {
    const onApplied = member.onApplied(({ events }) => {
      if (this.#listeners.size === 0) return
      for (const event of events) if (event.keyspace === 'system') this.#tell(text(event.kv.key))
    })
    const onReplaced = member.onReplaced(() => {
      for (const name of this.#listeners.keys()) this.#tell(name)
    })
    this.#stops = [onApplied, onReplaced]
  }

  /** Returns the way to stop it. */
  listen(key: Uint8Array, listener: () => void): () => void {
    const name = text(key)
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(name)
    }
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  #tell(name: string): void {
    for (const listener of this.#listeners.get(name) ?? []) listener()
  }
}
