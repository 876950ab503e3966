import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'

/** What the HTTP side answers from. */
export interface HttpSources {
  /** Undefined when ready; otherwise why not, in one line. */
  notReady(): string | undefined
  /** Prometheus' text format and its content type. */
  metrics(): Promise<{ contentType: string; text: string }>
}

export interface HttpListener {
  readonly port: number
  close(): Promise<void>
}

type Answer = { status: number; contentType?: string; body: string }

/** Serves `/healthz`, `/readyz` and `/metrics`. Rejects E_ADDRESS_IN_USE. */
export async function listenHttp(listen: { host: string; port: number }, sources: HttpSources): Promise<HttpListener> {
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
  const server = createServer({ maxHeaderSize: 16 * 1024 }, async (request, response) => {
    const route = routes[(request.url ?? '').split('?', 1)[0] ?? '']
    const readable = request.method === 'GET' || request.method === 'HEAD'
    const answer = !route
      ? { status: 404, body: `not here; there are ${Object.keys(routes).join(', ')}\n` }
      : !readable
        ? { status: 405, body: 'GET only\n' }
        : await Promise.resolve(route()).catch(() => ({ status: 500, body: 'failed; see the log\n' }))
    response.writeHead(answer.status, {
      'content-type': 'contentType' in answer ? (answer.contentType ?? 'text/plain') : 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
    response.end(request.method === 'HEAD' ? undefined : answer.body)
  })
  server.maxConnections = limits.httpConnectionsMax
  server.headersTimeout = limits.httpHeadersTimeoutMs
  await opened(server, listen)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
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
    server.listen(port, host, () => resolve())
  })
