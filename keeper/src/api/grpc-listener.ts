import http2, {
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import net, { type AddressInfo, type Server as NetServer, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Server } from '@grpc/grpc-js'
import type { HostPort } from '../base/address.js'
import type { CancelTimer, Clock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import { type Certificates, notTaken, serverTls } from '../base/tls.js'
import type { Connection } from '../push/types.js'
import { ANONYMOUS } from './authorize.js'
import { innerServer } from './grpc-js-inner.js'
import { DirectConnection } from './h2/connection.js'
import type { ConnectionError } from './h2/frames.js'
import type { DirectHost } from './h2/host.js'
import { Lobby, type LobbyHost } from './h2/lobby.js'
import { ATTACH_PATH, isGrpc } from './h2/opening.js'
import { requireSecure } from './listen-address.js'
import { SessionStream, type StreamHost } from './session-stream.js'
import type { StreamHandler } from './types.js'
import { publicError, statusTrailers } from './wire-status.js'

export interface GrpcListenerOptions {
  readonly address: HostPort
  /** Without it the address must be loopback or `insecure` set. */
  readonly tls?: Certificates | undefined
  readonly insecure: boolean
  /** Serves every path but the session stream. */
  readonly server: Server
  readonly accept: (connection: Connection, principal: string) => StreamHandler
  readonly clock: Clock
  readonly logger: Logger
  /** Default limits.sessionsMax. */
  readonly sessionsMax?: number
  /**
   * Are sessions spoken on plain sockets by ourselves? True by default; with TLS, or when false, they are streams of
   * Node's HTTP/2, which cost several times the memory.
   */
  readonly directSessions?: boolean
}

/**
 * One port for everything gRPC. A connection whose first call is a session, which is nearly all of the traffic, is
 * spoken by ourselves. Every other is Node's HTTP/2: sessions on it are framed by ourselves, all else is handed to
 * grpc-js, stream by stream.
 */
export class GrpcListener implements StreamHost, DirectHost, LobbyHost {
  readonly #options: GrpcListenerOptions
  readonly #inner: Http2Server
  readonly #http2: Http2Server | Http2SecureServer
  /** What listens: `#http2` itself, or a server of plain sockets before it. */
  readonly #server: NetServer
  readonly #lobby = new Lobby(this)
  readonly #direct = new Set<DirectConnection>()
  /** Connection → whether it owes us the answer to a ping. */
  readonly #connections = new Map<ServerHttp2Session, { waiting: boolean }>()
  readonly #streams = new Set<SessionStream | DirectConnection>()
  readonly #lingering = new Map<SessionStream | DirectConnection, number>()
  #lingerTimer: CancelTimer | undefined
  #pingTimer: CancelTimer | undefined
  #draining = false
  #emptied: (() => void) | undefined

  constructor(options: GrpcListenerOptions) {
    requireSecure(options.address, { tls: options.tls !== undefined, insecure: options.insecure })
    this.#options = options
    this.#inner = innerServer(options.server)
    this.#http2 = createServer(options.tls)
    this.#http2.setTimeout(0)
    this.#http2.on('session', (session: ServerHttp2Session) => this.#connected(session))
    this.#http2.on('stream', (stream, headers, flags, raw?: unknown) => this.#stream(stream, headers, flags, raw))
    this.#server = options.tls || options.directSessions === false ? this.#http2 : this.#plainServer()
    this.#server.maxConnections = limits.connectionsMax
    this.#http2.on('sessionError', (error) => options.logger.debug({ err: error }, 'a connection broke'))
  }

  /** Begins to listen; gives the port. Rejects E_ADDRESS_IN_USE, E_INVALID_ARGUMENT. */
  listen(): Promise<number> {
    const { host, port } = this.#options.address
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, `${host}:${port}`)))
      this.#server.listen({ host, port, backlog: limits.acceptBacklog }, () => {
        this.#pingLater()
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  get connections(): number {
    return this.#connections.size + this.#direct.size + this.#lobby.size
  }

  get streams(): number {
    return this.#streams.size
  }

  /** Refuses new calls, asks clients to go, and gives the calls under way `drainMs` to end. */
  async close(drainMs: number): Promise<void> {
    this.#draining = true
    this.#pingTimer?.()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#lobby.close()
    for (const connection of this.#connections.keys()) connection.close()
    for (const connection of this.#direct) connection.goAway()
    await this.#emptyOrAfter(drainMs)
    for (const connection of [...this.#connections.keys(), ...this.#direct]) connection.destroy()
    await closed
    this.#lingerTimer?.()
  }

  /** Takes no new calls from now on; those under way go on. */
  refuse(): void {
    this.#draining = true
  }

  publicError(thrown: unknown): KeeperError {
    return publicError(thrown, this.#options.logger)
  }

  get clock(): Clock {
    return this.#options.clock
  }

  accept(connection: Connection): StreamHandler {
    return this.#options.accept(connection, ANONYMOUS)
  }

  broke(error: ConnectionError): void {
    this.#options.logger.debug({ err: error }, 'a connection broke')
  }

  linger(stream: SessionStream | DirectConnection, ms: number): void {
    this.#lingering.set(stream, this.#options.clock.monotonic() + ms)
    this.#lingerTimer ??= this.#sweepLater()
  }

  closed(stream: SessionStream | DirectConnection): void {
    this.#streams.delete(stream)
    this.#lingering.delete(stream)
  }

  gone(connection: DirectConnection): void {
    this.#direct.delete(connection)
    this.#lingering.delete(connection)
    this.#tellEmptied()
  }

  mayAttach(): boolean {
    return this.#refusal(true) === undefined
  }

  direct(socket: Socket, bytes: Buffer, greeted: boolean): void {
    const connection = new DirectConnection(socket, this)
    this.#direct.add(connection)
    this.#streams.add(connection)
    connection.start(bytes, greeted)
  }

  indirect(socket: Socket, bytes: Buffer): void {
    socket.unshift(bytes)
    this.#http2.emit('connection', socket)
  }

  #plainServer(): NetServer {
    return net.createServer({ noDelay: true }, (socket) => this.#lobby.enter(socket))
  }

  #connected(session: ServerHttp2Session): void {
    this.#connections.set(session, { waiting: false })
    session.on('error', () => {})
    session.once('close', () => {
      this.#connections.delete(session)
      this.#tellEmptied()
    })
  }

  #tellEmptied(): void {
    if (this.#connections.size + this.#direct.size === 0) this.#emptied?.()
  }

  #stream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: unknown): void {
    stream.on('error', ignore)
    // Reset before it was told of: answering would throw.
    if (stream.destroyed || stream.closed) return
    const attaches = headers[':path'] === ATTACH_PATH
    const refusal = this.#stranger(stream) ?? this.#refusal(attaches)
    if (refusal) refuse(stream, refusal)
    else if (!attaches) this.#inner.emit('stream', stream, headers, flags, raw)
    else if (!isGrpc(headers['content-type'])) stream.respond({ ':status': 415 }, { endStream: true })
    else this.#attach(stream)
  }

  /** Who has to show a certificate, and showed none that is taken. */
  #stranger({ session }: ServerHttp2Stream): KeeperError | undefined {
    if (!this.#options.tls?.mutual || !session) return undefined
    const reason = notTaken(session.socket as TLSSocket)
    if (reason === undefined) return undefined
    return new KeeperError('E_TLS', `this keeper does not take the client’s certificate: ${reason}`)
  }

  #refusal(attaches: boolean): KeeperError | undefined {
    if (this.#draining) return new KeeperError('E_STOPPED', 'this keeper stops')
    const { sessionsMax = limits.sessionsMax } = this.#options
    if (!attaches || this.#streams.size < sessionsMax) return undefined
    return new KeeperError('E_TOO_MANY', `${sessionsMax} sessions are attached already`)
  }

  #attach(stream: ServerHttp2Stream): void {
    const session = new SessionStream(stream, this)
    this.#streams.add(session)
    session.open((connection) => this.accept(connection))
  }

  #sweepLater(): CancelTimer {
    return this.#options.clock.setTimer(limits.halfClosedLingerMs, () => {
      const now = this.#options.clock.monotonic()
      for (const [stream, until] of this.#lingering) {
        if (until > now) continue
        this.#lingering.delete(stream)
        stream.reset()
      }
      this.#lingerTimer = this.#lingering.size > 0 ? this.#sweepLater() : undefined
    })
  }

  /** A peer that vanished without a word is found by a ping that stays unanswered for a whole round. */
  #pingLater(): void {
    this.#pingTimer = this.#options.clock.setTimer(limits.keepalivePingIntervalMs, () => {
      for (const [session, state] of this.#connections) ping(session, state)
      for (const connection of this.#direct) connection.keepalive()
      this.#pingLater()
    })
  }

  #emptyOrAfter(drainMs: number): Promise<void> {
    if (this.#connections.size + this.#direct.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.setTimer(drainMs, resolve)
      this.#emptied = () => {
        cancel()
        resolve()
      }
    })
  }
}

