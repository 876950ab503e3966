/** etcd's way to name a range of keys, and the work on what it gives. */

import type { KeyValue, RangeRequest, RangeResult } from './types.js'

/** low ≤ key < high; no `high`: all from `low` on. */
export interface KeyRange {
  readonly low: Uint8Array
  readonly high: Uint8Array | undefined
}

/** The key right behind `key`. */
export const after = (key: Uint8Array): Buffer => Buffer.concat([key, Buffer.of(0)])

/** No `rangeEnd` (or an empty one): one key; a single zero byte: all from `key` on. */
export function keyRange(request: { readonly key: Uint8Array; readonly rangeEnd?: Uint8Array }): KeyRange {
  const { key, rangeEnd } = request
  if (!rangeEnd || rangeEnd.length === 0) return { low: key, high: after(key) }
  if (rangeEnd.length === 1 && rangeEnd[0] === 0) return { low: key, high: undefined }
  return { low: key, high: rangeEnd }
}

export const isSingle = (request: { readonly rangeEnd?: Uint8Array }): boolean =>
  !request.rangeEnd || request.rangeEnd.length === 0

export const compareBytes = (left: Uint8Array, right: Uint8Array): number => Buffer.compare(left, right)

export const contains = (range: KeyRange, key: Uint8Array): boolean =>
  compareBytes(range.low, key) <= 0 && (range.high === undefined || compareBytes(key, range.high) < 0)

/** Must the whole range be read, whatever the limit, because it is filtered or sorted afterwards? */
export function needsAll(request: RangeRequest): boolean {
  const { sortTarget, sortOrder } = request
  const sorted = (sortTarget !== undefined && sortTarget !== 'key') || sortOrder === 'descend'
  return sorted || filters.some(([name]) => request[name] !== undefined && request[name] !== 0)
}

/** How many records of the range to read; one more than asked for tells whether there are more. */
export const readLimit = (request: RangeRequest): number =>
  request.countOnly ? 0 : request.limit > 0 && !needsAll(request) ? request.limit + 1 : Number.POSITIVE_INFINITY

const filters = [
  ['minModRevision', (kv: KeyValue, bound: number) => kv.modRevision >= bound],
  ['maxModRevision', (kv: KeyValue, bound: number) => kv.modRevision <= bound],
  ['minCreateRevision', (kv: KeyValue, bound: number) => kv.createRevision >= bound],
  ['maxCreateRevision', (kv: KeyValue, bound: number) => kv.createRevision <= bound],
] as const

const orders: Record<NonNullable<RangeRequest['sortTarget']>, (left: KeyValue, right: KeyValue) => number> = {
  key: (left, right) => compareBytes(left.key, right.key),
  version: (left, right) => left.version - right.version,
  create: (left, right) => left.createRevision - right.createRevision,
  mod: (left, right) => left.modRevision - right.modRevision,
  value: (left, right) => compareBytes(left.value, right.value),
}

function keepWanted(kvs: readonly KeyValue[], request: RangeRequest): KeyValue[] {
  const wanted = filters.filter(([name]) => request[name] !== undefined && request[name] !== 0)
  return kvs.filter((kv) => wanted.every(([name, passes]) => passes(kv, request[name] as number)))
}

/** As etcd: a target other than the key without an order sorts ascending. */
function sort(kvs: KeyValue[], request: RangeRequest): void {
  const order = orders[request.sortTarget ?? 'key']
  if (request.sortOrder === 'descend') kvs.sort((left, right) => order(right, left))
  else if (request.sortTarget !== undefined && request.sortTarget !== 'key') kvs.sort(order)
}

const withoutValue = (kv: KeyValue): KeyValue => ({ ...kv, value: new Uint8Array(0) })

/** Filters, sorts and cuts what was read, as etcd does; `count` stays that of the whole range. */
export function finishRange(
  read: readonly KeyValue[],
  request: RangeRequest,
  revision: number,
  count: number,
): RangeResult {
  if (request.countOnly) return { revision, kvs: [], more: false, count }
  const kvs = keepWanted(read, request)
  sort(kvs, request)
  const more = request.limit > 0 && kvs.length > request.limit
  const cut = more ? kvs.slice(0, request.limit) : kvs
  return { revision, kvs: request.keysOnly ? cut.map(withoutValue) : cut, more, count }
}
