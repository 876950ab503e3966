import { ByteReader } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { MemberId, Message } from '../raft/types.js'
import type { Connection } from './connection.js'
import type { Frame } from './frames.js'
import type { Hello } from './greeting.js'
import { readPeerMessages } from './message-codec.js'
import type { PeerMessage } from './types.js'

export interface InboundParts {
  readonly hello: Hello
  readonly own: MemberId
  readonly check: (message: Message) => void
  receive(messages: readonly PeerMessage[]): void
  closed(): void
}

/** The stream of one other member's messages. A batch that is not sane as a whole ends it. */
export class Inbound {
  readonly #parts: InboundParts
  #connection: Connection | undefined

  constructor(parts: InboundParts) {
    this.#parts = parts
  }

  /** Of the data folder that it speaks from. */
  get folder(): string {
    return this.#parts.hello.folder
  }

  /** Of the process that speaks. */
  get incarnation(): string {
    return this.#parts.hello.incarnation
  }

  /** It was heard just now. */
  get alive(): boolean {
    return this.#connection !== undefined && this.#connection.silentMs < limits.peerAliveMs
  }

  get address(): string {
    return this.#parts.hello.address
  }

  attach(connection: Connection): void {
    this.#connection = connection
    connection.handOver({ onFrame: (found) => this.#take(found), onClosed: () => this.#parts.closed() })
  }

  close(reason: KeeperError): void {
    this.#connection?.refuse(reason)
  }

  #take({ kind, body }: Frame): void {
    if (kind !== 'messages') throw new KeeperError('E_FRAME_ORDER', `${kind} among a member's messages`)
    const messages = readPeerMessages(new ByteReader(body))
    for (const message of messages) if (message.kind === 'raft') this.#checkRaft(message.message)
    this.#parts.receive(messages)
  }

  #checkRaft(message: Message): void {
    const { hello, own, check } = this.#parts
    // a request that was passed on (a read, a transfer) keeps the name of who asked
    if (message.to !== own) throw new KeeperError('E_FRAME_GARBAGE', `${message.type} for member ${message.to}`)
    if (message.from !== hello.from && message.type !== 'MsgTransferLeader')
      throw new KeeperError('E_FRAME_GARBAGE', `${message.type} in the name of member ${message.from}`)
    check(message)
  }
}
