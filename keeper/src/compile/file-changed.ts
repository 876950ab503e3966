import { KeeperError } from '../base/errors.js'

/** What a large file is made into is read from it again and again: it was written meanwhile, or cannot be read any more. */
export function fileChanged(path: string, cause?: unknown): KeeperError {
  if (cause === undefined) return new KeeperError('E_FILE_CHANGED', `${path} was written while it was read`, { path })
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new KeeperError('E_FILE_CHANGED', `${path} cannot be read any more: ${reason}`, { path }, { cause })
}
