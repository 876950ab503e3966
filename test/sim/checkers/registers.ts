import { decodeText } from '../../../keeper/src/base/codec.js'
import type { Event } from '../../../keeper/src/store/types.js'
import { Violation } from '../trace.js'

/** One finished operation on one key, as its client saw it. */
export interface Operation {
  readonly client: number
  readonly kind: 'read' | 'write'
  readonly key: string
  /** Written, or read; undefined for a read of nothing. */
  readonly value: string | undefined
  /** The key's modification revision that the operation made or saw; 0 for none. */
  readonly revision: number
  readonly calledAt: number
  readonly returnedAt: number
}

/**
 * Linearizability of registers. Revisions give the order in which the store says that things happened; the history is
 * linearizable if that order never contradicts real time, and each read returns what the write of its revision wrote.
 */
export function checkLinearizable(operations: readonly Operation[]): void {
  const keys = new Set(operations.map((operation) => operation.key))
  for (const key of keys) checkRegister(operations.filter((operation) => operation.key === key))
}

function checkRegister(operations: readonly Operation[]): void {
  const byCall = [...operations].sort((a, b) => a.calledAt - b.calledAt)
  const byReturn = [...operations].sort((a, b) => a.returnedAt - b.returnedAt)
  let newest: Operation | undefined
  let returned = 0
  for (const operation of byCall) {
    for (let over = byReturn[returned]; over && over.returnedAt < operation.calledAt; over = byReturn[++returned])
      if (!newest || over.revision > newest.revision) newest = over
    if (newest && isBefore(operation, newest))
      throw new Violation('linearizable', `${describe(operation)} came after ${describe(newest)}`)
  }
  checkValues(operations)
}

/** A write makes a new revision; a read may see the same again. */
const isBefore = (operation: Operation, finished: Operation): boolean =>
  operation.kind === 'write' ? operation.revision <= finished.revision : operation.revision < finished.revision

function checkValues(operations: readonly Operation[]): void {
  const valueAt = new Map<number, Operation>()
  for (const operation of operations) {
    const known = valueAt.get(operation.revision)
    if (known && known.value !== operation.value)
      throw new Violation('linearizable', `${describe(operation)} but ${describe(known)}`)
    if (known && known.kind === 'write' && operation.kind === 'write')
      throw new Violation('linearizable', `${describe(operation)} and ${describe(known)} made one revision`)
    if (!known || operation.kind === 'write') valueAt.set(operation.revision, operation)
  }
}

const describe = ({ client, kind, key, value, revision, calledAt, returnedAt }: Operation): string =>
  `client ${client} ${kind} ${key}=${value} r${revision} [${calledAt.toFixed(1)}, ${returnedAt.toFixed(1)}]`

/** Acknowledged writes are kept, each exactly once; `events` are all of the user keyspace, in the order of the log. */
export function checkKept(operations: readonly Operation[], events: readonly Event[]): void {
  const puts = events.filter((event) => event.type === 'put')
  const times = new Map<string, number[]>()
  for (const { kv } of puts) {
    const key = `${decodeText(kv.key)}=${decodeText(kv.value)}`
    times.set(key, [...(times.get(key) ?? []), kv.modRevision])
  }
  for (const operation of operations) {
    if (operation.kind !== 'write') continue
    const revisions = times.get(`${operation.key}=${operation.value}`)
    if (!revisions) throw new Violation('acknowledged writes', `${describe(operation)} is nowhere in the log`)
    if (revisions.length > 1)
      throw new Violation('acknowledged writes', `${describe(operation)} was applied at ${revisions.join(' and ')}`)
    if (revisions[0] !== operation.revision)
      throw new Violation('acknowledged writes', `${describe(operation)} stands at r${revisions[0]}`)
  }
}

/** Blind writes happen once or never; those that were said to be dropped never. Their values are all different. */
export function checkBlind(dropped: readonly string[], events: readonly Event[]): void {
  const blind = events.filter((event) => event.type === 'put' && decodeText(event.kv.key) === 'blind')
  const seen = new Set<string>()
  for (const { kv } of blind) {
    const value = decodeText(kv.value)
    if (seen.has(value)) throw new Violation('blind writes', `${value} was applied twice, again at r${kv.modRevision}`)
    seen.add(value)
  }
  const liar = dropped.find((value) => seen.has(value))
  if (liar) throw new Violation('blind writes', `${liar} was said to be dropped, and was applied`)
}

/** Revisions of a keyspace grow by one with each transaction that changes something, and never repeat. */
export function checkOrdered(events: readonly Event[]): void {
  let last = 1
  for (const { kv } of events) {
    if (kv.modRevision < last || kv.modRevision > last + 1)
      throw new Violation('watch', `event of r${kv.modRevision} follows one of r${last}`)
    last = kv.modRevision
  }
}
