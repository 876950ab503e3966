import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { systemRandom } from '../../base/random.js'
import { newSealingKey, readSealingKeys } from '../../base/sealing.js'
import type { RunningKeeper } from '../../main.js'
import { parseDuration, parseLabels } from '../arguments.js'
import { whoOf } from '../as-process.js'
import { type Context, withContext } from '../context.js'
import { devSecrets, putSecrets } from '../dev-secrets.js'
import { Child } from '../exec/child.js'
import { Narrator } from '../narrator.js'
import { createOutput } from '../output.js'
import { readDirectory } from '../read-directory.js'

interface Options {
  as?: string
  killAfter: string
  secret: string[]
}

/** `keeper dev`: a keeper for as long as one command runs. */
export function devCommand(): Command {
  return new Command('dev')
    .description('run a command beside a keeper of its own that watches a directory, and leave nothing behind')
    .usage('[options] <dir> -- <command> [args…]')
    .argument('<dir>', 'the config directory')
    .argument('<command...>', 'the command and its arguments; no shell reads them')
    .option('--as <who>', 'who the command is: cluster=push,role=room[,instance=room-1][,zone=bj]')
    .option(
      '--secret <name=file>',
      'a secret that the configs name by ${secret:NAME}; may be given again',
      (value: string, before: string[]) => [...before, value],
      [] as string[],
    )
    .option('--kill-after <duration>', 'from SIGTERM to SIGKILL', `${limits.childKillAfterMs / 1_000}s`)
    .addHelpText(
      'after',
      '\nExamples:\n  keeper dev ./config -- node server.js\n  keeper dev ./config --as cluster=push,role=room,zone=bj -- npm test\n  keeper dev ./config --secret redis/password=pw.txt -- node server.js\n\nThe command finds its keeper by KEEPER_ENDPOINTS, and itself by KEEPER_CLUSTER, KEEPER_ROLE, KEEPER_INSTANCE and KEEPER_LABELS:\nwhat --as says, or what the directory leaves no doubt about. Its exit code is the exit code.',
    )
    .action(
      withContext<Options, [string, string[]]>(
        (context, [dir, command], options) => dev(context, dir, command, options),
        {
          outlivesReader: true,
        },
      ),
    )
}

async function dev(
  { output, signal }: Context,
  dir: string,
  command: readonly string[],
  options: Options,
): Promise<number> {
  const killAfterMs = parseDuration('--kill-after', options.killAfter)
  const identity = await identityOf(dir, options.as)
  const secrets = await devSecrets(dir, options.secret)
  const folder = await mkdtemp(join(tmpdir(), 'keeper-dev-'))
  // Standard output is the command's.
  const told = createOutput(output.json, process.stderr, process.stderr)
  let keeper: RunningKeeper | undefined
  try {
    keeper = await startBeside(dir, folder, secrets, environmentOf(identity.KEEPER_LABELS))
    const narrator = new Narrator(keeper, told)
    narrator.ready()
    const env = { ...process.env, ...identity, ...placesOf(keeper, folder) }
    const child = await Child.start(command, { env, killAfterMs, tell: (line) => told.error(`keeper: ${line}`) })
    if (signal.aborted) void child.stop()
    const code = await child.ended
    narrator.stop()
    return code
  } finally {
    await keeper?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The command's own `env` is the keeper's, too: there is nobody else. */
const environmentOf = (labels = ''): Record<string, string> => {
  const { env } = labels === '' ? {} : parseLabels('--as', labels)
  return env === undefined ? {} : { env }
}

async function startBeside(
  dir: string,
  folder: string,
  secrets: ReadonlyMap<string, Uint8Array>,
  labels: Readonly<Record<string, string>>,
): Promise<RunningKeeper> {
  const { startKeeper, createLogger } = await import('../../main.js')
  const anywhere = { host: '127.0.0.1', port: 0 }
  const keeper = await startKeeper({
    ...{ name: 'dev', dataDir: join(folder, 'data'), configDir: dir, labels },
    ...{ listenClient: anywhere, listenPeer: anywhere, listenHttp: anywhere },
    sealingKeys: readSealingKeys(newSealingKey(systemRandom), systemRandom),
    logger: createLogger('error', process.stderr.isTTY === true),
  })
  const refused = firstRefusal(keeper)
  await keeper.ready()
  await putSecrets(keeper.addresses.client, secrets)
  await keeper.published()
  const refusal = refused()
  if (!refusal) return keeper
  await keeper.close()
  throw refusal
}

/** What keeps the directory from being published at all, once that is known. */
function firstRefusal(keeper: RunningKeeper): () => KeeperError | undefined {
  let error: KeeperError | undefined
  keeper.onOutcome((outcome) => {
    if (outcome.kind === 'refused') error = outcome.error
  })
  return () => error
}

const placesOf = ({ addresses }: RunningKeeper, folder: string): Record<string, string> => ({
  KEEPER_ENDPOINTS: addresses.client,
  KEEPER_HTTP: `http://${addresses.http}`,
  KEEPER_STATE_DIR: join(folder, 'state'),
})

/** KEEPER_* variables of the command: what `as` says, then what is set, then what the directory leaves no doubt about. */
async function identityOf(dir: string, as: string | undefined): Promise<Record<string, string>> {
  const who = whoOf(as, { KEEPER_INSTANCE: process.env.KEEPER_INSTANCE || 'dev-1' })
  const cluster = who.cluster ?? (process.env.KEEPER_CLUSTER || (await onlyCluster(dir)))
  const role = who.role ?? (process.env.KEEPER_ROLE || (cluster && (await onlyRole(dir, cluster))))
  const labels = Object.entries(who.labels ?? {}).map(([label, value]) => `${label}=${value}`)
  return {
    KEEPER_INSTANCE: who.instance,
    ...(cluster ? { KEEPER_CLUSTER: cluster } : {}),
    ...(role ? { KEEPER_ROLE: role } : {}),
    ...(labels.length > 0 ? { KEEPER_LABELS: labels.join(',') } : {}),
  }
}

async function onlyCluster(dir: string): Promise<string | undefined> {
  await readDirectory(dir)
  const folders = (await readdir(dir, { withFileTypes: true })).filter(
    (each) => each.isDirectory() && isData(each.name),
  )
  return folders.length === 1 ? folders[0]?.name : undefined
}

async function onlyRole(dir: string, cluster: string): Promise<string | undefined> {
  const names = await readdir(join(dir, cluster)).catch(() => [])
  const roles = new Set(names.filter(isData).map((name) => name.replace(/[@.].*$/, '')))
  roles.delete('common')
  return roles.size === 1 ? [...roles][0] : undefined
}

const isData = (name: string): boolean => !/^[._]/.test(name)
