/**
 * Sessions of one member: who is attached, what each wants, what each was sent and what it said of it. Driven by
 * frames, by applied entries and by the clock that is handed in; keeps no state that hellos would not rebuild.
 */

import { KeeperError } from '../base/errors.js'
import type { Member } from '../node/types.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { Admission } from './admission.js'
import { AppliedWatch } from './applied-watch.js'
import { Beacons } from './beacons.js'
import { Everywhere, type LedgerPeers } from './everywhere.js'
import { FrameDesk } from './frame-desk.js'
import { Gate } from './gate.js'
import type { CheckedHello } from './hello.js'
import type { PushHubOptions } from './options.js'
import { makeParts, type Parts } from './parts.js'
import { Peer, type PeerHost } from './peer.js'
import type { Readers } from './readers.js'
import { Renewals } from './renewals.js'
import { Requests } from './requests.js'
import type { Session } from './session.js'
import type { Opened } from './session-log.js'
import { SessionTable } from './session-table.js'
import { subscribe } from './subscribing.js'
import type { Connection, InstanceEntry, LedgerChange, LedgerEntry, LedgerQuery, LedgerSummary } from './types.js'
import { welcomeFor } from './welcome.js'

/** What a stream's owner tells the hub. Calls after the end are ignored. */
export interface Attached {
  onFrame(bytes: Uint8Array): void
  onClosed(): void
}

/** Counters since the start. */
export interface HubStats {
  readonly streams: number
  readonly sessions: number
  /** Of the whole cluster, as the log has them. */
  readonly sessionsEverywhere: number
  /** ConfigChanges serialized and pushes joined: does not grow with the number of sessions. */
  readonly changesEncoded: number
  readonly pushesJoined: number
  /** Bytes of pushes kept for whoever needs them next. */
  readonly cachedBytes: number
  readonly acksIgnored: number
}

export class PushHub {
  readonly #parts: Parts
  readonly #table: SessionTable
  readonly #watch: AppliedWatch
  readonly #renewals: Renewals
  readonly #admission: Admission
  readonly #desk: FrameDesk
  readonly #requests: Requests
  readonly #beacons: Beacons
  readonly #host: PeerHost
  /** What the processes of all members say, not of this one alone. */
  readonly everywhere: Everywhere
  readonly #peers = new Set<Peer>()
  #draining = false
  #reconnectAfterMs = 0

