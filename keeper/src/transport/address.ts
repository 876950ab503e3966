import { KeeperError } from '../base/errors.js'

/** Host and port of `host:port` or `[v6]:port`. Throws E_INVALID_ARGUMENT. */
export function splitAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address)
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2]
  if (!host || !(port >= 0 && port <= 65_535))
    throw new KeeperError('E_INVALID_ARGUMENT', `expected host:port, got "${address}"`)
  return { host, port }
}
