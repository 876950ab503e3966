import type { Entry } from './types.js'

/** Bytes of a varint (LEB128) of `value`. */
function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/** Size of an entry in etcd's raftpb encoding: what size limits per message and per apply batch count. */
export function entryBytes(entry: Entry): number {
  const header = 2 + 1 + varintBytes(entry.term) + 1 + varintBytes(entry.index)
  const length = entry.data.length
  return length === 0 ? header : header + 1 + varintBytes(length) + length
}

/** Sum of entryBytes. */
export function entriesBytes(entries: readonly Entry[]): number {
  let sum = 0
  for (const entry of entries) sum += entryBytes(entry)
  return sum
}

/** Sum of the data alone: what the limits on uncommitted and in-flight bytes count. Empty entries weigh nothing. */
export function payloadBytes(entries: readonly Entry[]): number {
  let sum = 0
  for (const entry of entries) sum += entry.data.length
  return sum
}

/** How many of `entries` fit in `bytesMax`: always at least one, if there is one. */
export function countWithin(entries: readonly Entry[], bytesMax: number): number {
  if (bytesMax === Number.POSITIVE_INFINITY) return entries.length
  let sum = 0
  let count = 0
  for (const entry of entries) {
    sum += entryBytes(entry)
    if (sum > bytesMax && count > 0) break
    count++
  }
  return count
}

/** The longest prefix within `bytesMax`, at least one entry; the same array if all fit. */
export function limitBytes(entries: readonly Entry[], bytesMax: number): readonly Entry[] {
  const count = countWithin(entries, bytesMax)
  return count === entries.length ? entries : entries.slice(0, count)
}
