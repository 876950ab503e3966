import { isIPv4 } from 'node:net'
import type { HostPort } from '../base/address.js'
import { KeeperError } from '../base/errors.js'

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** Throws E_INSECURE_LISTEN: whoever reaches the port may change every config. */
export function requireSecure({ host }: HostPort, secured: { tls: boolean; insecure: boolean }): void {
  if (secured.tls || secured.insecure || isLoopback(host)) return
  throw new KeeperError('E_INSECURE_LISTEN', `${host} is not loopback, and there is neither TLS nor --insecure`, {
    host,
  })
}
