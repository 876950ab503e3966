import { connect, type Socket } from 'node:net'

const reconnectMs = 20
const connectTimeoutMs = 500

export interface LineEvents {
  /** Connected: greet the server. */
  connected(): void
  data(chunk: Buffer): void
  /** The connection is gone, with all that was under way on it. */
  lost(): void
}

/** A TCP connection to the first endpoint that takes it, made again elsewhere when it breaks. One write per turn. */
export class Line {
  readonly #endpoints: readonly string[]
  readonly #events: LineEvents
  #socket: Socket | undefined
  #next = 0
  #outgoing: Buffer[] = []
  #closed = false

  constructor(endpoints: readonly string[], events: LineEvents) {
    this.#endpoints = endpoints
    this.#events = events
    this.#connect()
  }

  write(bytes: Buffer): void {
    if (this.#outgoing.length === 0) process.nextTick(() => this.#flush())
    this.#outgoing.push(bytes)
  }

  /** Drops the connection, as when its bytes make no sense: another is made. */
  drop(): void {
    this.#socket?.destroy()
  }

  close(): void {
    this.#closed = true
    this.#flush()
    this.#socket?.end()
    this.#socket?.unref()
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#outgoing)
    this.#outgoing = []
    if (bytes.length > 0 && this.#socket?.writable) this.#socket.write(bytes)
  }

  #connect(): void {
    const [host, port] = (this.#endpoints[this.#next++ % this.#endpoints.length] ?? '').split(':')
    const socket = connect({ host, port: Number(port), noDelay: true })
    const late = setTimeout(() => socket.destroy(), connectTimeoutMs)
    socket.once('connect', () => {
      clearTimeout(late)
      this.#socket = socket
      this.#events.connected()
    })
    socket.on('data', (chunk) => this.#events.data(chunk))
    socket.on('error', () => {})
    socket.once('close', () => {
      clearTimeout(late)
      this.#socket = undefined
      this.#outgoing = []
      this.#events.lost()
      if (!this.#closed) setTimeout(() => this.#connect(), reconnectMs)
    })
  }
}

/** Promises of one connection by a number: settled one at a time, or all rejected when it breaks. */
export class Waiting<Id> {
  readonly #all = new Map<Id, { resolve: () => void; reject: (error: Error) => void }>()

  add(id: Id): Promise<void> {
    return new Promise((resolve, reject) => this.#all.set(id, { resolve, reject }))
  }

  settle(id: Id, error?: Error): void {
    const one = this.#all.get(id)
    if (!one) return
    this.#all.delete(id)
    if (error) one.reject(error)
    else one.resolve()
  }

  rejectAll(error: Error): void {
    const all = [...this.#all.values()]
    this.#all.clear()
    for (const one of all) one.reject(error)
  }
}
