import { randomBytes } from 'node:crypto'
import { open, rename, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { KeeperError } from '../../base/errors.js'
import type { Json } from '../../compile/json.js'
import { printFormatOf, printValue } from '../../compile/print.js'
import { atPointer } from '../arguments.js'

/** One file that is kept current. */
export interface Target {
  /** The config it shows. */
  readonly name: string
  /** JSON pointer of the part it shows; '' for all. */
  readonly pointer: string
  readonly file: string
}

/** `push/room=/run/room.json` or `push/room#/redis=/run/redis.env`. Throws E_INVALID_ARGUMENT. */
export function parseTargets(given: readonly string[]): Target[] {
  const targets = given.map(parseTarget)
  const twice = targets.find((one, at) => targets.findIndex(({ file }) => file === one.file) !== at)
  if (twice) throw new KeeperError('E_INVALID_ARGUMENT', `--render: ${twice.file} is given twice`)
  return targets
}

function parseTarget(text: string): Target {
  const at = text.indexOf('=')
  const [what, file] = [text.slice(0, at), text.slice(at + 1)]
  const [name = '', pointer = ''] = what.split(/#(.*)/s, 2)
  if (at < 1 || name === '' || file === '' || (pointer !== '' && !pointer.startsWith('/')))
    throw new KeeperError('E_INVALID_ARGUMENT', `--render: expected NAME=FILE or NAME#/pointer=FILE, got "${text}"`)
  return { name, pointer, file: resolve(file) }
}

/** Writes into each folder once, before anything is started that would rely on it. Throws E_RENDER_TARGET. */
export async function checkTargets(targets: readonly Target[]): Promise<void> {
  for (const { file } of targets) {
    if (await isDirectory(file)) throw unfit(file, 'it is a folder')
    const probe = temporaryBeside(file)
    try {
      await (await open(probe, 'wx', 0o600)).close()
      await unlink(probe)
    } catch (cause) {
      throw unfit(file, reasonOf(cause), cause)
    }
  }
}

/** What the file shall hold. Throws E_NOT_FOUND where the value has nothing at the pointer. */
export function rendered(target: Target, value: unknown): string {
  const part = atPointer(value, target.pointer)
  if (part === undefined)
    throw new KeeperError('E_NOT_FOUND', `${target.name} has nothing at ${target.pointer} for ${target.file}`)
  return printValue(printFormatOf(target.file), part as Json)
}

export interface Rendering {
  readonly file: string
  readonly text: string
  /** Nobody but its user and group may read it. */
  readonly isSecret?: boolean
}

/**
 * Replaces the files: whoever reads one sees the old or the new text, whole. All are written before the first is
 * renamed, so that a full disk changes none. `mode` is for files that are not there yet; others keep theirs. What holds
 * secrets is its user's alone by default, and never everybody's.
 */
export async function writeAll(renderings: readonly Rendering[], mode: number): Promise<void> {
  const written: { readonly temporary: string; readonly file: string }[] = []
  try {
    for (const rendering of renderings)
      written.push({ file: rendering.file, temporary: await writeBeside(rendering, mode) })
    for (const { temporary, file } of written) await rename(temporary, file)
  } catch (cause) {
    await Promise.all(written.map(({ temporary }) => rm(temporary, { force: true })))
    const path = (cause as NodeJS.ErrnoException).path ?? renderings[0]?.file ?? ''
    throw unfit(path, reasonOf(cause), cause)
  }
}

/** Of a new file, where `--mode` does not say otherwise. */
export const defaultMode = 0o644

async function writeBeside({ file, text, isSecret = false }: Rendering, mode: number): Promise<string> {
  const temporary = temporaryBeside(file)
  const wanted = await stat(file).then(
    (stats) => stats.mode & 0o777,
    () => (isSecret && mode === defaultMode ? 0o600 : mode),
  )
  const kept = isSecret ? wanted & 0o770 : wanted
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    // The umask may take bits from what `open` is given.
    await handle.chmod(kept)
    await handle.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  return temporary
}

const temporaryBeside = (file: string): string =>
  join(dirname(file), `.${basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}`)

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )

const unfit = (file: string, why: string, cause?: unknown): KeeperError =>
  new KeeperError('E_RENDER_TARGET', `cannot write ${file}: ${why}`, { file }, { cause })

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EACCES: 'no permission to write in its folder',
  EPERM: 'no permission to write in its folder',
  EROFS: 'its folder is on a read-only file system',
  ENOSPC: 'the disk is full',
}

function reasonOf(thrown: unknown): string {
  const { code, message } = thrown as NodeJS.ErrnoException
  return reasons[code ?? ''] ?? message
}
