import { createHash } from 'node:crypto'
import type { KvHandlers, KvTxnRequest__Output } from '@keeper/proto'
import type { RequestId } from '../store/types.js'
import { type Calls, id64, uint } from './calls.js'
import { KvRequests } from './kv-requests.js'
import { watchKeys } from './kv-watch.js'
import type { ApiContext } from './types.js'

/** keeper.v1.Kv: the users' own keys, one request at a time. */
export function kvService(context: ApiContext, calls: Calls): KvHandlers {
  const requests = new KvRequests(context.member)
  const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('utf8')
  return {
    Range: calls.unary((request, { principal, signal }) => {
      context.authorize(principal, 'kv.read', nameOf(request.key))
      return requests.range(request, signal)
    }),
    Txn: calls.unary((request, { principal }) => {
      context.authorize(principal, 'kv.write', '')
      const { compares = [], success = [], failure = [] } = request.txn ?? {}
      return requests.txn({ compares, success, failure }, { principal, ...requestIdOf(request) })
    }),
    Watch: calls.serverStream((request, sink, caller) => {
      context.authorize(caller.principal, 'kv.read', nameOf(request.key))
      return watchKeys(context, request, sink, caller)
    }),
    Compact: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'kv.write', '')
      await requests.compact(uint('revision', request.revision), { principal })
      return {}
    }),
    LeaseGrant: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'kv.write', '')
      const { id = '0', ttlSeconds = 0 } = await requests.leaseGrant(request, { principal })
      return { id, ttlSeconds }
    }),
    LeaseRevoke: calls.unary(async (request, { principal }) => {
      context.authorize(principal, 'kv.write', '')
      await requests.leaseRevoke(request.id, { principal })
      return {}
    }),
    LeaseKeepAlive: calls.unary((request, { principal }) => {
      context.authorize(principal, 'kv.write', '')
      return requests.leaseKeepAlive(request.id)
    }),
  }
}

/**
 * A unary caller proves no session: its ids are kept apart from those of sessions, or it could take the place of a
 * session's next request by guessing its number.
 */
function requestIdOf(request: KvTxnRequest__Output): { requestId?: RequestId } {
  const given = id64('session_id', request.sessionId)
  const sequence = uint('sequence', request.sequence)
  if (given === 0n || sequence === 0) return {}
  const apart = createHash('sha256').update(`unary ${given}`).digest().readBigUInt64BE()
  return { requestId: { session: apart, sequence, lowWater: 0 } }
}
