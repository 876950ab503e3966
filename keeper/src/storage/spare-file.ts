import { randomBytes } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'
import { guarded } from './disk-errors.js'

const CHUNK_BYTES = 1024 * 1024

/** Room on a disk that is kept for when there is none: a file of noise, which no file system makes smaller. */
export class SpareFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** 0 where there is none. */
  async size(): Promise<number> {
    return (await stat(this.#path).catch(() => undefined))?.size ?? 0
  }

  /** Makes it so large, if it is not, durably. Rejects E_NO_SPACE, E_DISK; then it is as large as before. */
  async keep(bytes: number): Promise<void> {
    const before = await this.size()
    if (before < bytes) await guarded(`write ${this.#path}`, () => this.#grow(before, bytes))
  }

  async giveUp(): Promise<void> {
    await guarded(`remove ${this.#path}`, () => rm(this.#path, { force: true }))
  }

  async #grow(before: number, bytes: number): Promise<void> {
    const noise = randomBytes(Math.min(bytes - before, CHUNK_BYTES))
    const file = await open(this.#path, 'a', 0o600)
    try {
      for (let left = bytes - before; left > 0; left -= noise.length) await file.writeFile(noise.subarray(0, left))
      await file.datasync()
    } catch (thrown) {
      await file.truncate(before).catch(() => {})
      throw thrown
    } finally {
      await file.close()
    }
  }
}
