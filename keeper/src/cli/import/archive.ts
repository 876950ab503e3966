import { readFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import type { Found } from './item.js'
import { type ArchivedFile, readZip } from './zip.js'

/** The files of an export: a ZIP archive as it was downloaded, its folder, or one file. Sorted. Rejects E_INVALID_ARGUMENT, E_TOO_LARGE. */
export async function openArchive(from: string): Promise<ArchivedFile[]> {
  const stats = await stat(from).catch((cause) => {
    throw new KeeperError('E_INVALID_ARGUMENT', `cannot read ${from}: there is no such file`, { from }, { cause })
  })
  if (stats.isDirectory()) return folderFiles(from)
  if (stats.size > limits.importFileBytesMax)
    throw new KeeperError('E_TOO_LARGE', `${from} has more than ${limits.importFileBytesMax} bytes`, { from })
  const bytes = await readFile(from)
  if (bytes.subarray(0, 2).toString('latin1') !== 'PK') return [{ path: basename(from), read: () => bytes }]
  return readZip(bytes, limits.fileBytesMax).sort(byPath)
}

async function folderFiles(folder: string): Promise<ArchivedFile[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  return all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file): ArchivedFile => ({ path: relative(folder, file), read: () => readFileSync(file) }))
    .sort(byPath)
}

const byPath = (a: ArchivedFile, b: ArchivedFile): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)

/** A file's bytes, or that they cannot be read. */
export function* readOr(file: ArchivedFile, use: (bytes: Buffer) => Iterable<Found>): Iterable<Found> {
  let bytes: Buffer
  try {
    bytes = file.read()
  } catch (error) {
    yield { path: file.path, reason: (error as Error).message }
    return
  }
  yield* use(bytes)
}
