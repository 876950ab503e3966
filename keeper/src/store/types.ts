/**
 * The replicated state machine's words. `apply` is pure: the same log gives the same bytes on every member.
 * Revisions, versions and indexes are safe integers; lease and session ids are 64-bit and bigint.
 */

/** `user` is etcd's model, for users; `system` holds our own records (see records.ts). Each has its own revisions and leases. */
export type Keyspace = 'user' | 'system'

export interface KeyValue {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly createRevision: number
  readonly modRevision: number
  /** 1 when created; 0 on the tombstone of an event. */
  readonly version: number
  /** 0n for none. */
  readonly lease: bigint
}

/** Identifies a mutating request for ever: retries with the same id get the first result. */
export interface RequestId {
  readonly session: bigint
  readonly sequence: number
  /** Every sequence below it is answered and known to the client: its result may be forgotten. */
  readonly lowWater: number
}

export interface Command {
  readonly requestId?: RequestId
  /** Who asks; `system` for the keeper itself. */
  readonly principal: string
  readonly body: CommandBody
}

/** What one entry holds: stamped by the leader, so that apply needs neither clock nor chance. */
export interface CommandBatch {
  /** The leader's wall clock, milliseconds since the Unix epoch. */
  readonly wallMs: number
  /** The leader's random seed for this batch, for ids that the store must choose (a lease id of 0n). */
  readonly seed: bigint
  readonly commands: readonly Command[]
}

export type CommandBody =
  | { readonly kind: 'txn'; readonly keyspace: Keyspace; readonly txn: Txn }
  | { readonly kind: 'leaseGrant'; readonly keyspace: Keyspace; readonly id: bigint; readonly ttlSeconds: number }
  | { readonly kind: 'leaseRevoke'; readonly keyspace: Keyspace; readonly id: bigint }
  | { readonly kind: 'compact'; readonly keyspace: Keyspace; readonly revision: number }
  /** One chunk of a content-addressed blob; the blob exists once all `chunks` are there and their SHA-256 is `hash`. */
  | {
      readonly kind: 'blobPut'
      readonly hash: string
      readonly chunk: number
      readonly chunks: number
      readonly bytes: Uint8Array
    }
  /** A blob out of others in their order, which stay as long as it does: each must be whole, and not composed itself. */
  | { readonly kind: 'blobCompose'; readonly hash: string; readonly pieces: readonly string[] }
  | { readonly kind: 'blobDelete'; readonly hashes: readonly string[] }
  /** Executes the command encoded in blob `hash` and deletes the blob: how a command larger than an entry is one atomic step. */
  | { readonly kind: 'blobExecute'; readonly hash: string }
  /** Gates new commands: the least version of all members. Only grows. */
  | { readonly kind: 'clusterVersion'; readonly version: number }

/** etcd's transaction, with three additions for the system keyspace: blob and term compares, lease operations, revision-suffixed keys. */
export interface Txn {
  readonly compares: readonly Compare[]
  readonly success: readonly Operation[]
  readonly failure: readonly Operation[]
}

export type Comparison = 'equal' | 'greater' | 'less' | 'notEqual'

export type Compare =
  | {
      readonly target: 'version' | 'createRevision' | 'modRevision'
      readonly key: Uint8Array
      readonly rangeEnd?: Uint8Array
      readonly comparison: Comparison
      readonly operand: number
    }
  | {
      readonly target: 'lease'
      readonly key: Uint8Array
      readonly rangeEnd?: Uint8Array
      readonly comparison: Comparison
      readonly operand: bigint
    }
  | {
      readonly target: 'value'
      readonly key: Uint8Array
      readonly rangeEnd?: Uint8Array
      readonly comparison: Comparison
      readonly operand: Uint8Array
    }
  /** True when the blob is whole. */
  | { readonly target: 'blob'; readonly hash: string }
  /** True when the entry's Raft term is `term`: a controller of a deposed leader writes nothing. */
  | { readonly target: 'term'; readonly term: number }

