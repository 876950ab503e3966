import { sha256 } from './canonical.js'
import { fileChanged } from './file-changed.js'
import type { FilePlace, Readable, SourceFile } from './types.js'

/** How many bytes a file has. */
export const lengthOf = (file: SourceFile): number => (file.onDisk ?? file.bytes).length

/** What is the same object as long as the file's bytes are the same. */
export const contentOf = (file: SourceFile): object => file.onDisk ?? file.bytes

/** As far as that can be seen without reading: the same bytes in memory, or the same state of the same file. */
export function isSameContent(a: SourceFile, b: SourceFile): boolean {
  if (a.onDisk && b.onDisk) return isSamePlace(a.onDisk.place, b.onDisk.place)
  return !a.onDisk && !b.onDisk && a.bytes === b.bytes
}

/** A plan, an apply and a watched folder bring the same files, each in arrays of its own. */
export const isEqualContent = (a: SourceFile, b: SourceFile): boolean =>
  isSameContent(a, b) || (!a.onDisk && !b.onDisk && Buffer.compare(a.bytes, b.bytes) === 0)

const isSamePlace = (a: FilePlace, b: FilePlace): boolean => a.realPath === b.realPath && a.stamp === b.stamp

/** All of a file's bytes, whose SHA-256 is known. Throws E_FILE_CHANGED where they are others by now. */
export function bytesOf(file: SourceFile, hash: string): Uint8Array {
  const { bytes } = file
  if (file.onDisk && sha256(bytes) !== hash) throw fileChanged(file.path)
  return bytes
}

export const readableOf = (file: SourceFile): Readable => file.onDisk ?? inMemory(file.bytes)

export const inMemory = (bytes: Uint8Array): Readable => ({
  length: bytes.length,
  read: (from, to) => bytes.subarray(from, to),
})
