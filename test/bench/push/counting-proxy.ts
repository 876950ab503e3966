import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** Passes everything on, and counts what goes to the clients in pushes. */
export class CountingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  pushBytes = 0

  private constructor(server: Server) {
    this.#server = server
  }

  static async to(endpoint: string): Promise<CountingProxy> {
    const [host, port] = endpoint.split(':') as [string, string]
    const server = createServer((client) => {
      const upstream = createConnection({ host, port: Number(port) })
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        proxy.#sockets.add(from)
        from.on('error', () => to.destroy()).on('close', () => to.destroy())
        from.pipe(to)
      }
      const meter = new PushMeter()
      upstream.on('data', (chunk: Buffer) => {
        proxy.pushBytes += meter.take(chunk)
      })
    })
    const proxy = new CountingProxy(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get endpoint(): string {
    const address = this.#server.address()
    return `127.0.0.1:${typeof address === 'object' ? address?.port : address}`
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

const FRAME_HEAD_BYTES = 9
const MESSAGE_HEAD_BYTES = 5
/** First bytes of a ServerFrame with a push, or with a chunk of one. */
const PUSH_TAGS = new Set([(2 << 3) | 2, (3 << 3) | 2])

/** How much of what a keeper sends on one connection is pushes: whole DATA frames, head and all. */
class PushMeter {
  #rest = Buffer.alloc(0)
  /** Of the message that is under way. */
  #messageLeft = 0
  #isPush = false

  /** Bytes of the pushes' frames that end in `chunk`. */
  take(chunk: Buffer): number {
    this.#rest = Buffer.concat([this.#rest, chunk])
    let pushes = 0
    for (;;) {
      const length = this.#rest.length < FRAME_HEAD_BYTES ? 0 : FRAME_HEAD_BYTES + this.#rest.readUIntBE(0, 3)
      if (length === 0 || this.#rest.length < length) return pushes
      if (this.#rest[3] === 0) pushes += this.#data(this.#rest.subarray(FRAME_HEAD_BYTES, length))
      this.#rest = this.#rest.subarray(length)
    }
  }

  /** A frame with messages, or with the middle of one. */
  #data(payload: Buffer): number {
    let pushes = 0
    for (let at = 0; at < payload.length; ) {
      if (this.#messageLeft === 0) {
        this.#messageLeft = MESSAGE_HEAD_BYTES + payload.readUInt32BE(at + 1)
        this.#isPush = PUSH_TAGS.has(payload[at + MESSAGE_HEAD_BYTES] ?? 0)
      }
      const count = Math.min(this.#messageLeft, payload.length - at)
      if (this.#isPush) pushes += count
      this.#messageLeft -= count
      at += count
    }
    return pushes > 0 ? pushes + FRAME_HEAD_BYTES : 0
  }
}
