/** One request for the users' keys, from wherever it came: a unary call, or a session's pipeline. */

import type {
  LeaseGrantRequest__Output,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  RangeRequest__Output,
  RangeResponse,
  Reply,
  Request__Output,
  RequestBatch__Output,
  TxnRequest__Output,
  TxnResponse,
} from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { type Logger, silentLogger } from '../base/logger.js'
import type { Member } from '../node/types.js'
import type { SessionView } from '../push/options.js'
import type { Command, CommandBody, CommandResult, RequestId } from '../store/types.js'
import { id64, uint } from './calls.js'
import { rangeFromWire, rangeToWire, txnFromWire, txnToWire } from './kv-wire.js'
import { publicError, wireStatus } from './wire-status.js'

/** Who asks, and as which request. */
export interface Asker {
  readonly principal: string
  readonly requestId?: RequestId
  readonly traceparent?: string
  readonly signal?: AbortSignal
}

type Done = Extract<CommandResult, { ok: true }>

/** Executes requests at one member. Every method throws KeeperErrors. */
export class KvRequests {
  readonly #member: Member

  constructor(member: Member) {
    this.#member = member
  }

  async range(request: RangeRequest__Output, signal?: AbortSignal): Promise<RangeResponse> {
    const range = rangeFromWire(request)
    if (!request.serializable) await this.#member.linearizableRead(signal ? { signal } : {})
    return rangeToWire(await this.#member.store.rangeAt('user', range))
  }

  /** The newest state, as this member has it now. */
  rangeNow(request: RangeRequest__Output): RangeResponse {
    return rangeToWire(this.#member.store.range('user', rangeFromWire(request)))
  }

  /** Transactions that only read go through the log too: they are rare, and their place among the writes is exact. */
  async txn(request: TxnRequest__Output, asker: Asker): Promise<{ txn: TxnResponse; revision: number }> {
    const done = await this.#propose({ kind: 'txn', keyspace: 'user', txn: txnFromWire(request) }, asker)
    return { txn: txnToWire(done.succeeded, done.results), revision: done.revision }
  }

  async leaseGrant(
    request: LeaseGrantRequest__Output,
    asker: Asker,
  ): Promise<LeaseGrantResponse & { revision: number }> {
    const id = id64('id', request.id)
    const done = await this.#propose(
      { kind: 'leaseGrant', keyspace: 'user', id, ttlSeconds: request.ttlSeconds },
      asker,
    )
    const [granted] = done.results
    if (granted?.kind !== 'leaseGrant') throw new KeeperError('E_INTERNAL', 'a grant without a lease')
    return { id: granted.id.toString(), ttlSeconds: granted.ttlSeconds, revision: done.revision }
  }

  async leaseRevoke(id: string, asker: Asker): Promise<number> {
    const done = await this.#propose({ kind: 'leaseRevoke', keyspace: 'user', id: id64('id', id) }, asker)
    return done.revision
  }

  /** `ttlSeconds` 0: the lease is no more. */
  async leaseKeepAlive(id: string): Promise<LeaseKeepAliveResponse> {
    const lease = id64('id', id)
    const unknown = await this.#member.renewLeases('user', [lease])
    const ttlSeconds = unknown.length > 0 ? 0 : (this.#member.store.lease('user', lease)?.ttlSeconds ?? 0)
    return { id, ttlSeconds }
  }

  async compact(revision: number, asker: Asker): Promise<void> {
    await this.#propose({ kind: 'compact', keyspace: 'user', revision }, asker)
  }

  async #propose(body: CommandBody, { principal, requestId, traceparent, signal }: Asker): Promise<Done> {
    const command = requestId ? { requestId, principal, body } : { principal, body }
    const result = await this.#member.propose(
      command,
      signal || traceparent ? optionsOf(signal, traceparent) : undefined,
    )
    if (!result.ok) throw new KeeperError(result.code, result.message)
    return result
  }
}

const optionsOf = (signal: AbortSignal | undefined, traceparent: string | undefined) => ({
  ...(signal && { signal }),
  ...(traceparent && { trace: { traceparent } }),
})

/**
 * What executes the requests of sessions: each has its own outcome and its own identity (session, sequence), so that a
 * repeated one gets the first one's result. Proposed together, in one turn, so that they share an entry; reads of one
 * batch wait together.
 */
