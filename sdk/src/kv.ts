import { type Reply__Output, toBigInt, toSafe } from '@keeper/proto'
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
import { bytesOf, rangeOf, resultOf, wireCompare, wireOperation, wireRead } from './kv-wire.js'

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
  async get(key: Bytes, options: ReadOptions = {}): Promise<KvEntry | undefined> {
    const { entries } = await this.range(bytesOf(key), { ...options, limit: 1 })
    return entries[0]
  }

  async range(range: KeyRange, options: RangeOptions = {}): Promise<RangeResult> {
    const reply = await this.#requests.ask({ range: wireRead(range, options) }, options)
    return rangeOf(expect(reply.range), toSafe(reply.revision))
  }

  async put(key: Bytes, value: Bytes, options: PutOptions = {}): Promise<PutResult> {
    const { lease = 0n, previous = false } = options
    const { revision, results } = await this.txn({ success: [{ put: key, value, lease, previous }] }, options)
    const [result] = results
    return { revision, previous: result?.kind === 'put' ? result.previous : undefined }
  }

  async delete(range: KeyRange, options: CallOptions & { readonly previous?: boolean } = {}): Promise<DeleteResult> {
    const { previous = false } = options
    const { revision, results } = await this.txn({ success: [{ delete: range, previous }] }, options)
    const [result] = results
    return result?.kind === 'delete'
      ? { revision, deleted: result.deleted, previous: result.previous }
      : { revision, deleted: 0, previous: [] }
  }

  async txn(txn: Txn, options: CallOptions = {}): Promise<TxnResult> {
    const body = {
      compares: (txn.compare ?? []).map(wireCompare),
      success: (txn.success ?? []).map(wireOperation),
      failure: (txn.failure ?? []).map(wireOperation),
    }
    const reply = await this.#requests.ask({ txn: body }, options)
    const answer = expect(reply.txn)
    const revision = toSafe(reply.revision)
    return { succeeded: answer.succeeded, revision, results: answer.results.map((one) => resultOf(one, revision)) }
  }

  /** A lease that ends `ttlSeconds` after its last renewal, and every key on it with it. */
  async grantLease(ttlSeconds: number, options: CallOptions & { readonly id?: bigint } = {}): Promise<Lease> {
    const { id = 0n } = options
    const reply = await this.#requests.ask({ leaseGrant: { id: id.toString(), ttlSeconds } }, options)
    return leaseOf(expect(reply.leaseGrant))
  }

  async revokeLease(id: bigint, options: CallOptions = {}): Promise<void> {
    await this.#requests.ask({ leaseRevoke: { id: id.toString() } }, options)
  }

  /** Renews once. Rejects with E_LEASE_NOT_FOUND when the lease has ended. */
  async keepLeaseAlive(id: bigint, options: CallOptions = {}): Promise<Lease> {
    const reply: Reply__Output = await this.#requests.ask({ leaseKeepAlive: { id: id.toString() } }, options)
    const lease = leaseOf(expect(reply.leaseKeepAlive))
    if (lease.ttlSeconds === 0) throw new KeeperClientError('E_LEASE_NOT_FOUND', `lease ${id} has ended`)
    return lease
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
