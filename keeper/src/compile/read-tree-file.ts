import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { fileChanged } from './file-changed.js'
import type { FileOnDisk, FilePlace, SourceFile } from './types.js'

/** What changes whenever the content does. */
export const stampOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`

/** O_NONBLOCK: a pipe that took the file's place since must not stop us. O_NOFOLLOW: the path is a real one. */
export const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/** A large file that is left on the disk, and read there by whoever needs some of it, as long as it is what it was. */
export class LargeSourceFile implements SourceFile {
  readonly path: string
  readonly onDisk: FileOnDisk

  constructor(path: string, place: FilePlace) {
    this.path = path
    const { length } = place
    this.onDisk = { place, length, read: (from, to, into) => readPart(place, from, Math.min(to, length), into) }
  }

  get bytes(): Uint8Array {
    return this.onDisk.read(0, this.onDisk.length)
  }
}

function readPart(place: FilePlace, from: number, to: number, into?: Uint8Array): Uint8Array {
  const bytes = into?.subarray(0, to - from) ?? Buffer.allocUnsafeSlow(to - from)
  if (!isRead(place, bytes, from)) throw fileChanged(place.realPath)
  return bytes
}

/** False where the file is not what it was, or was written while it was read. */
function isRead({ realPath, stamp }: FilePlace, bytes: Uint8Array, from: number): boolean {
  let file: number | undefined
  try {
    file = openSync(realPath, openFlags)
    for (let end = 0; end < bytes.length; ) {
      const read = readSync(file, bytes, end, bytes.length - end, from + end)
      if (read === 0) return false
      end += read
    }
    return stampOf(fstatSync(file, { bigint: true })) === stamp
  } catch (thrown) {
    throw fileChanged(realPath, thrown)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
