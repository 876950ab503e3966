import { recordPath } from '../store/records.js'
import type { CommandBody, Operation } from '../store/types.js'

/**
 * May the command make the store larger? What keeps sessions and members alive does not count: it is small, bounded by
 * their number, and mostly written over.
 */
export function grows(body: CommandBody): boolean {
  if (body.kind !== 'txn') return body.kind === 'leaseGrant' || body.kind === 'blobPut'
  const growing = [...body.txn.success, ...body.txn.failure].flatMap(growingOperations)
  return body.keyspace === 'system' ? !growing.every(isVital) : growing.length > 0
}

const vitalKinds: readonly string[] = ['session', 'instance', 'lastword', 'member']

const isVital = (operation: Operation): boolean =>
  operation.kind === 'leaseGrant' || (operation.kind === 'put' && vitalKinds.includes(recordPath(operation.key).kind))

function growingOperations(operation: Operation): readonly Operation[] {
  if (operation.kind === 'txn') return [...operation.txn.success, ...operation.txn.failure].flatMap(growingOperations)
  return operation.kind === 'put' || operation.kind === 'leaseGrant' ? [operation] : []
}
