import type { CancelTimer, Runtime } from '../runtime.js'
import type { ClientStream } from '../transport.js'
import { waitPatiently } from './patience.js'

export interface BesideDeps {
  readonly runtime: Runtime
  /** Whom to dial next; undefined when all were. */
  next(): string | undefined
  open(endpoint: string): ClientStream
}

interface Dialled {
  readonly endpoint: string
  readonly stream: ClientStream
}

const none: CancelTimer = () => {}

/**
 * Dials others beside an endpoint that does not take the connection, one more after each pause: a host that is gone
 * says nothing, and a slow link may come first in the end. Nothing is said to them until one of them is chosen.
 */
export class Beside {
  readonly #deps: BesideDeps
  readonly #dialled: Dialled[] = []
  #cancel = none

  constructor(deps: BesideDeps) {
    this.#deps = deps
  }

  start(pauseMs: number): void {
    this.stop()
    this.#arm(pauseMs)
  }

  /** No further ones, and those that are dialled are dropped. */
  stop(): void {
    this.#cancel()
    this.#cancel = none
    for (const { stream } of this.#dialled.splice(0)) stream.cancel()
  }

  /** The one with this stream, or the first; it is the caller's from now on. */
  take(stream = this.#dialled[0]?.stream): Dialled | undefined {
    const at = this.#dialled.findIndex((one) => one.stream === stream)
    return at < 0 ? undefined : this.#dialled.splice(at, 1)[0]
  }

  #arm(pauseMs: number): void {
    this.#cancel = waitPatiently(this.#deps.runtime, pauseMs, () => {
      const endpoint = this.#deps.next()
      if (endpoint === undefined) return
      this.#dialled.push({ endpoint, stream: this.#deps.open(endpoint) })
      this.#arm(pauseMs)
    })
  }
}