export function createRequestExecutor(
  member: Member,
  logger: Logger = silentLogger,
): (session: SessionView, batch: RequestBatch__Output) => Promise<readonly Reply[]> {
  const requests = new KvRequests(member)
  const refuse = (sequence: string, thrown: unknown): Reply => ({
    sequence,
    error: wireStatus(publicError(thrown, logger)),
  })
  const answer = async (session: SessionView, request: Request__Output, lowWater: number): Promise<Reply> => {
    try {
      const sequence = uint('sequence', request.sequence)
      const requestId = { session: session.id, sequence, lowWater }
      const { traceparent } = request
      const reply = await execute(requests, request, { principal: session.principal, requestId, traceparent })
      reply.sequence = request.sequence
      return reply
    } catch (thrown) {
      return refuse(request.sequence, thrown)
    }
  }
  const read = ({ sequence, range }: Newest): Reply => {
    try {
      const found = requests.rangeNow(range)
      return { sequence, revision: found.revision ?? 0, range: found }
    } catch (thrown) {
      return refuse(sequence, thrown)
    }
  }
  const readTogether = async (reads: readonly Newest[]): Promise<readonly Reply[]> => {
    try {
      if (!reads.every(({ range }) => range.serializable)) await member.linearizableRead()
    } catch (thrown) {
      return reads.map(({ sequence }) => refuse(sequence, thrown))
    }
    return reads.map(read)
  }
  const replyTo = (sequence: string, outcome: CommandResult | KeeperError): Reply => {
    if (outcome instanceof KeeperError) return refuse(sequence, outcome)
    if (!outcome.ok) return refuse(sequence, new KeeperError(outcome.code, outcome.message))
    return { sequence, revision: outcome.revision, txn: txnToWire(outcome.succeeded, outcome.results) }
  }
  /** One proposal of them all: promises and a buffer for each would cost a twentieth of the write. */
  const writeTogether = async (session: SessionView, writes: readonly Write[], lowWater: number) => {
    const replies: Reply[] = []
    const commands: Command[] = []
    const sequences: string[] = []
    for (const { sequence, txn } of writes) {
      try {
        const requestId = { session: session.id, sequence: uint('sequence', sequence), lowWater }
        const body: CommandBody = { kind: 'txn', keyspace: 'user', txn: txnFromWire(txn) }
        commands.push({ requestId, principal: session.principal, body })
        sequences.push(sequence)
      } catch (thrown) {
        replies.push(refuse(sequence, thrown))
      }
    }
    try {
      const outcomes = await member.proposeTogether(commands)
      outcomes.forEach((outcome, i) => {
        replies.push(replyTo(sequences[i] as string, outcome))
      })
    } catch (thrown) {
      for (const sequence of sequences) replies.push(refuse(sequence, thrown))
    }
    return replies
  }
  return async (session, batch) => {
    const lowWater = lowWaterOf(batch)
    const { requests: all } = batch
    if (all.every(writes)) return writeTogether(session, all, lowWater)
    const reads = all.filter(readsNewest)
    if (reads.length === all.length) return readTogether(reads)
    const others = all.filter((request) => !readsNewest(request))
    const answers = Promise.all(others.map((request) => answer(session, request, lowWater)))
    return reads.length === 0 ? answers : (await Promise.all([readTogether(reads), answers])).flat()
  }
}

type Write = Request__Output & { readonly txn: TxnRequest__Output }

const writes = (request: Request__Output): request is Write => request.txn !== undefined && request.txn !== null

type Newest = Request__Output & { readonly range: RangeRequest__Output }

const readsNewest = (request: Request__Output): request is Newest =>
  request.range !== undefined && request.range !== null && request.range.revision === '0'

/** A low-water mark that cannot be read forgets nothing. */
function lowWaterOf(batch: RequestBatch__Output): number {
  const mark = Number(batch.lowWater)
  return Number.isSafeInteger(mark) && mark >= 0 ? mark : 0
}

async function execute(requests: KvRequests, request: Request__Output, asker: Asker): Promise<Reply> {
  if (request.txn) return await requests.txn(request.txn, asker)
  if (request.range) {
    const range = await requests.range(request.range)
    return { range, revision: range.revision ?? 0 }
  }
  if (request.leaseGrant) {
    const { revision, ...leaseGrant } = await requests.leaseGrant(request.leaseGrant, asker)
    return { leaseGrant, revision }
  }
  if (request.leaseRevoke) {
    return { revision: await requests.leaseRevoke(request.leaseRevoke.id, asker), leaseRevoke: {} }
  }
  if (request.leaseKeepAlive) return { leaseKeepAlive: await requests.leaseKeepAlive(request.leaseKeepAlive.id) }
  throw new KeeperError('E_UNSUPPORTED', 'a request without a body that this keeper knows')
}
