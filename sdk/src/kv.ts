import { type Reply__Output, toBigInt, toSafe } from '@keeper/proto/wire'
import type { Requests } from './core/requests.js'
import { KeeperClientError } from './errors.js'
import type {
  Bytes,
  CallOptions,
  DeleteResult,
  KeyRange,
  KvEntry,
  Lease,
  PutOptions,
  PutResult,
  RangeOptions,
  RangeResult,
  ReadOptions,
  Txn,
  TxnResult,
} from './kv-types.js'
import { bytesOf, entryOf, rangeOf, resultOf, wireCompare, wireOperation, wirePut, wireRead } from './kv-wire.js'

/**
 * Key/value operations, pipelined over the session's stream; what is asked in one turn goes out as one frame. A call
 * that loses its stream is put again under the same request id, so that it happens once. Calls reject with
 * E_TIMEOUT or E_UNCERTAIN when it is not known whether they happened, and with the keeper's own codes.
 */
export class Kv {
  readonly #requests: Requests

  /** For Keeper alone. */
  constructor(requests: Requests) {
    this.#requests = requests
  }

  /** The entry of `key`; undefined when there is none. Linearizable unless asked otherwise. */
  get(key: Bytes, options: ReadOptions = {}): Promise<KvEntry | undefined> {
    return this.#requests.ask(() => ({ range: wireRead(bytesOf(key), options, 1) }), firstOf, options)
  }

  range(range: KeyRange, options: RangeOptions = {}): Promise<RangeResult> {
    return this.#requests.ask(() => ({ range: wireRead(range, options) }), rangeOfReply, options)
  }

  put(key: Bytes, value: Bytes, options: PutOptions = {}): Promise<PutResult> {
    return this.#requests.ask(() => ({ txn: { success: [wirePut(key, value, options)] } }), putOfReply, options)
  }

  delete(range: KeyRange, options: CallOptions & { readonly previous?: boolean } = {}): Promise<DeleteResult> {
    const { previous = false } = options
    const body = () => ({ txn: { success: [wireOperation({ delete: range, previous })] } })
    return this.#requests.ask(body, deleteOfReply, options)
  }

  txn(txn: Txn, options: CallOptions = {}): Promise<TxnResult> {
    const body = () => ({
      txn: {
        compares: (txn.compare ?? []).map(wireCompare),
        success: (txn.success ?? []).map(wireOperation),
        failure: (txn.failure ?? []).map(wireOperation),
      },
    })
    return this.#requests.ask(body, txnOfReply, options)
  }

  /** A lease that ends `ttlSeconds` after its last renewal, and every key on it with it. */
  grantLease(ttlSeconds: number, options: CallOptions & { readonly id?: bigint } = {}): Promise<Lease> {
    const { id = 0n } = options
    const body = () => ({ leaseGrant: { id: id.toString(), ttlSeconds } })
    return this.#requests.ask(body, (reply) => leaseOf(expect(reply.leaseGrant)), options)
  }

  revokeLease(id: bigint, options: CallOptions = {}): Promise<void> {
    return this.#requests.ask(
      () => ({ leaseRevoke: { id: id.toString() } }),
      () => {},
      options,
    )
  }

  /** Renews once. Rejects with E_LEASE_NOT_FOUND when the lease has ended. */
  keepLeaseAlive(id: bigint, options: CallOptions = {}): Promise<Lease> {
    const renewed = (reply: Reply__Output) => {
      const lease = leaseOf(expect(reply.leaseKeepAlive))
      if (lease.ttlSeconds === 0) throw new KeeperClientError('E_LEASE_NOT_FOUND', `lease ${id} has ended`)
      return lease
    }
    return this.#requests.ask(() => ({ leaseKeepAlive: { id: id.toString() } }), renewed, options)
  }
}

const rangeOfReply = (reply: Reply__Output): RangeResult => rangeOf(expect(reply.range), toSafe(reply.revision))

function firstOf(reply: Reply__Output): KvEntry | undefined {
  const [kv] = expect(reply.range).kvs
  return kv && entryOf(kv)
}

function txnOfReply(reply: Reply__Output): TxnResult {
  const { succeeded, results } = expect(reply.txn)
  const revision = toSafe(reply.revision)
  return { succeeded, revision, results: results.map((one) => resultOf(one, revision)) }
}

function putOfReply(reply: Reply__Output): PutResult {
  const previous = expect(reply.txn).results[0]?.put?.prevKv
  return { revision: toSafe(reply.revision), previous: previous ? entryOf(previous) : undefined }
}

function deleteOfReply(reply: Reply__Output): DeleteResult {
  const result = expect(reply.txn).results[0]?.delete
  return {
    revision: toSafe(reply.revision),
    deleted: toSafe(result?.deleted),
    previous: (result?.prevKvs ?? []).map(entryOf),
  }
}

const leaseOf = (lease: { id: string; ttlSeconds: number }): Lease => ({
  id: toBigInt(lease.id),
  ttlSeconds: lease.ttlSeconds,
})

/** A reply of another kind than was asked for is the keeper's defect. */
function expect<T>(body: T | null | undefined): T {
  if (body === null || body === undefined)
    throw new KeeperClientError('E_INTERNAL', 'the keeper answered something else')
  return body
}
