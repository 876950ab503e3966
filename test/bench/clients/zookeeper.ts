import type { BenchClient } from './client.js'
import { Line, Waiting } from './line.js'

/** ZooKeeper's wire protocol, the part that the benches speak; names and numbers as in its zookeeper.jute. */

const OpCode = { create: 1, getData: 4, setData: 5, sync: 9, ping: 11, closeSession: -11 } as const
const Xid = { notification: -1, ping: -2 } as const
const nodeExists = -110

const sessionTimeoutMs = 10_000

/** Integers of four bytes, then strings and buffers with their length before them. */
const int = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}
const sized = (bytes: Buffer): Buffer => Buffer.concat([int(bytes.length), bytes])
const text = (value: string): Buffer => sized(Buffer.from(value))

/** `[{ perms: all, id: { scheme: 'world', id: 'anyone' } }]` */
const openToAll = Buffer.concat([int(1), int(31), text('world'), text('anyone')])

const connectRequest = (): Buffer =>
  sized(
    Buffer.concat([
      int(0),
      Buffer.alloc(8),
      int(sessionTimeoutMs),
      Buffer.alloc(8),
      sized(Buffer.alloc(16)),
      Buffer.of(0),
    ]),
  )

/** Refused by the server: `code` as in KeeperException.Code. */
export class ZooKeeperError extends Error {
  readonly code: number

  constructor(code: number) {
    super(`ZooKeeper error ${code}`)
    this.code = code
  }
}

const lostConnection = new Error('the connection to ZooKeeper broke')

/** One session; a new one, elsewhere, when its connection breaks. Requests are pipelined. */
export class ZooKeeperClient {
  readonly #line: Line
  readonly #waiting = new Waiting<number>()
  readonly #ping: NodeJS.Timeout
  #rest: Buffer = Buffer.alloc(0)
  #xid = 0
  #state: 'connecting' | 'greeted' | 'open' = 'connecting'
  #onOpen: () => void = () => {}

  constructor(endpoints: readonly string[]) {
    this.#line = new Line(endpoints, {
      connected: () => {
        this.#state = 'greeted'
        this.#line.write(connectRequest())
      },
      data: (chunk) => this.#data(chunk),
      lost: () => {
        this.#state = 'connecting'
        this.#rest = Buffer.alloc(0)
        this.#waiting.rejectAll(lostConnection)
      },
    })
    this.#ping = setInterval(() => this.#state === 'open' && this.#send(Xid.ping, OpCode.ping), sessionTimeoutMs / 4)
  }

  /** Resolves once there is a session. */
  opened(): Promise<void> {
    if (this.#state === 'open') return Promise.resolve()
    return new Promise((resolve) => {
      this.#onOpen = resolve
    })
  }

  /** Makes a persistent node. Rejects with ZooKeeperError. */
  create(path: string, value: Buffer): Promise<void> {
    return this.#ask(OpCode.create, text(path), sized(value), openToAll, int(0))
  }

  /** Whatever version it has. */
  setData(path: string, value: Buffer): Promise<void> {
    return this.#ask(OpCode.setData, text(path), sized(value), int(-1))
  }

  getData(path: string): Promise<void> {
    return this.#ask(OpCode.getData, text(path), Buffer.of(0))
  }

  /** What is read after it on this session is as new as the leader was. */
  sync(path: string): Promise<void> {
    return this.#ask(OpCode.sync, text(path))
  }

  close(): void {
    clearInterval(this.#ping)
    if (this.#state === 'open') this.#send(++this.#xid, OpCode.closeSession)
    this.#line.close()
  }

  #ask(type: number, ...body: Buffer[]): Promise<void> {
    if (this.#state !== 'open') return Promise.reject(lostConnection)
    const xid = ++this.#xid
    this.#send(xid, type, ...body)
    return this.#waiting.add(xid)
  }

  #send(xid: number, type: number, ...body: Buffer[]): void {
    const length = body.reduce((sum, part) => sum + part.length, 8)
    this.#line.write(Buffer.concat([int(length), int(xid), int(type), ...body], length + 4))
  }

  #data(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readInt32BE(at)
      if (end > bytes.length) break
      this.#message(bytes, at + 4)
      at = end
    }
    this.#rest = Buffer.from(bytes.subarray(at))
  }

  #message(bytes: Buffer, at: number): void {
    if (this.#state === 'greeted') {
      this.#welcome(bytes.readInt32BE(at + 4))
      return
    }
    const xid = bytes.readInt32BE(at)
    if (xid === Xid.ping || xid === Xid.notification) return
    const code = bytes.readInt32BE(at + 12)
    this.#waiting.settle(xid, code === 0 ? undefined : new ZooKeeperError(code))
  }

  /** A granted timeout of 0 is a refusal. */
  #welcome(timeoutMs: number): void {
    if (timeoutMs > 0) {
      this.#state = 'open'
      this.#onOpen()
    } else {
      this.#line.drop()
    }
  }
}

const root = '/bench'
const pathOf = (key: string): string => `${root}/${key}`

/** Linearizable reads as ZooKeeper's guide has them: `sync`, then `getData`, both on their way at once. */
export async function openZooKeeper(endpoints: readonly string[]): Promise<BenchClient> {
  const client = new ZooKeeperClient(endpoints)
  await client.opened()
  const make = (path: string, value: Buffer) =>
    client.create(path, value).catch((error) => {
      if (!(error instanceof ZooKeeperError && error.code === nodeExists)) throw error
    })
  await make(root, Buffer.alloc(0))
  return {
    create: (key, value) => make(pathOf(key), value),
    put: (key, value) => client.setData(pathOf(key), value),
    async get(key) {
      const path = pathOf(key)
      await Promise.all([client.sync(path), client.getData(path)])
    },
    getLocal: (key) => client.getData(pathOf(key)),
    async close() {
      client.close()
    },
  }
}
