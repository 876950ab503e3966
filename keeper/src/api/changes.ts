/** One flag with a waiter: something changed since I last looked. Many changes before the look are one. */
export class Changes {
  readonly #signal: AbortSignal
  #dirty = false
  #wake: (() => void) | undefined

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake?.(), { once: true })
  }

  note(): void {
    this.#dirty = true
    this.#wake?.()
  }

  /** Resolves when something was noted since the last call resolved. Rejects with the signal's reason. */
  async wait(): Promise<void> {
    if (!this.#dirty && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#wake = undefined
    if (this.#signal.aborted) throw this.#signal.reason
    this.#dirty = false
  }
}
