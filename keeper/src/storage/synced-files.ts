/** Files whose writes are durable when they resolve. */

import { constants, fdatasync, write } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const isSynced = constants.O_DSYNC !== undefined

/** A file that is there, to be written by `writeInPlace`. */
export const openInPlace = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDWR | (constants.O_DSYNC ?? 0))

/**
 * All of `bytes` at `at`, durable. Where the file is that long already no metadata is written. By callback: a promise of
 * node:fs costs several times as much, and every append makes two of these calls.
 */
export const writeInPlace = (fd: number, at: number, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, at, (error, written) => {
      if (error) reject(error)
      else if (written < bytes.length) writeInPlace(fd, at + written, bytes.subarray(written)).then(resolve, reject)
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
