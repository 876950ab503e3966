import type { ConfigView__Output } from '@keeper/proto'
import { Command } from 'commander'
import { parseAs } from '../arguments.js'
import { withContext } from '../context.js'

/** `keeper watch`: one JSON line per update, beginning with the value as it is. */
export function watchCommand(): Command {
  return new Command('watch')
    .description('print one JSON line per update of a config: {"name","revision","value"}')
    .argument('<name>', 'config, e.g. push/room')
    .option('--as <who>', 'whose value: an instance (room-7) or labels (cluster=push,role=room,zone=bj)')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper watch push/room\n  keeper watch push/room --as cluster=push,role=room,zone=bj | jq .value',
    )
    .action(
      withContext<{ as?: string }, [string]>(async ({ client, output, namespace, signal }, [name], options) => {
        const stream = await client.watch<ConfigView__Output>('configs', 'Watch', {
          name,
          namespace,
          ...parseAs(options.as),
        })
        signal.addEventListener('abort', () => stream.cancel())
        for await (const view of stream) {
          const revision = Number(view.revision)
          output.value(
            view.removed ? { name, revision, removed: true } : { name, revision, value: JSON.parse(view.valueJson) },
          )
        }
        return 0
      }),
    )
}
