import { recordPath } from '../store/records.js'
import type { CommandBody, Operation } from '../store/types.js'

/**
 * May the command make the store larger? What keeps sessions and members alive does not count: it is small, bounded by
 * their number, and mostly written over.
 */
export function grows(body: CommandBody): boolean {
  if (body.kind !== 'txn') return growing.includes(body.kind)
  const operations = [...body.txn.success, ...body.txn.failure].flatMap(growingOperations)
  return body.keyspace === 'system' ? !operations.every(isVital) : operations.length > 0
}

const growing: readonly CommandBody['kind'][] = ['leaseGrant', 'blobPut', 'blobCompose']

const vitalKinds: readonly string[] = ['session', 'instance', 'lastword', 'member']

const isVital = (operation: Operation): boolean =>
  operation.kind === 'leaseGrant' || (operation.kind === 'put' && vitalKinds.includes(recordPath(operation.key).kind))

function growingOperations(operation: Operation): readonly Operation[] {
  if (operation.kind === 'txn') return [...operation.txn.success, ...operation.txn.failure].flatMap(growingOperations)
  return operation.kind === 'put' || operation.kind === 'leaseGrant' ? [operation] : []
}
