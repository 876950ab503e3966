import type { JoinOptions, Keeper } from '@keeper/sdk'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { parseDuration, parseEndpoints } from '../arguments.js'
import { typedError, whoOf } from '../as-process.js'
import { type Context, type GlobalOptions, tlsFiles, withContext } from '../context.js'
import { parseSignal } from '../exec/child.js'
import { Supervisor } from '../exec/supervisor.js'
import { checkTargets, parseTargets, type Target } from '../exec/targets.js'

interface Options extends GlobalOptions {
  render: string[]
  as?: string
  signal?: string
  mode: string
  settle: string
  killAfter: string
  timeout: string
}

const seconds = (ms: number): string => `${ms / 1_000}s`
const collect = (value: string, before: string[] = []): string[] => [...before, value]

/** `keeper exec`: runs a program that reads files, with the files kept current. */
export function execCommand(): Command {
  return new Command('exec')
    .description('run a command that reads config files: they are kept current, and what it runs with is known')
    .usage('--render NAME=FILE [options] -- <command> [args…]')
    .argument('<command...>', 'the command and its arguments; no shell reads them')
    .requiredOption(
      '--render <name=file>',
      'a config, or a part of it (NAME#/pointer=FILE), and the file to keep; the file’s extension is the format: json, yaml, toml, properties, env; may be given again',
      collect,
    )
    .option(
      '--as <who>',
      'who the command is: cluster=push,role=room[,instance=room-7][,zone=bj]; else KEEPER_* variables',
    )
    .option('--signal <name>', 'what to send when a file has changed: HUP, USR1, USR2, or none', 'none')
    .option('--mode <octal>', 'mode of files that are not there yet; 600 where they hold secrets', '644')
    .option(
      '--settle <duration>',
      'a command that fails so soon after a change has failed of it: the ledger says so',
      `${limits.childSettleMs}ms`,
    )
    .option('--kill-after <duration>', 'from SIGTERM to SIGKILL', seconds(limits.childKillAfterMs))
    .option('--timeout <duration>', 'how long to wait for the configs before giving up', '30s')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper exec --as cluster=push,role=room --render push/room=/run/room.json --signal HUP -- /usr/sbin/room --config /run/room.json\n  keeper exec --render push/room#/redis=/run/redis.env --render push/common=/run/common.yaml -- ./start.sh\n\nThe command starts once all files are there. Its exit code is the exit code, 128 + n after signal n; SIGTERM is handed on.\nWith every keeper down it starts from the last good values. The instance is the machine’s name if nothing else says it.',
    )
    .action(
      withContext<Options, [string[]]>((context, [command], options) => exec(context, command, options), {
        outlivesReader: true,
      }),
    )
}

async function exec({ output, signal }: Context, command: readonly string[], options: Options): Promise<number> {
  const targets = parseTargets(options.render)
  const tell = (line: string) => output.error(`keeper: ${line}`)
  const secret = new Map<string, () => boolean>()
  const supervisor = new Supervisor({
    isSecret: (name) => secret.get(name)?.() ?? false,
    ...{ targets, command, mode: parseMode(options.mode), settleMs: parseDuration('--settle', options.settle) },
    signal: parseSignal(options.signal ?? 'none'),
    child: { killAfterMs: parseDuration('--kill-after', options.killAfter), tell },
  })
  await checkTargets(targets)
  const join = joinOptions(options, parseDuration('--timeout', options.timeout), signal, tell)
  const { Keeper } = await import('@keeper/sdk')
  const keeper = await Keeper.join(join).catch((error) => failed(error, signal))
  if (!keeper) return endedBySignal
  signal.addEventListener('abort', () => supervisor.stopping(), { once: true })
  try {
    return await supervise(keeper, supervisor, targets, join, secret)
  } catch (error) {
    if (failed(error, signal) === undefined) return endedBySignal
    throw error
  } finally {
    await keeper.leave('the command ended')
  }
}

/** As a shell says that SIGTERM ended something. */
const endedBySignal = 128 + 15

/** Nothing where the wait was ended by a signal of ours; otherwise throws the error, typed. */
function failed(error: unknown, signal: AbortSignal): undefined {
  if (!signal.aborted) throw typedError(error)
  return undefined
}

async function supervise(
  keeper: Keeper,
  supervisor: Supervisor,
  targets: readonly Target[],
  { joinTimeoutMs: timeoutMs = 0, signal }: JoinOptions,
  secret: Map<string, () => boolean>,
): Promise<number> {
  const names = [...new Set(targets.map(({ name }) => name))]
  const wait = { timeoutMs, ...(signal && { signal }) }
  const configs = await Promise.all(names.map((name) => keeper.config<unknown>(name, wait)))
  for (const config of configs) secret.set(config.name, () => config.status.secret === true)
  let running: Promise<void> = Promise.resolve()
  keeper.onChange(
    names,
    (change) => {
      running = supervisor.update(change)
      return running
    },
    { initial: true },
  )
  const child = await supervisor.started
  const code = await child.ended
  // Its last word on a change goes out before the goodbye, with time for whoever waits for it to hear it.
  const died = await running.then(
    () => false,
    () => true,
  )
  if (died) await new Promise((resolve) => setTimeout(resolve, limits.childLastWordMs))
  return code
}

function joinOptions(
  options: Options,
  timeoutMs: number,
  signal: AbortSignal,
  tell: (line: string) => void,
): JoinOptions {
  const say = (_fields: object, line: string) => tell(line.replace(/^keeper:? ?/, ''))
  const tls = tlsFiles(options)
  return {
    ...whoOf(options.as, process.env),
    ...(tls && { tls }),
    endpoints: parseEndpoints(options.endpoints),
    namespace: options.namespace,
    joinTimeoutMs: timeoutMs,
    logger: { info: say, warn: say },
    signal,
  }
}

function parseMode(text: string): number {
  if (!/^0?[0-7]{3}$/.test(text))
    throw new KeeperError('E_INVALID_ARGUMENT', `--mode: expected an octal mode such as 640, got "${text}"`)
  return Number.parseInt(text, 8)
}
