import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Clock, systemClock } from '../../base/clock.js'
import { KeeperError } from '../../base/errors.js'
import { silentLogger } from '../../base/logger.js'
import { seededRandom } from '../../base/random.js'
import { checkPeerMessage } from '../../raft/check-message.js'
import { type DraftMessage, newMessage } from '../../raft/message.js'
import type { MemberId, Message } from '../../raft/types.js'
import { type Frame, FrameReader } from '../frames.js'
import { type Hello, helloFrame, peerProtocol, readChallenge, readRefusal } from '../greeting.js'
import { PeerBook } from '../peer-book.js'
import { PeerListener } from '../peer-listener.js'
import { TcpTransport } from '../tcp-transport.js'
import type { PeerMessage, PeerReceiver, StateRecord } from '../types.js'

/** A message of Raft that every check lets pass. */
export const heartbeat = (from: MemberId, to: MemberId, commit = 0): Message => ({
  ...newMessage('MsgHeartbeat', to, from, 1),
  commit,
})

export function snapshotMessage(from: MemberId, to: MemberId): Message {
  const message: DraftMessage = newMessage('MsgSnap', to, from, 3)
  const confState = { voters: [1, 2], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  message.snapshot = { index: 10, term: 2, data: new Uint8Array(), confState }
  return message
}

/** What a member hears; takes snapshots as `takeSnapshot` says. */
export class Ear implements PeerReceiver {
  readonly heard: PeerMessage[] = []
  readonly lost: MemberId[] = []
  readonly unreachables: MemberId[] = []
  displacedWith = ''
  takeSnapshot: (records: AsyncIterable<StateRecord>) => Promise<void> = async () => {}

  get commits(): number[] {
    return this.heard.map((message) => (message.kind === 'raft' ? message.message.commit : -1))
  }

  receive(_from: MemberId, messages: readonly PeerMessage[]): void {
    this.heard.push(...messages)
  }

  receiveSnapshot(_from: MemberId, _message: Message, records: AsyncIterable<StateRecord>): Promise<void> {
    return this.takeSnapshot(records)
  }

  connectionLost(to: MemberId): void {
    this.lost.push(to)
  }

  unreachable(to: MemberId): void {
    this.unreachables.push(to)
  }

  displaced({ code }: KeeperError): void {
    this.displacedWith = code
  }
}

/** A member's side of the network, without a member. */
export class Spoken {
  readonly ear = new Ear()
  readonly refusals: string[] = []
  readonly id: MemberId
  readonly listener: PeerListener
  readonly transport: TcpTransport
  readonly book = new PeerBook()

  private constructor(
    id: MemberId,
    listener: PeerListener,
    options: { folder?: string; clock?: Clock; seed?: number },
  ) {
    const { folder = `f${id}`, clock = systemClock, seed = id } = options
    this.id = id
    this.listener = listener
    this.transport = new TcpTransport({
      own: { clusterId: 'c1', id, name: `n${id}`, folder, address: this.address },
      listener,
      clock,
      random: seededRandom(seed),
      logger: silentLogger,
      addressOf: (other) => this.book.addressOf(other),
      admit: (hello) => this.book.admit(hello),
      check: checkPeerMessage,
      onRefused: (_by, { code }) => this.refusals.push(code),
    })
    this.transport.start(this.ear)
  }

  static async start(
    id: MemberId,
    options: { folder?: string; clock?: Clock; seed?: number; port?: number } = {},
  ): Promise<Spoken> {
    const { clock = systemClock, port = 0 } = options
    const place = { host: '127.0.0.1', port }
    const listener = await PeerListener.open({ ...place, clock, random: seededRandom(id), logger: silentLogger })
    return new Spoken(id, listener, options)
  }

  get address(): string {
    return `127.0.0.1:${this.listener.port}`
  }

  /** Learns of others, by their own addresses or by those of wires to them. */
  meet(...others: readonly { id: MemberId; peer: string }[]): void {
    this.book.learn(others.map(({ id, peer }) => ({ id, name: `n${id}`, peer })))
  }

  say(to: MemberId, commit: number): void {
    this.transport.send(to, [{ kind: 'raft', message: heartbeat(this.id, to, commit) }])
  }

  async end(): Promise<void> {
    await this.transport.close()
    await this.listener.close()
  }
}

/** Members 1 to `count`, each known to all. */
export async function spokenMembers(count: number, clock?: Clock): Promise<Spoken[]> {
  const members: Spoken[] = []
  for (let id = 1; id <= count; id++) members.push(await Spoken.start(id, clock ? { clock } : {}))
  for (const member of members) member.meet(...members.map(({ address }, at) => ({ id: at + 1, peer: address })))
  return members
}

/** Somebody at the peer port who speaks frame by frame, and may say anything. */
export class Stranger {
  static readonly #all = new Set<Stranger>()
  readonly frames: Frame[] = []
  closed = false
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
    const reader = new FrameReader()
    socket.on('data', (chunk: Buffer) => this.frames.push(...reader.push(chunk)))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
    })
  }

  static async at(address: string): Promise<Stranger> {
    const [host, port] = address.split(':')
    const socket = connect(Number(port), host)
    const stranger = new Stranger(socket)
    Stranger.#all.add(stranger)
    await once(socket, 'connect')
    return stranger
  }

  /** All of them go. */
  static endAll(): void {
    for (const stranger of Stranger.#all) stranger.end()
    Stranger.#all.clear()
  }

  /** Greets as member 2 of cluster c1, but for what `but` says. */
  static async hello(address: string, but: Partial<Record<keyof Hello, unknown>> = {}): Promise<Stranger> {
    const stranger = await Stranger.at(address)
    const { nonce } = readChallenge((await stranger.next('challenge')).body)
    const hello = { protocol: peerProtocol, nonce, clusterId: 'c1', from: 2, to: 1, name: 'n2', folder: 'f2' }
    const more = { incarnation: 'a', address: '127.0.0.1:1', features: 0, purpose: 'messages', ...but }
    stranger.write(helloFrame({ ...hello, ...more } as Hello))
    return stranger
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The next frame of a kind, and those before it are gone. */
  async next(kind: Frame['kind']): Promise<Frame> {
    while (!this.frames.some((frame) => frame.kind === kind)) {
      if (this.closed) throw new KeeperError('E_CONNECTION', `closed without a ${kind}`)
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')])
    }
    const at = this.frames.findIndex((frame) => frame.kind === kind)
    return this.frames.splice(0, at + 1)[at] as Frame
  }

  /** The code with which it was sent away. */
  async refusal(): Promise<string> {
    return readRefusal((await this.next('refusal')).body).code
  }

  end(): void {
    this.#socket.destroy()
  }
}
