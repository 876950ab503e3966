import { hostname } from 'node:os'
import { asKeeperError, isErrorCode, KeeperError } from '../base/errors.js'
import { parseAs } from './arguments.js'

/** Who a process is: what `--as` says, then its KEEPER_* variables, and the machine's name for an instance without one. */
export interface Who {
  readonly cluster?: string
  readonly role?: string
  readonly instance: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Throws E_INVALID_ARGUMENT where `--as` names an instance alone. */
export function whoOf(as: string | undefined, env: NodeJS.ProcessEnv): Who {
  const { asInstance, asLabels = {} } = parseAs(as)
  if (asInstance !== undefined)
    throw new KeeperError('E_INVALID_ARGUMENT', `--as: expected cluster=…,role=…[,instance=…][,label=…], got "${as}"`)
  const { cluster, role, instance, ...labels } = asLabels
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(role === undefined ? {} : { role }),
    instance: instance ?? (env.KEEPER_INSTANCE || hostname()),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  }
}

/** What the SDK throws, as an error of the registry: its codes are the keepers' own. */
export function typedError(thrown: unknown): KeeperError {
  const { code, message, details } = thrown as { code?: unknown; message?: string; details?: Record<string, unknown> }
  if (thrown instanceof KeeperError || typeof code !== 'string' || !isErrorCode(code)) return asKeeperError(thrown)
  return new KeeperError(code, message ?? code, details, { cause: thrown })
}
