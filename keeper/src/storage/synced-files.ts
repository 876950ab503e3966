/** Files whose writes are durable when they resolve. */

import { constants, fdatasync, write } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const isSynced = constants.O_DSYNC !== undefined

/** A file of fixed size that is written in place. */
export class InPlaceFile {
  readonly #handle: FileHandle
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async open(path: string): Promise<InPlaceFile> {
    return new InPlaceFile(await open(path, constants.O_RDWR | (constants.O_DSYNC ?? 0)))
  }

  /** All of `bytes` at `at`; durable when it resolves. One at a time. */
  write(at: number, bytes: Uint8Array): Promise<void> {
    const writing = writeSynced(this.#handle.fd, at, bytes)
    this.#writing = writing.catch(() => {})
    return writing
  }

  /** After the write that is under way: its file descriptor may be another file's by then. */
  async close(): Promise<void> {
    await this.#writing
    await this.#handle.close()
  }
}

/** By callback: a promise of node:fs costs several times as much, and every append makes two of these calls. */
const writeSynced = (fd: number, at: number, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, at, (error, written) => {
      if (error) reject(error)
      else if (written < bytes.length) writeSynced(fd, at + written, bytes.subarray(written)).then(resolve, reject)
      else if (isSynced) resolve()
      else fdatasync(fd, (failed) => (failed ? reject(failed) : resolve()))
    })
  })

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
