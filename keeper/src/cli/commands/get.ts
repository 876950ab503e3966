import type { ConfigView__Output } from '@keeper/proto'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { atPointer, parseAs, parseRevision } from '../arguments.js'
import { withContext } from '../context.js'

interface Options {
  as?: string
  revision?: string
  path?: string
  raw?: boolean
}

/** `keeper get`: the effective value of a config, as JSON. */
export function getCommand(): Command {
  return new Command('get')
    .description('print the effective value of a config as JSON')
    .argument('<name>', 'config, e.g. push/room')
    .option(
      '--as <who>',
      'whose value: an instance (room-7) or labels (cluster=push,role=room,zone=bj); without it the base',
    )
    .option('--revision <rev>', 'as it was: a revision (7) or steps back (~1)')
    .option('--path <pointer>', 'only the value at a JSON pointer, e.g. /redis/addr')
    .option('--raw', 'a string without quotes')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper get push/room\n  keeper get push/room --as room-7 --path /redis/addr --raw\n  keeper get push/room --revision ~1',
    )
    .action(
      withContext<Options, [string]>(async ({ client, output, namespace }, [name], options) => {
        const view = await client.call<ConfigView__Output>('configs', 'Get', {
          name,
          namespace,
          ...parseAs(options.as),
          ...parseRevision(options.revision),
        })
        if (view.removed) throw new KeeperError('E_NOT_FOUND', `${name} was removed at r${view.revision}`)
        const value: unknown = JSON.parse(view.valueJson)
        const part = options.path === undefined ? value : atPointer(value, options.path)
        if (part === undefined) throw new KeeperError('E_NOT_FOUND', `${name} has nothing at ${options.path}`)
        if (options.raw && typeof part === 'string') output.line(part)
        else if (output.json) output.value({ name, revision: Number(view.revision), value: part })
        else output.line(JSON.stringify(part, null, output.terminal ? 2 : undefined))
        return 0
      }),
    )
}
