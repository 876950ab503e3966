import { createHash, randomUUID } from 'node:crypto'
import { lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Memory } from '../core/client.js'
import { decodeMemory, encodeMemory } from '../core/last-good.js'
import { KeeperClientError, messageOf } from '../errors.js'
import { limits } from '../limits.js'
import type { Logger } from '../logger.js'
import { isSealed, type LastGoodKey, openText, sealText } from './last-good-seal.js'

/** Where a process' last good values are kept between its runs. */
export interface LastGoodStore {
  /** What was saved last; undefined when there is nothing of use. Never throws. */
  load(): Promise<Memory | undefined>
  /** Durable, and all or nothing, when it resolves. */
  save(memory: Memory): Promise<void>
}

/** Who a file belongs to: incarnations of the same process share it. */
export interface FileIdentity {
  readonly namespace: string
  readonly cluster: string
  readonly role: string
  readonly instance: string
}

/**
 * One file per process identity below `folder`, readable by its user alone. With a key it is sealed; without one, values
 * that hold secrets are left out, which is said once.
 */
export function fileStore(folder: string, identity: FileIdentity, log: Logger, key?: LastGoodKey): LastGoodStore {
  const file = join(folder, fileName(identity))
  const told = new Set<string>()
  return {
    load: () => loadFile(file, log, key),
    async save(memory) {
      const text = key ? sealText(encodeMemory(memory), key) : encodeMemory(withoutSecrets(memory, log, told))
      await saveFile(file, text)
    },
  }
}

function withoutSecrets(memory: Memory, log: Logger, told: Set<string>): Memory {
  const left = [...memory.good.values()].filter(({ secret }) => secret).map(({ name }) => name)
  const fresh = left.filter((name) => !told.has(name))
  for (const name of fresh) told.add(name)
  if (fresh.length > 0)
    log.warn(
      { configs: fresh },
      `keeper: the last good value of ${fresh.join(', ')} holds secrets and is not kept: set KEEPER_LAST_GOOD_KEY`,
    )
  return { ...memory, good: new Map([...memory.good].filter(([, { secret }]) => !secret)) }
}

/** Keeps nothing. */
export const noStore: LastGoodStore = { load: async () => undefined, save: async () => {} }

/** Readable, and unique however odd the names. */
export function fileName({ namespace, cluster, role, instance }: FileIdentity): string {
  const parts = [cluster, role, instance]
  const readable = parts.map((part) => part.replaceAll(/[^\w-]/g, '_').slice(0, 48)).join('.')
  const unique = createHash('sha256')
    .update(JSON.stringify([namespace, ...parts]))
    .digest('hex')
    .slice(0, 12)
  return `${readable}.${unique}.last-good`
}

async function loadFile(file: string, log: Logger, key: LastGoodKey | undefined): Promise<Memory | undefined> {
  try {
    const { size } = await stat(file)
    if (size > limits.lastGoodFileBytesMax) throw new KeeperClientError('E_TOO_LARGE', `it has ${size} bytes`)
    const text = await readFile(file, 'utf8')
    return decodeMemory(isSealed(text) ? openText(text, key) : text)
  } catch (error) {
    if (isMissing(error)) return undefined
    log.warn({ file, error }, `keeper: ignoring the last-good file ${file}: ${messageOf(error)}`)
    return undefined
  }
}

/** A crash at any line leaves the old file or the new one. */
async function saveFile(file: string, text: string): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}.draft`
  try {
    await writeDurably(draft, text)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(folder)
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; its rename is as durable as it gets there.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * The folder when none is given: systemd's STATE_DIRECTORY, XDG_STATE_HOME, or the home folder; where there is none to
 * write to, one of our own below the temporary folder. Throws when somebody else owns that: it may be a trap.
 */
export async function defaultStateDir(env: NodeJS.ProcessEnv, homeFolder: () => string = homedir): Promise<string> {
  const given = env.STATE_DIRECTORY?.split(':')[0] || env.XDG_STATE_HOME
  const state = given ? join(given, 'keeper') : stateBelow(homeFolder)
  if (state !== undefined && (await canCreate(state))) return state
  const fallback = join(tmpdir(), `keeper-${process.getuid?.() ?? 'state'}`)
  await mkdir(fallback, { mode: 0o700 }).catch(ignoreExisting)
  await refuseForeign(fallback)
  return fallback
}

/** Undefined for a user without a name and a home, as containers have them: asking for the home throws then. */
function stateBelow(homeFolder: () => string): string | undefined {
  try {
    return join(homeFolder(), '.local', 'state', 'keeper')
  } catch {
    return undefined
  }
}

async function canCreate(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return true
  } catch {
    return false
  }
}

/** Throws E_PERMISSION unless `folder` is a folder of this user that no other may write to. */
export async function refuseForeign(folder: string): Promise<void> {
  const info = await lstat(folder)
  const uid = process.getuid?.()
  if (uid === undefined) return
  if (!info.isDirectory() || info.uid !== uid || (info.mode & 0o022) !== 0) {
    throw new KeeperClientError('E_PERMISSION', `${folder} is not a private folder of this user: set KEEPER_STATE_DIR`)
  }
}

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT'

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}
