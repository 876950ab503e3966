import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ApplyHeader, ApplyResponse__Output, PublishResult__Output } from '@keeper/proto'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import type { SourceTree } from '../../compile/types.js'
import { placeOf } from '../arguments.js'
import { confirm } from '../ask.js'
import { type Context, withContext } from '../context.js'
import { type GuardOptions, guardOption, maxAffectedOf } from '../guarded.js'
import { readPlanFile } from '../plan-file.js'
import { printPublished } from '../published.js'
import { readDirectory } from '../read-directory.js'
import { sendTree } from '../send-tree.js'
import { parseSpread, parseWait, type WaitOptions, waitForProcesses, waitOptions } from '../waiting.js'
import { commitOf, who } from '../who.js'

interface Options extends WaitOptions, GuardOptions {
  reason: string
  source?: string
  dryRun?: boolean
  takeover?: boolean
  release: string[]
  acceptTypes?: boolean
}

/** `keeper apply`: publishes a directory as one change set, or does what a plan says. */
export function applyCommand(): Command {
  const command = new Command('apply')
    .description('publish a directory of config files as one change set: all of it, or nothing')
    .argument('<dir>', 'the config directory, or the file of a plan')
  waitOptions(command)
    .option('--reason <text>', 'why, for the history', '')
    .option('--source <name>', 'who publishes (default: the directory, as an absolute path)')
    .option('--dry-run', 'compile and compare, change nothing; `keeper plan` says more')
    .option(
      '--takeover',
      'publish below prefixes that another source owns, or from a folder that is older than the last',
    )
  return guardOption(command)
    .option('--accept-types', 'also where a value without a schema gets another type')
    .option(
      '--release <name>',
      'end the hold on a name with this change set; may be repeated',
      (name: string, all: string[]) => [...all, name],
      [],
    )
    .addHelpText(
      'after',
      '\nExamples:\n  keeper apply ./config --reason "raise limits"\n  keeper apply ./config --wait 100% --timeout 10s\n  keeper apply ./config --spread 60s --wait 20 --selector zone=bj\n  keeper apply plan.keeper --wait 100%      what `keeper plan ./config --out plan.keeper` showed',
    )
    .action(
      withContext<Options, [string]>(async (context, [path], options) => {
        const wait = parseWait(options)
        const { header, tree } = await whatToSend(path, options, context)
        const result = await publish(context, header, tree, path)
        const code = printPublished(context.output, result, header.asPlanned ? '' : path)
        if (!wait || !result.changed) return code
        const names = result.deltas.map(({ name }) => name)
        // What is held stays, and the rest went on.
        return (await waitForProcesses(context, { names, revision: result.revision }, wait)) || code
      }),
    )
}

interface Sending {
  readonly header: ApplyHeader
  readonly tree: SourceTree
}

/** A directory as it is now, or the files of a plan as they were. */
async function whatToSend(path: string, options: Options, { namespace }: Context): Promise<Sending> {
  const { reason, dryRun = false } = options
  const maxAffected = maxAffectedOf(options)
  const limit = maxAffected === undefined ? {} : { maxAffected }
  const common = { reason, dryRun, namespace, ...limit, spreadMs: parseSpread(options) }
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile) return { header: { ...(await headerOf(path, options)), ...common }, tree: await readDirectory(path) }
  if (options.source !== undefined || options.takeover || options.release.length > 0)
    throw new KeeperError('E_INVALID_ARGUMENT', 'a plan has its --source, --takeover and --release: make it with those')
  const { header, tree } = await readPlanFile(path)
  if (header.namespace !== namespace)
    throw new KeeperError('E_INVALID_ARGUMENT', `the plan is for --namespace ${header.namespace}`)
  // Changes of types were on show in the plan.
  return { header: { ...header, author: await who(), ...common, refuseTypeChanges: false }, tree }
}

const headerOf = async (dir: string, options: Options): Promise<ApplyHeader> => ({
  source: options.source ?? `dir:${resolve(dir)}`,
  author: await who(dir),
  takeover: options.takeover ?? false,
  release: options.release,
  gitCommit: await commitOf(dir),
  refuseTypeChanges: !options.acceptTypes,
  place: placeOf(dir),
})

async function publish(
  context: Context,
  header: ApplyHeader,
  tree: SourceTree,
  path: string,
): Promise<PublishResult__Output> {
  const result = await send(context, header, tree)
  if (result.status?.code !== 'E_TYPE_CHANGED' || !(await isAccepted(context, result.status.message, path)))
    return result
  return send(context, { ...header, refuseTypeChanges: false }, tree)
}

async function send(context: Context, header: ApplyHeader, tree: SourceTree): Promise<PublishResult__Output> {
  const to = { service: 'configs', method: 'Apply' } as const
  const answers = await sendTree<ApplyResponse__Output>(context, to, header, tree)
  const result = answers.findLast((answer) => answer.result)?.result
  if (!result) throw new KeeperError('E_CONNECTION', 'the keeper ended the call without a result')
  return result
}

async function isAccepted({ output }: Context, message: string, path: string): Promise<boolean> {
  if (!output.terminal || process.stdin.isTTY !== true) return false
  output.line(`${message}\nno schema says which is right (\`keeper schema init ${path}\` writes one to review)`)
  return confirm('publish it all the same?')
}
