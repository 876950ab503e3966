/** Keys and values are bytes; text is taken as UTF-8. */
export type Bytes = string | Uint8Array

/** One key, as it stood at a revision. */
export class KvEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly createRevision: number
  readonly modRevision: number
  /** How often it was written since it was created. */
  readonly version: number
  /** 0n: it hangs on no lease. */
  readonly lease: bigint

  constructor(fields: Pick<KvEntry, 'key' | 'value' | 'createRevision' | 'modRevision' | 'version' | 'lease'>) {
    this.key = fields.key
    this.value = fields.value
    this.createRevision = fields.createRevision
    this.modRevision = fields.modRevision
    this.version = fields.version
    this.lease = fields.lease
  }

  get keyText(): string {
    return new TextDecoder().decode(this.key)
  }

  get text(): string {
    return new TextDecoder().decode(this.value)
  }
}

export interface CallOptions {
  /** Past it the call rejects with E_TIMEOUT; it may still happen. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Which keys: one, all that begin so, or from a key up to (not with) another. */
export type KeyRange = Bytes | { readonly prefix: Bytes } | { readonly from: Bytes; readonly to: Bytes }

export interface ReadOptions extends CallOptions {
  /** As it was at this revision; the newest without. */
  readonly revision?: number
  /** Faster, and maybe a little old: no quorum is asked. */
  readonly serializable?: boolean
}

export interface RangeOptions extends ReadOptions {
  readonly limit?: number
  readonly keysOnly?: boolean
  readonly countOnly?: boolean
}

export interface RangeResult {
  readonly entries: readonly KvEntry[]
  /** There are more than `limit`. */
  readonly more: boolean
  readonly count: number
  readonly revision: number
}

export interface PutOptions extends CallOptions {
  readonly lease?: bigint
  /** Also give the entry that was there. */
  readonly previous?: boolean
}

export interface PutResult {
  readonly revision: number
  readonly previous: KvEntry | undefined
}

export interface DeleteResult {
  readonly revision: number
  readonly deleted: number
  readonly previous: readonly KvEntry[]
}

/** One condition of a transaction. */
export type Condition = { readonly key: Bytes; readonly is: '=' | '!=' | '>' | '<' } & (
  | { readonly version: number }
  | { readonly createRevision: number }
  | { readonly modRevision: number }
  | { readonly value: Bytes }
  | { readonly lease: bigint }
)

export type KvOperation =
  | { readonly put: Bytes; readonly value: Bytes; readonly lease?: bigint; readonly previous?: boolean }
  | { readonly delete: KeyRange; readonly previous?: boolean }
  | { readonly range: KeyRange; readonly limit?: number; readonly keysOnly?: boolean; readonly countOnly?: boolean }

/** All of `success` when every condition holds, else all of `failure`, at one revision. */
export interface Txn {
  readonly compare?: readonly Condition[]
  readonly success?: readonly KvOperation[]
  readonly failure?: readonly KvOperation[]
}

export type OperationResult =
  | ({ readonly kind: 'put' } & Omit<PutResult, 'revision'>)
  | ({ readonly kind: 'delete' } & Omit<DeleteResult, 'revision'>)
  | ({ readonly kind: 'range' } & RangeResult)

export interface TxnResult {
  readonly succeeded: boolean
  readonly revision: number
  readonly results: readonly OperationResult[]
}

export interface Lease {
  readonly id: bigint
  readonly ttlSeconds: number
}
