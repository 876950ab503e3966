import { connect, type Socket } from 'node:net'
import { parseHostPort } from '../../base/address.js'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { connectRequest, int, OpCode, Reader, type Stat, text, unwatched, Xid } from './zookeeper-wire.js'

const sessionTimeoutMs = 30_000

/** An answer with an error code of ZooKeeper's own. */
export class NodeError extends Error {
  readonly code: number

  constructor(code: number) {
    super(`ZooKeeper error ${code}`)
    this.code = code
  }
}

interface Waiter {
  readonly type: number
  readonly body: Buffer
  resolve(reader: Reader): void
  reject(error: unknown): void
}

/**
 * A session that reads. When its connection breaks another one is made, to the next server, and what was asked is asked
 * again: reads may be repeated. Requests are pipelined.
 */
export class ZooKeeperReader {
  readonly #servers: readonly string[]
  readonly #credentials: string | undefined
  readonly #waiting = new Map<number, Waiter>()
  readonly #ping: NodeJS.Timeout
  #socket: Socket | undefined
  #state: 'connecting' | 'greeted' | 'open' = 'connecting'
  #chunks: Buffer[] = []
  #buffered = 0
  #xid = 0
  #attempts = 0
  #closed = false

  /** `credentials`: `user:password` of the scheme `digest`. */
  constructor(servers: readonly string[], credentials?: string) {
    this.#servers = servers
    this.#credentials = credentials
    this.#ping = setInterval(() => this.#state === 'open' && this.#write(Xid.ping, OpCode.ping), sessionTimeoutMs / 3)
    this.#connect()
  }

  /** Rejects NodeError, or E_CONNECTION when no server answers any more. */
  async getData(path: string): Promise<{ data: Buffer; stat: Stat }> {
    const reader = await this.#ask(OpCode.getData, unwatched(path))
    const data = reader.buffer()
    return { data, stat: reader.stat() }
  }

  async getChildren(path: string): Promise<Buffer[]> {
    return (await this.#ask(OpCode.getChildren2, unwatched(path))).buffers()
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#ping)
    if (this.#state === 'open') this.#write(++this.#xid, OpCode.closeSession)
    this.#socket?.end()
  }

  #ask(type: number, body: Buffer): Promise<Reader> {
    return new Promise((resolve, reject) => {
      const xid = ++this.#xid
      this.#waiting.set(xid, { type, body, resolve, reject })
      if (this.#state === 'open') this.#write(xid, type, body)
    })
  }

  #write(xid: number, type: number, body: Buffer = Buffer.alloc(0)): void {
    this.#socket?.write(Buffer.concat([int(body.length + 8), int(xid), int(type), body]))
  }

  #connect(): void {
    const server = this.#servers[this.#attempts % this.#servers.length] ?? ''
    const socket = connect({ ...parseHostPort(server), noDelay: true })
    this.#socket = socket
    this.#state = 'connecting'
    this.#chunks = []
    this.#buffered = 0
    socket.setTimeout(limits.importTimeoutMs, () => socket.destroy(new Error('no answer in time')))
    socket.once('connect', () => {
      this.#state = 'greeted'
      socket.write(connectRequest(sessionTimeoutMs))
    })
    socket.on('data', (chunk) => this.#data(socket, chunk))
    let cause: Error | undefined
    socket.on('error', (error) => {
      cause = error
    })
    socket.once('close', () => this.#lost(server, cause))
  }

  #lost(server: string, cause: Error | undefined): void {
    if (this.#closed) return
    this.#state = 'connecting'
    if (++this.#attempts >= Math.max(2 * this.#servers.length, limits.importReconnectsMax)) {
      const why = cause?.message ?? 'the connection was closed'
      const error = new KeeperError('E_CONNECTION', `no ZooKeeper answers at ${server}: ${why}`, { server }, { cause })
      this.#closed = true
      clearInterval(this.#ping)
      for (const waiter of this.#waiting.values()) waiter.reject(error)
      this.#waiting.clear()
    } else setTimeout(() => this.#connect(), 50 * this.#attempts)
  }

  #data(socket: Socket, chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    try {
      for (let message = this.#next(); message; message = this.#next()) this.#message(message)
    } catch (error) {
      socket.destroy(error as Error)
    }
  }

  /** The next whole message. Throws RangeError for one that cannot be. */
  #next(): Buffer | undefined {
    if (this.#buffered < 4) return undefined
    const first = this.#chunks[0] as Buffer
    const head = first.length >= 4 ? first : this.#joined()
    const length = head.readInt32BE(0)
    if (length < 0 || length > limits.importAnswerBytesMax) throw new RangeError(`an answer of ${length} bytes`)
    if (this.#buffered < 4 + length) return undefined
    const all = this.#joined()
    this.#buffered -= 4 + length
    this.#chunks = this.#buffered > 0 ? [all.subarray(4 + length)] : []
    return all.subarray(4, 4 + length)
  }

  #joined(): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }

  #message(bytes: Buffer): void {
    if (this.#state === 'greeted') {
      this.#welcomed(new Reader(bytes, 4).int())
      return
    }
    const xid = bytes.readInt32BE(0)
    const waiter = this.#waiting.get(xid)
    if (!waiter) return
    this.#waiting.delete(xid)
    this.#attempts = 0
    const code = bytes.readInt32BE(12)
    if (code === 0) waiter.resolve(new Reader(bytes, 16))
    else waiter.reject(new NodeError(code))
  }

  /** A granted timeout of 0 is a refusal. */
  #welcomed(timeoutMs: number): void {
    if (timeoutMs <= 0) throw new Error('the session was refused')
    this.#state = 'open'
    if (this.#credentials !== undefined)
      this.#write(Xid.auth, OpCode.auth, Buffer.concat([int(0), text('digest'), text(this.#credentials)]))
    for (const [xid, { type, body }] of this.#waiting) this.#write(xid, type, body)
  }
}
