import type {
  ChangeSetsResponse__Output,
  GuardedRollbackRequest,
  HistoryResponse__Output,
  PublishResult__Output,
  RollbackRequest,
} from '@keeper/proto'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { parseRevision } from '../arguments.js'
import { type Context, withContext } from '../context.js'
import { type GuardOptions, guardOption, maxAffectedOf } from '../guarded.js'
import { table } from '../output.js'
import { plain } from '../plain.js'
import { pathChange, printPublished } from '../published.js'
import { parseSpread, parseWait, type WaitOptions, waitForProcesses, waitOptions } from '../waiting.js'
import { who } from '../who.js'

/** `keeper history`, `rollback` and `release`. */
export const historyCommands = (): Command[] => [historyCommand(), rollbackCommand(), releaseCommand()]

interface HistoryOptions {
  limit: string
  diff?: boolean
  changesets?: boolean
}

function historyCommand(): Command {
  return new Command('history')
    .description('list the revisions of a config, or the change sets of all, newest first')
    .argument('[name]', 'config, e.g. push/room')
    .option('--limit <n>', 'at most so many', '20')
    .option('--diff', 'with what each of them changed')
    .option('--changesets', 'the change sets of all configs')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper history push/room\n  keeper history push/room --limit 3 --diff\n  keeper history --changesets --output json',
    )
    .action(
      withContext<HistoryOptions, [string | undefined]>(async (context, [name], options) => {
        const { limit, diff = false, changesets = false } = options
        if (!/^\d{1,6}$/.test(limit))
          throw new KeeperError('E_INVALID_ARGUMENT', `--limit: expected a whole number from 1 on, got "${limit}"`)
        if (changesets === (name !== undefined))
          throw new KeeperError('E_INVALID_ARGUMENT', 'give the name of a config, or --changesets')
        const what = { namespace: context.namespace, limit: Number(limit), diff }
        if (name === undefined) await listChangeSets(context, what)
        else await listRevisions(context, { ...what, name })
        return 0
      }),
    )
}

async function listRevisions({ client, output }: Context, request: object & { name: string; diff: boolean }) {
  const { entries } = await client.call<HistoryResponse__Output>('configs', 'History', request)
  if (output.json) {
    for (const entry of entries)
      output.value({ ...entry, revision: Number(entry.revision), wallMs: Number(entry.wallMs) })
    return
  }
  const rows = entries.map((entry) => [
    `r${entry.revision}`,
    new Date(Number(entry.wallMs)).toISOString(),
    entry.removed ? 'removed' : entry.action,
    entry.author,
    entry.source,
    entry.changeSet,
    approvedWords(entry.reason, entry.approvedBy),
  ])
  const head = ['REVISION', 'TIME', 'ACTION', 'AUTHOR', 'SOURCE', 'CHANGE SET', 'REASON']
  const below = request.diff ? entries.map(({ paths }) => paths.map((path) => `    ${pathChange(path)}`)) : []
  for (const line of withBelow(table(head, rows, `${request.name} has no history`), below)) output.line(line)
}

async function listChangeSets({ client, output }: Context, request: object & { diff: boolean }): Promise<void> {
  const { sets } = await client.call<ChangeSetsResponse__Output>('control', 'ChangeSets', request)
  if (output.json) {
    for (const set of sets) output.value(plain(set))
    return
  }
  const rows = sets.map((set) => [
    set.id,
    `r${set.revision}`,
    new Date(Number(set.wallMs)).toISOString(),
    set.action,
    set.author,
    set.source,
    some([...set.names, ...set.removed.map((name) => `-${name}`)]),
    approvedWords(set.reason, set.approvedBy),
  ])
  const head = ['CHANGE SET', 'REVISION', 'TIME', 'ACTION', 'AUTHOR', 'SOURCE', 'CONFIGS', 'REASON']
  const below = request.diff
    ? sets.map(({ deltas }) =>
        deltas.flatMap(({ name, kind, paths }) =>
          paths.length > 0 ? paths.map((path) => `    ${name}${pathChange(path)}`) : [`    ${name} ${kind}`],
        ),
      )
    : []
  for (const line of withBelow(table(head, rows, 'no change sets yet: keeper apply DIR'), below)) output.line(line)
}

const some = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')

const approvedWords = (reason: string, approvedBy: string): string =>
  approvedBy === '' ? reason : `${reason}${reason === '' ? '' : ' · '}approved by ${approvedBy}`

/** A table with lines below each of its rows. */
const withBelow = (text: string, below: readonly (readonly string[])[]): string[] =>
  text.split('\n').flatMap((line, at) => [line, ...(below[at - 1] ?? [])])

interface RollbackOptions extends WaitOptions, GuardOptions {
  to: string
  reason: string
  dryRun?: boolean
}

function rollbackCommand(): Command {
  const command = new Command('rollback')
    .description(
      'make an earlier revision of a config live again, and hold the name so that its source does not undo it',
    )
    .argument('<name>', 'config, e.g. push/room')
    .requiredOption('--to <rev>', 'a revision (7) or steps back (~1)')
  return guardOption(waitOptions(command))
    .option('--reason <text>', 'why, for the history', '')
    .option('--dry-run', 'what it would change, and whether a guard would park it; nothing moves')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper rollback push/room --to 4 --reason "too many connections"\n  keeper rollback push/room --to ~1 --wait 100%\n  keeper release push/room          let the source change it again',
    )
    .action(
      withContext<RollbackOptions, [string]>(async (context, [name], options) => {
        const wait = parseWait(options)
        const result = await goBack(context, name, options)
        const code = printPublished(context.output, result)
        if (code !== 0 || !wait || !result.changed) return code
        return waitForProcesses(context, { names: [name], revision: result.revision }, wait)
      }),
    )
}

/** With a guard of its own by a call of its own: an older keeper refuses it. */
async function goBack(
  { client, namespace }: Context,
  name: string,
  options: RollbackOptions,
): Promise<PublishResult__Output> {
  const { reason, dryRun = false } = options
  const { revision: toRevision = 0, stepsBack = 0 } = parseRevision(options.to)
  const by = { author: await who(), reason }
  const rollback: RollbackRequest = { name, namespace, toRevision, stepsBack, ...by, spreadMs: parseSpread(options) }
  const maxAffected = maxAffectedOf(options)
  if (maxAffected !== undefined)
    return client.call('changes', 'GuardedRollback', { rollback, maxAffected, dryRun } satisfies GuardedRollbackRequest)
  return dryRun ? client.call('changes', 'PlanRollback', rollback) : client.call('configs', 'Rollback', rollback)
}

function releaseCommand(): Command {
  return new Command('release')
    .description('end the hold that a rollback, an undo or an edit put on a config')
    .argument('<name>', 'config, e.g. push/room')
    .addHelpText('after', '\nExamples:\n  keeper release push/room')
    .action(
      withContext<object, [string]>(async ({ client, output, namespace }, [name]) => {
        const { released } = await client.call<{ released: boolean }>('configs', 'Release', {
          name,
          namespace,
          author: await who(),
        })
        if (output.json) output.value({ name, released })
        else
          output.line(
            released
              ? `${name} released: its source may change it again; a watched folder tries its last edit at once`
              : `${name} was not held`,
          )
        return 0
      }),
    )
}
