import { KeeperError } from '../base/errors.js'
import { asDiskError } from './disk-errors.js'

/**
 * Lets writes through until one fails. After a failed write or fsync nobody knows what is on disk: the kernel may have
 * dropped the dirty pages and will report the next fsync as a success (PostgreSQL's "fsyncgate"). So nothing is written
 * or acknowledged any more until the folder is opened again and verified.
 */
export class WriteGate {
  #cause: KeeperError | undefined

  /** Rejects with what `write` threw (E_DISK, E_NO_SPACE, E_CORRUPT); once that happened, always E_DISK. */
  async run<T>(write: () => Promise<T>): Promise<T> {
    this.check()
    try {
      return await write()
    } catch (thrown) {
      this.#cause ??= asDiskError(thrown, 'write')
      throw this.#cause
    }
  }

  /** Throws E_DISK after a failure. */
  check(): void {
    const cause = this.#cause
    if (cause) throw new KeeperError('E_DISK', `no more writes after a failed one: ${cause.message}`, {}, { cause })
  }
}
