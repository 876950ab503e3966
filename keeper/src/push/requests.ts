/** Pipelined requests of sessions: bounded in flight, executed elsewhere by what they wait for, answered together per turn. */

import type { Reply, Request__Output, RequestBatch__Output } from '@keeper/proto'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { statusOf } from './frames.js'
import type { Authorize, SessionLimits, SessionView } from './options.js'
import type { Peer } from './peer.js'

export interface RequestsOptions {
  readonly limits: SessionLimits
  readonly authorize: Authorize
  readonly execute: (session: SessionView, batch: RequestBatch__Output) => Promise<readonly Reply[]>
}

/** What one stream has asked and not been told. */
interface Line {
  inFlight: number
  replies: Reply[]
  onIdle?: () => void
}

export class Requests {
  readonly #options: RequestsOptions
  /** By stream: answers of an earlier stream are not sent on a later one; the client asks again. */
  readonly #lines = new WeakMap<Peer, Line>()

  constructor(options: RequestsOptions) {
    this.#options = options
  }

  /**
   * Takes nothing more of a stream, and calls `then` once all it asked is answered. What it asks from now on is not
   * answered: it asks again elsewhere.
   */
  finish(peer: Peer, then: () => void): void {
    const line = this.#line(peer)
    line.onIdle = then
    if (line.inFlight === 0 && line.replies.length === 0) then()
  }

  take(peer: Peer, session: SessionView, batch: RequestBatch__Output): void {
    const line = this.#line(peer)
    if (line.onIdle) return
    const room = this.#options.limits.requestsInFlightPerSession - line.inFlight
    const taken = batch.requests.length <= room ? batch : this.#refuseRest(peer, line, batch, Math.max(room, 0))
    for (const part of apart(taken)) void this.#execute(peer, line, session, part)
  }

  #refuseRest(peer: Peer, line: Line, batch: RequestBatch__Output, room: number): RequestBatch__Output {
    const refusal = new KeeperError('E_TOO_MANY', 'too many requests in flight')
    for (const { sequence } of batch.requests.slice(room)) this.#reply(peer, line, refused(sequence, refusal))
    return { ...batch, requests: batch.requests.slice(0, room) }
  }

  /** Tells a stream that something it sent is not served, without ending it. */
  refuse(peer: Peer, error: KeeperError): void {
    this.#reply(peer, this.#line(peer), refused('0', error))
  }

  async #execute(peer: Peer, line: Line, session: SessionView, batch: RequestBatch__Output): Promise<void> {
    line.inFlight += batch.requests.length
    const replies = await this.#outcome(session, batch)
    line.inFlight -= batch.requests.length
    for (const reply of replies) this.#reply(peer, line, reply)
  }

  async #outcome(session: SessionView, batch: RequestBatch__Output): Promise<readonly Reply[]> {
    try {
      this.#options.authorize(session.principal, 'kv.request', session.namespace)
      return await this.#options.execute(session, batch)
    } catch (thrown) {
      const error = asKeeperError(thrown)
      return batch.requests.map(({ sequence }) => refused(sequence, error))
    }
  }

  #reply(peer: Peer, line: Line, reply: Reply): void {
    if (peer.ended) return
    line.replies.push(reply)
    if (line.replies.length === 1) void this.#flush(peer, line)
  }

  /** Two turns of the microtask queue later: what one applied entry answers has come together by then. */
  async #flush(peer: Peer, line: Line): Promise<void> {
    await undefined
    await undefined
    const replies = line.replies
    line.replies = []
    peer.control({ replies: { replies } })
    if (line.inFlight === 0) line.onIdle?.()
  }

  #line(peer: Peer): Line {
    let line = this.#lines.get(peer)
    if (!line) {
      line = { inFlight: 0, replies: [] }
      this.#lines.set(peer, line)
    }
    return line
  }
}

const refused = (sequence: string, error: KeeperError): Reply => ({ sequence, error: statusOf(error) })

/** What a request waits for: nothing, a quorum's word, or its place in the log. */
const waitsFor = ({ range }: Request__Output): 'nothing' | 'quorum' | 'log' => {
  if (!range) return 'log'
  return range.serializable ? 'nothing' : 'quorum'
}

/** Requests that wait for the same: none is kept by others that wait longer, or fails with them. */
function apart(batch: RequestBatch__Output): readonly RequestBatch__Output[] {
  const [first] = batch.requests
  if (!first) return []
  const kind = waitsFor(first)
  if (batch.requests.every((request) => waitsFor(request) === kind)) return [batch]
  return (['nothing', 'quorum', 'log'] as const)
    .map((kind) => ({ ...batch, requests: batch.requests.filter((request) => waitsFor(request) === kind) }))
    .filter(({ requests }) => requests.length > 0)
}
