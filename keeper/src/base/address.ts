import { KeeperError } from './errors.js'

export interface HostPort {
  readonly host: string
  /** 0, to listen on: any free one. */
  readonly port: number
}

/** `127.0.0.1:7400`, `[::1]:7400`, `localhost:0`. Throws E_INVALID_ARGUMENT. */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) throw new KeeperError('E_INVALID_ARGUMENT', `expected host:port, got "${text}"`)
  return { host: match[1] ?? match[2] ?? '', port }
}

/** The other way round. */
export const hostPortOf = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** All addresses of this host: something to listen on, and nowhere to go to. */
export const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::'
