import { KeeperError } from '../base/errors.js'

/**
 * What the disk and LevelDB throw, as errors of the registry: full → E_NO_SPACE, damaged → E_CORRUPT, in use →
 * E_DATA_LOCKED, anything else → E_DISK. LevelDB gives the operating system's reason only as text, hence the one
 * place in the project that reads a foreign message.
 */
export function asDiskError(thrown: unknown, doing: string): KeeperError {
  if (thrown instanceof KeeperError) return thrown
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown))
  const root = innermost(cause)
  const code = codeOf(root)
  const message = `${doing}: ${root.message}`
  if (code === 'LEVEL_LOCKED') return new KeeperError('E_DATA_LOCKED', message, {}, { cause })
  if (code === 'LEVEL_CORRUPTION' || (code === 'LEVEL_IO_ERROR' && lostFile.test(root.message)))
    return new KeeperError('E_CORRUPT', message, {}, { cause })
  if (code === 'ENOSPC' || code === 'EDQUOT' || fullDisk.test(root.message))
    return new KeeperError('E_NO_SPACE', message, {}, { cause })
  return new KeeperError('E_DISK', message, {}, { cause })
}

/** A file that the database names is not there, or ends before the place that is read. */
const lostFile = /No such file or directory|Invalid argument/
const fullDisk = /No space left on device|Disk quota exceeded/

/** abstract-level wraps the reason why a database did not open. */
function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error
}

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Runs `work`; what it throws becomes a KeeperError that says what was being done. */
export async function guarded<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw asDiskError(thrown, doing)
  }
}
