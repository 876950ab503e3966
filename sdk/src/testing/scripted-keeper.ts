import type { ClientFrame__Output, ConfigChange, ServerFrame } from '@keeper/proto/wire'
import { Client, type Memory } from '../core/client.js'
import { hashOf } from '../core/values.js'
import { KeeperClientError } from '../errors.js'
import { Keeper } from '../keeper.js'
import { type Logger, silentLogger } from '../logger.js'
import { memoryTransport, type Peer } from './memory-transport.js'
import { VirtualRuntime } from './virtual-runtime.js'

/** One attempt of a process to attach, as the keeper sees it. */
export interface Attempt {
  readonly endpoint: string
  readonly peer: Peer
  readonly frames: ClientFrame__Output[]
  closed: boolean
}

/** A keeper whose every frame the test writes, and a process under virtual time that talks to it. */
export class ScriptedKeeper {
  readonly runtime = new VirtualRuntime()
  readonly attempts: Attempt[] = []
  readonly lines: string[] = []
  readonly client: Client
  readonly keeper: Keeper
  goodChanges = 0
  /** Endpoints where nobody listens. */
  readonly down = new Set<string>()
  /** Endpoints whose host is gone: nobody there even refuses. */
  readonly unplugged = new Set<string>()

  constructor(options: { endpoints?: readonly string[]; memory?: Memory } = {}) {
    const write = (_fields: object, message: string) => void this.lines.push(message)
    const log: Logger = { ...silentLogger, info: write, warn: write }
    const { endpoints = ['a:1'], memory = { clusterId: '', endpoint: undefined, good: new Map() } } = options
    const { runtime } = this
    this.client = new Client({
      runtime,
      log,
      endpoints,
      memory,
      transport: memoryTransport((peer, endpoint) => this.#accept(peer, endpoint), runtime.defer),
      identity: { cluster: 'push', role: 'room', instance: 'room-7', incarnation: 'i1' },
      namespace: '',
      sdk: 'test',
      ttlMs: 0,
      goodChanged: () => void this.goodChanges++,
    })
    this.keeper = new Keeper({ client: this.client, runtime, end: async () => {} })
  }

  /** The newest attempt. */
  get now(): Attempt {
    const attempt = this.attempts.at(-1)
    if (!attempt) throw new Error('nobody attached')
    return attempt
  }

  get hello() {
    const hello = this.now.frames[0]?.hello
    if (!hello) throw new Error('the first frame was no hello')
    return hello
  }

  /** Frames of one kind that the process sent on the newest stream. */
  sent<Kind extends keyof ClientFrame__Output>(kind: Kind): NonNullable<ClientFrame__Output[Kind]>[] {
    return this.now.frames.flatMap((frame) => frame[kind] ?? [])
  }

  /** What it said of pushes, in short: `r5 APPLIED`, with the reason where there is one. */
  get acks(): string[] {
    return this.sent('acks').flatMap(({ acks }) =>
      acks.map((ack) => `r${ack.revision} ${ack.state.slice('ACK_STATE_'.length)} ${ack.reason}`.trim()),
    )
  }

  /** Starts the process and welcomes it. */
  async welcomed(welcome: ServerFrame['welcome'] = {}): Promise<this> {
    this.client.start()
    await this.runtime.settle()
    await this.welcome(welcome)
    return this
  }

  async welcome(welcome: ServerFrame['welcome'] = {}): Promise<void> {
    const times = { ttlMs: 9_000, heartbeatIntervalMs: 3_000, reconnectDelayMs: 100 }
    const session = { sessionId: '77', sessionSecret: Buffer.alloc(16, 7), clusterId: 'c1', storeEpoch: 1 }
    await this.send({ welcome: { ...times, ...session, ...welcome } })
  }

  async send(frame: ServerFrame): Promise<void> {
    this.now.peer.send(frame)
    await this.runtime.settle()
  }

  /** Pushes values at one revision; bytes go as they are, undefined is a removal. */
  push(revision: number, values: Readonly<Record<string, unknown>>, storeEpoch = 1): Promise<void> {
    const changes = Object.entries(values).map(([name, value]) => changeOf(name, revision, value))
    return this.send({ push: { storeEpoch, revision, changes } })
  }

  async breakStream(): Promise<void> {
    this.now.peer.end(new KeeperClientError('E_CONNECTION', 'broken'))
    await this.runtime.settle()
  }

  /** A config that was asked for and has its first value. */
  async config(name: string, revision: number, value: unknown, options: object = {}) {
    const config = this.keeper.config<unknown>(name, options)
    await this.runtime.settle()
    await this.push(revision, { [name]: value })
    return config
  }

  #accept(peer: Peer, endpoint: string) {
    if (this.down.has(endpoint)) {
      this.attempts.push({ endpoint, peer, frames: [], closed: true })
      throw new KeeperClientError('E_CONNECTION', `${endpoint} is down`)
    }
    const attempt: Attempt = { endpoint, peer, frames: [], closed: false }
    this.attempts.push(attempt)
    return {
      isInTheAir: this.unplugged.has(endpoint),
      onFrame: (frame: ClientFrame__Output) => void attempt.frames.push(frame),
      onClosed: () => {
        attempt.closed = true
      },
    }
  }
}

export function changeOf(name: string, revision: number, value: unknown): ConfigChange {
  if (value === undefined) return { name, revision, removed: true }
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))
  return { name, revision, hash: hashOf(bytes), value: bytes }
}
