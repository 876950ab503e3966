import { KeeperError } from '../base/errors.js'
import type { MemberId, Message } from '../raft/types.js'
import type { PeerMessage, PeerReceiver, StateRecord, Transport } from './types.js'

/** A batch on its way. */
export interface Parcel {
  readonly from: MemberId
  readonly to: MemberId
  readonly kind: 'messages' | 'snapshot'
  readonly messages: readonly PeerMessage[]
}

/**
 * What happens to a parcel: call `deliver` now, later, twice or never, but never from within the call (the sender is
 * at work). `lost` may be called instead when the sender is to learn of it.
 */
export type Carrier = (parcel: Parcel, deliver: () => void, lost: () => void) => void

interface Attachment {
  readonly incarnation: number
  readonly receiver: PeerReceiver
}

/** Members of one process, joined without sockets: for the simulator and tests. The carrier decides what the network does. */
export class LocalNetwork {
  readonly #carrier: Carrier
  readonly #attached = new Map<MemberId, Attachment>()
  /** `from>to` → newest incarnation of the sender that was heard. */
  readonly #heard = new Map<string, number>()
  /** Snapshots on their way: their receiver, and how their sender learns that the connection broke. */
  readonly #underWay = new Set<{ readonly to: MemberId; readonly lost: () => void }>()
  #incarnations = 0

  constructor(carrier: Carrier) {
    this.#carrier = carrier
  }

  /** A transport for member `id`; an earlier one of the same id hears nothing any more. */
  connect(id: MemberId): Transport {
    const incarnation = ++this.#incarnations
    const post = (parcel: Parcel, arrive: (receiver: PeerReceiver) => void, lost: () => void) =>
      this.#carrier(
        parcel,
        () => (this.#accepts(parcel, incarnation) ? this.#arrive(parcel, arrive, lost) : lost()),
        lost,
      )
    return {
      start: (receiver) => {
        this.#attached.set(id, { incarnation, receiver })
      },
      send: (to, messages) =>
        post({ from: id, to, kind: 'messages', messages }, (receiver) => receiver.receive(id, messages), ignore),
      sendSnapshot: (to, message, records) => this.#sendWhole(id, to, message, records, post),
      close: async () => {
        if (this.#attached.get(id)?.incarnation === incarnation) this.#attached.delete(id)
      },
    }
  }

  /** Takes a member off the network without its doing, as a crash does: the others' connections to it break. */
  disconnect(id: MemberId): void {
    this.#attached.delete(id)
    for (const { receiver } of this.#attached.values()) receiver.connectionLost(id)
    for (const sending of [...this.#underWay]) if (sending.to === id) sending.lost()
  }

  /** The connection between two members breaks, at both ends. */
  breakConnection(a: MemberId, b: MemberId): void {
    this.#attached.get(a)?.receiver.connectionLost(b)
    this.#attached.get(b)?.receiver.connectionLost(a)
  }

  async #sendWhole(
    from: MemberId,
    to: MemberId,
    message: Message,
    records: AsyncIterable<StateRecord>,
    post: Post,
  ): Promise<void> {
    const whole: StateRecord[] = []
    for await (const record of records) whole.push(record)
    await new Promise<void>((resolve, reject) => {
      const lost = () => {
        this.#underWay.delete(sending)
        reject(new KeeperError('E_CONNECTION', `snapshot for member ${to} did not arrive`))
      }
      const sending = { to, lost }
      this.#underWay.add(sending)
      const arrive = (receiver: PeerReceiver) => {
        const received = receiver.receiveSnapshot(from, message, eachOf(whole))
        received.then(resolve, reject).finally(() => this.#underWay.delete(sending))
      }
      post({ from, to, kind: 'snapshot', messages: [{ kind: 'raft', message }] }, arrive, lost)
    })
  }

  #accepts(parcel: Parcel, incarnation: number): boolean {
    const path = `${parcel.from}>${parcel.to}`
    if (incarnation < (this.#heard.get(path) ?? 0)) return false
    this.#heard.set(path, incarnation)
    return true
  }

  #arrive(parcel: Parcel, arrive: (receiver: PeerReceiver) => void, lost: () => void): void {
    const receiver = this.#attached.get(parcel.to)?.receiver
    if (receiver) arrive(receiver)
    else lost()
  }
}

const ignore = () => {}

type Post = (parcel: Parcel, arrive: (receiver: PeerReceiver) => void, lost: () => void) => void

async function* eachOf(records: readonly StateRecord[]): AsyncGenerator<StateRecord> {
  yield* records
}
