import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { Command } from 'commander'
import { parse as parseYaml } from 'yaml'
import { parseHostPort } from '../../base/address.js'
import { KeeperError } from '../../base/errors.js'
import { optimizeEarly } from '../../base/tiering.js'
import type { KeeperOptions, RunningKeeper } from '../../main.js'
import { parseCluster, parseDuration, parseLabels, parseShare } from '../arguments.js'
import { type Context, withContext } from '../context.js'
import { Narrator } from '../narrator.js'
import type { Output } from '../output.js'
import { loadSealingKeys } from '../sealing-keys.js'
import { serveTls } from './serve-tls.js'

interface Options {
  name: string
  dataDir: string
  configDir?: string
  source?: string
  takeover?: boolean
  maxAffected?: string
  label?: string
  listenClient: string
  listenPeer: string
  listenHttp: string
  initialCluster?: string
  join?: string
  heartbeatInterval: string
  electionTimeout: string
  advertiseClient?: string
  advertisePeer?: string
  certFile?: string
  keyFile?: string
  trustedCaFile?: string
  clientCertAuth?: boolean
  peerCertFile?: string
  peerKeyFile?: string
  peerTrustedCaFile?: string
  insecure?: boolean
  secretKeyFile?: string
  logLevel: string
  file?: string
}

/** Options that a `-f` file may set: the flags' own names in camelCase. */
const fileOptions = [
  'name',
  'dataDir',
  'configDir',
  'source',
  'takeover',
  'maxAffected',
  'label',
  'listenClient',
  'listenPeer',
  'listenHttp',
  'initialCluster',
  'join',
  'heartbeatInterval',
  'electionTimeout',
  'advertiseClient',
  'advertisePeer',
  'certFile',
  'keyFile',
  'trustedCaFile',
  'clientCertAuth',
  'peerCertFile',
  'peerKeyFile',
  'peerTrustedCaFile',
  'insecure',
  'secretKeyFile',
  'logLevel',
] as const
const flags: readonly string[] = ['insecure', 'clientCertAuth', 'takeover']
const logLevels: readonly string[] = ['debug', 'info', 'warn', 'error']

/** `keeper serve`: runs a keeper until SIGTERM or Ctrl-C. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description('run a keeper')
    .option('--name <name>', 'this member’s name', 'n1')
    .option('--data-dir <dir>', 'where its log and state live', './keeper-data')
    .option('--config-dir <dir>', 'a directory of config files to watch and publish')
    .option(
      '--source <name>',
      'names what the directory publishes; keepers that watch copies of one directory give the same (default: its absolute path)',
    )
    .option('--takeover', 'publish although another source has the prefixes, or the directory is older than the last')
    .option(
      '--max-affected <share>',
      'a change of the directory that reaches more than this share of the live processes waits for `keeper approve` (default: 25%, from 10 processes on)',
    )
    .option(
      '--label <labels>',
      'labels that every process here has, for overlays and audiences: env=prod; the same on all members',
    )
    .option('--listen-client <host:port>', 'for services and the command line', '127.0.0.1:7400')
    .option('--listen-peer <host:port>', 'for the other keepers', '127.0.0.1:7401')
    .option('--listen-http <host:port>', 'for /v1/configs, /healthz, /readyz and /metrics', '127.0.0.1:7480')
    .option(
      '--initial-cluster <name=host:port,…>',
      'all members of a new cluster and their peer addresses; not asked for once there is data',
    )
    .option(
      '--join <host:port>',
      'the peer address of any member, after `keeper member add NAME=HOST:PORT`; not asked for once there is data',
    )
    .option('--heartbeat-interval <duration>', 'how often a leader is heard of', '50ms')
    .option('--election-timeout <duration>', 'silence of a leader before another is elected, at least', '600ms')
    .option('--advertise-client <host:port>', 'where processes reach this keeper, if not where it listens')
    .option('--advertise-peer <host:port>', 'where the other keepers reach this one, if not where it listens')
    .option('--cert-file <file>', 'TLS for clients and HTTP: this keeper’s certificate, PEM')
    .option('--key-file <file>', 'TLS for clients and HTTP: its key, PEM')
    .option('--client-cert-auth', 'ask clients for a certificate that --trusted-ca-file signed')
    .option('--trusted-ca-file <file>', 'who signs the clients’ certificates, PEM')
    .option('--peer-cert-file <file>', 'TLS between keepers: the certificate that this one shows, PEM')
    .option('--peer-key-file <file>', 'TLS between keepers: its key, PEM')
    .option('--peer-trusted-ca-file <file>', 'TLS between keepers: who signs their certificates, PEM')
    .option('--insecure', 'allow a listen address that is not loopback without TLS')
    .option(
      '--secret-key-file <file>',
      'keys that seal secrets, mode 600 (`keeper secret keygen`); or env KEEPER_SECRET_KEY',
    )
    .option('--log-level <level>', 'debug, info, warn or error', 'info')
    .option('-f, --file <file>', 'a YAML file with these options, in camelCase; flags win')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper serve --data-dir /var/lib/keeper --config-dir ./config\n  keeper serve --config-dir ./config --label env=prod\n  keeper serve -f keeper.yaml\n  keeper serve --name n1 --data-dir d1 --listen-peer 127.0.0.1:7411 --listen-client 127.0.0.1:7410 --listen-http 127.0.0.1:7412 \\\n    --initial-cluster n1=127.0.0.1:7411,n2=127.0.0.1:7421,n3=127.0.0.1:7431\n  keeper serve --name n4 --data-dir d4 --listen-peer 127.0.0.1:7441 --listen-client 127.0.0.1:7440 --listen-http 127.0.0.1:7442 \\\n    --join 127.0.0.1:7411\n  keeper serve --listen-client 10.0.0.1:7400 --cert-file n1.pem --key-file n1.key --trusted-ca-file ca.pem --client-cert-auth\n\nCertificates are read again when their files change. Both sides of a peer connection show one.\n\nSIGTERM and Ctrl-C end it cleanly; after a kill -9 it comes back with all it had acknowledged.',
    )
  return command.action(
    withContext<Options, []>(async (context, _args, given) => serve(context, checked(await withFile(given, command))), {
      outlivesReader: true,
    }),
  )
}

/**
 * What a keeper holds lies in buffers beside V8's heap, but their comings and goings count against its small limit: it
 * was marked as often as it was scavenged, for nothing. Measured at 100,000 writes: 4 markings instead of 38.
 */
