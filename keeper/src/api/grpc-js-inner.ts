import http2 from 'node:http2'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import { KeeperError } from '../base/errors.js'

/**
 * The HTTP/2 server that grpc-js makes for itself and that never listens: emit 'stream' on it, and grpc-js serves the
 * call. grpc-js has no public way to hand it a stream of a connection that is ours; so `http2.createServer`, which it
 * calls once and synchronously for a connection injector, is watched for the length of that call. Throws E_INTERNAL
 * when a version of grpc-js does it differently: at start-up, not at the first call.
 */
export function innerServer(server: Server): http2.Http2Server {
  const original = http2.createServer
  let inner: http2.Http2Server | undefined
  http2.createServer = ((...args: Parameters<typeof original>) => {
    inner = original.apply(http2, args)
    return inner
  }) as typeof original
  try {
    server.createConnectionInjector(ServerCredentials.createInsecure())
  } finally {
    http2.createServer = original
  }
  if (inner?.listenerCount('stream') !== 1) {
    throw new KeeperError(
      'E_INTERNAL',
      'this version of @grpc/grpc-js takes no streams: use the one in package-lock.json',
    )
  }
  return inner
}
