/** TLS as clients of keepers use it: what a connection is made with, and why there is none. */

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { connect, createSecureContext, type SecureContext } from 'node:tls'

/** Names of files in PEM. */
export interface TlsFiles {
  /** Who signed the keepers' certificates; without it, those that Node trusts. */
  readonly ca?: string
  /** What the client shows of itself, where keepers ask for it. */
  readonly cert?: string
  readonly key?: string
}

export type { SecureContext }

/** What a TLS connection of a client is made with. Throws what reading the files throws, and for a certificate without a key. */
export function secureContext(files: TlsFiles): SecureContext {
  const { ca, cert, key } = readFiles(files)
  if ((cert === undefined) !== (key === undefined)) throw new Error('a certificate and its key go together')
  return createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) })
}

/** Host, without the brackets of an IPv6 address, and port. */
export function placeOf(endpoint: string): { host: string; port: number } {
  const at = endpoint.lastIndexOf(':')
  return { host: endpoint.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(endpoint.slice(at + 1)) }
}

/**
 * Why a keeper's port cannot be spoken to with these certificates, in one line; undefined when TLS is not to blame, or
 * nobody answers within `timeoutMs`. gRPC itself says only that there is no connection.
 */
export function tlsTrouble(
  endpoint: string,
  files: TlsFiles | undefined,
  timeoutMs: number,
): Promise<string | undefined> {
  const { host, port } = placeOf(endpoint)
  const named = isIP(host) ? {} : { servername: host }
  const own = files ? readFiles(files) : { rejectUnauthorized: false }
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...named, ...own, ALPNProtocols: ['h2'] })
    const done = (trouble?: string) => {
      resolve(trouble)
      socket.destroy()
    }
    socket.setTimeout(timeoutMs, () => done())
    socket.once('secureConnect', () =>
      done(files ? undefined : `${endpoint} speaks TLS: a CA file is needed to trust it`),
    )
    socket.on('error', (error) => done(files && troubleOf(endpoint, error)))
  })
}

function troubleOf(endpoint: string, error: NodeJS.ErrnoException): string | undefined {
  const { code = '', syscall, message } = error
  // what has no name of OpenSSL's is the network's
  if (syscall !== undefined || /^E[A-Z]+$/.test(code)) return undefined
  const noTls = code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
  return noTls ? `${endpoint} does not speak TLS` : `the certificate of ${endpoint} is not trusted: ${message}`
}

/** Throws what reading them throws. */
export function readFiles({ ca, cert, key }: TlsFiles): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  }
}
