import { parseHostPort } from '../../base/address.js'
import { KeeperError } from '../../base/errors.js'

/** Where to read, and below what. */
export interface Place {
  /** As it was given. */
  readonly text: string
  /** `host:port`, one at least. */
  readonly hosts: readonly string[]
  /** Of a path `push/room`: its segments. */
  readonly path: readonly string[]
  /** The path ended with a slash: what lies in it, without its own name. */
  readonly isContent: boolean
}

/** `HOST[:PORT][,HOST…][/path]`. Throws E_INVALID_ARGUMENT. */
export function parsePlace(text: string, defaultPort: number): Place {
  const bare = text.replace(/^[a-z]+:\/\//, '')
  const at = bare.indexOf('/')
  const [hosts, path] = at < 0 ? [bare, ''] : [bare.slice(0, at), bare.slice(at + 1)]
  const all = hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:${defaultPort}`))
  for (const host of all) parseHostPort(host)
  const segments = path.split('/').filter((segment) => segment !== '')
  if (segments.includes('..') || segments.includes('.'))
    throw new KeeperError('E_INVALID_ARGUMENT', `expected HOST:PORT/path without dots, got "${text}"`)
  return { text: bare, hosts: all, path: segments, isContent: path === '' || path.endsWith('/') }
}

/** What to read below, and what it is called in the directory: as rsync, `/push` is the folder, `/push/` what is in it. */
export const startOf = ({ path, isContent }: Place): { root: readonly string[]; shown: readonly string[] } => ({
  root: path,
  shown: isContent ? [] : path.slice(-1),
})
