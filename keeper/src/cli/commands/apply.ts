import { resolve } from 'node:path'
import type {
  ApplyHeader,
  ApplyRequest,
  ApplyResponse__Output,
  LedgerView__Output,
  PublishResult__Output,
} from '@keeper/proto'
import { Command } from 'commander'
import { ExitCode, KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import type { SourceTree } from '../../compile/types.js'
import { author, parseDuration, parseShare } from '../arguments.js'
import type { StreamCall } from '../client.js'
import { type Context, withContext } from '../context.js'
import { stateWord } from '../plain.js'
import { ledgerSummary, printPublished } from '../published.js'
import { readDirectory } from '../read-directory.js'

interface Options {
  wait?: string
  timeout: string
  reason: string
  source?: string
  dryRun?: boolean
  takeover?: boolean
  release: string[]
}

/** `keeper apply`: publishes a directory as one change set. */
export function applyCommand(): Command {
  return new Command('apply')
    .description('publish a directory of config files as one change set: all of it, or nothing')
    .argument('<dir>', 'the config directory')
    .option('--wait <share>', 'wait until this share of the processes concerned has applied it, e.g. 100%')
    .option('--timeout <duration>', 'how long to wait', '30s')
    .option('--reason <text>', 'why, for the history', '')
    .option('--source <name>', 'who publishes (default: the directory, as an absolute path)')
    .option('--dry-run', 'compile and compare, change nothing')
    .option('--takeover', 'publish names that another source owns')
    .option(
      '--release <name>',
      'end the hold on a name with this change set; may be repeated',
      (name: string, all: string[]) => [...all, name],
      [],
    )
    .addHelpText(
      'after',
      '\nExamples:\n  keeper apply ./config --reason "raise limits"\n  keeper apply ./config --wait 100% --timeout 10s',
    )
    .action(
      withContext<Options, [string]>(async (context, [dir], options) => {
        const header = headerOf(dir, options, context)
        const tree = await readDirectory(dir)
        const stream = await context.client.stream<ApplyRequest, ApplyResponse__Output>('configs', 'Apply')
        context.signal.addEventListener('abort', () => stream.cancel())
        const sent = send(stream, header, tree)
        // A keeper that refuses early ends the call: its answer tells more than the write that failed for it.
        sent.catch(() => {})
        try {
          return await follow(stream, context, dir, options)
        } finally {
          stream.cancel()
        }
      }),
    )
}

const headerOf = (dir: string, options: Options, { namespace }: Context): ApplyHeader => ({
  source: options.source ?? `dir:${resolve(dir)}`,
  author: author(),
  reason: options.reason,
  namespace,
  dryRun: options.dryRun ?? false,
  takeover: options.takeover ?? false,
  release: options.release,
  waitShare: options.wait === undefined ? 0 : parseShare(options.wait),
  waitTimeoutMs: parseDuration(options.timeout),
})

async function send(stream: StreamCall<ApplyRequest, unknown>, header: ApplyHeader, tree: SourceTree): Promise<void> {
  await stream.write({ header })
  for (const problem of tree.problems) await stream.write({ problem })
  for (const file of tree.files) {
    for (let at = 0; at === 0 || at < file.bytes.length; at += limits.blobChunkBytes) {
      const bytes = Buffer.from(file.bytes.subarray(at, at + limits.blobChunkBytes))
      await stream.write({ file: { path: file.path, bytes, last: at + limits.blobChunkBytes >= file.bytes.length } })
    }
  }
  stream.end()
}

async function follow(
  stream: StreamCall<ApplyRequest, ApplyResponse__Output>,
  { output }: Context,
  dir: string,
  options: Options,
): Promise<number> {
  let result: PublishResult__Output | undefined
  let view: LedgerView__Output | undefined
  for await (const answer of stream) {
    if (answer.result) {
      result = answer.result
      const code = printPublished(output, result, dir)
      if (code !== ExitCode.done) return code
    } else if (answer.progress) {
      view = answer.progress
      output.progress(ledgerSummary(view))
    }
  }
  if (!result) throw new KeeperError('E_CONNECTION', 'the keeper ended the call without a result')
  return options.wait === undefined || !result.changed ? ExitCode.done : verdict(view, parseShare(options.wait), output)
}

/** Who is missing, and why; the exit code says whether enough applied. */
function verdict(view: LedgerView__Output | undefined, share: number, output: Context['output']): number {
  if (!view) return ExitCode.done
  if (output.json)
    output.value({ processes: view.processes, current: view.current, rejected: view.rejected, failed: view.failed })
  else output.line(ledgerSummary(view))
  if (view.current >= view.processes * share && view.unreachableMembers.length === 0) return ExitCode.done
  for (const row of view.rows.filter((one) => !one.current)) {
    const state = stateWord(row.state).replace('unknown', 'no answer')
    output.error(
      `  ${row.instance}  ${row.name}  ${state}${row.connected ? '' : ' (away)'}${row.reason ? `: ${row.reason}` : ''}`,
    )
  }
  return view.rejected + view.failed > 0 ? ExitCode.rejected : ExitCode.timedOut
}
