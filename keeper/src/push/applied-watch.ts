/** What the log does to sessions: config records become pushes, session records fence and end. */

import type { CancelTimer } from '../base/clock.js'
import { decodeRecord, recordPath } from '../store/records.js'
import type { AppliedEntry, Event } from '../store/types.js'
import type { Interest } from './interest.js'
import type { Parts } from './parts.js'
import type { Session } from './session.js'
import type { SessionTable } from './session-table.js'
import { TurnQueue } from './spread.js'
import type { Subscription } from './subscription.js'
import { lacks } from './target.js'

/** What an entry changed of each: its record, or only a secret that its values name. */
type Changed = Map<Interest<Subscription>, 'record' | 'secret'>

export class AppliedWatch {
  readonly #parts: Parts
  readonly #table: SessionTable
  readonly #namespaces = new Set<string>()
  readonly #stops: readonly (() => void)[]
  readonly #turns: TurnQueue
  /** Sessions whose push is being made. */
  readonly #waiting = new Set<Session>()
  /** Sessions whose push goes on in the next turn of the event loop. */
  #paused = new Set<Session>()
  #cancelPause: CancelTimer = () => {}

  constructor(parts: Parts, table: SessionTable) {
    this.#parts = parts
    this.#table = table
    this.#turns = new TurnQueue(parts.clock, (session) => this.#takeTurn(session))
    parts.cache.onDeltas = () => this.#safely(() => this.#pumpWaiting())
    this.#stops = [
      parts.member.onApplied((applied) => this.#safely(() => this.#take(applied))),
      parts.member.onReplaced(() => this.#safely(() => this.#readAll())),
    ]
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    this.#turns.close()
    this.#cancelPause()
  }

  /** Sessions of a namespace that only the log knows are read when the namespace is first met. */
  meet(namespace: string): void {
    if (this.#namespaces.has(namespace)) return
    this.#namespaces.add(namespace)
    this.#parts.roster.load(namespace, (id) => this.#table.get(id) !== undefined)
  }

  /** Sends a session what it lacks; what goes wrong with it is its own. */
  pump(session: Session): void {
    try {
      const { cache, clock } = this.#parts
      const waitedFor = session.dueAt
      session.pump(cache, clock.wall(), clock.monotonic())
      if (session.peer && session.waitsSince > 0) this.#waiting.add(session)
      if (session.paused && !session.slow && session.peer) this.#goOn(session)
      if (session.dueAt > 0 && session.dueAt !== waitedFor) this.#turns.add(session, session.dueAt)
    } catch (err) {
      this.#parts.logger.error({ err, instance: session.identity.instance }, 'a push failed')
      session.peer?.end()
    }
  }

  /** All that pause go on together: they share the chunks that are made then, which are there for that turn only. */
  #goOn(session: Session): void {
    if (this.#paused.size === 0)
      this.#cancelPause = this.#parts.clock.setTimer(0, () => {
        const paused = this.#paused
        this.#paused = new Set()
        for (const one of paused) this.pump(one)
      })
    this.#paused.add(session)
  }

  #takeTurn(session: Session): void {
    this.pump(session)
    this.#parts.ledger.changed()
  }

  #pumpWaiting(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const session of waiting) this.pump(session)
    this.#parts.ledger.changed()
  }

  /** Takes everything from the store again, when a snapshot replaced it: there were no events. */
  #readAll(): void {
    const { roster, index, cache, log, ledger, book } = this.#parts
    book.changed()
    for (const session of [...this.#table.all()]) {
      const record = log.session(session.namespace, session.id)
      if (!record) this.#table.lost(session)
      else if (record.attachment > session.attachment)
        this.#table.fence(session, record, this.#parts.member.store.revision('system'))
    }
    roster.clear()
    for (const namespace of this.#namespaces) roster.load(namespace, (id) => this.#table.get(id) !== undefined)
    cache.clear()
    for (const interest of index.all()) interest.refresh()
    for (const session of this.#table.all()) this.pump(session)
    ledger.changedAll()
  }

  #take(applied: AppliedEntry): void {
    const changed: Changed = new Map()
    for (const event of applied.events) if (event.keyspace === 'system') this.#route(event, changed)
    if (changed.size > 0) this.#fanOut(changed, applied.wallMs)
  }

  #route(event: Event, changed: Changed): void {
    const { namespace, kind, path } = recordPath(event.kv.key)
    if (kind === 'config') {
      const interest = this.#parts.index.find(namespace, path)
      if (interest) changed.set(interest, 'record')
    } else if (kind === 'secret') {
      for (const interest of this.#parts.index.all()) {
        const isNamed = interest.namespace === namespace && interest.secrets.has(path)
        if (isNamed && !changed.has(interest)) changed.set(interest, 'secret')
      }
    } else if (kind === 'member') this.#parts.book.changed()
    else if (kind === 'session') this.#safely(() => this.#sessionChanged(namespace, path, event))
  }

  #sessionChanged(namespace: string, id: string, event: Event): void {
    const session = this.#table.get(id)
    if (event.type === 'delete') {
      const absentee = this.#parts.roster.delete(id)
      if (session) this.#table.lost(session)
      else if (absentee) this.#table.lostElsewhere(namespace, absentee)
      this.#parts.ledger.changedAll()
      return
    }
    const record = decodeRecord('session', event.kv.value)
    if (!session) this.#parts.roster.put(namespace, id, record, event.kv.modRevision)
    else if (record.attachment > session.attachment) this.#table.fence(session, record, event.kv.modRevision)
    this.#parts.ledger.changedAll()
  }

  /** One push to each session for all that the entry changed for it. */
  #fanOut(changed: Changed, wallMs: number): void {
    this.#parts.cache.clear(new Set(Array.from(changed.keys(), ({ name }) => name)))
    const now = this.#parts.clock.monotonic()
    // what those waited for may have been given up for something newer
    const touched = new Set<Session>(this.#waiting)
    this.#waiting.clear()
    for (const [interest, what] of changed) {
      this.#safely(() => (what === 'record' ? interest.refresh(wallMs, now) : interest.refresh()))
      interest.ledgerDirty = true
      for (const { target, members } of interest.groups.values())
        for (const { hash, session } of members) if (session.peer && lacks(hash, target)) touched.add(session)
    }
    for (const session of touched) this.pump(session)
    this.#parts.ledger.changed()
  }

  /** The member applies on, whatever one record or one listener of ours does. */
  #safely(act: () => void): void {
    try {
      act()
    } catch (err) {
      this.#parts.logger.error({ err }, 'an applied entry could not be taken in full')
    }
  }
}