export type Operation =
  | PutOperation
  | DeleteOperation
  | { readonly kind: 'range'; readonly range: RangeRequest }
  | { readonly kind: 'txn'; readonly txn: Txn }
  | { readonly kind: 'leaseGrant'; readonly id: bigint; readonly ttlSeconds: number }
  | { readonly kind: 'leaseRevoke'; readonly id: bigint }

export interface PutOperation {
  readonly kind: 'put'
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly lease: bigint
  /** Append the transaction's revision to the key, 16 decimal digits: explicit history records. */
  readonly revisionSuffix: boolean
  readonly prevKv: boolean
  readonly ignoreValue: boolean
  readonly ignoreLease: boolean
}

export interface DeleteOperation {
  readonly kind: 'delete'
  readonly key: Uint8Array
  /** As in etcd: absent = one key; a single zero byte = all keys from `key` on. */
  readonly rangeEnd?: Uint8Array
  readonly prevKv: boolean
}

export interface RangeRequest {
  readonly key: Uint8Array
  readonly rangeEnd?: Uint8Array
  /** 0: no limit. */
  readonly limit: number
  /** 0: the current one. */
  readonly revision: number
  readonly keysOnly: boolean
  readonly countOnly: boolean
  readonly sortTarget?: 'key' | 'version' | 'create' | 'mod' | 'value'
  readonly sortOrder?: 'ascend' | 'descend'
  readonly minModRevision?: number
  readonly maxModRevision?: number
  readonly minCreateRevision?: number
  readonly maxCreateRevision?: number
}

export interface RangeResult {
  readonly revision: number
  readonly kvs: readonly KeyValue[]
  readonly more: boolean
  readonly count: number
}

export type OperationResult =
  | { readonly kind: 'put'; readonly prevKv?: KeyValue }
  | { readonly kind: 'delete'; readonly deleted: number; readonly prevKvs: readonly KeyValue[] }
  | { readonly kind: 'range'; readonly result: RangeResult }
  | { readonly kind: 'txn'; readonly succeeded: boolean; readonly results: readonly OperationResult[] }
  | { readonly kind: 'leaseGrant'; readonly id: bigint; readonly ttlSeconds: number }
  | { readonly kind: 'leaseRevoke' }

/** Each command of an entry has its own outcome; one that fails changes nothing. */
export type CommandResult =
  | {
      readonly ok: true
      readonly revision: number
      readonly succeeded: boolean
      readonly results: readonly OperationResult[]
    }
  | {
      readonly ok: false
      readonly revision: number
      readonly code: import('../base/errors.js').ErrorCode
      readonly message: string
    }

export interface Event {
  readonly keyspace: Keyspace
  readonly type: 'put' | 'delete'
  /** After the change; of a delete the tombstone: key and modRevision. */
  readonly kv: KeyValue
  readonly prevKv?: KeyValue
}

/** What applying one entry did. `events` are in order; those of one revision stand together. */
export interface AppliedEntry {
  readonly index: number
  readonly term: number
  readonly wallMs: number
  readonly results: readonly CommandResult[]
  readonly events: readonly Event[]
}

export interface Lease {
  readonly id: bigint
  readonly keyspace: Keyspace
  readonly ttlSeconds: number
  readonly grantedWallMs: number
  readonly keys: number
}

export interface StatePut {
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** No flush before this one put anything under the key. */
  readonly fresh?: boolean
}

/** One durable step of the state machine: everything that changed since the flush before, as raw records. */
export interface StateFlush {
  readonly appliedIndex: number
  readonly appliedTerm: number
  /** Made as they are asked for, the same every time: whoever writes them need not hold them all, nor make them all at once. */
  readonly puts: Iterable<StatePut>
  readonly deletes: readonly Uint8Array[]
  /** About how many bytes `puts` are; 0 when nobody counted. */
  readonly bytes?: number
}

/** Told of large buffers: they matter to memory and to nothing else, and what is done about it is no business of the store. */
export interface LargeBytes {
  /** So many died, or will in a moment. */
  died(bytes: number): void
  /** A piece of work with them is done. */
  workDone(): void
}