const heapGrowingPercent = 200

async function serve({ output, signal }: Context, options: Options): Promise<number> {
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`)
  const { createLogger } = await import('../../logger.js')
  const sealingKeys = await loadSealingKeys(options.secretKeyFile, process.env)
  const keeperOptions: KeeperOptions = {
    name: options.name,
    dataDir: options.dataDir,
    ...(options.configDir === undefined ? {} : { configDir: options.configDir }),
    ...(options.source === undefined ? {} : { configSource: options.source }),
    ...(options.maxAffected === undefined ? {} : { maxAffected: parseShare('--max-affected', options.maxAffected) }),
    configTakeover: options.takeover ?? false,
    ...(options.label === undefined ? {} : { labels: parseLabels('--label', options.label) }),
    listenClient: parseHostPort(options.listenClient),
    listenPeer: parseHostPort(options.listenPeer),
    listenHttp: parseHostPort(options.listenHttp),
    insecure: options.insecure ?? false,
    ...serveTls(options),
    ...(options.advertiseClient === undefined ? {} : { advertiseClient: checkedAddress(options.advertiseClient) }),
    ...(options.advertisePeer === undefined ? {} : { advertisePeer: checkedAddress(options.advertisePeer) }),
    ...(sealingKeys && { sealingKeys }),
    ...(options.initialCluster === undefined ? {} : { initialCluster: parseCluster(options.initialCluster) }),
    ...(options.join === undefined ? {} : { join: checkedAddress(options.join) }),
    heartbeatIntervalMs: parseDuration('--heartbeat-interval', options.heartbeatInterval),
    electionTimeoutMs: parseDuration('--election-timeout', options.electionTimeout),
    logger: createLogger(options.logLevel, output.terminal),
    signal,
  }
  optimizeEarly()
  // Loaded here: the other commands start faster without the whole keeper.
  const { startKeeper } = await import('../../main.js')
  const keeper = await startKeeper(keeperOptions)
  const over = Promise.race([aborted(signal), keeper.failed])
  const isReady = await Promise.race([keeper.ready().then(() => true), over.then(() => false)])
  const narrator = output.terminal ? new Narrator(keeper, output) : undefined
  if (isReady) sayReady(keeper, output, narrator)
  await over
  narrator?.stop()
  await keeper.close()
  const failure = keeper.failure()
  if (failure) throw failure
  return 0
}

function sayReady({ name, addresses }: RunningKeeper, output: Output, narrator: Narrator | undefined): void {
  if (narrator) narrator.ready()
  else if (output.json) output.value({ event: 'ready', name, ...addresses })
  else output.line(`keeper ${name} ready · ${addresses.client}`)
}

/** Resolves at once when the signal came while the keeper was starting. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

function checkedAddress(text: string): string {
  parseHostPort(text)
  return text
}

/** Throws E_INVALID_ARGUMENT, before anything is made or opened. */
function checked(options: Options): Options {
  for (const key of fileOptions) {
    const [value, expected] = [options[key], flags.includes(key) ? 'boolean' : 'string']
    if (value !== undefined && typeof value !== expected) throw usage(`${key}: expected a ${expected}, got ${value}`)
    if (value === '') throw usage(`${key}: expected something, got nothing`)
  }
  if (/[/\p{Cc}]/u.test(options.name))
    throw usage(`name: expected no slash or control character, got "${options.name}"`)
  if (options.join !== undefined && options.initialCluster !== undefined)
    throw usage('join: a new cluster has no member to join; give --join or --initial-cluster')
  if (!logLevels.includes(options.logLevel))
    throw usage(`logLevel: expected ${logLevels.join(', ')}, got "${options.logLevel}"`)
  return options
}

const usage = (message: string): KeeperError => new KeeperError('E_INVALID_ARGUMENT', message)

async function withFile(given: Options, command: Command): Promise<Options> {
  if (given.file === undefined) return given
  const read = await readYaml(given.file)
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw new KeeperError('E_INVALID_ARGUMENT', `${given.file}: expected a map of options`)
  const merged: Record<string, unknown> = { ...given }
  for (const [key, value] of Object.entries(read)) {
    if (!fileOptions.some((option) => option === key))
      throw new KeeperError(
        'E_INVALID_ARGUMENT',
        `${given.file}: unknown option "${key}"; there are ${fileOptions.join(', ')}`,
      )
    if (command.getOptionValueSource(key) !== 'cli') merged[key] = value
  }
  return merged as unknown as Options
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parseYaml(await readFile(file, 'utf8'))
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split(':\n')
    throw usage(`cannot read ${file}: ${reason}`)
  }
}
