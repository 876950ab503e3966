/** Results as the dedup table remembers them. A large one is kept without its key-values: enough to know what happened. */

import { ByteReader, ByteWriter } from '../base/codec.js'
import { isErrorCode } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { readCode, readList } from './codec-words.js'
import type { CommandResult, KeyValue, OperationResult } from './types.js'

const RESULT_FORMAT = 1
/** Results of plain puts whose sequences and revisions both count up: how many, and the first one's revision. */
const RUN_FORMAT = 2
const formats = [undefined, RESULT_FORMAT, RUN_FORMAT] as const
const kinds = ['put', 'delete', 'range', 'txn', 'leaseGrant', 'leaseRevoke'] as const

/**
 * The result as bytes. Over `limits.dedupResultBytesMax` it is cut: no previous values, and a range says
 * `more: true` with its count and without its kvs.
 */
export function encodeResult(result: CommandResult): Buffer {
  const whole = write(result)
  return whole.length <= limits.dedupResultBytesMax ? whole : write(cut(result))
}

/** Some results of plain puts in a row as bytes. */
export const encodeRun = ({ count, revision }: { readonly count: number; readonly revision: number }): Buffer =>
  new ByteWriter(24).byte(RUN_FORMAT).uint(count).uint(revision).finish()

/** May the result stand in a run? */
export function isPlainPut(result: CommandResult): boolean {
  if (!result.ok || !result.succeeded || result.results.length !== 1) return false
  const [only] = result.results
  return only?.kind === 'put' && only.prevKv === undefined
}

/** How many results the bytes stand for. */
export function resultsIn(bytes: Uint8Array): number {
  return bytes[0] === RUN_FORMAT ? new ByteReader(bytes.subarray(1)).uint() : 1
}

/** The result that stands `at` behind the first one of the bytes. */
export function decodeResult(bytes: Uint8Array, at = 0): CommandResult {
  const from = new ByteReader(bytes)
  if (readCode(from, formats, 'result format') === RUN_FORMAT) {
    from.uint()
    return { ok: true, revision: from.uint() + at, succeeded: true, results: [{ kind: 'put' }] }
  }
  const ok = from.boolean()
  const revision = from.uint()
  if (ok) return { ok, revision, succeeded: from.boolean(), results: readList(from, () => readResult(from)) }
  const code = from.text()
  return { ok, revision, code: isErrorCode(code) ? code : 'E_INTERNAL', message: from.text() }
}

function write(result: CommandResult): Buffer {
  const to = new ByteWriter(64).byte(RESULT_FORMAT).boolean(result.ok).uint(result.revision)
  if (!result.ok) return to.text(result.code).text(result.message).finish()
  to.boolean(result.succeeded)
  writeResults(to, result.results)
  return to.finish()
}

function writeResults(to: ByteWriter, results: readonly OperationResult[]): void {
  to.uint(results.length)
  for (const result of results) writeResult(to, result)
}

function writeResult(to: ByteWriter, result: OperationResult): void {
  to.byte(kinds.indexOf(result.kind))
  if (result.kind === 'put') writeKvs(to, result.prevKv ? [result.prevKv] : [])
  else if (result.kind === 'delete') writeKvs(to.uint(result.deleted), result.prevKvs)
  else if (result.kind === 'range') {
    const { revision, count, more, kvs } = result.result
    writeKvs(to.uint(revision).uint(count).boolean(more), kvs)
  } else if (result.kind === 'txn') writeResults(to.boolean(result.succeeded), result.results)
  else if (result.kind === 'leaseGrant') to.int64(result.id).uint(result.ttlSeconds)
}

function readResult(from: ByteReader): OperationResult {
  const kind = readCode(from, kinds, 'result')
  if (kind === 'put') {
    const [prevKv] = readKvs(from)
    return prevKv ? { kind, prevKv } : { kind }
  }
  if (kind === 'delete') return { kind, deleted: from.uint(), prevKvs: readKvs(from) }
  if (kind === 'range') return { kind, result: readRangeResult(from) }
  if (kind === 'txn') return { kind, succeeded: from.boolean(), results: readList(from, () => readResult(from)) }
  return kind === 'leaseGrant' ? { kind, id: from.int64(), ttlSeconds: from.uint() } : { kind }
}

function readRangeResult(from: ByteReader) {
  const revision = from.uint()
  const count = from.uint()
  const more = from.boolean()
  return { revision, kvs: readKvs(from), more, count }
}

function writeKvs(to: ByteWriter, kvs: readonly KeyValue[]): void {
  to.uint(kvs.length)
  for (const kv of kvs) {
    to.bytes(kv.key).bytes(kv.value).uint(kv.createRevision).uint(kv.modRevision).uint(kv.version).int64(kv.lease)
  }
}

const readKvs = (from: ByteReader): KeyValue[] =>
  readList(from, () => ({
    key: from.bytes(),
    value: from.bytes(),
    createRevision: from.uint(),
    modRevision: from.uint(),
    version: from.uint(),
    lease: from.int64(),
  }))

function cut(result: CommandResult): CommandResult {
  if (!result.ok) return { ...result, message: result.message.slice(0, limits.dedupResultBytesMax / 4) }
  return { ...result, results: result.results.map(cutOperation) }
}

function cutOperation(result: OperationResult): OperationResult {
  if (result.kind === 'put') return { kind: 'put' }
  if (result.kind === 'delete') return { ...result, prevKvs: [] }
  if (result.kind === 'txn') return { ...result, results: result.results.map(cutOperation) }
  if (result.kind !== 'range' || result.result.kvs.length === 0) return result
  return { kind: 'range', result: { ...result.result, kvs: [], more: true } }
}
