/** What each kind of client frame does to an open session: one small handler per kind. */

import { type ClientFrame__Output, toSafe } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { applyAck, applyAckBatch } from './acks.js'
import type { AppliedWatch } from './applied-watch.js'
import { encodeFrame } from './frames.js'
import { readHeld } from './hello.js'
import { Leaderless } from './leaderless.js'
import type { Parts } from './parts.js'
import type { Peer } from './peer.js'
import type { PlainAck } from './plain-ack.js'
import type { Renewals } from './renewals.js'
import type { Requests } from './requests.js'
import type { Session } from './session.js'
import type { SessionTable } from './session-table.js'
import { subscribe, unsubscribe } from './subscribing.js'
import { type Subscription, stateOfAck } from './subscription.js'
import type { EncodedFrame } from './types.js'

export interface DeskOptions {
  readonly parts: Parts
  readonly table: SessionTable
  readonly watch: AppliedWatch
  readonly renewals: Renewals
  readonly requests: Requests
}

type Kind = Exclude<ClientFrame__Output['kind'], undefined>
type Handler = (session: Session, peer: Peer, frame: ClientFrame__Output) => void

export class FrameDesk {
  readonly #options: DeskOptions
  readonly #handlers: Partial<Record<Kind, Handler>>
  /** Acks that said nothing new: of a push never sent or overtaken, of another epoch, of a stream that is over. */
  ignoredAcks = 0
  readonly #leaderless = new Leaderless()

  constructor(options: DeskOptions) {
    this.#options = options
    this.#handlers = {
      acks: (session, _peer, { acks }) => acks && this.#acks(session, acks),
      heartbeat: (session, peer, { heartbeat }) => heartbeat && this.#heartbeat(session, peer, heartbeat),
      subscribe: (session, peer, { subscribe }) => subscribe && this.#subscribe(session, peer, subscribe),
      requests: (session, peer, { requests }) => requests && options.requests.take(peer, session, requests),
      leave: (session, peer) => void options.table.leave(session, peer),
    }
  }

  take(session: Session, frame: ClientFrame__Output): void {
    const { peer } = session
    if (!peer || session.leaving) return
    session.heardAt = this.#options.parts.clock.monotonic()
    const handler = frame.kind && this.#handlers[frame.kind]
    if (handler) handler(session, peer, frame)
    else this.#refuse(peer, frame.kind ?? 'unknown')
  }

  #refuse(peer: Peer, what: string): void {
    this.#options.requests.refuse(
      peer,
      new KeeperError('E_UNSUPPORTED', `this keeper does not serve ${what} frames`, { frame: what }),
    )
  }

  plainAck(session: Session, ack: Readonly<PlainAck>): void {
    const { storeEpoch, clock, ledger } = this.#options.parts
    const fact = {
      revision: ack.revision,
      state: stateOfAck(ack.state),
      reason: '',
      atUnixMs: ack.atUnixMs || clock.wall(),
    }
    if (session.leaving || ack.storeEpoch !== storeEpoch || !applyAck(session, fact)) this.ignoredAcks++
    else ledger.changed()
    this.#alive(session)
  }

  /** An ack says as much as a heartbeat; a session that acks all the time is renewed as often as one that beats. */
  #alive(session: Session): void {
    const { clock, limits } = this.#options.parts
    const now = clock.monotonic()
    session.heardAt = now
    if (now - session.renewedAt < limits.heartbeatIntervalMs / 2) return
    session.renewedAt = now
    this.#options.renewals.add(session.id)
  }

  /** A frame of a stream that is over, most likely an ack. */
  late(): void {
    this.ignoredAcks++
  }

  #acks(session: Session, batch: NonNullable<ClientFrame__Output['acks']>): void {
    const { storeEpoch, clock, limits, ledger, onRefused } = this.#options.parts
    const refused = (row: Subscription) => onRefused(row.entry(), session.namespace)
    this.ignoredAcks += applyAckBatch(session, batch, storeEpoch, clock.wall(), limits.reasonBytesMax, refused)
    ledger.changed()
    this.#alive(session)
  }

  #heartbeat(session: Session, peer: Peer, beat: NonNullable<ClientFrame__Output['heartbeat']>): void {
    session.lagMs = beat.eventLoopLagMs
    session.renewedAt = this.#options.parts.clock.monotonic()
    this.#options.renewals.add(session.id)
    const { pace } = this.#options.parts
    peer.control({
      heartbeat: {
        sequence: beat.sequence,
        ttlMs: session.ttlMs,
        heartbeatIntervalMs: pace.heartbeatIntervalMs(session.ttlMs, session.hearsBeacons),
        reconnectDelayMs: pace.reconnectDelayMs(),
        leaderlessMs: this.#leaderlessMs(),
        beaconMs: session.hearsBeacons ? pace.beaconMs() : 0,
      },
    })
  }

  /** What is said to everybody without being asked: what a heartbeat's answer says of this member. */
  beacon(): EncodedFrame {
    const { pace } = this.#options.parts
    const [reconnectDelayMs, beaconMs] = [pace.reconnectDelayMs(), pace.beaconMs()]
    return encodeFrame({ heartbeat: { reconnectDelayMs, beaconMs, leaderlessMs: this.#leaderlessMs() } })
  }

  /** As far as heartbeats and beacons have looked. */
  #leaderlessMs(): number {
    const { member, clock } = this.#options.parts
    return this.#leaderless.look(member.status(), clock.monotonic())
  }

  #subscribe(session: Session, peer: Peer, frame: NonNullable<ClientFrame__Output['subscribe']>): void {
    const { parts, watch } = this.#options
    toSafe(frame.id)
    for (const name of frame.cancel) {
      const subscription = session.find(name)
      if (subscription) unsubscribe(parts.index, subscription)
      parts.ledger.changed(name)
    }
    const outcome = subscribe(parts, session, frame.names, readHeld(frame.held, parts.limits))
    peer.control({ subscribed: { id: frame.id, ...outcome } })
    watch.pump(session)
    parts.ledger.changed()
  }
}
