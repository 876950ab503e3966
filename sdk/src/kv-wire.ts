import {
  type Compare,
  type KeyValue__Output,
  type Operation,
  type OperationResult__Output,
  type RangeRequest,
  type RangeResponse__Output,
  toBigInt,
  toSafe,
} from '@keeper/proto/wire'
import { KeeperClientError } from './errors.js'
import {
  type Bytes,
  type Condition,
  type KeyRange,
  KvEntry,
  type KvOperation,
  type OperationResult,
  type RangeResult,
} from './kv-types.js'

export const bytesOf = (bytes: Bytes): Buffer =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : Buffer.from(bytes)

/** etcd's ranges: an end of one zero byte means "to the last key". */
const toTheEnd = Buffer.from([0])
/** No end: one key. */
const none = Buffer.alloc(0)

export function wireRange(range: KeyRange): { key: Buffer; rangeEnd: Buffer } {
  if (typeof range === 'string' || range instanceof Uint8Array) return { key: bytesOf(range), rangeEnd: none }
  if ('prefix' in range) return prefixRange(bytesOf(range.prefix))
  return { key: bytesOf(range.from), rangeEnd: bytesOf(range.to) }
}

function prefixRange(prefix: Buffer): { key: Buffer; rangeEnd: Buffer } {
  if (prefix.length === 0) return { key: toTheEnd, rangeEnd: toTheEnd }
  const last = prefix.findLastIndex((byte) => byte < 0xff)
  if (last < 0) return { key: prefix, rangeEnd: toTheEnd }
  const rangeEnd = Buffer.from(prefix.subarray(0, last + 1))
  rangeEnd[last] = (prefix[last] ?? 0) + 1
  return { key: prefix, rangeEnd }
}

type RangeFields = {
  limit?: number
  keysOnly?: boolean
  countOnly?: boolean
  revision?: number
  serializable?: boolean
}

export function wireRead(range: KeyRange, options: RangeFields, limit = options.limit): RangeRequest {
  const { key, rangeEnd } = wireRange(range)
  const { revision, keysOnly, countOnly, serializable } = options
  const wire: RangeRequest = { key, rangeEnd, limit: limit ?? 0, revision: revision ?? 0 }
  wire.keysOnly = keysOnly ?? false
  wire.countOnly = countOnly ?? false
  wire.serializable = serializable ?? false
  return wire
}

export const wirePut = (
  key: Bytes,
  value: Bytes,
  { lease, previous = false }: { readonly lease?: bigint; readonly previous?: boolean },
): Operation => ({
  put: {
    key: bytesOf(key),
    value: bytesOf(value),
    lease: lease === undefined ? 0 : lease.toString(),
    prevKv: previous,
  },
})

export function wireOperation(operation: KvOperation): Operation {
  if ('put' in operation) return wirePut(operation.put, operation.value, operation)
  if ('delete' in operation) {
    return { delete: { ...wireRange(operation.delete), prevKv: operation.previous ?? false } }
  }
  return { range: wireRead(operation.range, operation) }
}

const comparisons = { '=': 'EQUAL', '!=': 'NOT_EQUAL', '>': 'GREATER', '<': 'LESS' } as const

export function wireCompare(condition: Condition): Compare {
  const base = { key: bytesOf(condition.key), comparison: comparisons[condition.is] }
  if ('version' in condition) return { ...base, target: 'VERSION', number: condition.version }
  if ('createRevision' in condition) return { ...base, target: 'CREATE', number: condition.createRevision }
  if ('modRevision' in condition) return { ...base, target: 'MOD', number: condition.modRevision }
  if ('value' in condition) return { ...base, target: 'VALUE', value: bytesOf(condition.value) }
  return { ...base, target: 'LEASE', lease: condition.lease.toString() }
}

export const entryOf = (kv: KeyValue__Output): KvEntry =>
  new KvEntry({
    key: kv.key,
    value: kv.value,
    createRevision: toSafe(kv.createRevision),
    modRevision: toSafe(kv.modRevision),
    version: toSafe(kv.version),
    lease: toBigInt(kv.lease),
  })

export const rangeOf = (range: RangeResponse__Output, revision: number): RangeResult => ({
  entries: range.kvs.map(entryOf),
  more: range.more,
  count: toSafe(range.count),
  revision: toSafe(range.revision) || revision,
})

export function resultOf(result: OperationResult__Output, revision: number): OperationResult {
  if (result.put) return { kind: 'put', previous: result.put.prevKv ? entryOf(result.put.prevKv) : undefined }
  if (result.range) return { kind: 'range', ...rangeOf(result.range, revision) }
  if (!result.delete) throw new KeeperClientError('E_INTERNAL', 'the keeper gave no result')
  return { kind: 'delete', deleted: toSafe(result.delete.deleted), previous: result.delete.prevKvs.map(entryOf) }
}
