/**
 * Says to each process, again and again, that this member lives. A process that hears nothing any more has to do with a
 * member that hangs, and need not have asked: a beacon is one small write, the same bytes for all, where a heartbeat is
 * read, understood and answered.
 */

import type { Clock } from '../base/clock.js'
import type { Peer } from './peer.js'
import type { EncodedFrame } from './types.js'

export interface BeaconsOptions {
  readonly clock: Clock
  /** How long it is from one beacon to the next on one stream. */
  readonly everyMs: () => number
  readonly frame: () => EncodedFrame
}

/** A share of the streams in each: never all of them at once. */
const TURN_MS = 25

export class Beacons {
  readonly #options: BeaconsOptions
  readonly #peers = new Set<Peer>()
  /** Goes round: what was added or removed meanwhile is, or is not, on its way. */
  #next: Iterator<Peer> = this.#peers.values()
  #armed = false
  #turnedAt = 0
  /** Beacons, or a part of one, that are due. */
  #due = 0

  constructor(options: BeaconsOptions) {
    this.#options = options
  }

  add(peer: Peer): void {
    this.#peers.add(peer)
    if (this.#armed) return
    this.#turnedAt = this.#options.clock.monotonic()
    this.#due = 0
    this.#arm()
  }

  delete(peer: Peer): void {
    this.#peers.delete(peer)
  }

  #arm(): void {
    this.#armed = this.#peers.size > 0
    if (this.#armed) this.#options.clock.setTimer(TURN_MS, () => this.#turn())
  }

  #turn(): void {
    const { clock, everyMs, frame } = this.#options
    const now = clock.monotonic()
    const share = (now - this.#turnedAt) / everyMs()
    this.#turnedAt = now
    this.#due = Math.min(this.#peers.size, this.#due + share * this.#peers.size)
    if (this.#due >= 1) this.#send(frame())
    this.#arm()
  }

  #send(frame: EncodedFrame): void {
    for (; this.#due >= 1; this.#due--) {
      let { value, done } = this.#next.next()
      if (done) {
        this.#next = this.#peers.values()
        value = this.#next.next().value
      }
      value?.beacon(frame)
    }
  }
}
