/**
 * One keyspace: the newest version of each key, and leases with their keys. History is told by the events that
 * changes leave behind; see history.ts. Lengths and revisions are checked here, so that every way in is.
 */

import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { compareBytes, finishRange, isSingle, type KeyRange, keyRange, readLimit } from './key-range.js'
import { decodeKv, encodeKv, idBytes, prefixEnd, readId } from './kv-codec.js'
import { decodeLease, encodeLease, type LeaseRow } from './lease-codec.js'
import { keyView } from './page.js'
import type { PagedMap } from './paged-map.js'
import type { Event, Keyspace, KeyValue, Lease, RangeRequest, RangeResult } from './types.js'

/** Its tables; see tables.ts. */
export interface KeyspaceTables {
  readonly kv: PagedMap
  readonly leases: PagedMap
  /** Lease id and key → nothing. */
  readonly leaseKeys: PagedMap
}

/** One command's changes: all events of one revision. */
export interface Change {
  /** Revision of whatever the command writes. */
  readonly revision: number
  readonly wallMs: number
  readonly events: Event[]
  /** Candidates for ids that the store must choose. */
  readonly nextId: () => bigint
}

const EMPTY = Buffer.alloc(0)

export class KeyspaceState {
  readonly keyspace: Keyspace
  readonly tables: KeyspaceTables
  /** 1 for the empty store, as in etcd. compacted ≤ revision. */
  revision = 1
  compacted = 0

  constructor(keyspace: Keyspace, tables: KeyspaceTables) {
    this.keyspace = keyspace
    this.tables = tables
  }

  get(key: Uint8Array): KeyValue | undefined {
    const payload = this.tables.kv.get(key)
    return payload && decodeKv(Buffer.from(key), payload)
  }

  /** Newest versions; `revision` is what the result says it is of. */
  range(request: RangeRequest, revision: number): RangeResult {
    if (isSingle(request)) {
      const kv = this.get(request.key)
      return finishRange(kv && !request.countOnly ? [kv] : [], request, revision, kv ? 1 : 0)
    }
    const range = keyRange(request)
    const kvs = this.read(range, readLimit(request))
    return finishRange(kvs, request, revision, this.tables.kv.count(range.low, range.high))
  }

  /** Up to `limit` newest versions of a range. */
  read(range: KeyRange, limit: number): KeyValue[] {
    const kvs: KeyValue[] = []
    if (limit <= 0) return kvs
    const { kv } = this.tables
    kv.scan(range.low, range.high, (page, slot) => {
      kvs.push(decodeKv(Buffer.from(keyView(page, slot)), kv.valueAt(page, slot)))
      return kvs.length < limit
    })
    return kvs
  }

  /** Throws E_LEASE_NOT_FOUND, E_INVALID_ARGUMENT, E_TOO_LARGE. Gives the version before. */
  put(key: Uint8Array, value: Uint8Array, lease: bigint, change: Change): KeyValue | undefined {
    expectKey(key)
    if (value.length > limits.valueBytesMax)
      throw new KeeperError('E_TOO_LARGE', `value of ${value.length} bytes, limit ${limits.valueBytesMax}`)
    const old = this.tables.kv.get(key)
    const previous = old && decodeKv(key, old)
    if (lease !== 0n) this.#leaseRow(lease)
    const { revision } = change
    const kv: KeyValue = {
      key,
      value,
      createRevision: previous?.createRevision ?? revision,
      modRevision: revision,
      version: (previous?.version ?? 0) + 1,
      lease,
    }
    this.tables.kv.put(key, encodeKv(kv), old)
    this.#moveLease(key, previous?.lease ?? 0n, lease)
    const { keyspace } = this
    change.events.push(previous ? { keyspace, type: 'put', kv, prevKv: previous } : { keyspace, type: 'put', kv })
    return previous
  }

  /** Gives the versions that are gone. */
  deleteRange(range: KeyRange, change: Change): KeyValue[] {
    const gone = this.read(range, Number.POSITIVE_INFINITY)
    for (const kv of gone) this.#delete(kv, change)
    return gone
  }

