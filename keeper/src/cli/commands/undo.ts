import type { GuardedUndoRequest, PublishResult__Output, UndoRequest } from '@keeper/proto'
import { Command } from 'commander'
import { ExitCode } from '../../base/errors.js'
import { type Context, withContext } from '../context.js'
import { type GuardOptions, guardOption, maxAffectedOf } from '../guarded.js'
import { printPublished } from '../published.js'
import { parseSpread, parseWait, type WaitOptions, waitForProcesses, waitOptions } from '../waiting.js'
import { who } from '../who.js'

interface Options extends WaitOptions, GuardOptions {
  reason: string
  dryRun?: boolean
}

/** `keeper undo`: takes a whole change set back. */
export function undoCommand(): Command {
  const command = new Command('undo')
    .description('make live again what was before a change set, and hold its names so that no source redoes it')
    .argument('[changeset]', 'its id, or the revision it made (r12); without it the newest that was not taken back')
  return guardOption(waitOptions(command))
    .option('--reason <text>', 'why, for the history', '')
    .option('--dry-run', 'what it would change, and whether a guard would park it; nothing moves')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper undo --reason "rooms refuse it" --wait 100%\n  keeper undo r12 --dry-run --max-affected 10%\n  keeper history push/room          shows the change sets of a config\n  keeper release push/room          let its source change it again',
    )
    .action(
      withContext<Options, [string | undefined]>(async (context, [changeSet = ''], options) => {
        const { output } = context
        const wait = parseWait(options)
        const result = await takeBack(context, changeSet, options)
        const code = printPublished(output, result)
        const names = result.deltas.map(({ name }) => name)
        if (code === ExitCode.done && result.changed && !output.json)
          output.line(`held: ${names.join(', ')}; \`keeper release NAME\` lets the source change a name again`)
        if (code !== ExitCode.done || !wait || !result.changed) return code
        return waitForProcesses(context, { names, revision: result.revision }, wait)
      }),
    )
}

/** With a guard of its own by a call of its own: an older keeper refuses it. */
async function takeBack(
  { client, namespace }: Context,
  changeSet: string,
  options: Options,
): Promise<PublishResult__Output> {
  const { reason, dryRun = false } = options
  const undo: UndoRequest = { namespace, changeSet, author: await who(), reason, spreadMs: parseSpread(options) }
  const maxAffected = maxAffectedOf(options)
  if (maxAffected === undefined) return client.call('changes', dryRun ? 'PlanUndo' : 'Undo', undo)
  return client.call('changes', 'GuardedUndo', { undo, maxAffected, dryRun } satisfies GuardedUndoRequest)
}
