import type { ConfigView__Output, ListConfigsResponse__Output } from '@keeper/proto'
import { Command } from 'commander'
import { parseAs } from '../arguments.js'
import { type Context, withContext } from '../context.js'

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
      withContext<{ as?: string }, [string]>(async (context, [name], options) => {
        const { client, output, namespace, signal } = context
        await sayWhenAbsent(context, name)
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

/** So many names of the cluster are told to whoever asks for one that there is not. */
const NAMES_SHOWN = 5

/** A name that is not there may come yet, or be misspelt: whoever waits for it is told. */
async function sayWhenAbsent({ client, output, namespace }: Context, name: string): Promise<void> {
  const prefix = name.slice(0, name.indexOf('/') + 1)
  const { configs } = await client.call<ListConfigsResponse__Output>('configs', 'List', { namespace, prefix })
  const live = configs.filter(({ removed }) => !removed).map((config) => config.name)
  if (live.includes(name)) return
  const more = live.length > NAMES_SHOWN ? ` and ${live.length - NAMES_SHOWN} more` : ''
  const others = live.length > 0 ? `; there is ${live.slice(0, NAMES_SHOWN).join(', ')}${more}` : ''
  output.error(`no config ${name} yet: waiting for it${others}`)
}
