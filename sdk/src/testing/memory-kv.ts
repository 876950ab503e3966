import {
  type Compare__Output,
  type KeyValue,
  type Operation__Output,
  type OperationResult,
  type RangeRequest__Output,
  type Reply,
  type Request__Output,
  type TxnRequest__Output,
  toBigInt,
  toSafe,
} from '@keeper/proto/wire'

interface Row {
  readonly key: Buffer
  readonly value: Buffer
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
  readonly lease: string
}

/** Keys and values as a keeper serves them, without history: enough for the tests of a service. */
export class MemoryKv {
  #rows = new Map<string, Row>()
  #leases = new Map<string, number>()
  #answered = new Map<string, Reply>()
  #revision = 1
  #nextLease = 1n

  /** The replies to a batch; what a session asked before gets the answer of before. */
  answer(sessionId: string, requests: readonly Request__Output[]): Reply[] {
    return requests.map((request) => {
      const id = `${sessionId}/${request.sequence}`
      const reply = this.#answered.get(id) ?? this.#answerOnce(request)
      this.#answered.set(id, reply)
      return reply
    })
  }

  #answerOnce(request: Request__Output): Reply {
    const base = { sequence: request.sequence }
    if (request.range) return { ...base, range: this.#range(request.range), revision: this.#revision }
    if (request.txn) {
      const txn = this.#txn(request.txn)
      return { ...base, txn, revision: this.#revision }
    }
    return { ...base, revision: this.#revision, ...this.#lease(request) }
  }

  #lease({ leaseGrant, leaseRevoke, leaseKeepAlive }: Request__Output): Partial<Reply> {
    if (leaseGrant) {
      const id = leaseGrant.id === '0' ? String(this.#nextLease++) : leaseGrant.id
      this.#leases.set(id, leaseGrant.ttlSeconds)
      return { leaseGrant: { id, ttlSeconds: leaseGrant.ttlSeconds } }
    }
    if (leaseKeepAlive) {
      return { leaseKeepAlive: { id: leaseKeepAlive.id, ttlSeconds: this.#leases.get(leaseKeepAlive.id) ?? 0 } }
    }
    if (leaseRevoke && this.#leases.delete(leaseRevoke.id)) {
      this.#revision++
      this.#rows = new Map([...this.#rows].filter(([, row]) => row.lease !== leaseRevoke.id))
      return { leaseRevoke: {} }
    }
    if (leaseRevoke) return { error: { code: 'E_LEASE_NOT_FOUND', message: `no lease ${leaseRevoke.id}` } }
    return { error: { code: 'E_UNSUPPORTED', message: 'the test keeper does not know the request' } }
  }

  #txn(txn: TxnRequest__Output) {
    const succeeded = txn.compares.every((compare) => this.#holds(compare))
    const operations = succeeded ? txn.success : txn.failure
    if (operations.some((operation) => operation.put || operation.delete)) this.#revision++
    return { succeeded, results: operations.map((operation) => this.#run(operation)) }
  }

  #run({ put, delete: remove, range }: Operation__Output): OperationResult {
    if (put) return { put: { prevKv: this.#put(put.key, put.value, put.lease, put.prevKv) } }
    if (!remove) return { range: range ? this.#range(range) : {} }
    const gone = this.#select(remove.key, remove.rangeEnd)
    for (const row of gone) this.#rows.delete(row.key.toString('latin1'))
    return { delete: { deleted: gone.length, prevKvs: remove.prevKv ? gone : [] } }
  }

  #put(key: Buffer, value: Buffer, lease: string, wantPrevious: boolean): KeyValue | null {
    const before = this.#rows.get(key.toString('latin1'))
    const createRevision = before?.createRevision ?? this.#revision
    const version = (before?.version ?? 0) + 1
    this.#rows.set(key.toString('latin1'), {
      key,
      value,
      lease,
      createRevision,
      version,
      modRevision: this.#revision,
    })
    return wantPrevious ? (before ?? null) : null
  }

  #range({ key, rangeEnd, limit, keysOnly, countOnly }: RangeRequest__Output) {
    const rows = this.#select(key, rangeEnd)
    const shown = countOnly ? [] : rows.slice(0, limit || rows.length)
    const kvs = keysOnly ? shown.map((row) => ({ ...row, value: Buffer.alloc(0) })) : shown
    return { kvs, count: rows.length, more: !countOnly && shown.length < rows.length, revision: this.#revision }
  }

  #select(key: Buffer, end: Buffer): Row[] {
    const toTheEnd = end.length === 1 && end[0] === 0
    const within = (row: Row) =>
      end.length === 0 ? row.key.equals(key) : row.key.compare(key) >= 0 && (toTheEnd || row.key.compare(end) < 0)
    return [...this.#rows.values()].filter(within).sort((a, b) => a.key.compare(b.key))
  }

  #holds(compare: Compare__Output): boolean {
    const row = this.#rows.get(compare.key.toString('latin1'))
    const order = compareTo(compare, row)
    if (compare.comparison === 'EQUAL') return order === 0
    if (compare.comparison === 'NOT_EQUAL') return order !== 0
    return compare.comparison === 'GREATER' ? order > 0 : order < 0
  }
}

/** Below zero, zero or above: the row's side against the asked one. A missing row has only zeros. */
function compareTo(compare: Compare__Output, row: Row | undefined): number {
  if (compare.target === 'VALUE') return row ? row.value.compare(compare.value) : Number.NaN
  if (compare.target === 'LEASE') return Number(toBigInt(row?.lease ?? 0) - toBigInt(compare.lease))
  const fields = { VERSION: row?.version, CREATE: row?.createRevision, MOD: row?.modRevision }
  return (fields[compare.target] ?? 0) - toSafe(compare.number)
}
