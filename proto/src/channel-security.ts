/** TLS as a gRPC channel has it. */

import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js'
import { placeOf, readFiles, type TlsFiles } from './tls.js'

export interface ChannelSecurity {
  readonly credentials: ChannelCredentials
  readonly options: ChannelOptions
}

/** How a channel to an endpoint is secured; not at all without files. Throws what reading them throws, and for a certificate without a key. */
export function channelSecurity(endpoint: string, files: TlsFiles | undefined): ChannelSecurity {
  if (!files) return { credentials: credentials.createInsecure(), options: {} }
  const { ca, cert, key } = readFiles(files)
  const { host } = placeOf(endpoint)
  // gRPC would send an address as the name of a server, which is no name: Node warns of it
  const address = isIP(host) === 0 ? undefined : host
  const verify = address === undefined ? {} : { checkServerIdentity: checkAddress(address) }
  return {
    credentials: credentials.createSsl(ca ?? null, key ?? null, cert ?? null, verify),
    options: address === undefined ? {} : { 'grpc.ssl_target_name_override': 'keeper' },
  }
}

const checkAddress =
  (address: string): typeof checkServerIdentity =>
  (_name, certificate) =>
    checkServerIdentity(address, certificate)
