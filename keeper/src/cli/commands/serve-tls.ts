import { KeeperError } from '../../base/errors.js'

/** Files of `keeper serve`, each absent when it was not given. */
export interface TlsOptions {
  readonly certFile?: string
  readonly keyFile?: string
  readonly trustedCaFile?: string
  readonly clientCertAuth?: boolean
  readonly peerCertFile?: string
  readonly peerKeyFile?: string
  readonly peerTrustedCaFile?: string
}

/** What a keeper is started with: nothing, or all that TLS needs. Throws E_INVALID_ARGUMENT for half of it. */
export function serveTls(options: TlsOptions) {
  return { ...clientTls(options), ...peerTls(options) }
}

function clientTls({ certFile: cert, keyFile: key, trustedCaFile: ca, clientCertAuth = false }: TlsOptions) {
  if (cert === undefined && key === undefined && ca === undefined && !clientCertAuth) return {}
  if (cert === undefined || key === undefined) throw incomplete('TLS for clients needs --cert-file and --key-file')
  if (ca === undefined && clientCertAuth) throw incomplete('--client-cert-auth needs --trusted-ca-file')
  if (ca !== undefined && !clientCertAuth) throw incomplete('--trusted-ca-file is of use with --client-cert-auth only')
  return { tls: { cert, key, ...(ca === undefined ? {} : { ca }), mutual: clientCertAuth } }
}

function peerTls({ peerCertFile: cert, peerKeyFile: key, peerTrustedCaFile: ca }: TlsOptions) {
  if (cert === undefined && key === undefined && ca === undefined) return {}
  if (cert === undefined || key === undefined || ca === undefined)
    throw incomplete('TLS between keepers needs --peer-cert-file, --peer-key-file and --peer-trusted-ca-file')
  return { peerTls: { cert, key, ca } }
}

const incomplete = (message: string) => new KeeperError('E_INVALID_ARGUMENT', message)
