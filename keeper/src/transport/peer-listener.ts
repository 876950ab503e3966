import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from 'node:tls'
import type { Clock } from '../base/clock.js'
import { encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import { type Certificates, notTaken, serverTls } from '../base/tls.js'
import { Connection } from './connection.js'
import { type Frame, frame } from './frames.js'
import { challengeFrame, fields, type Hello, peerProtocol, readHello } from './greeting.js'

export interface PeerListenerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly tls?: Certificates | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Whoever takes up connections of peers. Throws what they are to be refused with. */
export type Acceptor = (hello: Hello, connection: Connection) => void
/** Answers questions of processes that are no peers yet. What it throws is told to them. */
export type QuestionHandler = (body: Record<string, unknown>) => object | Promise<object>

/**
 * The peer port. It is open before this member knows its cluster: members that are about to form one find each other
 * by questions; a hello is refused until there is somebody to take it.
 */
export class PeerListener {
  readonly #options: PeerListenerOptions
  readonly #server: Server
  /** Those who are not known: they have not said who they are, or have only asked. */
  readonly #greeting = new Set<Connection>()
  readonly #questions = new Map<string, QuestionHandler>()
  #acceptor: Acceptor | undefined

  private constructor(options: PeerListenerOptions) {
    this.#options = options
    const { tls } = options
    const onSocket = (socket: Socket) => this.#greet(socket)
    this.#server = tls ? secureServer(tls, onSocket) : createTcpServer(onSocket)
    this.#server.maxConnections = limits.peerConnectionsMax
  }

  /** Resolves when the port is open. Rejects E_ADDRESS_IN_USE, E_INVALID_ARGUMENT. */
  static async open(options: PeerListenerOptions): Promise<PeerListener> {
    const listener = new PeerListener(options)
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', (error: NodeJS.ErrnoException) => reject(asListenError(error, options)))
      listener.#server.listen({ host: options.host, port: options.port }, resolve)
    })
    listener.#server.on('error', (error) => options.logger.error({ error }, 'peer port'))
    return listener
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** From now on peers are taken by `acceptor`; undefined: by nobody. */
  accept(acceptor: Acceptor | undefined): void {
    this.#acceptor = acceptor
  }

  /** Questions of one topic go to `handler`; undefined: nobody answers them any more. */
  onQuestion(topic: string, handler: QuestionHandler | undefined): void {
    if (handler) this.#questions.set(topic, handler)
    else this.#questions.delete(topic)
  }

  async close(): Promise<void> {
    this.#acceptor = undefined
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const connection of this.#greeting) connection.close(new KeeperError('E_STOPPED', 'this keeper stops'))
    await closed
  }

  /** Nobody is known yet: one frame, within a bounded time, says who it is and what for. */
  #greet(socket: Socket): void {
    const { clock, random } = this.#options
    const nonce = Buffer.from(random.bytes(16)).toString('hex')
    const over = () => {
      cancel()
      this.#greeting.delete(connection)
    }
    const onFrame = (found: Frame) => {
      if (found.kind === 'question') {
        void this.#answer(connection, found.body, over)
        return
      }
      over()
      this.#hello(connection, found, nonce)
    }
    const connection = new Connection(socket, clock, { onFrame, onClosed: over }, limits.peerGreetingBytesMax)
    const cancel = clock.setTimer(limits.peerGreetingTimeoutMs, () =>
      connection.refuse(new KeeperError('E_TIMEOUT', 'no hello came')),
    )
    this.#makeRoom()
    this.#greeting.add(connection)
    const reason = socket instanceof TLSSocket ? notTaken(socket) : undefined
    if (reason)
      connection.refuse(new KeeperError('E_TLS', `this keeper does not take the other’s certificate: ${reason}`))
    else connection.send(challengeFrame({ protocol: peerProtocol, nonce }))
  }

  /** Strangers who say nothing must not keep members out: who came first among them goes first. */
  #makeRoom(): void {
    const [oldest] = this.#greeting
    if (oldest && this.#greeting.size >= limits.peerGreetingsMax)
      oldest.refuse(new KeeperError('E_TOO_MANY', 'too many connections that do not say who they are'))
  }

  #hello(connection: Connection, { kind, body }: Frame, nonce: string): void {
    if (kind !== 'hello') throw new KeeperError('E_FRAME_ORDER', `${kind} before a hello`)
    const hello = readHello(body)
    if (hello.nonce !== nonce) throw new KeeperError('E_UNAUTHENTICATED', 'the hello answers another challenge')
    if (!this.#acceptor) throw new KeeperError('E_UNAVAILABLE', 'this keeper is starting or stopping')
    try {
      this.#acceptor(hello, connection)
      connection.admit()
    } catch (thrown) {
      this.#options.logger.warn({ from: hello.name, error: thrown }, 'a peer was refused')
      throw thrown
    }
  }

  /** Who has asked is to go soon after, as one who says nothing is. */
  async #answer(connection: Connection, question: Uint8Array, over: () => void): Promise<void> {
    connection.handOver({ onFrame: () => {}, onClosed: over })
    try {
      const { topic, body } = fields(question)
      const handler = typeof topic === 'string' ? this.#questions.get(topic) : undefined
      if (!handler) throw new KeeperError('E_UNAVAILABLE', 'this keeper does not answer that now')
      const answer = await handler(typeof body === 'object' && body !== null ? { ...body } : {})
      connection.send(frame('reply', encodeText(JSON.stringify(answer))))
    } catch (thrown) {
      connection.refuse(thrown)
    }
  }
}

/** Members on both sides; who has no certificate is told so, within the connection that it has of us. */
function secureServer(tls: Certificates, onSocket: (socket: Socket) => void): TlsServer {
  const handshakeTimeout = limits.peerGreetingTimeoutMs
  const server = createTlsServer({ ...serverTls(tls), requestCert: true, handshakeTimeout }, onSocket)
  const stop = tls.onRenewed(() => server.setSecureContext(serverTls(tls)))
  // a peer that breaks off its handshake is its own affair
  return server.on('close', stop).on('tlsClientError', () => {})
}

function asListenError(error: NodeJS.ErrnoException, { host, port }: PeerListenerOptions): KeeperError {
  if (error.code === 'EADDRINUSE')
    return new KeeperError('E_ADDRESS_IN_USE', `peer port ${host}:${port} is taken`, {}, { cause: error })
  return new KeeperError(
    'E_INVALID_ARGUMENT',
    `cannot listen on ${host}:${port}: ${error.message}`,
    {},
    { cause: error },
  )
}
