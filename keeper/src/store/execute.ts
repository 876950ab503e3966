/** One small executor per kind of command. Each may throw a typed error half-way: its caller rolls back. */

import { KeeperError } from '../base/errors.js'
import type { Change } from './keyspace.js'
import type { State } from './state.js'
import { executeTxn, type TxnOutcome } from './txn.js'
import { mutates } from './txn-check.js'
import type { CommandBody, Keyspace } from './types.js'

/** What the entry around a command says. */
export interface EntryContext {
  readonly index: number
  readonly term: number
  readonly wallMs: number
  readonly nextId: () => bigint
}

/** `refused`: an outcome that changed something and still is a failure. */
export type Outcome = TxnOutcome & { readonly refused?: KeeperError }

type Kind = Exclude<CommandBody['kind'], 'blobExecute'>
type Executors = {
  readonly [K in Kind]: (
    body: Extract<CommandBody, { kind: K }>,
    state: State,
    change: Change,
    entry: EntryContext,
  ) => Outcome
}

const done: Outcome = { succeeded: true, results: [] }

const executors: Executors = {
  txn: ({ keyspace, txn }, state, change, { term }) =>
    executeTxn(txn, {
      keyspace: state.side(keyspace).keyspace,
      change,
      term,
      hasBlob: (hash) => state.blobs.has(hash),
    }),
  leaseGrant: ({ keyspace, id, ttlSeconds }, state, change) => {
    const lease = state.side(keyspace).keyspace.grant(id, ttlSeconds, change)
    return { succeeded: true, results: [{ kind: 'leaseGrant', id: lease.id, ttlSeconds: lease.ttlSeconds }] }
  },
  leaseRevoke: ({ keyspace, id }, state, change) => {
    state.side(keyspace).keyspace.revoke(id, change)
    return { succeeded: true, results: [{ kind: 'leaseRevoke' }] }
  },
  compact: ({ keyspace, revision }, state) => {
    const side = state.side(keyspace)
    side.keyspace.compact(revision)
    side.meter.compact(revision)
    return done
  },
  blobPut: (body, state) => {
    if (state.blobs.put(body)) return done
    return { ...done, refused: new KeeperError('E_INVALID_ARGUMENT', `the chunks' SHA-256 is not ${body.hash}`) }
  },
  blobCompose: (body, state) => {
    state.blobs.compose(body)
    return done
  },
  blobDelete: ({ hashes }, state) => {
    for (const hash of hashes) state.blobs.delete(hash)
    return done
  },
  clusterVersion: ({ version }, state) => {
    if (version < state.clusterVersion)
      throw new KeeperError('E_INVALID_ARGUMENT', `cluster version ${version} is below ${state.clusterVersion}`)
    state.clusterVersion = version
    return done
  },
}

/** Executes a command's body. Throws typed errors with things half-done. */
export function execute(
  body: Exclude<CommandBody, { kind: 'blobExecute' }>,
  state: State,
  change: Change,
  entry: EntryContext,
): Outcome {
  const executor = executors[body.kind] as Executors[Kind] as (
    b: typeof body,
    s: State,
    c: Change,
    e: EntryContext,
  ) => Outcome
  return executor(body, state, change, entry)
}

/** The keyspace whose revision a command's result gives. */
export const keyspaceOf = (body: CommandBody): Keyspace => ('keyspace' in body ? body.keyspace : 'system')

/** Reads need no protection against a second execution. */
export const isMutating = (body: CommandBody): boolean => body.kind !== 'txn' || mutates(body.txn)
