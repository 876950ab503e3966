import { Command, CommanderError, Option } from 'commander'
import { asKeeperError, ExitCode, type KeeperError } from '../base/errors.js'
import { loadCommands } from './commands.js'
import { exitCodeOf } from './exit-codes.js'
import { refuseNothing } from './nothing-given.js'
import { version } from './version.js'

const examples = `
Examples:
  keeper serve --data-dir /var/lib/keeper --config-dir ./config
  keeper check ./config
  keeper plan ./config
  keeper apply ./config --wait 100% --reason "more connections"
  keeper get push/room --as room-7
  keeper undo --reason "rooms refuse it"
  keeper rollback push/room --to ~1

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 invalid config, 4 conflict or held, 5 rejected by a process, 6 timed out.`

/** The command line as a tree, all of it. `env` says defaults. */
export const createProgram = async (env: NodeJS.ProcessEnv = process.env): Promise<Command> =>
  withCommands(bareProgram(env), await loadCommands())

/** Without its commands. */
function bareProgram(env: NodeJS.ProcessEnv): Command {
  const fromEnv = (name: string): string | undefined => env[name] || undefined
  return new Command('keeper')
    .description('Typed configuration for clusters of processes: checked, pushed, applied, and undone.')
    .version(version, '-V, --version')
    .option(
      '--endpoints <host:port,…>',
      'keepers to talk to (env KEEPER_ENDPOINTS)',
      fromEnv('KEEPER_ENDPOINTS') ?? '127.0.0.1:7400',
    )
    .option(
      '--cacert <file>',
      'TLS: who signed the keepers’ certificates, PEM (env KEEPER_CACERT)',
      fromEnv('KEEPER_CACERT'),
    )
    .option(
      '--cert <file>',
      'TLS: what to show where keepers ask for it, PEM (env KEEPER_CERT)',
      fromEnv('KEEPER_CERT'),
    )
    .option('--key <file>', 'TLS: the key of --cert, PEM (env KEEPER_KEY)', fromEnv('KEEPER_KEY'))
    .option('--namespace <name>', 'namespace of configs and processes', 'default')
    .addOption(
      new Option('--output <format>', 'text, or json: one JSON value per line')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', examples)
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('(--help says more)')
    .exitOverride()
    .hook('preAction', (_, command) => refuseNothing(command))
}

function withCommands(program: Command, commands: readonly Command[]): Command {
  for (const command of commands) program.addCommand(inherit(command, program))
  return program
}

/** Commands below commands too report wrong usage in the same way. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inherit(child, command)
  return command
}

/** Whoever read our output may be gone (`keeper … | head`): that is nothing to fail of. Anything else is. */
function readerGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** Runs the command line; returns the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', readerGone)
  const program = bareProgram(process.env)
  try {
    // ends here with --version
    const [name] = program.parseOptions([...argv]).operands
    await withCommands(program, await loadCommands(name)).parseAsync(argv, { from: 'user' })
    return exitCodeOf(program)
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? ExitCode.done : ExitCode.usage
    return report(asKeeperError(thrown), argv.includes('json') || argv.includes('--output=json'))
  }
}

function report(error: KeeperError, json: boolean): number {
  if (json) {
    process.stderr.write(
      `${JSON.stringify({ error: { code: error.code, message: error.message, ...error.details } })}\n`,
    )
  } else {
    process.stderr.write(`keeper: ${error.message} (${error.code})\n        ${error.kind.fix}\n`)
    if (error.code === 'E_INTERNAL' && process.env.KEEPER_DEBUG)
      process.stderr.write(`${error.stack}\n${String(error.cause)}\n`)
  }
  return error.kind.exit
}
