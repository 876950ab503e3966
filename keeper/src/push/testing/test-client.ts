/** A process as the hub sees it: a stream whose reading the test holds in its hand, and what it would do with frames. */

import type {
  Ack,
  ClientFrame,
  ConfigChange__Output,
  HeldConfig,
  Hello,
  Push__Output,
  ServerFrame__Output,
} from '@keeper/proto'
import { clientFrame, serverFrame } from '@keeper/proto'
import type { KeeperError } from '../../base/errors.js'
import type { PushHub } from '../hub.js'
import type { Connection, EncodedFrame } from '../types.js'

/** All of a frame, in one buffer. */
export const bytesOf = ({ bytes, rest = [] }: EncodedFrame): Buffer => Buffer.concat([bytes, ...rest])

export class TestConnection implements Connection {
  readonly remote = 'test'
  readonly sent: EncodedFrame[] = []
  queuedBytes = 0
  ended = false
  error: KeeperError | undefined
  /** A stalled peer reads nothing: what is sent stays queued. */
  stalled = false
  #writable: (() => void) | undefined

  send(frame: EncodedFrame): boolean {
    if (this.ended) return false
    this.sent.push(frame)
    if (this.stalled) this.queuedBytes += bytesOf(frame).length
    return !this.stalled
  }

  onWritable(listener: () => void): void {
    this.#writable = listener
  }

  /** The peer reads all that is queued, and goes on as `stalled` says. */
  drain(): void {
    this.queuedBytes = 0
    this.#writable?.()
  }

  end(): void {
    this.ended = true
  }

  fail(error: KeeperError): void {
    this.error = error
    this.ended = true
  }
}

export const room = (instance: string, labels: Record<string, string> = {}, role = 'room') => ({
  cluster: 'push',
  role,
  instance,
  incarnation: `${instance}-1`,
  labels,
  addresses: {},
  host: 'h1',
  pid: 1,
})

export class TestClient {
  readonly connection = new TestConnection()
  readonly #stream: ReturnType<PushHub['attach']>

  constructor(hub: PushHub, principal?: string) {
    this.#stream = hub.attach(this.connection, principal)
  }

  /** Attaches and says hello; resolves when the keeper answered. */
  static async join(hub: PushHub, instance: string, hello: Partial<Hello> = {}): Promise<TestClient> {
    const client = new TestClient(hub)
    client.hello({ identity: room(instance), ...hello })
    await settled()
    return client
  }

  hello(hello: Partial<Hello>): void {
    this.say({ hello: { protocol: 1, sdk: 'test', ...hello } })
  }

  say(frame: ClientFrame): void {
    this.raw(clientFrame.encode(frame))
  }

  raw(bytes: Uint8Array): void {
    this.#stream.onFrame(bytes)
  }

  disconnect(): void {
    this.#stream.onClosed()
  }

  ack(push: Push__Output | undefined, ack: Partial<Ack> = {}): void {
    if (!push) throw new Error('no push to acknowledge')
    const { storeEpoch, revision } = push
    this.say({ acks: { acks: [{ storeEpoch, revision, state: 'ACK_STATE_APPLIED', atUnixMs: 5, ...ack }] } })
  }

  get frames(): ServerFrame__Output[] {
    return this.connection.sent.map((frame) => serverFrame.decode(bytesOf(frame)))
  }

  /** All frames of one kind, in order. */
  got<K extends Exclude<ServerFrame__Output['kind'], undefined>>(kind: K): NonNullable<ServerFrame__Output[K]>[] {
    return this.frames.flatMap((frame) => (frame[kind] ? [frame[kind] as NonNullable<ServerFrame__Output[K]>] : []))
  }

  get welcome() {
    return this.got('welcome')[0]
  }

  get goodbye(): string | undefined {
    return this.got('goodbye')[0]?.status?.code
  }

  /** Pushes, those that came in chunks put together. */
  get pushes(): Push__Output[] {
    return pushesOf(this.frames)
  }

  /** `name=value` of every change, push by push. */
  get values(): string[][] {
    return this.pushes.map((push) => push.changes.map(wordOf))
  }

  /** Session id and secret, to come back with. */
  get credentials(): Partial<Hello> {
    const { sessionId = '0', sessionSecret = Buffer.alloc(0) } = this.welcome ?? {}
    return { sessionId, sessionSecret }
  }
}

const wordOf = ({ name, removed, value }: ConfigChange__Output): string =>
  removed ? `${name} removed` : `${name}=${value.toString('utf8')}`

function pushesOf(frames: readonly ServerFrame__Output[]): Push__Output[] {
  const pushes: Push__Output[] = []
  let parts: Buffer[] = []
  for (const { push, chunk } of frames) {
    if (push) pushes.push(push)
    if (!chunk) continue
    parts.push(chunk.bytes)
    if (Number(chunk.offset) + chunk.bytes.length < Number(chunk.totalBytes)) continue
    pushes.push(...pushesOf([serverFrame.decode(asPushFrame(Buffer.concat(parts)))]))
    parts = []
  }
  return pushes
}

/** A serialized Push as the frame it would have been. */
function asPushFrame(push: Buffer): Buffer {
  const length: number[] = []
  for (let rest = push.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest >= 128 ? (rest % 128) | 128 : rest)
    if (rest < 128) break
  }
  return Buffer.concat([Buffer.from([(2 << 3) | 2, ...length]), push])
}

/** What a process says it holds of one config. */
export const holding = (name: string, revision: number, hash: string, more: Partial<HeldConfig> = {}): HeldConfig => ({
  name,
  storeEpoch: 1,
  revision,
  hash,
  state: 'ACK_STATE_APPLIED',
  ...more,
})

/** When all that promises can do has been done. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined
}
