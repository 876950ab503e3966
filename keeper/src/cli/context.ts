import type { TlsFiles } from '@keeper/proto'
import type { Command } from 'commander'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { checkNamespace } from '../push/names.js'
import { parseEndpoints } from './arguments.js'
import { exitWith } from './exit-codes.js'
import { type Client, LateClient } from './late-client.js'
import { createOutput, type Output } from './output.js'

/** What every command works with; made once per run, closed at its end. */
export interface Context {
  readonly output: Output
  readonly client: Client
  /** How many keepers there are to ask. */
  readonly endpoints: number
  readonly namespace: string
  /** Aborts on Ctrl-C, and when nobody reads the output any more: long commands end cleanly. */
  readonly signal: AbortSignal
}

export interface ContextOptions {
  /** Go on when nobody reads the output any more. */
  readonly outlivesReader?: boolean
}

export interface GlobalOptions {
  endpoints: string
  output: 'text' | 'json'
  namespace: string
  cacert?: string
  cert?: string
  key?: string
}

/** Runs a command's action with a context and closes what it opened. */
export type Action = (context: Context, ...rest: never[]) => Promise<number | undefined>

export function withContext<Options, Args extends unknown[]>(
  body: (context: Context, args: Args, options: Options) => Promise<number | undefined>,
  { outlivesReader = false }: ContextOptions = {},
): (...received: unknown[]) => Promise<void> {
  return async (...received) => {
    const command = received.at(-1) as Command
    const options = command.optsWithGlobals<Options & GlobalOptions>()
    const abort = new AbortController()
    const stop = () => abort.abort()
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    if (!outlivesReader) process.stdout.once('error', stop)
    const endpoints = parseEndpoints(options.endpoints)
    const client = new LateClient(endpoints, { tls: tlsFiles(options) })
    try {
      const context: Context = {
        client,
        endpoints: endpoints.length,
        output: createOutput(options.output === 'json'),
        namespace: namespaceOf(options),
        signal: abort.signal,
      }
      exitWith(command, (await body(context, received.slice(0, -2) as Args, options)) ?? 0)
    } finally {
      await client.close()
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      process.stdout.off('error', stop)
    }
  }
}

/** Nothing is not the default: a variable of a script may be empty. Throws E_BAD_NAME. */
function namespaceOf({ namespace }: GlobalOptions): string {
  checkNamespace(namespace, limits)
  return namespace
}

/** Undefined for plain connections. */
export function tlsFiles({ cacert, cert, key }: GlobalOptions): TlsFiles | undefined {
  if ((cert === undefined) !== (key === undefined))
    throw new KeeperError('E_INVALID_ARGUMENT', '--cert and --key go together')
  if (cacert === undefined && cert === undefined) return undefined
  return {
    ...(cacert === undefined ? {} : { ca: cacert }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  }
}
