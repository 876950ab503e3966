import { KeeperError } from '../base/errors.js'
import { KeeperClient } from './client.js'
import { compileDirectory } from './compiled.js'
import { readDirectory } from './read-directory.js'
import { readSecret } from './secret-input.js'

/**
 * What `--secret NAME=FILE` gives. Throws E_SECRET_UNKNOWN when a config of `dir` names another one: the command would
 * wait for it for ever. What is wrong with the files themselves the keeper says.
 */
export async function devSecrets(dir: string, given: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const secrets = new Map(await Promise.all(given.map(readGiven)))
  const { files } = await readDirectory(dir)
  if (!files.some(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('${secret:')))
    return secrets
  const { compiled } = await compileDirectory(dir)
  for (const config of compiled.configs)
    for (const { name } of config.secrets ?? [])
      if (!secrets.has(name))
        throw new KeeperError('E_SECRET_UNKNOWN', `${config.name} names ${name}: give it with --secret ${name}=FILE`)
  return secrets
}

async function readGiven(text: string): Promise<[string, Uint8Array]> {
  const at = text.indexOf('=')
  if (at < 1 || at === text.length - 1)
    throw new KeeperError(
      'E_INVALID_ARGUMENT',
      `--secret: expected NAME=FILE, got "${text.slice(0, Math.max(at, 0))}…"`,
    )
  return [text.slice(0, at), await readSecret(text.slice(at + 1), '')]
}

export async function putSecrets(endpoint: string, secrets: ReadonlyMap<string, Uint8Array>): Promise<void> {
  if (secrets.size === 0) return
  const client = new KeeperClient([endpoint])
  try {
    for (const [name, value] of secrets) await client.call('secrets', 'Put', { name, value, author: 'keeper dev' })
  } finally {
    client.close()
  }
}
