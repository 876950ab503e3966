/** What makes a transaction wrong by itself, whatever is stored: as etcd's checkTxnRequest and checkIntervals. */

import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { compareBytes, type KeyRange, keyRange } from './key-range.js'
import { expectKey } from './keyspace.js'
import type { Keyspace, Operation, Txn } from './types.js'

/** The key that a put writes: known once the transaction's revision is. */
export type KeyOf = (put: Extract<Operation, { kind: 'put' }>) => Uint8Array

/** A change set is one transaction, however many configs a directory has; users' own are held to less. */
const operationsMax: Readonly<Record<Keyspace, number>> = {
  user: limits.txnOperationsMax,
  system: limits.changeSetOperationsMax,
}

/** Throws E_INVALID_ARGUMENT, E_TOO_LARGE, E_TOO_MANY, E_DUPLICATE_KEY. */
export function checkTxn(txn: Txn, keyOf: KeyOf, keyspace: Keyspace): void {
  if (countOperations(txn) > operationsMax[keyspace])
    throw new KeeperError('E_TOO_LARGE', `more than ${operationsMax[keyspace]} operations and compares`)
  checkKeys(txn)
  for (const branch of [txn.success, txn.failure]) if (canOverlap(branch)) checkOverlaps(branch, keyOf)
}

/** Does any branch write? */
export function mutates(txn: Txn): boolean {
  return txn.success.some(operationMutates) || txn.failure.some(operationMutates)
}

/** One operation alone writes nothing twice. */
const canOverlap = (branch: readonly Operation[]): boolean => branch.length > 1 || branch[0]?.kind === 'txn'

const operationMutates = (operation: Operation): boolean =>
  operation.kind === 'txn' ? mutates(operation.txn) : operation.kind !== 'range'

function countOperations(txn: Txn): number {
  let count = txn.compares.length + txn.success.length + txn.failure.length
  for (const branch of [txn.success, txn.failure])
    for (const operation of branch) if (operation.kind === 'txn') count += countOperations(operation.txn)
  return count
}

function checkKeys(txn: Txn): void {
  for (const compare of txn.compares) if ('key' in compare) expectKey(compare.key)
  for (const operation of txn.success) checkKey(operation)
  for (const operation of txn.failure) checkKey(operation)
}

function checkKey(operation: Operation): void {
  if (operation.kind === 'txn') checkKeys(operation.txn)
  else if (operation.kind === 'put') checkPut(operation)
  else if (operation.kind === 'delete') expectKey(operation.key)
  else if (operation.kind === 'range') expectKey(operation.range.key)
}

/** Of one put alone. Throws E_INVALID_ARGUMENT, E_TOO_LARGE. */
export function checkPut(put: Extract<Operation, { kind: 'put' }>): void {
  expectKey(put.key)
  if (put.ignoreValue && put.value.length > 0)
    throw new KeeperError('E_INVALID_ARGUMENT', 'a put that ignores its value has one')
  if (put.ignoreLease && put.lease !== 0n)
    throw new KeeperError('E_INVALID_ARGUMENT', 'a put that ignores its lease has one')
}

interface Written {
  readonly puts: Set<string>
  readonly deletes: IntervalSet
}

const textKey = (key: Uint8Array): string => Buffer.from(key).toString('latin1')

function duplicate(key: string): KeeperError {
  return new KeeperError('E_DUPLICATE_KEY', `written twice: ${Buffer.from(key, 'latin1').toString('utf8')}`)
}

/** Keys written by a branch. A key may be put by both branches of one nested transaction, and not otherwise twice. */
function checkOverlaps(branch: readonly Operation[], keyOf: KeyOf): Written {
  const written: Written = { puts: new Set(), deletes: new IntervalSet() }
  for (const operation of branch) if (operation.kind === 'delete') written.deletes.add(keyRange(operation))
  for (const operation of branch) if (operation.kind === 'txn') addNested(operation.txn, written, keyOf)
  for (const operation of branch) {
    if (operation.kind === 'put') addPut(textKey(keyOf(operation)), written)
  }
  return written
}

function addNested(txn: Txn, written: Written, keyOf: KeyOf): void {
  const success = checkOverlaps(txn.success, keyOf)
  const failure = checkOverlaps(txn.failure, keyOf)
  for (const key of failure.puts) if (!success.puts.has(key)) addPut(key, written)
  for (const key of success.puts) addPut(key, written)
  for (const branch of [success, failure]) for (const range of branch.deletes.ranges) written.deletes.add(range)
}

function addPut(key: string, written: Written): void {
  if (written.puts.has(key) || written.deletes.has(Buffer.from(key, 'latin1'))) throw duplicate(key)
  written.puts.add(key)
}

/** Disjoint ranges in order. */
class IntervalSet {
  readonly ranges: KeyRange[] = []

  add(range: KeyRange): void {
    if (range.high !== undefined && compareBytes(range.low, range.high) >= 0) return
    const from = this.#firstEndingFrom(range.low)
    let to = from
    let { low, high } = range
    for (; to < this.ranges.length; to++) {
      const next = this.ranges[to] as KeyRange
      if (high !== undefined && compareBytes(next.low, high) > 0) break
      if (compareBytes(next.low, low) < 0) low = next.low
      if (next.high === undefined || high === undefined) high = undefined
      else if (compareBytes(next.high, high) > 0) high = next.high
    }
    this.ranges.splice(from, to - from, { low, high })
  }

  has(key: Uint8Array): boolean {
    const at = this.#firstEndingFrom(key)
    for (const range of this.ranges.slice(at, at + 2))
      if (compareBytes(range.low, key) <= 0 && (range.high === undefined || compareBytes(key, range.high) < 0))
        return true
    return false
  }

  /** The first range with `key` ≤ high. */
  #firstEndingFrom(key: Uint8Array): number {
    let low = 0
    let high = this.ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const end = (this.ranges[middle] as KeyRange).high
      if (end !== undefined && compareBytes(end, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
