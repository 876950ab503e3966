import type { HistoryResponse__Output, PublishResult__Output } from '@keeper/proto'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { author, parseRevision } from '../arguments.js'
import { withContext } from '../context.js'
import { table } from '../output.js'
import { printPublished } from '../published.js'

/** `keeper history`, `rollback` and `release`. */
export const historyCommands = (): Command[] => [historyCommand(), rollbackCommand(), releaseCommand()]

function historyCommand(): Command {
  return new Command('history')
    .description('list the revisions of a config, newest first')
    .argument('<name>', 'config, e.g. push/room')
    .option('--limit <n>', 'at most so many', '20')
    .addHelpText('after', '\nExamples:\n  keeper history push/room\n  keeper history push/room --limit 3 --output json')
    .action(
      withContext<{ limit: string }, [string]>(async ({ client, output, namespace }, [name], { limit }) => {
        if (!/^\d{1,6}$/.test(limit))
          throw new KeeperError('E_INVALID_ARGUMENT', `--limit: expected a number, got "${limit}"`)
        const { entries } = await client.call<HistoryResponse__Output>('configs', 'History', {
          name,
          namespace,
          limit: Number(limit),
        })
        if (output.json) {
          for (const entry of entries)
            output.value({ ...entry, revision: Number(entry.revision), wallMs: Number(entry.wallMs) })
          return 0
        }
        const rows = entries.map((entry) => [
          `r${entry.revision}`,
          new Date(Number(entry.wallMs)).toISOString(),
          entry.removed ? 'removed' : entry.action,
          entry.author,
          entry.source,
          entry.changeSet,
          entry.reason,
        ])
        output.line(
          table(
            ['REVISION', 'TIME', 'ACTION', 'AUTHOR', 'SOURCE', 'CHANGE SET', 'REASON'],
            rows,
            `${name} has no history`,
          ),
        )
        return 0
      }),
    )
}

function rollbackCommand(): Command {
  return new Command('rollback')
    .description(
      'make an earlier revision of a config live again, and hold the name so that its source does not undo it',
    )
    .argument('<name>', 'config, e.g. push/room')
    .requiredOption('--to <rev>', 'a revision (7) or steps back (~1)')
    .option('--reason <text>', 'why, for the history', '')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper rollback push/room --to 4 --reason "too many connections"\n  keeper rollback push/room --to ~1\n  keeper release push/room          let the source change it again',
    )
    .action(
      withContext<{ to: string; reason: string }, [string]>(async ({ client, output, namespace }, [name], options) => {
        const { revision, stepsBack } = parseRevision(options.to)
        const result = await client.call<PublishResult__Output>('configs', 'Rollback', {
          name,
          namespace,
          toRevision: revision ?? 0,
          stepsBack: stepsBack ?? 0,
          author: author(),
          reason: options.reason,
        })
        return printPublished(output, result)
      }),
    )
}

function releaseCommand(): Command {
  return new Command('release')
    .description('end the hold that a rollback put on a config')
    .argument('<name>', 'config, e.g. push/room')
    .addHelpText('after', '\nExample:\n  keeper release push/room')
    .action(
      withContext<object, [string]>(async ({ client, output, namespace }, [name]) => {
        const { released } = await client.call<{ released: boolean }>('configs', 'Release', {
          name,
          namespace,
          author: author(),
        })
        if (output.json) output.value({ name, released })
        else
          output.line(
            released
              ? `${name} released: its source changes it again with its next edit or apply`
              : `${name} was not held`,
          )
        return 0
      }),
    )
}
