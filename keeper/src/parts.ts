import type { Logger } from './base/logger.js'

/** What was opened, to be closed the other way round, each once. */
export class Parts {
  readonly #logger: Logger
  readonly #closers: (() => Promise<unknown> | unknown)[] = []
  #closed: Promise<void> | undefined

  constructor(logger: Logger) {
    this.#logger = logger
  }

  onClose(close: () => Promise<unknown> | unknown): void {
    this.#closers.push(close)
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  async #closeAll(): Promise<void> {
    for (const close of this.#closers.reverse()) {
      await Promise.resolve(close()).catch((error) => this.#logger.error({ err: error }, 'closing failed'))
    }
  }
}
