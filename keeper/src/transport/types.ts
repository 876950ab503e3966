/**
 * Keeper to keeper, as the node room sees it. Best effort and unordered: a message may be lost, repeated or overtaken;
 * Raft and the protocols upon it allow for that.
 */

import type { KeeperError } from '../base/errors.js'
import type { MemberId, Message } from '../raft/types.js'

/** What members say to each other. */
export type PeerMessage =
  | { readonly kind: 'raft'; readonly message: Message }
  /** Commands for the leader of `term`: an encoded CommandBatch, whose stamps the leader replaces by its own. */
  | { readonly kind: 'propose'; readonly id: string; readonly term: number; readonly batch: Uint8Array }
  /** Where they went: command i of the batch is command `offset + i` of entry (index, term). */
  | { readonly kind: 'proposed'; readonly id: string; readonly place: EntryPlace }
  /** They were not taken and never will be. */
  | { readonly kind: 'refused'; readonly id: string; readonly code: string; readonly message: string }
  | {
      readonly kind: 'renew'
      readonly id: string
      readonly keyspace: 'user' | 'system'
      readonly leases: readonly bigint[]
    }
  | { readonly kind: 'renewed'; readonly id: string; readonly unknown: readonly bigint[] }
  /** A member that lost what it may have acknowledged: forget what you know of my log, and tell me where a quorum without me stands. */
  | { readonly kind: 'recover'; readonly id: string; readonly lastIndex: number }
  | { readonly kind: 'recoverIndex'; readonly id: string; readonly index: number; readonly term: number }

  /** A question of another kind than Raft's, answered by whoever listens to `topic`. */
  | { readonly kind: 'ask'; readonly id: string; readonly topic: string; readonly body: Uint8Array }
  /** `code` is empty when all is well; otherwise of the registry, and `body` is the message as UTF-8. */
  | { readonly kind: 'answer'; readonly id: string; readonly code: string; readonly body: Uint8Array }
  /** The one spoken to was removed from the cluster. */
  | { readonly kind: 'removed' }

/** Where a run of commands begins: inside which entry, and how many commands stand before it there. */
export interface EntryPlace {
  readonly index: number
  readonly term: number
  readonly offset: number
}

export interface StateRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Whoever gets the messages. Calls must not throw. */
export interface PeerReceiver {
  receive(from: MemberId, messages: readonly PeerMessage[]): void
  /**
   * A snapshot comes: its MsgSnap, and the state's records as they arrive. Resolves when all of them are on disk here;
   * rejects when `records` does, or when they cannot be taken: the sender learns that it did not arrive.
   */
  receiveSnapshot(from: MemberId, message: Message, records: AsyncIterable<StateRecord>): Promise<void>
  /** The connection to a member broke; it may be up again already. */
  connectionLost(to: MemberId): void
  /** Messages to a member were not sent: it takes them too slowly, or cannot be reached. */
  unreachable(to: MemberId): void
  /** The others hear another process under this member's identity, and not this one. */
  displaced?(error: KeeperError): void
}

/**
 * The way to the other members. Once a message of a later incarnation of a member was delivered, none of an earlier
 * one is: what a member said before it lost its memory must not speak for it.
 */
export interface Transport {
  start(receiver: PeerReceiver): void
  /** Never blocks, never throws; one call, one batch. `atOnce`: others wait for it, it leaves before the turn is over. */
  send(to: MemberId, messages: readonly PeerMessage[], atOnce?: boolean): void
  /** Resolves when the peer has all of it; rejects when it is known that it has not. */
  sendSnapshot(to: MemberId, message: Message, records: AsyncIterable<StateRecord>): Promise<void>
  close(): Promise<void>
}