/** What the store reads back from disk: history below the newest versions. Declared here, given by storage. */
export interface StateReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  /** As `get`, at once. Throws E_UNAVAILABLE while the folder is opened again, E_CORRUPT, E_DISK. */
  getSync(key: Uint8Array): Uint8Array | undefined
  /** Changes when all records were replaced by a snapshot's. */
  readonly generation: number
  /** Records with low ≤ key < high, in key order or backwards, as of the moment of the call. */
  iterate(range: {
    low: Uint8Array
    high: Uint8Array
    reverse?: boolean
    limit?: number
  }): AsyncIterable<{ key: Uint8Array; value: Uint8Array }>
}

/** A blob that others are made of, and how long it is. */
export interface BlobPiece {
  readonly hash: string
  readonly bytes: number
}

/** The reading side of the store, for every room that only looks. */
export interface StoreReader {
  readonly appliedIndex: number
  revision(keyspace: Keyspace): number
  compactedRevision(keyspace: Keyspace): number
  /** The newest version of a key. */
  get(keyspace: Keyspace, key: Uint8Array): KeyValue | undefined
  /** The newest versions only: throws E_UNSUPPORTED for an older `revision`; see `rangeAt`. */
  range(keyspace: Keyspace, request: RangeRequest): RangeResult
  /** As `range`, at any revision not compacted. Rejects E_COMPACTED, E_FUTURE_REVISION. */
  rangeAt(keyspace: Keyspace, request: RangeRequest): Promise<RangeResult>
  /**
   * Events from revision `from` to the newest at the first step, for keys in the range, in order; yields whole
   * revisions. The compacted revision itself can still be read. Rejects E_COMPACTED.
   */
  eventsSince(
    keyspace: Keyspace,
    from: number,
    range: { key: Uint8Array; rangeEnd?: Uint8Array },
  ): AsyncIterable<readonly Event[]>
  /** The whole of it; a large one is read from disk. Not to be changed. Throws E_UNAVAILABLE while the disk cannot be read. */
  blob(hash: string): Uint8Array | undefined
  /** Bytes of a blob that is there, which the caller keeps anyway and never changes: while he does, `blob` gives them. */
  lendBlob(hash: string, bytes: Uint8Array): void
  hasBlob(hash: string): boolean
  /** How long `blob` would be; 0 for none. */
  blobBytes(hash: string): number
  /** What it is made of, in that order: itself, where it was not composed of others; nothing where it is not there. */
  blobPieces(hash: string): readonly BlobPiece[]
  /** All that are no pieces of others, those still coming in among them. */
  blobHashes(): Iterable<string>
  lease(keyspace: Keyspace, id: bigint): Lease | undefined
  leases(keyspace: Keyspace): Iterable<Lease>
  clusterVersion(): number
  /** Incremental hash over all state at the applied index, 16 hex digits; equal on every member at the same index. */
  hash(): string
  bytesInUse(): number
}

/** The whole store, for the node that applies. */
export interface StateMachine extends StoreReader {
  /** Applies one committed entry; throws E_HALTED at a command or format it does not know, before changing anything. */
  apply(entry: { index: number; term: number; data: Uint8Array }): AppliedEntry
  /**
   * Takes what changed since the last call; the caller makes it durable, and readable through the StateReader, before
   * it calls again. Throws E_HALTED after a halt: what an entry did half-way never reaches the disk.
   */
  takeFlush(): StateFlush
  /** What the last call of `takeFlush` gave is durable. */
  flushed(): void
  /** About how many bytes of the newest state `takeFlush` would give; history is as long as the entries. */
  unflushedBytes(): number
  /** Those of them that are large chunks of blobs. */
  unflushedValueBytes(): number
  /** Replaces all state by the records of a verified flush (at start, or from a snapshot). */
  load(
    appliedIndex: number,
    appliedTerm: number,
    records: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>,
  ): Promise<void>
}
