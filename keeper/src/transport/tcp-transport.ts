import type { Clock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { Certificates } from '../base/tls.js'
import type { MemberId, Message } from '../raft/types.js'
import type { Connection } from './connection.js'
import { connectTimeoutMs, dial, dialTimeoutMs } from './dial.js'
import { Displacement } from './displacement.js'
import { type Challenge, type Hello, peerProtocol, welcomeFrame } from './greeting.js'
import { Inbound } from './inbound.js'
import { Lives } from './lives.js'
import { Outbound } from './outbound.js'
import type { PeerListener } from './peer-listener.js'
import { SnapshotReceiver } from './snapshot-receiver.js'
import { SnapshotSender } from './snapshot-sender.js'
import type { PeerMessage, PeerReceiver, StateRecord, Transport } from './types.js'

/** Who this member is to the others. */
export interface OwnName {
  readonly clusterId: string
  readonly id: MemberId
  readonly name: string
  readonly folder: string
  /** Where the others reach it; empty when it does not know. */
  readonly address: string
}

export interface TcpTransportOptions {
  readonly own: OwnName
  readonly listener: PeerListener
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly tls?: Certificates | undefined
  readonly features?: number
  /** What a connection waits for follows from it. */
  readonly electionTimeoutMs?: number | undefined
  /** Where a member listens; undefined while nobody knows. */
  readonly addressOf: (id: MemberId) => string | undefined
  /** May this one speak here? Throws what it is refused with. */
  readonly admit: (hello: Hello) => void
  /** Throws E_FRAME_GARBAGE for a message of Raft that no sane member sends. */
  readonly check: (message: Message) => void
  /** A member refused this one. */
  readonly onRefused?: (by: MemberId, error: KeeperError) => void
}

/** The members over TCP: to each other one a stream of messages, from each one another; snapshots have their own. */
export class TcpTransport implements Transport {
  readonly #options: TcpTransportOptions
  readonly #outbound = new Map<MemberId, Outbound>()
  readonly #inbound = new Map<MemberId, Inbound>()
  /** Snapshots that come in, by sender and transfer. */
  readonly #snapshots = new Map<string, SnapshotReceiver>()
  /** The last transfer of each sender that it gave up for another: it must not come back and take its place. */
  readonly #overtaken = new Map<MemberId, string>()
  /** Where members said that they listen. */
  readonly #heardOf = new Map<MemberId, string>()
  readonly #lives = new Lives()
  readonly #displacement: Displacement
  readonly #incarnation: string
  readonly #stop = new AbortController()
  #receiver: PeerReceiver | undefined

  constructor(options: TcpTransportOptions) {
    this.#options = options
    this.#displacement = new Displacement(options.clock)
    this.#incarnation = Buffer.from(options.random.bytes(8)).toString('hex')
  }

  start(receiver: PeerReceiver): void {
    this.#receiver = receiver
    this.#options.listener.accept((hello, connection) => this.#accept(hello, connection))
  }

  send(to: MemberId, messages: readonly PeerMessage[], atOnce = false): void {
    if (!this.#stop.signal.aborted) this.#outboundTo(to).send(messages, atOnce)
  }

  /** Connects to members before there is anything to say. */
  connect(ids: readonly MemberId[]): void {
    for (const id of ids) if (id !== this.#options.own.id) this.#outboundTo(id).connect()
  }

  async sendSnapshot(to: MemberId, message: Message, records: AsyncIterable<StateRecord>): Promise<void> {
    const { clock, random } = this.#options
    const transfer = Buffer.from(random.bytes(8)).toString('hex')
    const { signal } = this.#stop
    const connect = async () => {
      const dialled = this.#dial(to, { purpose: 'snapshot', transfer }, signal)
      if (!dialled) throw new KeeperError('E_CONNECTION', `nobody knows where member ${to} listens`)
      const { connection, welcome } = await dialled
      return { connection, next: welcome.next ?? 0 }
    }
    await new SnapshotSender({ clock, signal, dial: connect }).send(message, records)
  }

  /** Is a stream to this member up? */
  connected(id: MemberId): boolean {
    return this.#outbound.get(id)?.connected ?? false
  }

  /** The member is none of this cluster any more. */
  forget(id: MemberId): void {
    const reason = new KeeperError('E_MEMBER_UNKNOWN', `member ${id} is none of this cluster`)
    this.#heardOf.delete(id)
    this.#outbound.get(id)?.close(reason)
    this.#outbound.delete(id)
    this.#inbound.get(id)?.close(reason)
  }

  async close(): Promise<void> {
    const reason = new KeeperError('E_STOPPED', 'this keeper stops')
    this.#options.listener.accept(undefined)
    this.#receiver = undefined
    this.#stop.abort(reason)
    for (const outbound of this.#outbound.values()) outbound.close(reason)
    for (const inbound of [...this.#inbound.values()]) inbound.close(reason)
    for (const snapshot of [...this.#snapshots.values()]) snapshot.abort(reason)
  }

  #outboundTo(to: MemberId): Outbound {
    const existing = this.#outbound.get(to)
    if (existing) return existing
    const { clock, random, logger, onRefused } = this.#options
    let told = ''
    const outbound = new Outbound({
      clock,
      random,
      dial: (signal) => {
        const dialled = this.#dial(to, { purpose: 'messages' }, signal)
        return dialled?.then(({ connection }) => {
          told = ''
          return connection
        })
      },
      lost: () => this.#receiver?.connectionLost(to),
      unreachable: () => this.#receiver?.unreachable(to),
      refused: (error) => {
        onRefused?.(to, error)
        if (this.#displacement.refusedWith(error)) this.#receiver?.displaced?.(error)
        if (told !== error.code) logger.warn({ to, address: this.#addressOf(to), error }, 'a peer is not reached')
        told = error.code
      },
    })
    this.#outbound.set(to, outbound)
    return outbound
  }

  #addressOf(id: MemberId): string | undefined {
    return this.#options.addressOf(id) ?? this.#heardOf.get(id)
  }

  #dial(to: MemberId, purpose: Pick<Hello, 'purpose' | 'transfer'>, signal: AbortSignal) {
    const address = this.#addressOf(to)
    if (address === undefined) return undefined
    const { own, clock, tls, features = 0, electionTimeoutMs } = this.#options
    const { clusterId, id, name, folder } = own
    const hello = ({ nonce }: Challenge): Hello => ({
      protocol: peerProtocol,
      nonce,
      clusterId,
      from: id,
      to,
      name,
      folder,
      incarnation: this.#incarnation,
      address: own.address,
      features,
      ...purpose,
    })
    const waits = { connectTimeoutMs: connectTimeoutMs(electionTimeoutMs), timeoutMs: dialTimeoutMs(electionTimeoutMs) }
    return dial({ address, clock, ...waits, tls, signal }, hello)
  }

  /** Throws what the dialler is to be refused with. */
  #accept(hello: Hello, connection: Connection): void {
    const { own, admit, features = 0 } = this.#options
    if (hello.clusterId !== own.clusterId)
      throw new KeeperError(
        'E_CLUSTER_FOREIGN',
        `${own.name} is of cluster ${own.clusterId}, ${hello.name} of ${hello.clusterId}`,
      )
    if (hello.from === own.id)
      throw new KeeperError(
        'E_MEMBER_DUPLICATE',
        `${hello.name} at ${hello.address} has the identity of ${own.name} at ${own.address}`,
      )
    if (hello.to !== own.id)
      throw new KeeperError('E_MEMBER_UNKNOWN', `member ${hello.to} was dialled, but here is ${own.name} (${own.id})`)
    admit(hello)
    const before = this.#inbound.get(hello.from)
    if (before && before.folder !== hello.folder)
      throw new KeeperError(
        'E_MEMBER_DUPLICATE',
        `${hello.name} speaks from ${before.address} already, with another data folder than the one at ${hello.address}`,
      )
    if (before?.alive && before.incarnation !== hello.incarnation)
      throw new KeeperError(
        'E_MEMBER_DUPLICATE',
        `${hello.name} speaks from ${before.address} already; the one at ${hello.address} is another process`,
      )
    this.#lives.see(hello)
    if (hello.address !== '') this.#heardOf.set(hello.from, hello.address)
    if (hello.purpose === 'snapshot') this.#acceptSnapshot(hello, connection, features)
    else {
      this.#acceptMessages(hello, connection)
      connection.send(welcomeFrame({ protocol: peerProtocol, features }))
      // who can be heard can be spoken to
      this.#outboundTo(hello.from).heard()
    }
  }

  /** The newest stream of a member counts; one of an earlier incarnation is never heard again. */
  #acceptMessages(hello: Hello, connection: Connection): void {
    const { from } = hello
    const before = this.#inbound.get(from)
    const { own, check } = this.#options
    const inbound = new Inbound({
      hello,
      own: own.id,
      check,
      receive: (messages) => this.#receiver?.receive(from, messages),
      closed: () => {
        if (this.#inbound.get(from) !== inbound) return
        this.#inbound.delete(from)
        this.#receiver?.connectionLost(from)
      },
    })
    this.#inbound.set(from, inbound)
    before?.close(new KeeperError('E_FENCED', 'a newer stream of this member took over'))
    inbound.attach(connection)
  }

  #acceptSnapshot({ from, transfer = '' }: Hello, connection: Connection, features: number): void {
    const receiver = this.#receiver
    if (!receiver) throw new KeeperError('E_UNAVAILABLE', 'this keeper is starting or stopping')
    const { own, clock, check } = this.#options
    const key = `${from}/${transfer}`
    if (this.#overtaken.get(from) === transfer) throw new KeeperError('E_FENCED', 'the sender began a newer snapshot')
    const snapshot: SnapshotReceiver =
      this.#snapshots.get(key) ??
      new SnapshotReceiver({
        from,
        receiver,
        clock,
        check: (message) => {
          if (message.from !== from || message.to !== own.id)
            throw new KeeperError('E_FRAME_GARBAGE', 'a snapshot of another member')
          check(message)
        },
        over: () => {
          if (this.#snapshots.get(key) === snapshot) this.#snapshots.delete(key)
        },
      })
    if (!this.#snapshots.has(key)) {
      // a member sends one at a time: what it began before it has given up
      for (const [other, old] of this.#snapshots) {
        if (!other.startsWith(`${from}/`)) continue
        this.#overtaken.set(from, other.slice(`${from}/`.length))
        old.abort(new KeeperError('E_CONNECTION', 'the sender began anew'))
      }
      this.#snapshots.set(key, snapshot)
    }
    connection.send(welcomeFrame({ protocol: peerProtocol, features, next: snapshot.next }))
    snapshot.attach(connection)
  }
}
