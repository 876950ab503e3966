import { expect, test } from 'vitest'
import { serveTls, type TlsOptions } from './serve-tls.js'

test.each<[string, TlsOptions]>([
  ['--key-file', { certFile: 'c' }],
  ['--cert-file', { keyFile: 'k' }],
  ['--cert-file', { clientCertAuth: true, trustedCaFile: 'a' }],
  ['--trusted-ca-file', { certFile: 'c', keyFile: 'k', clientCertAuth: true }],
  ['--client-cert-auth', { certFile: 'c', keyFile: 'k', trustedCaFile: 'a' }],
  ['--peer-trusted-ca-file', { peerCertFile: 'c', peerKeyFile: 'k' }],
  ['--peer-key-file', { peerCertFile: 'c', peerTrustedCaFile: 'a' }],
])('TLS without %s is no TLS', (missing, options) => {
  expect(() => serveTls(options)).toThrow(
    expect.objectContaining({ code: 'E_INVALID_ARGUMENT', message: expect.stringContaining(missing) }),
  )
})

test('TLS is what was given, for clients and between keepers apart', () => {
  expect(serveTls({})).toEqual({})
  expect(serveTls({ certFile: 'c', keyFile: 'k' })).toEqual({ tls: { cert: 'c', key: 'k', mutual: false } })
  const forPeers = { peerCertFile: 'c', peerKeyFile: 'k', peerTrustedCaFile: 'a' }
  expect(serveTls(forPeers)).toEqual({ peerTls: { cert: 'c', key: 'k', ca: 'a' } })
})
