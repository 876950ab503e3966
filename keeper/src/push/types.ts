/**
 * Sessions as the push room sees them, with the transport injected: the api room gives real streams, the simulator
 * virtual ones. Frames are the wire's plain objects (proto/keeper/v1/session.proto) going in, and bytes going out.
 */

import type { KeeperError } from '../base/errors.js'
import type { ProcessIdentity } from '../store/process-records.js'

/** A server frame, serialized once, however many sessions it goes to. Protobuf bytes of ServerFrame, without gRPC's prefix. */
export interface EncodedFrame {
  readonly bytes: Uint8Array
  /** What follows `bytes`: views of a large value, which is not copied to be sent. */
  readonly rest?: readonly Uint8Array[]
  /** Room for a transport to keep its own framed form, made at the first send. */
  framed?: Uint8Array
}

/** One attached stream. All calls are synchronous; a closed connection ignores them. */
export interface Connection {
  readonly remote: string
  /** Queues a frame. Returns false when the peer is slow: wait for `onWritable` before pushing more. */
  send(frame: EncodedFrame): boolean
  /** Bytes accepted by `send` and not yet taken by the peer's window or socket. */
  readonly queuedBytes: number
  /** Called each time the queue is empty again after `send` returned false. */
  onWritable(listener: () => void): void
  /** Ends the stream, after a Goodbye frame if one was sent. */
  end(): void
  /** Ends the stream at once with a typed error. */
  fail(error: KeeperError): void
}

/** Where one process stands with one config. */
export interface LedgerEntry {
  readonly name: string
  readonly cluster: string
  readonly role: string
  readonly instance: string
  /** Revision and hash of the value that is live for this process. */
  readonly wantedRevision: number
  readonly wantedHash: string
  /** What it runs with. */
  readonly revision: number
  readonly hash: string
  readonly state: 'unknown' | 'sent' | 'received' | 'applied' | 'rejected' | 'failed'
  readonly reason: string
  readonly atUnixMs: number
  /** Applied, and exactly what is wanted. */
  readonly current: boolean
  readonly connected: boolean
  /**
   * Id of the member that has the process' newest stream, as the log says. A row of state `unknown` whose member is
   * another one is only what this member knows of it: whoever gathers from all members drops it for that member's own.
   */
  readonly member: number
  /** What is live was not sent to it yet: `state` speaks of what was before. */
  readonly lacking?: true
  /** Its turn of a spread comes then (our clock, Unix milliseconds); 0 or absent: it waits for none. */
  readonly dueUnixMs?: number
  /** On a row that is only what the log says: the revision at which that member got the process. */
  readonly since?: number
  /** It has no session: it reads by HTTP. */
  readonly reader?: true
}

export interface LedgerQuery {
  /** All configs when absent. */
  readonly name?: string
  /** `default` when absent. */
  readonly namespace?: string
}

/** Tells a listener which rows to look at again. */
export interface LedgerChange {
  /** Config names, of any namespace. */
  readonly names: ReadonlySet<string>
  /** Processes came or went: look at everything. */
  readonly all: boolean
}

/** One config's rows, counted. */
export interface LedgerSummary {
  readonly name: string
  readonly processes: number
  readonly connected: number
  /** Applied, and exactly what is wanted. */
  readonly current: number
  readonly rejected: number
  readonly failed: number
  readonly unknown: number
}

/** One live process. */
export interface InstanceEntry {
  readonly namespace: string
  readonly identity: ProcessIdentity
  readonly sessionId: bigint
  /** Has a stream to this member. */
  readonly connected: boolean
  /** Id of the member with its newest stream. */
  readonly member: number
  /** Where that is only what the log says: the revision at which that member got the process. */
  readonly since?: number
  readonly startedUnixMs: number
  /** Event-loop lag that its last heartbeat told; 0 if none did. */
  readonly lagMs: number
  /** Since its last frame was read; Infinity if none was since this keeper started. */
  readonly silentMs: number
  readonly configs: number
  readonly configsCurrent: number
}
