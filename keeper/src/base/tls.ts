import type { TLSSocket } from 'node:tls'

/** Certificates of one port, PEM. They may be renewed while the keeper runs: read them when a connection is made. */
export interface Certificates {
  readonly cert: string
  readonly key: string
  /** Who signs the certificates of the others. */
  readonly ca?: string | undefined
  /** Must whoever connects show a certificate that `ca` signed? */
  readonly mutual: boolean
  /** Other certificates stand here from now on; gives back what ends the calls. */
  onRenewed(listener: () => void): () => void
}

/** What a server of node:tls takes; also its `setSecureContext`. Who shows no certificate is refused by us, with a word. */
export const serverTls = ({ cert, key, ca, mutual }: Certificates) => ({
  ...{ cert, key, requestCert: mutual, rejectUnauthorized: false },
  ...(ca === undefined ? {} : { ca }),
})

/**
 * Why who connected is not taken for one whose certificate was asked for; undefined when it is. A session that is
 * resumed counts as authorized although it began without a certificate.
 */
export function notTaken(socket: TLSSocket): string | undefined {
  if (Object.keys(socket.getPeerCertificate() ?? {}).length === 0) return 'none was shown'
  return socket.authorized ? undefined : String(socket.authorizationError)
}

/** Did a connection fail for its certificates or for TLS itself, and not for the network? */
export function isTlsTrouble(error: Error): boolean {
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (syscall !== undefined) return false
  return code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || verdicts.has(code)
}

/** OpenSSL's words for a certificate that does not hold, as Node names them. */
const verdicts: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'HOSTNAME_MISMATCH',
])
