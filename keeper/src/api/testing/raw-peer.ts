/** The client port with a handler of the test's own, and clients that speak HTTP/2 frame by frame. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Server } from '@grpc/grpc-js'
import { systemClock } from '../../base/clock.js'
import { silentLogger } from '../../base/logger.js'
import type { Connection } from '../../push/types.js'
import { GrpcListener, type GrpcListenerOptions } from '../grpc-listener.js'
import { Flag, FrameType, frame, PREFACE, settingsAck, settingsFrame } from '../h2/frames.js'
import { encodeFields, type Field, HpackDecoder } from '../h2/hpack.js'

/** One attached stream, as the push room sees it. */
export interface Attached {
  readonly connection: Connection
  readonly messages: Buffer[]
  closed: number
}

export async function openListener(options: Partial<GrpcListenerOptions> = {}) {
  const attached: Attached[] = []
  const listener = new GrpcListener({
    address: { host: '127.0.0.1', port: 0 },
    insecure: false,
    server: new Server(),
    clock: systemClock,
    logger: silentLogger,
    accept(connection) {
      const own: Attached = { connection, messages: [], closed: 0 }
      attached.push(own)
      return {
        onFrame: (bytes) => own.messages.push(Buffer.from(bytes)),
        onClosed: () => own.closed++,
      }
    },
    ...options,
  })
  const port = await listener.listen()
  return { listener, port, attached, close: () => listener.close(0) }
}

export const attachFields: readonly Field[] = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/keeper.v1.Sessions/Attach'],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
]

export const headers = (id: number, fields: readonly Field[] = attachFields, flags: number = Flag.endHeaders): Buffer =>
  frame(FrameType.headers, flags, id, encodeFields(fields))

export const data = (id: number, payload: Uint8Array, flags = 0): Buffer => frame(FrameType.data, flags, id, payload)

/** A gRPC message: prefix and bytes. */
export function grpcMessage(bytes: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}

export interface SeenFrame {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly payload: Buffer
}

/** A client that sends what the test says, and keeps every frame that it gets. */
export class RawPeer {
  readonly socket: Socket
  readonly frames: SeenFrame[] = []
  readonly closed: Promise<unknown>
  readonly #decoder = new HpackDecoder()
  #rest: Buffer = Buffer.alloc(0)
  #changed: () => void = () => {}
  #over = false

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => this.#take(chunk))
    this.closed = once(this.socket, 'close').then(() => {
      this.#over = true
      this.#changed()
    })
  }

  /** Attached on stream 1, with settings exchanged. */
  static async attached(port: number, settings: readonly (readonly [number, number])[] = []): Promise<RawPeer> {
    const peer = new RawPeer(port)
    peer.write(PREFACE, settingsFrame(settings), headers(1))
    await peer.next(FrameType.headers)
    peer.write(settingsAck)
    return peer
  }

  write(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts))
  }

  /** The first frame of `type` that was not asked for yet. Rejects when the connection ends without it. */
  async next(type: number): Promise<SeenFrame> {
    for (;;) {
      const at = this.frames.findIndex((seen) => seen.type === type)
      const [seen] = at < 0 ? [] : this.frames.splice(at, 1)
      if (seen) return seen
      if (this.#over) throw new Error(`the connection ended without a frame of type ${type}`)
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }

  /** The error code of the GOAWAY that ends the connection. */
  async goaway(): Promise<{ lastId: number; code: number }> {
    const { payload } = await this.next(FrameType.goaway)
    return { lastId: payload.readUInt32BE(0), code: payload.readUInt32BE(4) }
  }

  /** The fields of the next HEADERS. */
  async fields(): Promise<Record<string, string>> {
    const { payload } = await this.next(FrameType.headers)
    return Object.fromEntries(this.#decoder.decode(payload))
  }

  /** Waits until the server has read and answered all that was sent so far. */
  async settled(): Promise<void> {
    const mark = Buffer.from('settled!')
    this.write(frame(FrameType.ping, 0, 0, mark))
    for (;;) {
      const { flags, payload } = await this.next(FrameType.ping)
      if (flags & Flag.ack && payload.equals(mark)) return
    }
  }

  destroy(): void {
    this.socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= 9) {
      const end = 9 + this.#rest.readUIntBE(0, 3)
      if (this.#rest.length < end) break
      const [type, flags] = [this.#rest[3] ?? 0, this.#rest[4] ?? 0]
      const id = this.#rest.readUInt32BE(5) & 0x7fff_ffff
      this.frames.push({ type, flags, id, payload: this.#rest.subarray(9, end) })
      this.#rest = this.#rest.subarray(end)
    }
    this.#changed()
  }
}
