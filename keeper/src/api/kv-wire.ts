/** The users' keys: wire messages into the store's words and back. Throws E_INVALID_ARGUMENT for what has no meaning. */

import type {
  Compare__Output,
  Operation__Output,
  RangeRequest__Output,
  RangeResponse,
  TxnRequest__Output,
  TxnResponse,
  KeyValue as WireKeyValue,
  OperationResult as WireOperationResult,
} from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Compare, KeyValue, Operation, OperationResult, RangeRequest, RangeResult, Txn } from '../store/types.js'
import { id64, uint } from './calls.js'

/** As etcd: no end means one key. */
const endOf = (rangeEnd: Uint8Array) => (rangeEnd.length > 0 ? { rangeEnd } : {})

const comparisons = { EQUAL: 'equal', GREATER: 'greater', LESS: 'less', NOT_EQUAL: 'notEqual' } as const
const numberTargets = { VERSION: 'version', CREATE: 'createRevision', MOD: 'modRevision' } as const

export function rangeFromWire(wire: RangeRequest__Output): RangeRequest {
  return {
    key: wire.key,
    ...endOf(wire.rangeEnd),
    limit: wire.limit || limits.rangeLimitDefault,
    revision: uint('revision', wire.revision),
    keysOnly: wire.keysOnly,
    countOnly: wire.countOnly,
  }
}

export const txnFromWire = (wire: TxnRequest__Output): Txn => ({
  compares: wire.compares.map(compareFromWire),
  success: wire.success.map(operationFromWire),
  failure: wire.failure.map(operationFromWire),
})

function compareFromWire(wire: Compare__Output): Compare {
  const { key } = wire
  const comparison = comparisons[wire.comparison]
  if (comparison === undefined) throw unknownWord('comparison', wire.comparison)
  if (wire.target === 'VALUE') return { target: 'value', key, comparison, operand: wire.value }
  if (wire.target === 'LEASE') return { target: 'lease', key, comparison, operand: id64('lease', wire.lease) }
  const target = numberTargets[wire.target]
  if (target === undefined) throw unknownWord('compare target', wire.target)
  return { target, key, comparison, operand: uint('number', wire.number) }
}

const unknownWord = (what: string, word: unknown): KeeperError =>
  new KeeperError('E_INVALID_ARGUMENT', `no such ${what}: ${String(word)}`)

function operationFromWire(wire: Operation__Output): Operation {
  if (wire.put) {
    const { key, value, prevKv } = wire.put
    const lease = id64('lease', wire.put.lease)
    return { kind: 'put', key, value, lease, prevKv, revisionSuffix: false, ignoreValue: false, ignoreLease: false }
  }
  if (wire.delete) {
    return { kind: 'delete', key: wire.delete.key, ...endOf(wire.delete.rangeEnd), prevKv: wire.delete.prevKv }
  }
  if (wire.range) return { kind: 'range', range: rangeFromWire(wire.range) }
  throw new KeeperError('E_INVALID_ARGUMENT', 'an operation is neither put, delete nor range')
}

/** The value is copied: what the store gives is a view of memory that it goes on to use. */
export const keyValueToWire = (kv: KeyValue): WireKeyValue => ({
  key: Buffer.isBuffer(kv.key) ? kv.key : Buffer.from(kv.key),
  value: Buffer.from(kv.value),
  createRevision: kv.createRevision,
  modRevision: kv.modRevision,
  version: kv.version,
  lease: kv.lease === 0n ? 0 : kv.lease.toString(),
})

/** A range that would be too large for one message is cut, and says `more`. */
export function rangeToWire(result: RangeResult): RangeResponse {
  const { kvs, cut } = fitting(result.kvs)
  return { kvs: kvs.map(keyValueToWire), more: result.more || cut, count: result.count, revision: result.revision }
}

function fitting(kvs: readonly KeyValue[]): { kvs: readonly KeyValue[]; cut: boolean } {
  let bytes = 0
  const end = kvs.findIndex((kv) => {
    bytes += kv.key.length + kv.value.length + KEY_VALUE_OVERHEAD_BYTES
    return bytes > limits.messageBytesMax - RESPONSE_SLACK_BYTES
  })
  return end < 0
    ? { kvs, cut: false }
    : { kvs: kvs.slice(0, Math.max(end, 1)), cut: end < kvs.length && kvs.length > 1 }
}

const KEY_VALUE_OVERHEAD_BYTES = 64
const RESPONSE_SLACK_BYTES = 64 * 1024

export const txnToWire = (succeeded: boolean, results: readonly OperationResult[]): TxnResponse => ({
  succeeded,
  results: results.map(resultToWire),
})

function resultToWire(result: OperationResult): WireOperationResult {
  if (result.kind === 'put') return { put: result.prevKv ? { prevKv: keyValueToWire(result.prevKv) } : {} }
  if (result.kind === 'delete') {
    return { delete: { deleted: result.deleted, prevKvs: result.prevKvs.map(keyValueToWire) } }
  }
  if (result.kind === 'range') return { range: rangeToWire(result.result) }
  throw new KeeperError('E_INTERNAL', `no ${result.kind} was asked for`)
}
