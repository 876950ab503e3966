import type { PendingResponse__Output, PendingSet__Output, PublishResult__Output } from '@keeper/proto'
import { Command } from 'commander'
import { ExitCode } from '../../base/errors.js'
import { oneLine } from '../../base/one-line.js'
import { type Context, withContext } from '../context.js'
import { ago, type Output, paint, table } from '../output.js'
import { plain } from '../plain.js'
import { pathChange, printPublished } from '../published.js'
import { parseWait, type WaitOptions, waitForProcesses, waitingOptions } from '../waiting.js'
import { who } from '../who.js'

/** `keeper pending`, `approve` and `reject`: change sets that a guard parked. */
export const pendingCommands = (): Command[] => [pendingCommand(), approveCommand(), rejectCommand()]

function pendingCommand(): Command {
  return new Command('pending')
    .description('the change sets that a guard parked, or what one of them would change')
    .argument('[id]', 'one of them, or how its id begins')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper pending\n  keeper pending 4f2a\n  keeper approve 4f2a --reason "agreed with the room team"',
    )
    .action(
      withContext<object, [string | undefined]>(async ({ client, output, namespace }, [id = '']) => {
        const { sets } = await client.call<PendingResponse__Output>('control', 'Pending', { namespace, id })
        if (output.json) for (const set of sets) output.value(plain(set))
        else if (id === '') printAll(output, sets)
        else for (const set of sets) printOne(output, set)
        return 0
      }),
    )
}

function stateOf({ rejectedBy, stale, lacksSecrets }: PendingSet__Output): string {
  if (rejectedBy !== '') return `rejected by ${rejectedBy}`
  if (stale) return 'stale'
  return lacksSecrets.length > 0 ? `lacks secret ${lacksSecrets.join(', ')}` : 'waits'
}

/** Of a rollback, an undo or an edit the action is the source. */
const titleOf = ({ id, action, source }: PendingSet__Output): string =>
  source === action ? `${action} ${id}` : `${id} of ${source}`

function printAll(output: Output, sets: readonly PendingSet__Output[]): void {
  const now = Date.now()
  const rows = sets.map((set) => [
    set.id,
    stateOf(set),
    ago(Number(set.wallMs), now),
    set.author,
    set.source,
    set.names.slice(0, 3).join(', ') + (set.changes > 3 ? ` and ${set.changes - 3} more` : ''),
    set.guards.map(({ message }) => message).join('; '),
  ])
  output.line(table(['ID', 'STATE', 'SINCE', 'AUTHOR', 'SOURCE', 'CONFIGS', 'WHY'], rows, 'no change set is parked'))
}

function printOne(output: Output, set: PendingSet__Output): void {
  const since = new Date(Number(set.wallMs)).toISOString()
  output.line(`${paint(output, 'bold', set.id)} · ${stateOf(set)} · ${set.action} by ${set.author} · ${since}`)
  output.line(
    `source ${set.source}${set.gitCommit ? ` @ ${set.gitCommit}` : ''}${set.reason ? ` · ${oneLine(set.reason)}` : ''}`,
  )
  for (const { message } of set.guards) output.line(`${paint(output, 'yellow', 'guard')} · ${message}`)
  for (const delta of set.deltas) {
    output.line(`${paint(output, 'bold', delta.name)}  ${delta.kind}  reaches ${delta.reaches}`)
    for (const path of delta.paths) output.line(`  ${pathChange(path)}`)
  }
  if (set.rejectedBy !== '') return
  output.line(
    `until ${new Date(Number(set.expiresMs)).toISOString()}: keeper approve ${set.id} · keeper reject ${set.id}`,
  )
}

function approveCommand(): Command {
  const command = new Command('approve')
    .description('publish a parked change set, just as it was parked')
    .argument('<id>', 'its id, or how it begins')
  return waitingOptions(command)
    .option('--reason <text>', 'why, for the history', '')
    .addHelpText('after', '\nExample:\n  keeper approve 4f2a --reason "agreed with the room team" --wait 100%')
    .action(
      withContext<WaitOptions & { reason: string }, [string]>(async (context, [id], options) => {
        const wait = parseWait(options)
        const result = await context.client.call<PublishResult__Output>(
          'control',
          'Approve',
          await verdict(context, id, options.reason),
        )
        const code = printPublished(context.output, result)
        if (result.changed && !context.output.json)
          context.output.line(`approved: ${result.changeSet}; \`keeper undo ${result.changeSet}\` takes it back`)
        if (code !== ExitCode.done || !wait || !result.changed) return code
        const names = result.deltas.map(({ name }) => name)
        return waitForProcesses(context, { names, revision: result.revision }, wait)
      }),
    )
}

function rejectCommand(): Command {
  return new Command('reject')
    .description('drop a parked change set; a watched folder does not ask for it again')
    .argument('<id>', 'its id, or how it begins')
    .option('--reason <text>', 'why, for whoever asked', '')
    .addHelpText('after', '\nExample:\n  keeper reject 4f2a --reason "not before the weekend"')
    .action(
      withContext<{ reason: string }, [string]>(async (context, [id], { reason }) => {
        const set = await context.client.call<PendingSet__Output>(
          'control',
          'Reject',
          await verdict(context, id, reason),
        )
        if (context.output.json) context.output.value(plain(set))
        else context.output.line(`${titleOf(set)} is rejected; nothing was changed`)
        return 0
      }),
    )
}

const verdict = async ({ namespace }: Context, id: string, reason: string) => ({
  ...{ namespace, id, reason },
  author: await who(),
})
