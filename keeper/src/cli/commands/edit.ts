import type { Diagnostic__Output, EditHeader, EditRequest, PublishResult__Output } from '@keeper/proto'
import { Command } from 'commander'
import { ExitCode, KeeperError } from '../../base/errors.js'
import { type Context, withContext } from '../context.js'
import { Draft } from '../editor.js'
import { type GuardOptions, guardOption, maxAffectedOf } from '../guarded.js'
import { baseOf, fetchFiles, type LiveText } from '../live-files.js'
import { printPublished } from '../published.js'
import { pieces } from '../send-tree.js'
import { parseSpread, parseWait, type WaitOptions, waitForProcesses, waitOptions } from '../waiting.js'
import { who } from '../who.js'

interface Options extends WaitOptions, GuardOptions {
  reason: string
  file?: string
}

/** `keeper edit`: the live text of a config in an editor, checked when saved, published and held. */
export function editCommand(): Command {
  const command = new Command('edit')
    .description('change the live text of a config in $VISUAL or $EDITOR; checked on save, and its name is held')
    .argument('<name>', 'config, e.g. push/room')
    .requiredOption('--reason <text>', 'why, for the history')
    .option('--file <path>', 'another of its files, e.g. push/room@zone=bj.yaml (default: the base)')
  return guardOption(waitOptions(command))
    .addHelpText(
      'after',
      '\nExamples:\n  keeper edit push/room --reason "fewer connections until the disk is replaced"\n  EDITOR="code --wait" keeper edit push/room --file push/room@zone=bj.yaml --reason "only in bj" --wait 100%\n  keeper pull push/room -o config/push/room.yaml && keeper release push/room     take it into the source, then let go',
    )
    .action(
      withContext<Options, [string]>(async (context, [name], options) => {
        const wait = parseWait(options)
        const maxAffected = maxAffectedOf(options)
        const file = fileOf(name, options.file, await fetchFiles(context, [name]))
        const { live } = await fetchLive(context, name)
        const header: EditHeader = {
          namespace: context.namespace,
          name,
          baseRevision: live,
          author: await who(),
          reason: options.reason,
          spreadMs: parseSpread(options),
          ...(maxAffected !== undefined && { maxAffected }),
        }
        const result = await editUntilTaken(context, header, file)
        if (typeof result === 'number') return result
        const code = printPublished(context.output, result)
        if (result.changed && !context.output.json)
          context.output.line(
            `held: ${name}; \`keeper pull ${name} -o FILE\` takes it into the source, \`keeper release ${name}\` lets go`,
          )
        if (code !== ExitCode.done || !wait || !result.changed) return code
        const names = result.deltas.map((delta) => delta.name)
        return waitForProcesses(context, { names, revision: result.revision }, wait)
      }),
    )
}

function fileOf(name: string, path: string | undefined, files: readonly LiveText[]): LiveText {
  const found = path === undefined ? baseOf(name, files) : files.find((file) => file.path === path)
  if (found) return found
  throw new KeeperError(
    'E_NOT_FOUND',
    `${name} has no file ${path}; it has ${files.map((file) => file.path).join(', ')}`,
  )
}

/** Opens the text again and again, with what is wrong above it, until a keeper takes it or its author gives up. */
async function editUntilTaken(
  context: Context,
  header: EditHeader,
  file: LiveText,
): Promise<PublishResult__Output | number> {
  const draft = await Draft.open(file.path)
  const original = utf8(file)
  let text = original
  let problems: string[] = []
  for (;;) {
    const before = text
    text = await draft.edit([...intro(header, file), ...problems], before).catch(async (error) => {
      if (text === original && error.code !== 'E_INVALID_ARGUMENT') await draft.discard()
      throw error
    })
    if (text === original || text.trim() === '') return nothingDone(context, draft, text)
    if (problems.length > 0 && text === before) return givenUp(context, draft, text)
    const result = await send(context, header, { path: file.path, bytes: Buffer.from(text) }).catch(async (error) => {
      throw await withPlace(error, draft, text)
    })
    if (result.ok) {
      await draft.discard()
      return result
    }
    if (result.status?.code !== 'E_INVALID_CONFIG') {
      context.output.error(`your text is kept in ${await draft.keep(text)}`)
      return result
    }
    problems = problemWords(result.diagnostics, file.path, intro(header, file).length)
    if (!context.output.json) context.output.error(`not taken: ${result.status.message}`)
  }
}

const intro = ({ name, baseRevision }: EditHeader, { path }: LiveText): string[] => [
  `${path}, of ${name} as it is live, r${baseRevision}. These lines are no part of it.`,
  'Save and close: it is checked, published and held. Leave it as it is, or empty, to do nothing.',
]

/** Lines are those of the file as it is opened again. */
function problemWords(diagnostics: readonly Diagnostic__Output[], path: string, above: number): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  return errors.map(({ file, line, column, pointer, message }) => {
    const place =
      file !== path ? `${file}:${line}:${column}` : line > 0 ? `line ${line + above + errors.length}:${column}` : ''
    return `ERROR ${[place, pointer].filter(Boolean).join(' ')}: ${message}`.replaceAll('\n', ' ')
  })
}

async function nothingDone({ output }: Context, draft: Draft, text: string): Promise<number> {
  await draft.discard()
  if (output.json) output.value({ changed: false })
  else output.line(text.trim() === '' ? 'empty: nothing was changed' : 'unchanged: nothing was done')
  return ExitCode.done
}

async function givenUp({ output }: Context, draft: Draft, text: string): Promise<number> {
  output.error(`still not valid: nothing was changed; your text is kept in ${await draft.keep(text)}`)
  return ExitCode.invalidConfig
}

/** Nobody's typing is lost to a keeper that did not answer. */
async function withPlace(error: unknown, draft: Draft, text: string): Promise<unknown> {
  const place = await draft.keep(text)
  if (!(error instanceof KeeperError)) return error
  return new KeeperError(error.code, `${error.message}; your text is kept in ${place}`, { ...error.details })
}

function utf8({ path, bytes }: LiveText): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new KeeperError('E_INVALID_ARGUMENT', `${path} is no text`, { path }, { cause })
  }
}

async function fetchLive({ client, namespace }: Context, name: string): Promise<{ live: string }> {
  const planned = await client.call<{ toRevision: string }>('changes', 'Diff', { namespace, name })
  return { live: planned.toRevision }
}

async function send(
  { client, signal }: Context,
  header: EditHeader,
  file: { readonly path: string; readonly bytes: Uint8Array },
): Promise<PublishResult__Output> {
  // An older keeper refuses the call, where it would leave the guard out.
  const method = header.maxAffected === undefined ? 'Edit' : 'GuardedEdit'
  const stream = await client.stream<EditRequest, PublishResult__Output>('changes', method)
  signal.addEventListener('abort', () => stream.cancel())
  const write = async () => {
    await stream.write({ header })
    for (const piece of pieces(file)) await stream.write({ file: piece })
    stream.end()
  }
  write().catch(() => {})
  for await (const result of stream) return result
  throw new KeeperError('E_CONNECTION', 'the keeper ended the call without a result')
}
