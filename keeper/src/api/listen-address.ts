import { isIPv4 } from 'node:net'
import { KeeperError } from '../base/errors.js'

export interface ListenAddress {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

/** `127.0.0.1:7400`, `[::1]:7400`, `localhost:0`. Throws E_INVALID_ARGUMENT. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) throw new KeeperError('E_INVALID_ARGUMENT', `not HOST:PORT: ${text}`)
  return { host: match[1] ?? match[2] ?? '', port }
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** Throws E_INSECURE_LISTEN: whoever reaches the port may change every config. */
export function requireSecure({ host }: ListenAddress, secured: { tls: boolean; insecure: boolean }): void {
  if (secured.tls || secured.insecure || isLoopback(host)) return
  throw new KeeperError('E_INSECURE_LISTEN', `${host} is not loopback, and there is neither TLS nor --insecure`, {
    host,
  })
}
