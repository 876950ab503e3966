import type { TlsFiles } from '@keeper/proto/wire'
import { parseLastGoodKey } from './edge/last-good-seal.js'
import { KeeperClientError } from './errors.js'
import { limits } from './limits.js'
import { type Logger, stderrLogger } from './logger.js'

/** How a process joins. Each of the plain ones may come from the environment instead; what is given here wins. */
export interface JoinOptions {
  /** The push cluster that the process belongs to. KEEPER_CLUSTER. */
  readonly cluster?: string
  /** KEEPER_ROLE. */
  readonly role?: string
  /** A name of its own within cluster and role, the same after a restart. KEEPER_INSTANCE. */
  readonly instance?: string
  /** KEEPER_LABELS, as `zone=bj,track=canary`. */
  readonly labels?: Readonly<Record<string, string>>
  /** What others reach it by. KEEPER_ADDRESSES, as `tcp=10.0.0.7:443`. */
  readonly addresses?: Readonly<Record<string, string>>
  /** Keepers as `host:port`. KEEPER_ENDPOINTS, separated by commas; 127.0.0.1:7400 by default. */
  readonly endpoints?: readonly string[]
  /**
   * TLS: files in PEM, read again for each connection. `ca` signed the keepers' certificates (without it, those that
   * Node trusts); `cert` and `key` are shown where keepers ask for them. KEEPER_CACERT, KEEPER_CERT, KEEPER_KEY.
   */
  readonly tls?: TlsFiles
  /** KEEPER_NAMESPACE; `default` by default. */
  readonly namespace?: string
  /** Where last good values are kept; false keeps none. KEEPER_STATE_DIR. */
  readonly stateDir?: string | false
  /**
   * Seals what is kept there: base64 of 32 random bytes (`openssl rand -base64 32`). Without it values that hold secrets
   * are not kept. KEEPER_LAST_GOOD_KEY, or a file of mode 600 that KEEPER_LAST_GOOD_KEY_FILE names.
   */
  readonly lastGoodKey?: string
  /** How long to look for a keeper before starting from last good values, or failing. KEEPER_JOIN_TIMEOUT_MS. */
  readonly joinTimeoutMs?: number
  /** How long keepers wait for a silent process; they may grant another. KEEPER_TTL_MS. */
  readonly ttlMs?: number
  /** Lines for people; by default a few on stderr. */
  readonly logger?: Logger
  /** Aborts joining. A process that has joined ends with `leave()`. */
  readonly signal?: AbortSignal
  /** Leaves on SIGTERM and SIGINT, then lets the signal do what it would have done. */
  readonly handleSignals?: boolean
}

/** Options with nothing left open but the folder, which is looked for when it is needed. */
export interface ResolvedOptions {
  readonly cluster: string
  readonly role: string
  readonly instance: string
  readonly labels: Readonly<Record<string, string>>
  readonly addresses: Readonly<Record<string, string>>
  readonly endpoints: readonly string[]
  readonly tls: TlsFiles | undefined
  readonly namespace: string
  readonly stateDir: string | false | undefined
  readonly lastGoodKey: Uint8Array | undefined
  /** Where the key is, when it is not given itself. */
  readonly lastGoodKeyFile: string | undefined
  readonly joinTimeoutMs: number
  readonly ttlMs: number
  readonly logger: Logger
  readonly signal: AbortSignal | undefined
  readonly handleSignals: boolean
}

/** Throws E_INVALID_ARGUMENT, naming option and variable, for what is missing or cannot be. */
export function resolveOptions(options: JoinOptions, env: NodeJS.ProcessEnv): ResolvedOptions {
  return {
    cluster: segment('cluster', options.cluster ?? env.KEEPER_CLUSTER),
    role: segment('role', options.role ?? env.KEEPER_ROLE),
    instance: segment('instance', options.instance ?? env.KEEPER_INSTANCE),
    labels: options.labels ?? pairs('KEEPER_LABELS', env.KEEPER_LABELS),
    addresses: options.addresses ?? pairs('KEEPER_ADDRESSES', env.KEEPER_ADDRESSES),
    endpoints: endpointsOf(options.endpoints ?? list(env.KEEPER_ENDPOINTS)),
    tls: tlsOf(options.tls ?? tlsFrom(env)),
    namespace: options.namespace ?? env.KEEPER_NAMESPACE ?? '',
    stateDir: options.stateDir ?? (env.KEEPER_STATE_DIR || undefined),
    lastGoodKey: lastGoodKey(options.lastGoodKey, env),
    lastGoodKeyFile: env.KEEPER_LAST_GOOD_KEY_FILE || undefined,
    joinTimeoutMs: milliseconds(
      'joinTimeoutMs',
      options.joinTimeoutMs ?? env.KEEPER_JOIN_TIMEOUT_MS,
      limits.joinTimeoutMs,
    ),
    ttlMs: milliseconds('ttlMs', options.ttlMs ?? env.KEEPER_TTL_MS, 0),
    logger: options.logger ?? stderrLogger,
    signal: options.signal,
    handleSignals: options.handleSignals ?? false,
  }
}

const tlsFrom = ({ KEEPER_CACERT: ca, KEEPER_CERT: cert, KEEPER_KEY: key }: NodeJS.ProcessEnv): TlsFiles | undefined =>
  ca || cert || key ? { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } : undefined

function tlsOf(tls: TlsFiles | undefined): TlsFiles | undefined {
  if (tls && (tls.cert === undefined) !== (tls.key === undefined))
    throw wrong('tls: cert and key go together (KEEPER_CERT, KEEPER_KEY)')
  return tls
}

const wrong = (text: string) => new KeeperClientError('E_INVALID_ARGUMENT', text)

function segment(option: string, value: string | undefined): string {
  if (!value) throw wrong(`${option} is missing: give it to Keeper.join or set KEEPER_${option.toUpperCase()}`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[/\u0000-\u001f\u007f]/.test(value))
    throw wrong(`${option} ${JSON.stringify(value)} has a slash or control character`)
  return value
}

function lastGoodKey(given: string | undefined, env: NodeJS.ProcessEnv): Uint8Array | undefined {
  if (given !== undefined) return parseLastGoodKey(given, 'lastGoodKey')
  const { KEEPER_LAST_GOOD_KEY: text } = env
  return text ? parseLastGoodKey(text, 'KEEPER_LAST_GOOD_KEY') : undefined
}

const list = (text: string | undefined): string[] =>
  (text ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))

function endpointsOf(endpoints: readonly string[]): readonly string[] {
  if (endpoints.length === 0) return ['127.0.0.1:7400']
  if (endpoints.length > limits.endpointsMax)
    throw wrong(`${endpoints.length} endpoints: at most ${limits.endpointsMax}`)
  const bad = endpoints.find((endpoint) => !/^[^\s/,]+:\d{1,5}$/.test(endpoint))
  if (bad !== undefined) throw wrong(`endpoint ${JSON.stringify(bad)} is not host:port`)
  return endpoints
}

function pairs(variable: string, text: string | undefined): Record<string, string> {
  const entries = list(text).map((pair): [string, string] => {
    const at = pair.indexOf('=')
    if (at <= 0) throw wrong(`${variable}: ${JSON.stringify(pair)} is not name=value`)
    return [pair.slice(0, at), pair.slice(at + 1)]
  })
  return Object.fromEntries(entries)
}

function milliseconds(option: string, value: number | string | undefined, fallback: number): number {
  const number = value === undefined || value === '' ? fallback : Number(value)
  if (!(number >= 0 && number <= limits.timerMsMax)) throw wrong(`${option}: ${value} is no number of milliseconds`)
  return Math.floor(number)
}
