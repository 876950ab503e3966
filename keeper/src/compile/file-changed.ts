import { KeeperError } from '../base/errors.js'

/** What a large file is made into is read from it again and again: it was written meanwhile. */
export const fileChanged = (path: string, cause?: unknown): KeeperError =>
  new KeeperError(
    'E_FILE_CHANGED',
    `${path} was written while it was read`,
    { path },
    cause === undefined ? {} : { cause },
  )
