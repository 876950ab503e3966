import type {
  ListSecretsResponse__Output,
  PutSecretResponse__Output,
  RemoveSecretResponse__Output,
  ResealResponse__Output,
} from '@keeper/proto'
import { Command } from 'commander'
import { type Context, withContext } from '../context.js'
import { ago, table } from '../output.js'
import { plain } from '../plain.js'
import { addSealingKey } from '../sealing-keys.js'
import { readSecret } from '../secret-input.js'
import { who } from '../who.js'

/** `keeper secret`: what configs name by ${secret:NAME}. */
export function secretCommand(): Command {
  return new Command('secret')
    .description('secrets that configs name by ${secret:NAME}; they are sealed at rest, and shown to nobody')
    .addHelpText('after', '\nExamples:\n  keeper secret put redis/password\n  keeper secret list')
    .addCommand(putCommand())
    .addCommand(rotateCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand())
    .addCommand(keygenCommand())
}

interface PutOptions {
  fromFile?: string
  reason: string
}

const withInput = (command: Command): Command =>
  command
    .option('--from-file <file>', 'read it from a file, or from standard input (-); one newline at its end is left out')
    .option('--reason <text>', 'why, for the list', '')

function putCommand(): Command {
  return withInput(new Command('put'))
    .description('put a secret, or another value of one; processes that use it get it at once')
    .argument('<name>', 'letters, digits, and . _ - / between them')
    .addHelpText(
      'after',
      `
Examples:
  keeper secret put redis/password                       asks for it
  keeper secret put redis/password --from-file pw.txt
  vault kv get -field=pw redis | keeper secret put redis/password --from-file -`,
    )
    .action(withContext<PutOptions, [string]>((context, [name], options) => put(context, name, options, false)))
}

function rotateCommand(): Command {
  return withInput(new Command('rotate'))
    .description('another value for a secret that there is; without NAME: seal all of them with the newest key')
    .argument('[name]')
    .addHelpText(
      'after',
      `
Examples:
  keeper secret rotate redis/password --from-file new.txt
  keeper secret keygen /etc/keeper/secret.key && keeper secret rotate    after every keeper was started again with it`,
    )
    .action(
      withContext<PutOptions, [string | undefined]>((context, [name], options) =>
        name === undefined ? reseal(context) : put(context, name, options, true),
      ),
    )
}

async function put(
  { client, output, namespace }: Context,
  name: string,
  options: PutOptions,
  mustExist: boolean,
): Promise<number> {
  const value = await readSecret(options.fromFile, `${name}: `)
  const request = { namespace, name, value, author: await who(), reason: options.reason, mustExist }
  const done = await client.call<PutSecretResponse__Output>('secrets', 'Put', request)
  if (output.json) output.value({ name, ...(plain(done) as object) })
  else {
    const uses = done.usedBy.length > 0 ? `used by ${done.usedBy.join(', ')}` : 'no config uses it yet'
    output.line(`r${done.revision} ${name}  version ${done.version}  ${uses}`)
  }
  return 0
}

async function reseal({ client, output, namespace }: Context): Promise<number> {
  const done = await client.call<ResealResponse__Output>('secrets', 'Reseal', { namespace })
  if (output.json) output.value(plain(done))
  else output.line(`${done.resealed} sealed with the newest key, ${done.already} were already`)
  return 0
}

function listCommand(): Command {
  return new Command('list')
    .description('the secrets there are: never their values')
    .addHelpText('after', '\nExamples:\n  keeper secret list\n  keeper secret list --output json')
    .action(
      withContext<object, []>(async ({ client, output, namespace }) => {
        const { secrets } = await client.call<ListSecretsResponse__Output>('secrets', 'List', { namespace })
        if (output.json) for (const secret of secrets) output.value(plain(secret))
        else {
          const rows = secrets.map((secret) => [
            ...[secret.name, secret.version, `r${secret.revision}`, ago(Number(secret.wallMs), Date.now())],
            ...[secret.author, secret.opens ? secret.key : `${secret.key} (not here)`, secret.usedBy.join(', ') || '-'],
          ])
          output.line(table(['NAME', 'VERSION', 'REVISION', 'SINCE', 'BY', 'KEY', 'USED BY'], rows, 'no secrets'))
        }
        return 0
      }),
    )
}

function removeCommand(): Command {
  return new Command('rm')
    .description('remove a secret that no config names any more')
    .argument('<name>')
    .addHelpText('after', '\nExample:\n  keeper secret rm redis/password')
    .action(
      withContext<object, [string]>(async ({ client, output, namespace }, [name]) => {
        const { revision } = await client.call<RemoveSecretResponse__Output>('secrets', 'Remove', { namespace, name })
        if (output.json) output.value({ name, revision: Number(revision) })
        else output.line(`r${revision} ${name}  removed`)
        return 0
      }),
    )
}

function keygenCommand(): Command {
  return new Command('keygen')
    .description('make a key file for keepers, or put a new key in front of those in it')
    .argument('<file>', 'readable by you alone (mode 600)')
    .addHelpText(
      'after',
      `
Example:
  keeper secret keygen /etc/keeper/secret.key
  keeper serve --secret-key-file /etc/keeper/secret.key

The first key in the file seals, all of them open. To replace a key: keygen again, start every keeper again with the
file, \`keeper secret rotate\`, and then take the last line out. Keep a copy in a safe place: without the key nobody can open
the secrets of a snapshot.`,
    )
    .action(
      withContext<object, [string]>(async ({ output }, [file]) => {
        const { id, isFirst } = await addSealingKey(file)
        if (output.json) output.value({ file, key: id })
        else output.line(`${file}: key ${id}${isFirst ? '' : ', in front of the others'}`)
        return 0
      }),
    )
}
