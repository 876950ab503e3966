/** How often sessions speak and how fast they come back, by how many a member has: few may do what thousands may not. */

import type { SessionLimits } from './options.js'

/** Heartbeats that fit into a TTL: so many chances has each. */
const BEATS_PER_TTL = 3

export class Pace {
  readonly #limits: SessionLimits
  readonly #streams: () => number

  constructor(limits: SessionLimits, streams: () => number) {
    this.#limits = limits
    this.#streams = streams
  }

  /** Who hears beacons beats only for its lease and its lag. */
  heartbeatIntervalMs(ttlMs: number, hearsBeacons: boolean): number {
    const { heartbeatIntervalMs, heartbeatIntervalMsMin, heartbeatsPerSecond } = this.#limits
    if (hearsBeacons) return Math.floor(Math.min(heartbeatIntervalMs, ttlMs / BEATS_PER_TTL))
    const affordableMs = Math.max(heartbeatIntervalMsMin, (this.#streams() / heartbeatsPerSecond) * 1000)
    return Math.floor(Math.min(heartbeatIntervalMs, affordableMs, ttlMs / BEATS_PER_TTL))
  }

  beaconMs(): number {
    const { beaconMs, beaconsPerSecond } = this.#limits
    return Math.ceil(Math.max(beaconMs, (this.#streams() / beaconsPerSecond) * 1000))
  }

  silenceMs(ttlMs: number): number {
    return Math.min(this.#limits.heartbeatSilenceMs, Math.ceil(ttlMs / 2))
  }

  /** Mean of a wait between nothing and twice as long: all streams of this member come back at the rate of another. */
  reconnectDelayMs(): number {
    return Math.round(Math.max(this.#limits.reconnectDelayMs, this.spreadMs() / 2))
  }

  /** How long it takes until all streams of this member are taken in by another one. */
  spreadMs(): number {
    return (this.#streams() / this.#limits.hellosPerSecond) * 1000
  }
}
