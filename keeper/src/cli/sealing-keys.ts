import { open, writeFile } from 'node:fs/promises'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { systemRandom } from '../base/random.js'
import { newSealingKey, readSealingKeys, type SealingKeys } from '../base/sealing.js'

/** The keys of a file, or of KEEPER_SECRET_KEY; undefined where there are none. Throws E_SECRET_KEY. */
export async function loadSealingKeys(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<SealingKeys | undefined> {
  const given = env.KEEPER_SECRET_KEY
  // No child, and no dump of the environment, has it from us.
  delete env.KEEPER_SECRET_KEY
  if (file === undefined) return given ? readSealingKeys(given, systemRandom) : undefined
  return readSealingKeys(await readPrivate(file), systemRandom)
}

/** The text of a file that nobody else may read. Throws E_SECRET_KEY. */
async function readPrivate(file: string): Promise<string> {
  const handle = await open(file, 'r').catch((cause: Error) => {
    throw new KeeperError('E_SECRET_KEY', `cannot read the key file: ${cause.message}`, { file }, { cause })
  })
  try {
    const stats = await handle.stat()
    if (!stats.isFile() || stats.size > limits.secretKeyFileBytesMax)
      throw new KeeperError('E_SECRET_KEY', `${file} is no key file`, { file })
    if ((stats.mode & 0o077) !== 0 && process.platform !== 'win32')
      throw new KeeperError('E_SECRET_KEY', `${file} can be read by others: chmod 600 ${file}`, { file })
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Puts a new key in front of those of `file`, which is made if there is none. Gives the ids, the new one first. */
export async function addSealingKey(file: string): Promise<{ readonly id: string; readonly isFirst: boolean }> {
  const line = `${newSealingKey(systemRandom)}\n`
  const { sealsWith: id } = readSealingKeys(line, systemRandom)
  try {
    await writeFile(file, line, { flag: 'wx', mode: 0o600 })
    return { id, isFirst: true }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new KeeperError(
        'E_INVALID_ARGUMENT',
        `cannot write ${file}: ${(cause as Error).message}`,
        { file },
        { cause },
      )
  }
  const before = await readPrivate(file)
  readSealingKeys(before, systemRandom)
  await writeFile(file, line + before)
  return { id, isFirst: false }
}