const ignore = () => {}

function createServer(tls: GrpcListenerOptions['tls']): Http2Server | Http2SecureServer {
  const options = {
    settings: { enablePush: false, headerTableSize: 0, maxConcurrentStreams: limits.streamsPerConnectionMax },
    // Our answers' headers are a few bytes; the tables would cost each idle connection kilobytes.
    maxDeflateDynamicTableSize: 0,
    maxSessionMemory: 1_000,
    noDelay: true,
  }
  return tls ? secureServer(tls, options) : http2.createServer(options)
}

function secureServer(tls: Certificates, options: http2.ServerOptions): Http2SecureServer {
  const handshakeTimeout = limits.h2OpeningTimeoutMs
  const server = http2.createSecureServer({ ...options, ...serverTls(tls), handshakeTimeout, allowHTTP1: false })
  const stop = tls.onRenewed(() => server.setSecureContext(serverTls(tls)))
  return server.on('close', stop)
}

/** A call that ends before it began: status in the only headers. */
function refuse(stream: ServerHttp2Stream, error: KeeperError): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc', ...statusTrailers(error) }
  if (!stream.destroyed && !stream.headersSent) stream.respond(headers, { endStream: true })
}

function ping(session: ServerHttp2Session, state: { waiting: boolean }): void {
  if (state.waiting || session.destroyed) {
    session.destroy()
    return
  }
  state.waiting = true
  session.ping(() => {
    state.waiting = false
  })
}

function listenError(error: NodeJS.ErrnoException, address: string): KeeperError {
  if (error.code === 'EADDRINUSE') return new KeeperError('E_ADDRESS_IN_USE', `${address} is taken`, { address })
  return new KeeperError('E_INVALID_ARGUMENT', `cannot listen on ${address}: ${error.message}`, { address })
}