  /** `id` 0n: one is chosen. Throws E_LEASE_EXISTS, E_INVALID_ARGUMENT. */
  grant(id: bigint, ttlSeconds: number, change: Change): Lease {
    if (id < 0n) throw new KeeperError('E_INVALID_ARGUMENT', `lease id ${id} is negative`)
    if (ttlSeconds > limits.leaseTtlSecondsMax)
      throw new KeeperError('E_INVALID_ARGUMENT', `lease of ${ttlSeconds} s, limit ${limits.leaseTtlSecondsMax}`)
    if (this.tables.leases.has(idBytes(id))) throw new KeeperError('E_LEASE_EXISTS', `lease ${id} exists`)
    const chosen = id === 0n ? this.#freeId(change) : id
    const ttl = Math.max(limits.leaseTtlSecondsMin, ttlSeconds)
    const row: LeaseRow = { ttlSeconds: ttl, grantedWallMs: change.wallMs, keys: 0 }
    this.tables.leases.put(idBytes(chosen), encodeLease(row))
    return { id: chosen, keyspace: this.keyspace, ...row }
  }

  /** Deletes the lease and its keys, in key order. Throws E_LEASE_NOT_FOUND. */
  revoke(id: bigint, change: Change): void {
    this.#leaseRow(id)
    const prefix = idBytes(id)
    const entries = this.tables.leaseKeys.keys(prefix, prefixEnd(prefix))
    for (const key of entries.map((entry) => entry.subarray(8)).sort(compareBytes)) {
      const kv = this.get(key)
      if (kv) this.#delete(kv, change)
    }
    this.tables.leases.delete(prefix)
  }

  lease(id: bigint): Lease | undefined {
    const payload = this.tables.leases.get(idBytes(id))
    return payload && { id, keyspace: this.keyspace, ...decodeLease(payload) }
  }

  leases(): Lease[] {
    const leases: Lease[] = []
    this.tables.leases.scan(EMPTY, undefined, (page, slot) => {
      const row = decodeLease(this.tables.leases.valueAt(page, slot))
      leases.push({ id: readId(keyView(page, slot)), keyspace: this.keyspace, ...row })
      return true
    })
    return leases
  }

  /** Keys bound to a lease, in order. */
  leaseKeys(id: bigint): Buffer[] {
    const prefix = idBytes(id)
    return this.tables.leaseKeys.keys(prefix, prefixEnd(prefix)).map((entry) => entry.subarray(8))
  }

  /** Throws E_COMPACTED below and E_FUTURE_REVISION above what can be read; 0 stands for now. */
  expectReadable(revision: number): void {
    if (revision > this.revision)
      throw new KeeperError('E_FUTURE_REVISION', `revision ${revision}, newest ${this.revision}`)
    if (revision > 0 && revision < this.compacted)
      throw new KeeperError('E_COMPACTED', `revision ${revision} is compacted up to ${this.compacted}`)
  }

  /** Throws E_COMPACTED when it was done before, E_FUTURE_REVISION. */
  compact(revision: number): void {
    if (revision <= this.compacted) throw new KeeperError('E_COMPACTED', `already compacted up to ${this.compacted}`)
    this.expectReadable(revision)
    this.compacted = revision
  }

  #delete(kv: KeyValue, change: Change): void {
    this.tables.kv.delete(kv.key)
    this.#moveLease(kv.key, kv.lease, 0n)
    const tombstone: KeyValue = {
      key: kv.key,
      value: EMPTY,
      createRevision: 0,
      modRevision: change.revision,
      version: 0,
      lease: 0n,
    }
    change.events.push({ keyspace: this.keyspace, type: 'delete', kv: tombstone, prevKv: kv })
  }

  #moveLease(key: Uint8Array, from: bigint, to: bigint): void {
    if (from === to) return
    if (from !== 0n) {
      this.tables.leaseKeys.delete(Buffer.concat([idBytes(from), key]))
      this.#countKeys(from, -1)
    }
    if (to !== 0n) {
      this.tables.leaseKeys.put(Buffer.concat([idBytes(to), key]), EMPTY)
      this.#countKeys(to, 1)
    }
  }

  #countKeys(id: bigint, by: number): void {
    const row = this.#leaseRow(id)
    this.tables.leases.put(idBytes(id), encodeLease({ ...row, keys: row.keys + by }))
  }

  #leaseRow(id: bigint): LeaseRow {
    const payload = this.tables.leases.get(idBytes(id))
    if (!payload) throw new KeeperError('E_LEASE_NOT_FOUND', `no lease ${id}`)
    return decodeLease(payload)
  }

  #freeId(change: Change): bigint {
    for (;;) {
      const id = change.nextId()
      if (id !== 0n && !this.tables.leases.has(idBytes(id))) return id
    }
  }
}

export function expectKey(key: Uint8Array): void {
  if (key.length === 0) throw new KeeperError('E_INVALID_ARGUMENT', 'the key is empty')
  if (key.length > limits.keyBytesMax)
    throw new KeeperError('E_TOO_LARGE', `key of ${key.length} bytes, limit ${limits.keyBytesMax}`)
}
