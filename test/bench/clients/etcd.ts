import type { Assembly } from '../../../keeper/src/api/h2/assembly.js'
import { readFrames } from '../../../keeper/src/api/h2/frame-reader.js'
import {
  Flag,
  FrameType,
  frame,
  PREFACE,
  pingFrame,
  settingsAck,
  settingsFrame,
  WINDOW_DEFAULT,
  windowUpdateFrame,
} from '../../../keeper/src/api/h2/frames.js'
import { HpackDecoder } from '../../../keeper/src/api/h2/hpack.js'
import type { BenchClient } from './client.js'
import { type Field, HeaderWriter } from './header-writer.js'
import { Line, Waiting } from './line.js'

/**
 * etcd's KV calls over HTTP/2 written by hand, so that a comparison with etcd is not one with a client: grpc-js takes
 * several times the CPU for a call, and the load runs on the same cores as the servers.
 */

const windowOurs = 2 ** 30
const lostConnection = new Error('the connection to etcd broke')
const unavailable = (status: string, message: string) => new Error(`etcd: grpc-status ${status} ${message}`)

const fieldsOf = (path: string): readonly Field[] => [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', path],
  [':authority', 'etcd'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
]
const Call = { put: fieldsOf('/etcdserverpb.KV/Put'), range: fieldsOf('/etcdserverpb.KV/Range') } as const

/** A protobuf field of bytes. */
function field(number: number, bytes: Buffer): Buffer {
  const head = [(number << 3) | 2]
  let { length } = bytes
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128)
  return Buffer.concat([Buffer.from([...head, length]), bytes])
}

const serializable = Buffer.from([7 << 3, 1])

/** One connection, calls pipelined on it as streams of their own; made again elsewhere when it breaks. */
export class EtcdClient {
  readonly #line: Line
  readonly #waiting = new Waiting<number>()
  #decoder = new HpackDecoder()
  #headers = new HeaderWriter()
  #held: Assembly | undefined
  #nextStream = 1
  #open = false
  #sendWindow = WINDOW_DEFAULT
  #received = 0
  #blocked: Buffer[] = []
  #onOpen: () => void = () => {}
  /** Bytes of the answer's message, by stream: what tells "nothing there" from a value. */
  readonly #answers = new Map<number, number>()
  readonly #least = new Map<number, number>()

  constructor(endpoints: readonly string[]) {
    this.#line = new Line(endpoints, {
      connected: () => this.#greet(),
      data: (chunk) => this.#data(chunk),
      lost: () => {
        this.#open = false
        this.#answers.clear()
        this.#least.clear()
        this.#waiting.rejectAll(lostConnection)
      },
    })
  }

  opened(): Promise<void> {
    if (this.#open) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onOpen = resolve
    })
  }

  put(key: string, value: Buffer): Promise<void> {
    return this.#call(Call.put, Buffer.concat([field(1, Buffer.from(key)), field(2, value)]), 0)
  }

  /** Rejects when the answer is too short to hold a value of `bytes`. */
  range(key: string, bytes: number, local: boolean): Promise<void> {
    const asked = field(1, Buffer.from(key))
    return this.#call(Call.range, local ? Buffer.concat([asked, serializable]) : asked, bytes)
  }

  close(): void {
    this.#line.close()
  }

  #greet(): void {
    this.#decoder = new HpackDecoder()
    this.#headers = new HeaderWriter()
    this.#held = undefined
    this.#nextStream = 1
    this.#sendWindow = WINDOW_DEFAULT
    this.#received = 0
    this.#blocked = []
    this.#line.write(Buffer.concat([PREFACE, settingsFrame([]), windowUpdateFrame(0, windowOurs - WINDOW_DEFAULT)]))
    this.#open = true
    this.#onOpen()
  }

  #call(fields: readonly Field[], message: Buffer, least: number): Promise<void> {
    if (!this.#open) return Promise.reject(lostConnection)
    const id = this.#nextStream
    this.#nextStream += 2
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(message.length, 1)
    this.#line.write(frame(FrameType.headers, Flag.endHeaders, id, this.#headers.block(fields)))
    this.#sendData(frame(FrameType.data, Flag.endStream, id, Buffer.concat([prefix, message])))
    if (least > 0) this.#least.set(id, least)
    return this.#waiting.add(id)
  }

  #sendData(bytes: Buffer): void {
    if (this.#blocked.length > 0 || bytes.length - 9 > this.#sendWindow) {
      this.#blocked.push(bytes)
      return
    }
    this.#sendWindow -= bytes.length - 9
    this.#line.write(bytes)
  }

  #data(chunk: Buffer): void {
    try {
      this.#held = readFrames(this.#held, chunk, {
        frame: (type, flags, id, bytes, start, end) => {
          this.#frame(type, flags, id, bytes, start, end)
          return true
        },
      })
    } catch {
      this.#line.drop()
    }
  }

  #frame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (type === FrameType.data) this.#message(id, end - start)
    else if (type === FrameType.headers) this.#fields(flags, id, bytes.subarray(start, end))
    else if (type === FrameType.windowUpdate && id === 0) this.#unblock(bytes.readUInt32BE(start))
    else if (type === FrameType.settings && !(flags & Flag.ack)) this.#line.write(settingsAck)
    else if (type === FrameType.ping && !(flags & Flag.ack))
      this.#line.write(pingFrame(Flag.ack, Buffer.from(bytes.subarray(start, end))))
    else if (type === FrameType.reset) this.#waiting.settle(id, unavailable('-', 'stream reset'))
    else if (type === FrameType.goaway) this.#line.drop()
  }

  #message(id: number, bytes: number): void {
    if (this.#least.has(id)) this.#answers.set(id, (this.#answers.get(id) ?? 0) + bytes)
    this.#received += bytes
    if (this.#received < windowOurs / 2) return
    this.#line.write(windowUpdateFrame(0, this.#received))
    this.#received = 0
  }

  #unblock(credit: number): void {
    this.#sendWindow += credit
    const blocked = this.#blocked
    this.#blocked = []
    for (const bytes of blocked) this.#sendData(bytes)
  }

  #fields(flags: number, id: number, block: Buffer): void {
    const fields = this.#decoder.decode(block)
    if (!(flags & Flag.endStream)) return
    const status = fields.find(([name]) => name === 'grpc-status')?.[1] ?? '-'
    const message = fields.find(([name]) => name === 'grpc-message')?.[1] ?? ''
    const least = this.#least.get(id)
    const short = least !== undefined && (this.#answers.get(id) ?? 0) < least
    if (least !== undefined) {
      this.#answers.delete(id)
      this.#least.delete(id)
    }
    if (status !== '0') this.#waiting.settle(id, unavailable(status, message))
    else this.#waiting.settle(id, short ? new Error('etcd: no such key') : undefined)
  }
}

/** One connection with pipelined calls, as etcd's Go client has one per process. */
export async function openEtcd(endpoints: readonly string[]): Promise<BenchClient> {
  const client = new EtcdClient(endpoints)
  await client.opened()
  let bytes = 0
  const put = (key: string, value: Buffer) => {
    bytes = value.length
    return client.put(key, value)
  }
  return {
    create: put,
    put,
    get: (key) => client.range(key, Math.max(1, bytes), false),
    getLocal: (key) => client.range(key, Math.max(1, bytes), true),
    async close() {
      client.close()
    },
  }
}
