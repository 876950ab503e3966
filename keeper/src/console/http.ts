import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { type Certificates, notTaken, serverTls } from '../base/tls.js'

/** What the HTTP side answers from. */
export interface HttpSources {
  /** Undefined when ready; otherwise why not, in one line. */
  notReady(): string | undefined
  /** Prometheus' text format and its content type. */
  metrics(): Promise<{ contentType: string; text: string }>
  /** Answers what is not ours, with `refusal` where there is one; false when it is nobody's. */
  handle?(request: IncomingMessage, response: ServerResponse, refusal?: KeeperError): boolean
  /** The listener closes: whoever waits is answered. */
  closing?(): void
}

export interface HttpListener {
  readonly port: number
  close(): Promise<void>
}

/** What `handle` answers, for whoever is lost. */
const elsewhere = ['/v1/configs/NAME', '/v1/acks']

type Answer = { status: number; contentType?: string; body: string }

/** Whoever looks whether a keeper lives has no certificate. */
const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** Serves `/healthz`, `/readyz` and `/metrics`, over TLS where there are certificates. Rejects E_ADDRESS_IN_USE. */
export async function listenHttp(
  listen: { host: string; port: number },
  sources: HttpSources,
  tls?: Certificates,
  connectionsMax: number = limits.httpConnectionsMax,
): Promise<HttpListener> {
  const routes: Record<string, () => Promise<Answer> | Answer> = {
    '/healthz': () => ({ status: 200, body: 'ok\n' }),
    '/readyz': () => {
      const reason = sources.notReady()
      return reason === undefined ? { status: 200, body: 'ok\n' } : { status: 503, body: `${reason}\n` }
    },
    '/metrics': async () => {
      const { contentType, text } = await sources.metrics()
      return { status: 200, contentType, body: text }
    },
  }
  const server = httpServer(tls, async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const route = routes[path]
    const readable = request.method === 'GET' || request.method === 'HEAD'
    const refused = tls?.mutual && !openPaths.has(path) && notTaken(request.socket as TLSSocket) !== undefined
    const tooMany = openPaths.has(path) ? undefined : crowd.refusal(request.socket)
    if (tooMany) response.shouldKeepAlive = false
    if (!refused && sources.handle?.(request, response, tooMany)) return
    const answer = refused
      ? { status: 401, body: 'show a certificate that this keeper takes (E_TLS)\n' }
      : tooMany
        ? { status: 503, body: `${tooMany.message} (${tooMany.code})\n` }
        : !route
          ? { status: 404, body: `not here; there are ${[...Object.keys(routes), ...elsewhere].join(', ')}\n` }
          : !readable
            ? { status: 405, body: 'GET only\n' }
            : await Promise.resolve(route()).catch(() => ({ status: 500, body: 'failed; see the log\n' }))
    response.writeHead(answer.status, {
      'content-type': 'contentType' in answer ? (answer.contentType ?? 'text/plain') : 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      ...(answer.status === 503 && { 'retry-after': '1' }),
    })
    response.end(request.method === 'HEAD' ? undefined : answer.body)
  })
  const crowd = new Crowd(server, tls ? 'secureConnection' : 'connection', connectionsMax)
  server.headersTimeout = limits.httpHeadersTimeoutMs
  await opened(server, listen)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        sources.closing?.()
        server.close(() => resolve())
        // What was just answered gets out first.
        setImmediate(() => server.closeAllConnections())
      }),
  }
}

/** Which connections are too many: they live until they are told so, and a few more still get that far. */
class Crowd {
  readonly #max: number
  readonly #excess = new WeakSet<Socket>()
  #open = 0

  constructor(server: Server, event: 'connection' | 'secureConnection', max: number) {
    this.#max = max
    server.maxConnections = max + limits.httpRefusalsMax
    server.on(event, (socket: Socket) => {
      if (++this.#open > max) this.#excess.add(socket)
      socket.once('close', () => this.#open--)
    })
  }

  refusal(socket: Socket): KeeperError | undefined {
    if (!this.#excess.has(socket)) return undefined
    return new KeeperError('E_TOO_MANY', `this keeper has ${this.#max} HTTP connections already`)
  }
}

function httpServer(tls: Certificates | undefined, listener: RequestListener): Server {
  const options = { maxHeaderSize: 16 * 1024 }
  if (!tls) return createServer(options, listener)
  const handshakeTimeout = limits.httpHeadersTimeoutMs
  const server = createSecureServer({ ...options, ...serverTls(tls), handshakeTimeout }, listener)
  const stop = tls.onRenewed(() => server.setSecureContext(serverTls(tls)))
  return server.on('close', stop)
}

const opened = (server: Server, { host, port }: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new KeeperError('E_ADDRESS_IN_USE', `${host}:${port} is in use`, { host, port }, { cause })
          : new KeeperError(
              'E_INVALID_ARGUMENT',
              `cannot listen on ${host}:${port}: ${cause.message}`,
              { host, port },
              { cause },
            ),
      ),
    )
    server.listen({ port, host, backlog: limits.acceptBacklog }, () => resolve())
  })
