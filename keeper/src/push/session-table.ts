/** The sessions that have, or lately had, their stream here; and how each of them ends. */

import { KeeperError } from '../base/errors.js'
import type { LastWordRecord, SessionRecord } from '../store/process-records.js'
import type { Parts } from './parts.js'
import type { Peer } from './peer.js'
import type { Session } from './session.js'
import { newerStream } from './session-log.js'
import type { InstanceEntry } from './types.js'

export class SessionTable {
  readonly #parts: Parts
  /** By id as decimal text, as it ends the record's key. */
  readonly #sessions = new Map<string, Session>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#sessions.size
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  all(): Iterable<Session> {
    return this.#sessions.values()
  }

  add(session: Session): void {
    const id = String(session.id)
    const before = this.#sessions.get(id)
    if (before) this.#drop(before)
    this.#sessions.set(id, session)
    this.#parts.roster.delete(id)
  }

  /** A stream is over. Its session goes on until the log ends it. */
  detach(peer: Peer): void {
    const { session } = peer
    if (session?.peer !== peer) return
    session.peer = undefined
    for (const { interest } of session.subscriptions) interest.ledgerDirty = true
    this.#parts.ledger.changed()
  }

  /** A newer attachment is in the log since a revision: here or at another member. */
  fence(session: Session, record: SessionRecord, since: number): void {
    session.peer?.goodbye(newerStream())
    this.#drop(session)
    this.#parts.roster.put(session.namespace, String(session.id), record, since)
  }

  /** The log ended the session: it expired, left, or another incarnation took its name. */
  lost(session: Session): void {
    const holder = this.#parts.log.instance(session.namespace, session.identity)
    const replaced = holder !== undefined && holder.session !== String(session.id)
    if (!session.leaving) {
      session.peer?.goodbye(
        replaced
          ? new KeeperError('E_FENCED', 'a newer process has this instance name')
          : new KeeperError('E_SESSION_UNKNOWN', 'the session expired'),
      )
      this.#keepLastWord(session, replaced ? 'replaced' : 'expired')
    }
    this.#drop(session)
  }

  /**
   * The log ended a session of another member. That one writes its last word, unless it is gone: then the leader notes
   * that there was one, so that its process does not take its name back from a newer one.
   */
  lostElsewhere(namespace: string, { identity }: SessionRecord): void {
    const { member, clock, limits, log, logger } = this.#parts
    if (member.status().role !== 'leader') return
    clock.setTimer(limits.lastWordGraceMs, () => {
      log.writeBareLastWord(namespace, identity).catch((err: unknown) => {
        logger.warn({ err, instance: identity.instance }, 'an end was not noted')
      })
    })
  }

  /** The process ends its session itself. */
  async leave(session: Session, peer: Peer): Promise<void> {
    session.leaving = true
    try {
      await this.#parts.log.leave(session, session.id, this.#lastWord(session, 'left'))
    } catch (err) {
      // Its lease runs out by itself.
      this.#parts.logger.warn({ err, instance: session.identity.instance }, 'a leave was not written')
      session.leaving = false
    }
    peer.end()
  }

  *instances(): Iterable<InstanceEntry> {
    const now = this.#parts.clock.monotonic()
    for (const session of this.#sessions.values())
      yield {
        namespace: session.namespace,
        identity: session.identity,
        sessionId: session.id,
        connected: session.connected,
        member: session.member,
        startedUnixMs: session.openedWallMs,
        lagMs: session.lagMs,
        silentMs: now - session.heardAt,
        configs: session.subscriptions.filter((row) => row.listed).length,
        configsCurrent: session.subscriptions.filter((row) => row.listed && row.current).length,
      }
  }

  #drop(session: Session): void {
    const { index, ledger } = this.#parts
    for (const subscription of session.subscriptions) {
      subscription.interest.remove(subscription)
      index.settle(subscription.interest)
      ledger.changed(subscription.interest.name)
    }
    session.subscriptions.length = 0
    this.#sessions.delete(String(session.id))
  }

  #keepLastWord(session: Session, why: LastWordRecord['why']): void {
    this.#parts.log.writeLastWord(session.namespace, this.#lastWord(session, why)).catch((err: unknown) => {
      this.#parts.logger.warn({ err, instance: session.identity.instance }, 'a last word was not written')
    })
  }

  #lastWord(session: Session, why: LastWordRecord['why']): LastWordRecord {
    const rows = session.subscriptions.filter((row) => row.listed).map((row) => row.entry())
    return {
      v: 1,
      identity: session.identity,
      endedWallMs: this.#parts.clock.wall(),
      why,
      applied: Object.fromEntries(rows.map(({ name, revision, hash, state }) => [name, { revision, hash, state }])),
    }
  }
}
