import { messageOf } from '../errors.js'
import { limits } from '../limits.js'
import type { Logger } from '../logger.js'
import type { CancelTimer, Runtime } from '../runtime.js'

/** Writes what changed after a short while, one write at a time; many changes are one write. */
export class Saver {
  readonly #deps: { runtime: Runtime; log: Logger; write(): Promise<void> }
  #cancel: CancelTimer | undefined
  #writing: Promise<void> = Promise.resolve()
  #dirty = false

  constructor(deps: { runtime: Runtime; log: Logger; write(): Promise<void> }) {
    this.#deps = deps
  }

  changed(): void {
    this.#dirty = true
    this.#cancel ??= this.#deps.runtime.setTimer(limits.saveAfterMs, () => void this.flush())
  }

  /** Resolves when all changes so far are written, or were tried: a full disk must not stop a service. */
  flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    if (!this.#dirty) return
    this.#dirty = false
    try {
      await this.#deps.write()
    } catch (error) {
      this.#dirty = true
      this.#deps.log.warn({ error }, `keeper: last good values not saved: ${messageOf(error)}`)
    }
  }
}
