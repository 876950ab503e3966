import type { StoreReader } from '../../store/types.js'
import { type Effective, valueBytes } from '../effective.js'

const entriesMax = 256
const newline = Buffer.from('\n')

/** Bodies of values. As long as somebody is still being sent one, all others who are to get the same value get that one. */
export class Bodies {
  readonly #store: StoreReader
  readonly #made = new Map<string, WeakRef<Buffer>>()

  constructor(store: StoreReader) {
    this.#store = store
  }

  /** Throws E_NOT_FOUND when the value is not kept any more. */
  of(name: string, value: Pick<Effective, 'hash' | 'revision'>): Buffer {
    const made = this.#made.get(value.hash)?.deref()
    if (made) return made
    const body = Buffer.concat([valueBytes(this.#store, name, value), newline])
    this.#forget()
    this.#made.set(value.hash, new WeakRef(body))
    return body
  }

  /** Those that nobody is sent any more, now and then. */
  #forget(): void {
    if (this.#made.size < entriesMax) return
    for (const [hash, body] of this.#made) if (!body.deref()) this.#made.delete(hash)
  }
}
