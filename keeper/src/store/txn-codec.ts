/** Transactions as bytes: the larger part of command-codec.ts. */

import type { ByteReader, ByteWriter } from '../base/codec.js'
import { expectDepth, natural, readCode, readCount, readList, unknown } from './codec-words.js'
import type { Compare, Comparison, DeleteOperation, Operation, PutOperation, RangeRequest, Txn } from './types.js'

/** Codes on disk and wire, all of them: append only. */
const targets = ['version', 'createRevision', 'modRevision', 'lease', 'value', 'blob', 'term'] as const
const comparisons: readonly Comparison[] = ['equal', 'greater', 'less', 'notEqual']
const operations = ['put', 'delete', 'range', 'txn', 'leaseGrant', 'leaseRevoke'] as const
const sortTargets = ['key', 'version', 'create', 'mod', 'value'] as const
const sortOrders = ['ascend', 'descend'] as const
const NONE: readonly Operation[] = []

const integer = (to: ByteWriter, value: number) => to.int64(BigInt(Math.trunc(value)))
const readInteger = (from: ByteReader) => Number(from.int64())

export function writeTxn(to: ByteWriter, txn: Txn, depth = 1): void {
  expectDepth(depth)
  to.uint(txn.compares.length)
  for (const compare of txn.compares) writeCompare(to, compare)
  for (const branch of [txn.success, txn.failure]) {
    to.uint(branch.length)
    for (const operation of branch) writeOperation(to, operation, depth)
  }
}

export function readTxn(from: ByteReader, depth = 1): Txn {
  expectDepth(depth)
  const compares = readList(from, readCompare)
  return { compares, success: readOperations(from, depth), failure: readOperations(from, depth) }
}

function readOperations(from: ByteReader, depth: number): readonly Operation[] {
  const count = readCount(from)
  if (count === 0) return NONE
  const list: Operation[] = []
  while (list.length < count) list.push(readOperation(from, depth))
  return list
}

function writeKeys(to: ByteWriter, range: { readonly key: Uint8Array; readonly rangeEnd?: Uint8Array }): ByteWriter {
  to.bytes(range.key).boolean(range.rangeEnd !== undefined)
  return range.rangeEnd ? to.bytes(range.rangeEnd) : to
}

function readKeys(from: ByteReader): { key: Buffer; rangeEnd?: Buffer } {
  const key = from.bytes()
  return from.boolean() ? { key, rangeEnd: from.bytes() } : { key }
}

function writeCompare(to: ByteWriter, compare: Compare): void {
  to.byte(targets.indexOf(compare.target))
  if (compare.target === 'blob') to.text(compare.hash)
  else if (compare.target === 'term') to.uint(compare.term)
  else {
    writeKeys(to, compare).byte(comparisons.indexOf(compare.comparison))
    if (compare.target === 'value') to.bytes(compare.operand)
    else if (compare.target === 'lease') to.int64(compare.operand)
    else integer(to, compare.operand)
  }
}

function readCompare(from: ByteReader): Compare {
  const target = readCode(from, targets, 'compare target')
  if (target === 'blob') return { target, hash: from.text() }
  if (target === 'term') return { target, term: from.uint() }
  const keys = readKeys(from)
  const comparison = readCode(from, comparisons, 'comparison')
  if (target === 'value') return { target, ...keys, comparison, operand: from.bytes() }
  if (target === 'lease') return { target, ...keys, comparison, operand: from.int64() }
  return { target, ...keys, comparison, operand: readInteger(from) }
}

function writeOperation(to: ByteWriter, operation: Operation, depth: number): void {
  to.byte(operations.indexOf(operation.kind))
  if (operation.kind === 'put') writePut(to, operation)
  else if (operation.kind === 'delete') writeKeys(to, operation).boolean(operation.prevKv)
  else if (operation.kind === 'range') writeRange(to, operation.range)
  else if (operation.kind === 'txn') writeTxn(to, operation.txn, depth + 1)
  else if (operation.kind === 'leaseGrant') to.int64(operation.id).uint(natural(operation.ttlSeconds))
  else to.int64(operation.id)
}

function readOperation(from: ByteReader, depth: number): Operation {
  const kind = readCode(from, operations, 'operation')
  if (kind === 'put') return readPut(from)
  if (kind === 'delete') return { kind, ...readKeys(from), prevKv: from.boolean() } satisfies DeleteOperation
  if (kind === 'range') return { kind, range: readRange(from) }
  if (kind === 'txn') return { kind, txn: readTxn(from, depth + 1) }
  if (kind === 'leaseGrant') return { kind, id: from.int64(), ttlSeconds: from.uint() }
  return { kind, id: from.int64() }
}

const flag = (set: boolean, bit: number) => (set ? 1 << bit : 0)

/** Flags that this version does not know change what a command means. */
function readFlags(from: ByteReader, known: number): number {
  const flags = from.uint()
  if (flags >= 1 << known) throw unknown('flags', flags)
  return flags
}

function writePut(to: ByteWriter, put: PutOperation): void {
  const { revisionSuffix, prevKv, ignoreValue, ignoreLease, lease } = put
  to.uint(
    flag(revisionSuffix, 0) | flag(prevKv, 1) | flag(ignoreValue, 2) | flag(ignoreLease, 3) | flag(lease !== 0n, 4),
  )
  to.bytes(put.key).bytes(put.value)
  if (lease !== 0n) to.int64(lease)
}

function readPut(from: ByteReader): PutOperation {
  const flags = readFlags(from, 5)
  return {
    kind: 'put',
    key: from.bytes(),
    value: from.bytes(),
    lease: flags & 16 ? from.int64() : 0n,
    revisionSuffix: (flags & 1) !== 0,
    prevKv: (flags & 2) !== 0,
    ignoreValue: (flags & 4) !== 0,
    ignoreLease: (flags & 8) !== 0,
  }
}

const filters = ['minModRevision', 'maxModRevision', 'minCreateRevision', 'maxCreateRevision'] as const

function writeRange(to: ByteWriter, range: RangeRequest): void {
  const present = filters.map((name) => range[name] !== undefined)
  const sorted = [range.sortTarget !== undefined, range.sortOrder !== undefined]
  const flags = [range.keysOnly, range.countOnly, ...sorted, ...present]
  to.uint(flags.reduce((bits, set, bit) => bits | flag(set, bit), 0))
  writeKeys(to, range).uint(natural(range.limit)).uint(natural(range.revision))
  if (range.sortTarget !== undefined) to.byte(sortTargets.indexOf(range.sortTarget))
  if (range.sortOrder !== undefined) to.byte(sortOrders.indexOf(range.sortOrder))
  for (const name of filters) if (range[name] !== undefined) integer(to, range[name])
}

function readRange(from: ByteReader): RangeRequest {
  const flags = readFlags(from, 8)
  const range: { -readonly [K in keyof RangeRequest]: RangeRequest[K] } = {
    ...readKeys(from),
    limit: from.uint(),
    revision: from.uint(),
    keysOnly: (flags & 1) !== 0,
    countOnly: (flags & 2) !== 0,
  }
  if (flags & 4) range.sortTarget = readCode(from, sortTargets, 'sort target')
  if (flags & 8) range.sortOrder = readCode(from, sortOrders, 'sort order')
  filters.forEach((name, at) => {
    if (flags & (16 << at)) range[name] = readInteger(from)
  })
  return range
}