  constructor(options: PushHubOptions) {
    const parts = makeParts(options, () => this.#peers.size)
    const { member, clock, logger, limits, authorize, executeRequests } = parts
    this.#parts = parts
    this.#table = new SessionTable(parts)
    this.#watch = new AppliedWatch(parts, this.#table)
    this.#watch.meet(DEFAULT_NAMESPACE)
    this.#renewals = new Renewals({
      member,
      clock,
      logger,
      batchMs: limits.renewBatchMs,
      onUnknown: (id) => this.#leaseUnknown(id),
    })
    const requests = new Requests({ limits, authorize, execute: executeRequests })
    this.#requests = requests
    const gate = new Gate({
      clock,
      perSecond: limits.hellosPerSecond,
      burst: limits.hellosBurst,
      queueMs: limits.helloQueueMs,
    })
    this.#admission = new Admission({ ...parts, gate, install: (...words) => this.#install(...words) })
    this.#desk = new FrameDesk({ parts, table: this.#table, watch: this.#watch, renewals: this.#renewals, requests })
    const { pace } = parts
    this.#beacons = new Beacons({ clock, everyMs: () => pace.beaconMs(), frame: () => this.#desk.beacon() })
    this.#host = this.#makeHost()
    const local = {
      id: member.status().identity.memberId,
      revision: () => member.store.revision('system'),
      catchUp: () => member.linearizableRead(),
      ledger: (query: LedgerQuery) => this.ledger(query),
      instances: () => this.instances(),
      onLedgerChange: (listener: (change: LedgerChange) => void) => this.onLedgerChange(listener),
    }
    this.everywhere = new Everywhere(peersOf(member), local, clock, limits)
  }

  /** Sessions with a stream here, or that had one and did not end. */
  get sessionCount(): number {
    return this.#table.size
  }

  /** Processes that read by HTTP. */
  get readers(): Readers {
    return this.#parts.readers
  }

  stats(): HubStats {
    const { changes, pushes } = this.#parts.cache.made
    return {
      streams: this.#peers.size,
      sessions: this.#table.size,
      sessionsEverywhere: this.#table.size + this.#parts.roster.size,
      changesEncoded: changes,
      pushesJoined: pushes,
      cachedBytes: this.#parts.cache.bytes,
      acksIgnored: this.#desk.ignoredAcks,
    }
  }

  /** Takes over a stream. `principal` is whom the transport believes it to be. */
  attach(connection: Connection, principal = 'anonymous'): Attached {
    const peer = new Peer(this.#host, connection, principal)
    if (this.#draining) peer.goodbye(this.#stopped())
    else if (this.#peers.size >= this.#parts.limits.sessionsMax)
      peer.goodbye(new KeeperError('E_TOO_MANY', `a member serves at most ${this.#parts.limits.sessionsMax} streams`))
    else this.#peers.add(peer)
    return peer
  }

  /** Rows of one config, or of all; of one namespace. In no particular order. */
  ledger(query: LedgerQuery = {}): LedgerEntry[] {
    return this.#parts.ledger.query(query)
  }

  summary(name: string, namespace = DEFAULT_NAMESPACE): LedgerSummary {
    return this.#parts.ledger.summary(name, namespace)
  }

  /** Tells, coalesced, when rows of `ledger` may have changed. Returns the way to stop it. */
  onLedgerChange(listener: (change: LedgerChange) => void): () => void {
    return this.#parts.ledger.listen(listener)
  }

  /** What a member is called. */
  nameOf(member: number): string {
    return member === this.#parts.member.status().identity.memberId
      ? this.#parts.memberName
      : this.#parts.book.nameOf(member)
  }

  /** All live processes that the log knows, of every namespace served so far. */
  instances(): InstanceEntry[] {
    return [...this.#table.instances(), ...this.#parts.roster.instances()]
  }

  /**
   * Takes no more streams, and sends each away as soon as what it asked is answered, at a time of its own: at once
   * where there are other members, else after about `reconnectAfterMs`. Sessions live on.
   */
  drain({ reconnectAfterMs }: { reconnectAfterMs: number }): void {
    this.#draining = true
    this.#reconnectAfterMs = reconnectAfterMs
    const spreadMs = this.#parts.pace.spreadMs()
    const sendAway = (peer: Peer) => peer.goodbye(this.#stopped(), this.#awayMs(spreadMs))
    for (const peer of [...this.#peers]) this.#requests.finish(peer, () => sendAway(peer))
    if (this.#peers.size === 0) return
    this.#parts.clock.setTimer(this.#parts.limits.drainRequestsMs, () => {
      for (const peer of [...this.#peers]) sendAway(peer)
    })
  }

  /** Sends away who is left, at once, and stops listening to the member. */
  close(): void {
    if (!this.#draining) this.drain({ reconnectAfterMs: this.#reconnectAfterMs })
    for (const peer of [...this.#peers]) peer.goodbye(this.#stopped())
    this.#watch.stop()
    this.everywhere.close()
  }

  #makeHost(): PeerHost {
    const { clock, limits, logger, book, pace } = this.#parts
    return {
      clock,
      limits,
      logger,
      endpoints: () => book.others(),
      reconnectAfterMs: (error) => (error.kind.retry ? this.#awayMs(pace.spreadMs()) : 0),
      admit: (peer, hello) => void this.#admission.admit(peer, hello),
      plainAck: (session, ack) => this.#desk.plainAck(session, ack),
      frame: (session, frame) => this.#desk.take(session, frame),
      writable: (session) => this.#writable(session),
      closed: (peer) => this.#closed(peer),
      late: () => this.#desk.late(),
    }
  }

  #writable(session: Session): void {
    session.slow = false
    this.#parts.cache.trim()
    this.#watch.pump(session)
    this.#parts.ledger.changed()
  }

  #closed(peer: Peer): void {
    this.#peers.delete(peer)
    this.#beacons.delete(peer)
    this.#table.detach(peer)
  }

  #install(peer: Peer, session: Session, hello: CheckedHello, opened: Opened): void {
    const { log, cache, clock, ledger } = this.#parts
    const record = log.session(session.namespace, session.id)
    if (!record) throw new KeeperError('E_SESSION_UNKNOWN', 'the session ended while it was opened')
    if (record.attachment !== session.attachment)
      throw new KeeperError('E_FENCED', 'a newer stream of this session took over')
    cache.trim()
    const own = this.#parts.member.status().identity.clusterId
    // Revisions of another cluster's history say nothing here, not even where the bytes are the same.
    const held = hello.clusterId === '' || hello.clusterId === own ? hello.held : new Map<string, never>()
    const outcome = subscribe(this.#parts, session, hello.subscriptions, held)
    this.#watch.meet(session.namespace)
    this.#table.add(session)
    session.heardAt = clock.monotonic()
    session.renewedAt = session.heardAt
    session.peer = peer
    if (!opened.secret) this.#renewals.add(session.id)
    peer.open(session, () => {
      peer.control({ welcome: welcomeFor(this.#parts, session, hello, opened, outcome) })
      this.#watch.pump(session)
    })
    if (session.hearsBeacons) this.#beacons.add(peer)
    ledger.changedAll()
  }

  #leaseUnknown(id: bigint): void {
    const session = this.#table.get(String(id))
    if (session) this.#table.lost(session)
  }

  #stopped(): KeeperError {
    return new KeeperError('E_STOPPED', `keeper ${this.#parts.memberName} stops`)
  }

  /** Those sent away together do not come back together: anywhere within `spreadMs`, or at about the mean when alone. */
  #awayMs(spreadMs: number): number {
    const unit = this.#parts.random.unit()
    if (this.#parts.member.memberList().length > 1) return Math.round(unit * spreadMs)
    const meanMs = this.#reconnectAfterMs || this.#parts.limits.drainReconnectMs
    return Math.round(meanMs * (0.5 + unit))
  }
}

/** The other members by way of this one. Who is silent the leader knows best: elsewhere all are asked. */
function peersOf(member: Member): LedgerPeers {
  return {
    others: () => {
      const { role, identity } = member.status()
      return member
        .memberList()
        .filter(({ id }) => id !== identity.memberId)
        .map(({ id, active }) => ({ id, active: active || role !== 'leader' }))
    },
    ask: (...question) => member.ask(...question),
    onAsk: (topic, answer) => member.onAsk(topic, answer),
  }
}
