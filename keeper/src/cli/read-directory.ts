import { KeeperError } from '../base/errors.js'
import { readTree } from '../compile/read-tree.js'
import type { SourceTree } from '../compile/types.js'

/** The config directory a person named. Throws E_INVALID_ARGUMENT when it is none. */
export async function readDirectory(dir: string, onProgress?: (files: number) => void): Promise<SourceTree> {
  try {
    return await readTree(dir, onProgress)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const why =
      code === 'ENOENT' ? 'there is no such directory' : code === 'ENOTDIR' ? 'it is not a directory' : String(cause)
    throw new KeeperError('E_INVALID_ARGUMENT', `cannot read ${dir}: ${why}`, { dir }, { cause })
  }
}
