/** Executes transactions as etcd does: all compares first, on the state before, then the operations of the chosen branches. */

import { encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { keyRange } from './key-range.js'
import type { Change, KeyspaceState } from './keyspace.js'
import { revisionSuffix } from './records.js'
import { checkPut, checkTxn } from './txn-check.js'
import type { Compare, Comparison, KeyValue, Operation, OperationResult, PutOperation, Txn } from './types.js'

export interface TxnContext {
  readonly keyspace: KeyspaceState
  readonly change: Change
  /** Raft term of the entry. */
  readonly term: number
  readonly hasBlob: (hash: string) => boolean
}

export interface TxnOutcome {
  readonly succeeded: boolean
  readonly results: readonly OperationResult[]
}

/** Throws typed errors half-way: the caller rolls back. */
export function executeTxn(txn: Txn, context: TxnContext): TxnOutcome {
  const put = onlyPut(txn)
  if (put) {
    checkPut(put)
    return { succeeded: true, results: [executePut(put, context)] }
  }
  checkTxn(txn, (one) => putKey(one, context), context.keyspace.keyspace)
  return run(choose(txn, context), context)
}

/** Most transactions are one put and nothing else. */
function onlyPut({ compares, success, failure }: Txn): PutOperation | undefined {
  const [first] = success
  return first?.kind === 'put' && success.length === 1 && compares.length === 0 && failure.length === 0
    ? first
    : undefined
}

/** A transaction whose compares are decided. */
interface Chosen {
  readonly succeeded: boolean
  readonly operations: readonly (Exclude<Operation, { kind: 'txn' }> | { readonly kind: 'chosen'; chosen: Chosen })[]
}

function choose(txn: Txn, context: TxnContext): Chosen {
  const succeeded = txn.compares.every((compare) => holds(compare, context))
  const branch = succeeded ? txn.success : txn.failure
  if (branch.every(isPlain)) return { succeeded, operations: branch }
  const operations = branch.map((operation) =>
    operation.kind === 'txn' ? { kind: 'chosen' as const, chosen: choose(operation.txn, context) } : operation,
  )
  return { succeeded, operations }
}

const isPlain = (operation: Operation): operation is Exclude<Operation, { kind: 'txn' }> => operation.kind !== 'txn'

function run(chosen: Chosen, context: TxnContext): TxnOutcome {
  const results = chosen.operations.map((operation): OperationResult => {
    if (operation.kind === 'chosen') return { kind: 'txn', ...run(operation.chosen, context) }
    return (executors[operation.kind] as (o: typeof operation, c: TxnContext) => OperationResult)(operation, context)
  })
  return { succeeded: chosen.succeeded, results }
}

type Executors = {
  readonly [K in Exclude<Operation['kind'], 'txn'>]: (
    operation: Extract<Operation, { kind: K }>,
    context: TxnContext,
  ) => OperationResult
}

const executors: Executors = {
  put: (operation, context) => executePut(operation, context),
  delete: (operation, { keyspace, change }) => {
    const prevKvs = keyspace.deleteRange(keyRange(operation), change)
    return { kind: 'delete', deleted: prevKvs.length, prevKvs: operation.prevKv ? prevKvs : [] }
  },
  range: ({ range }, { keyspace, change }) => {
    const now = change.events.length > 0 ? change.revision : keyspace.revision
    if (range.revision > 0 && range.revision !== now) expectNow(range.revision, keyspace)
    return { kind: 'range', result: keyspace.range(range, now) }
  },
  leaseGrant: ({ id, ttlSeconds }, { keyspace, change }) => {
    const lease = keyspace.grant(id, ttlSeconds, change)
    return { kind: 'leaseGrant', id: lease.id, ttlSeconds: lease.ttlSeconds }
  },
  leaseRevoke: ({ id }, { keyspace, change }) => {
    keyspace.revoke(id, change)
    return { kind: 'leaseRevoke' }
  },
}

/** Apply never waits for the disk, and history is there: inside the log only the newest versions can be read. */
function expectNow(revision: number, keyspace: KeyspaceState): void {
  keyspace.expectReadable(revision)
  throw new KeeperError('E_UNSUPPORTED', `a transaction in the log reads the newest versions, not revision ${revision}`)
}

function putKey(put: PutOperation, context: TxnContext): Uint8Array {
  if (!put.revisionSuffix) return put.key
  return Buffer.concat([put.key, encodeText(revisionSuffix(context.change.revision))])
}

function executePut(put: PutOperation, context: TxnContext): OperationResult {
  const { keyspace, change } = context
  const key = putKey(put, context)
  const kept = put.ignoreValue || put.ignoreLease ? keyspace.get(key) : undefined
  if ((put.ignoreValue || put.ignoreLease) && !kept)
    throw new KeeperError('E_NOT_FOUND', 'a put that keeps the old value or lease found no key')
  const value = put.ignoreValue && kept ? kept.value : put.value
  const lease = put.ignoreLease && kept ? kept.lease : put.lease
  const previous = keyspace.put(key, value, lease, change)
  return put.prevKv && previous ? { kind: 'put', prevKv: previous } : { kind: 'put' }
}

const verdicts: Record<Comparison, (order: number) => boolean> = {
  equal: (order) => order === 0,
  greater: (order) => order > 0,
  less: (order) => order < 0,
  notEqual: (order) => order !== 0,
}

const absent = { version: 0, createRevision: 0, modRevision: 0, lease: 0n }

function holds(compare: Compare, context: TxnContext): boolean {
  if (compare.target === 'blob') return context.hasBlob(compare.hash)
  if (compare.target === 'term') return compare.term === context.term
  const range = keyRange(compare)
  const kvs = compare.rangeEnd
    ? context.keyspace.read(range, Number.POSITIVE_INFINITY)
    : [context.keyspace.get(compare.key)].filter((kv) => kv !== undefined)
  const verdict = verdicts[compare.comparison]
  if (kvs.length === 0) return compare.target !== 'value' && verdict(orderOf(compare, absent))
  return kvs.every((kv) => verdict(orderOf(compare, kv)))
}

type Compared = Pick<KeyValue, 'version' | 'createRevision' | 'modRevision' | 'lease'> & { readonly value?: Uint8Array }

function orderOf(compare: Extract<Compare, { comparison: Comparison }>, kv: Compared): number {
  if (compare.target === 'value') return Buffer.compare(kv.value ?? new Uint8Array(0), compare.operand)
  if (compare.target === 'lease') return kv.lease < compare.operand ? -1 : kv.lease > compare.operand ? 1 : 0
  return kv[compare.target] - compare.operand
}
