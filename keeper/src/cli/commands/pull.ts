import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { readTree } from '../../compile/read-tree.js'
import { type Context, withContext } from '../context.js'
import { baseOf, fetchFiles, type LiveText } from '../live-files.js'

interface Options {
  o?: string
  all?: string
}

/** `keeper pull`: the texts of what is live, back into files. */
export function pullCommand(): Command {
  return new Command('pull')
    .description('write the live text of a config, or of all, back to files: after a rollback, an undo or an edit')
    .argument('[name]', 'config, e.g. push/room')
    .option(
      '-o <file>',
      'write its base to this file, or all of its files below this folder; without it to the terminal',
    )
    .option('--all <dir>', 'write every live file below this directory')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper pull push/room\n  keeper pull push/room -o config/push/room.yaml\n  keeper pull --all ./config && git diff',
    )
    .action(
      withContext<Options, [string | undefined]>(async (context, [name], options) => {
        if ((name === undefined) === (options.all === undefined))
          throw new KeeperError('E_INVALID_ARGUMENT', 'give a config, or --all DIR')
        const files = await fetchFiles(context, name === undefined ? [] : [name])
        if (options.all !== undefined) return pullAll(context, options.all, files)
        await pullOne(context, name ?? '', files, options.o)
        return 0
      }),
    )
}

async function pullOne(context: Context, name: string, files: readonly LiveText[], to?: string): Promise<void> {
  const { output } = context
  const base = baseOf(name, files)
  if (!base) throw new KeeperError('E_NOT_FOUND', `${name} has no text`)
  const others = files.filter((file) => file !== base)
  if (to === undefined) {
    process.stdout.write(base.bytes)
  } else if (await isFolder(to)) {
    tell(context, to, await writeAll(to, files), files)
    return
  } else {
    const changed = await replace(to, base.bytes)
    if (output.json) output.value({ name, revision: Number(base.revision), file: to, changed })
    else output.line(`${to} ${changed ? 'is' : 'was already'} ${name} r${base.revision}`)
  }
  if (others.length > 0 && !output.json)
    output.error(`${name} has ${others.map(({ path }) => path).join(', ')} besides: give a folder to get all`)
}

async function pullAll(context: Context, dir: string, files: readonly LiveText[]): Promise<number> {
  await mkdir(dir, { recursive: true })
  const changed = await writeAll(dir, files)
  tell(context, dir, changed, files)
  const live = new Set(files.map(({ path }) => path))
  const extra = (await readTree(dir)).files.map(({ path }) => path).filter((path) => !live.has(path))
  const { output } = context
  for (const path of extra.slice(0, 50)) {
    if (output.json) output.value({ file: path, live: false })
    else output.error(`not live: ${join(dir, path)} was left alone`)
  }
  return 0
}

function tell({ output }: Context, dir: string, changed: readonly string[], files: readonly LiveText[]): void {
  if (output.json) {
    output.value({ dir, files: files.length, changed })
    return
  }
  for (const path of changed) output.line(`wrote ${join(dir, path)}`)
  if (changed.length === 0)
    output.line(`${dir} is as live is: ${files.length} ${files.length === 1 ? 'file' : 'files'}`)
}

/** Gives the paths that were not so already. Nothing is written when one of them may not be. */
async function writeAll(dir: string, files: readonly LiveText[]): Promise<string[]> {
  const places: { file: LiveText; place: string }[] = []
  for (const file of files) places.push({ file, place: await placeBelow(dir, file.path) })
  const changed: string[] = []
  for (const { file, place } of places) {
    await mkdir(dirname(place), { recursive: true })
    if (await replace(place, file.bytes)) changed.push(file.path)
  }
  return changed
}

/** Where a path of the store may be written: below `dir`, also where links lead. Throws E_INVALID_ARGUMENT. */
async function placeBelow(dir: string, path: string): Promise<string> {
  const steps = path.split('/')
  const isPlain = steps.every((step) => step !== '' && step !== '.' && step !== '..' && !/[\\\0]/.test(step))
  const root = await realpath(dir)
  const place = resolve(root, ...steps)
  if (!isPlain || !isBelow(root, place) || !isBelow(root, await realParent(place)))
    throw new KeeperError('E_INVALID_ARGUMENT', `${path} would be written outside ${dir}`, { path })
  return place
}

const isBelow = (root: string, place: string): boolean => {
  const way = relative(root, place)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`))
}

/** The nearest folder above that there is, with links resolved. */
async function realParent(place: string): Promise<string> {
  for (let folder = dirname(place); ; folder = dirname(folder)) {
    const found = await realpath(folder).catch(() => undefined)
    if (found !== undefined) return found
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/** Writes a file as a whole, if it is not so already: whoever watches it sees no half of it. */
async function replace(path: string, bytes: Uint8Array): Promise<boolean> {
  const before = await readFile(path).catch(() => undefined)
  if (before && Buffer.compare(before, bytes) === 0) return false
  const temporary = join(dirname(path), `.keeper-pull-${process.pid}.tmp`)
  try {
    await writeFile(temporary, bytes, { flag: 'wx' })
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw new KeeperError(
      'E_INVALID_ARGUMENT',
      `cannot write ${path}: ${(cause as Error).message}`,
      { path },
      { cause },
    )
  }
  return true
}
